package main

import (
	"bytes"
	"image"
	"image/color"
	"image/png"
	"testing"
)

func TestAPictureKeepsItsFrequentColoursAndBecomesSmaller(t *testing.T) {
	picture := image.NewRGBA(image.Rect(0, 0, 64, 64))
	for y := range 64 {
		for x := range 64 {
			picture.SetRGBA(x, y, color.RGBA{11, 85, 102, 255})
			if y < 20 {
				n := uint32(y*64+x) * 2654435761 // a colour of its own for each dot: more than are kept
				picture.SetRGBA(x, y, color.RGBA{uint8(n >> 24), uint8(n >> 16), uint8(n >> 8), 255})
			}
		}
	}
	var before bytes.Buffer
	if err := png.Encode(&before, picture); err != nil {
		t.Fatal(err)
	}
	after, err := smaller(before.Bytes())
	if err != nil {
		t.Fatal(err)
	}
	if len(after) >= before.Len() {
		t.Errorf("%d bytes from %d", len(after), before.Len())
	}
	got, err := png.Decode(bytes.NewReader(after))
	if err != nil || got.Bounds() != picture.Bounds() {
		t.Fatalf("%v, %v", got.Bounds(), err)
	}
	if c := color.RGBAModel.Convert(got.At(5, 50)); c != (color.RGBA{11, 85, 102, 255}) {
		t.Errorf("the frequent colour became %v", c)
	}
	if _, err := smaller([]byte("no picture")); err == nil {
		t.Error("what is no picture is taken for one")
	}
}
