package page

import (
	"bytes"
	"encoding/binary"
	"errors"
	"hash/crc32"
	"image"
	"image/color"
	"image/png"
	"path/filepath"
	"testing"
)

func TestLogosAreShownAsTheyAre(t *testing.T) {
	f := sample("en")
	solid := image.NewNRGBA(image.Rect(0, 0, 200, 100))
	for y := range 100 {
		for x := range 200 {
			solid.SetNRGBA(x, y, color.NRGBA{R: 0xC0, G: uint8(x), B: uint8(y), A: 0xFF})
		}
	}
	f.Logos[0] = Logo{PNG: encodePNG(t, solid), Alt: "Coat of arms (Rīga)"}
	f.Logos[1] = Logo{PNG: roundLogo(t, 200), Alt: "Emblem"}
	pdf := mustRender(t, f)
	dir := t.TempDir()
	toPicture(t, pdf, filepath.Join(dir, "page"), 127) // 5 pixels a millimetre
	page := readPNG(t, filepath.Join(dir, "page.png"))
	at := func(x, y float64) color.NRGBA {
		return color.NRGBAModel.Convert(page.At(int(x*5), int(y*5))).(color.NRGBA)
	}
	near := func(got color.NRGBA, r, g, b int) bool {
		far := func(a uint8, b int) bool { return int(a)-b > 6 || b-int(a) > 6 }
		return !far(got.R, r) && !far(got.G, g) && !far(got.B, b)
	}
	// 28 by 14 mm at the left; a disc of 14 mm at the right, white around it.
	if got := at(left+14, logoTop+7); !near(got, 0xC0, 100, 50) {
		t.Errorf("middle of the left logo is %v", got)
	}
	if got := at(left+27.5, logoTop+13.5); !near(got, 0xC0, 196, 96) {
		t.Errorf("corner of the left logo is %v", got)
	}
	if got := at(right-7, logoTop+7); !near(got, 0x10, 0x68, 0x70) {
		t.Errorf("middle of the right logo is %v", got)
	}
	if got := at(right-0.5, logoTop+0.5); !near(got, 255, 255, 255) {
		t.Errorf("beside the disc the page is %v, want white", got)
	}
}

func readPNG(t *testing.T, file string) image.Image {
	t.Helper()
	img, err := png.Decode(bytes.NewReader(readFile(t, file)))
	if err != nil {
		t.Fatal(err)
	}
	return img
}

// sized changes the size that a PNG states, with a right sum.
func sized(pngBytes []byte, width, height uint32) []byte {
	b := bytes.Clone(pngBytes)
	binary.BigEndian.PutUint32(b[16:], width)
	binary.BigEndian.PutUint32(b[20:], height)
	binary.BigEndian.PutUint32(b[29:], crc32.ChecksumIEEE(b[12:29]))
	return b
}

func TestDamagedAndHugeLogosAreRefused(t *testing.T) {
	good := roundLogo(t, 60)
	flipped := bytes.Clone(good)
	flipped[len(flipped)/2] ^= 0x10
	for name, logo := range map[string][]byte{
		"nothing but a text": []byte("<svg xmlns='http://www.w3.org/2000/svg'/>"),
		"JPEG":               append([]byte{0xFF, 0xD8, 0xFF, 0xE0}, make([]byte, 100)...),
		"signature alone":    good[:8],
		"cut":                good[:len(good)/2],
		"flipped bit":        flipped,
		"too wide":           wideLogo(t, mostPixels+1, 30),
		"bomb":               sized(good, 1<<30, 1<<30),
		"taller than it is":  sized(good, 60, 700),
		"no width":           sized(good, 0, 60),
		"heavy":              append(bytes.Clone(good), make([]byte, mostLogoBytes)...),
	} {
		f := sample("en")
		f.Logos[1].PNG = logo
		pdf, err := Render(f)
		if !errors.Is(err, ErrLogo) || pdf != nil {
			t.Errorf("%s: Render gave %d bytes and error %v, want ErrLogo alone", name, len(pdf), err)
		}
		if err := CheckLogo(logo); !errors.Is(err, ErrLogo) {
			t.Errorf("%s: CheckLogo gave %v, want ErrLogo", name, err)
		}
	}
	if err := CheckLogo(good); err != nil {
		t.Errorf("CheckLogo of a sound picture gave %v", err)
	}
}

// Pictures of all kinds of PNG are taken, however few channels they have.
func TestLogosOfOtherKindsAreTaken(t *testing.T) {
	rect := image.Rect(0, 0, 40, 20)
	for name, img := range map[string]image.Image{
		"grey":     image.NewGray(rect),
		"deep":     image.NewNRGBA64(rect),
		"palette":  image.NewPaletted(rect, color.Palette{color.White, color.Transparent, color.Black}),
		"largest":  image.NewGray(image.Rect(0, 0, mostPixels, mostPixels)),
		"smallest": image.NewGray(image.Rect(0, 0, 1, 1)),
	} {
		f := sample("en")
		f.Logos[0].PNG = encodePNG(t, img)
		pdf, err := Render(f)
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		run(t, nil, "qpdf", "--check", writePDF(t, pdf))
	}
}

func TestCacheOfLogosKeepsTheLastUsed(t *testing.T) {
	c := &pictureCache{kept: map[[32]byte]*keptPicture{}}
	favourite := wideLogo(t, 30, 30)
	kept, err := c.get(favourite)
	if err != nil {
		t.Fatal(err)
	}
	for i := range 3 * keptPictures {
		if _, err := c.get(wideLogo(t, 31+i, 6)); err != nil {
			t.Fatal(err)
		}
		if again, err := c.get(favourite); err != nil || again != kept {
			t.Fatalf("a logo in use was read again (%v)", err)
		}
	}
	if len(c.kept) > keptPictures {
		t.Errorf("%d logos are kept, want at most %d", len(c.kept), keptPictures)
	}
}

func TestSignatoriesAreOnThePage(t *testing.T) {
	f := dressed(t, "et", 0, 2)
	text := words(run(t, mustRender(t, f), "pdftotext", "-raw", "-", "-"))
	for _, who := range f.Signatories {
		for _, want := range []string{who.Name, who.Role, who.RoleSecondary} {
			if !bytes.Contains([]byte(text), []byte(want)) {
				t.Errorf("%q is not in the page's text:\n%s", want, text)
			}
		}
	}
	for name, signatories := range map[string][]Signatory{
		"three":       append(f.Signatories[:2:2], Signatory{Name: "A"}),
		"nameless":    {{Role: "Director"}},
		"with tab":    {{Name: "A\tB"}},
		"odd in role": {{Name: "A", RoleSecondary: "火"}},
	} {
		g := sample("et")
		g.Signatories = signatories
		if pdf, err := Render(g); err == nil || pdf != nil {
			t.Errorf("%s: Render gave %d bytes and error %v, want an error alone", name, len(pdf), err)
		}
	}
}
