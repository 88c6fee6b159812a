package certificate

import (
	"bytes"
	"errors"
	"fmt"
	"image"
	_ "image/jpeg" // logos come as JPEG or PNG
	"image/png"

	"golang.org/x/image/draw"
)

const (
	// MaxLogoFile is how large a logo may be as it is sent, in bytes.
	MaxLogoFile = 2 << 20
	// mostPixels keeps a small file from unpacking to a huge picture.
	mostPixels = 25_000_000
	// logoSide is how many pixels a kept logo has at most in each direction: 300
	// to the inch in the room that a page has for it.
	logoSide = 600
)

var errLogo = errors.New("not a picture that a certificate can show")

// normalLogo is a picture as certificates carry it: a PNG of moderate size, drawn
// anew, so that nothing else travels in the file.
func normalLogo(file []byte) ([]byte, error) {
	config, format, err := image.DecodeConfig(bytes.NewReader(file))
	switch {
	case len(file) > MaxLogoFile:
		return nil, fmt.Errorf("%w: %d bytes", errLogo, len(file))
	case err != nil:
		return nil, fmt.Errorf("%w: %w", errLogo, err)
	case format != "png" && format != "jpeg", config.Width < 1, config.Height < 1, config.Width*config.Height > mostPixels:
		return nil, fmt.Errorf("%w: %s of %d × %d", errLogo, format, config.Width, config.Height)
	}
	picture, _, err := image.Decode(bytes.NewReader(file))
	if err != nil {
		return nil, fmt.Errorf("%w: %w", errLogo, err)
	}
	size := picture.Bounds().Size()
	if largest := max(size.X, size.Y); largest > logoSide {
		size.X, size.Y = max(1, size.X*logoSide/largest), max(1, size.Y*logoSide/largest)
	}
	drawn := image.NewNRGBA(image.Rectangle{Max: size})
	draw.CatmullRom.Scale(drawn, drawn.Bounds(), picture, picture.Bounds(), draw.Src, nil)
	var out bytes.Buffer
	if err := png.Encode(&out, drawn); err != nil {
		return nil, fmt.Errorf("write the logo: %w", err)
	}
	return out.Bytes(), nil
}
