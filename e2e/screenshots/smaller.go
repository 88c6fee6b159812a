package main

import (
	"bytes"
	"cmp"
	"fmt"
	"image"
	"image/color"
	"image/png"
	"maps"
	"slices"
)

// paletteSize is how many colours a picture keeps; with a palette each dot takes
// one byte before it is packed.
const paletteSize = 256

// smaller gives a picture its most frequent colours and replaces each other one
// by the nearest of them. Pages are drawn in few colours, so nobody sees it.
func smaller(picture []byte) ([]byte, error) {
	full, err := png.Decode(bytes.NewReader(picture))
	if err != nil {
		return nil, fmt.Errorf("read the picture: %w", err)
	}
	bounds := full.Bounds()
	times := map[color.RGBA]int{}
	for y := bounds.Min.Y; y < bounds.Max.Y; y++ {
		for x := bounds.Min.X; x < bounds.Max.X; x++ {
			times[dot(full, x, y)]++
		}
	}
	palette := frequent(times)
	nearest := map[color.RGBA]uint8{}
	out := image.NewPaletted(bounds, palette)
	for y := bounds.Min.Y; y < bounds.Max.Y; y++ {
		for x := bounds.Min.X; x < bounds.Max.X; x++ {
			c := dot(full, x, y)
			index, known := nearest[c]
			if !known {
				index = uint8(palette.Index(c)) //nolint:gosec // a palette has at most 256 colours
				nearest[c] = index
			}
			out.SetColorIndex(x, y, index)
		}
	}
	var packed bytes.Buffer
	encoder := png.Encoder{CompressionLevel: png.BestCompression}
	if err := encoder.Encode(&packed, out); err != nil {
		return nil, fmt.Errorf("write the picture: %w", err)
	}
	return packed.Bytes(), nil
}

func dot(picture image.Image, x, y int) color.RGBA {
	return color.RGBAModel.Convert(picture.At(x, y)).(color.RGBA)
}

// frequent lists the colours that are there most often, without those that look
// like one before: else the shades of a letter's edges would leave no room for a
// small thing of a colour of its own. The order does not depend on chance.
func frequent(times map[color.RGBA]int) color.Palette {
	colours := slices.SortedFunc(maps.Keys(times), func(a, b color.RGBA) int {
		return cmp.Or(cmp.Compare(times[b], times[a]), cmp.Compare(a.R, b.R), cmp.Compare(a.G, b.G), cmp.Compare(a.B, b.B), cmp.Compare(a.A, b.A))
	})
	var palette color.Palette
	for _, c := range colours {
		if len(palette) == paletteSize {
			break
		}
		if !slices.ContainsFunc(palette, func(known color.Color) bool { return alike(c, known.(color.RGBA)) }) {
			palette = append(palette, c)
		}
	}
	return palette
}

// alike reports whether nobody tells two colours apart.
func alike(a, b color.RGBA) bool {
	apart := func(x, y uint8) int { return int(max(x, y)) - int(min(x, y)) }
	return apart(a.R, b.R)+apart(a.G, b.G)+apart(a.B, b.B) < 12
}
