package page

import (
	"bytes"
	"fmt"
	"image"
	"image/color"
	"image/png"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
)

// roundLogo is a disc with soft edges on nothing, wideLogo a lettering-like strip
// on white.
func roundLogo(t testing.TB, side int) []byte {
	t.Helper()
	img := image.NewNRGBA(image.Rect(0, 0, side, side))
	middle := float64(side) / 2
	for y := range side {
		for x := range side {
			dx, dy := float64(x)+0.5-middle, float64(y)+0.5-middle
			inside := middle*middle - dx*dx - dy*dy
			a := min(max(inside/middle, 0), 1)
			img.SetNRGBA(x, y, color.NRGBA{R: 0x10, G: 0x40 + uint8(80*y/side), B: 0x70, A: uint8(a * 255)})
		}
	}
	return encodePNG(t, img)
}

func wideLogo(t testing.TB, width, height int) []byte {
	t.Helper()
	img := image.NewRGBA(image.Rect(0, 0, width, height))
	for y := range height {
		for x := range width {
			c := color.RGBA{0xFF, 0xFF, 0xFF, 0xFF}
			if x/(height/3)%2 == 0 && y > height/4 && y < height*3/4 {
				c = color.RGBA{0x20, 0x20, 0x20, 0xFF}
			}
			img.SetRGBA(x, y, c)
		}
	}
	return encodePNG(t, img)
}

func encodePNG(t testing.TB, img image.Image) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := png.Encode(&b, img); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// sampleSignatories are people with names and roles as long as they really are.
var sampleSignatories = []Signatory{
	{Name: "Dr. Līga Kalniņa-Ozoliņa", Role: "Direktore, Ugunsdrošības un civilās aizsardzības koledža", RoleSecondary: "Director, Fire Safety and Civil Protection College"},
	{Name: "Юрий Щербаков", Role: "Руководитель учебного центра", RoleSecondary: "Head of the training centre"},
}

// dressed is a sample with so many logos and signatories.
func dressed(t testing.TB, lang string, logos, signatories int) Facts {
	t.Helper()
	f := sample(lang)
	for i := range logos {
		f.Logos[i] = Logo{PNG: roundLogo(t, 300), Alt: "Emblem of the service"}
		if i == 1 {
			f.Logos[i].PNG = wideLogo(t, 600, 150)
		}
	}
	f.Signatories = sampleSignatories[:signatories]
	return f
}

// crowded is a page with the longest of everything, in Russian and English.
func crowded(t testing.TB) Facts {
	t.Helper()
	f := dressed(t, "ru", 2, 2)
	f.Holder = eightyLetters
	f.Primary.Course = "Совместное трансграничное тушение пожаров и проведение аварийно-спасательных работ на борту крупных пассажирских судов и паромов в открытом море и в портах Балтийского региона: углублённый курс подготовки"
	f.Secondary.Course = "Joint cross-border firefighting and rescue work on board large passenger ships and ferries at sea and in the ports of the Baltic Sea region: advanced course for officers in command of mixed crews afloat"
	f.Primary.Facts = append(f.Primary.Facts, Fact{"Группа", "SHIP-07-2027-05"}, Fact{"Организатор", "Государственная противопожарная служба"})
	f.Secondary.Facts = append(f.Secondary.Facts, Fact{"Run", "SHIP-07-2027-05"}, Fact{"Organiser", "State Fire and Rescue Service"})
	return f
}

// TestPictures draws everything a person should look at after a change of the
// layout or the fonts into the folder that VARDE_PICTURES names.
func TestPictures(t *testing.T) {
	folder := os.Getenv("VARDE_PICTURES")
	pages := map[string]Facts{"crowded": crowded(t)}
	for lang := range sampleText {
		for n := range 3 {
			pages[fmt.Sprintf("%s-%d", lang, n)] = dressed(t, lang, n, n)
		}
	}
	pages["right-logo"] = dressed(t, "sv", 2, 0)
	right := pages["right-logo"]
	right.Logos[0] = Logo{}
	pages["right-logo"] = right
	for name, f := range pages {
		pdf := mustRender(t, f)
		checkSheet(t, f)
		if folder == "" {
			continue
		}
		toPicture(t, pdf, filepath.Join(folder, name), 60)
	}
}

func toPicture(t *testing.T, pdf []byte, file string, resolution int) {
	t.Helper()
	cmd := exec.Command("pdftoppm", "-png", "-singlefile", "-r", fmt.Sprint(resolution), "-", file)
	cmd.Stdin = bytes.NewReader(pdf)
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("pdftoppm: %v: %s", err, out)
	}
}
