package page

import (
	"bytes"
	"crypto/sha256"
	"errors"
	"fmt"
	"image"
	"image/color"
	"image/png"
	"sync"
)

// ErrLogo is returned for a logo that is no sound PNG picture of a size that the
// page takes: at most 800 pixels wide and high, and at most 4 MiB.
var ErrLogo = errors.New("logo is not a picture the page can show")

const (
	mostPixels    = 800 // per side
	mostLogoBytes = 4 << 20
	keptPictures  = 32
)

// picture is a logo as a PDF holds it, packed.
type picture struct {
	width, height int
	colours       packedRows // red, green, blue
	alpha         packedRows // one byte a pixel; none: the picture hides what is behind it
}

// packedRows are the rows of a picture, packed; above: each as the difference to
// the one above.
type packedRows struct {
	data  []byte
	above bool
}

// CheckLogo reports, as ErrLogo, why Render would refuse a picture.
func CheckLogo(pngBytes []byte) error {
	_, err := pictures.get(pngBytes)
	return err
}

// pictures keeps the logos used last: those of a programme are the same on each
// of its certificates.
var pictures = &pictureCache{kept: map[[sha256.Size]byte]*keptPicture{}}

type pictureCache struct {
	mu   sync.Mutex
	tick int
	kept map[[sha256.Size]byte]*keptPicture
}

type keptPicture struct {
	*picture
	used int
}

func (c *pictureCache) get(pngBytes []byte) (*picture, error) {
	sum := sha256.Sum256(pngBytes)
	if p := c.find(sum); p != nil {
		return p, nil
	}
	p, err := readPicture(pngBytes)
	if err != nil {
		return nil, err
	}
	c.keep(sum, p)
	return p, nil
}

func (c *pictureCache) find(sum [sha256.Size]byte) *picture {
	c.mu.Lock()
	defer c.mu.Unlock()
	k, ok := c.kept[sum]
	if !ok {
		return nil
	}
	c.tick++
	k.used = c.tick
	return k.picture
}

func (c *pictureCache) keep(sum [sha256.Size]byte, p *picture) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.tick++
	c.kept[sum] = &keptPicture{picture: p, used: c.tick}
	if len(c.kept) <= keptPictures {
		return
	}
	oldest := sum
	for key, k := range c.kept {
		if k.used < c.kept[oldest].used {
			oldest = key
		}
	}
	delete(c.kept, oldest)
}

func readPicture(pngBytes []byte) (*picture, error) {
	if len(pngBytes) > mostLogoBytes {
		return nil, fmt.Errorf("%w: more than %d bytes", ErrLogo, mostLogoBytes)
	}
	// The head tells the size before anything of that size is made.
	head, err := png.DecodeConfig(bytes.NewReader(pngBytes))
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrLogo, err)
	}
	if head.Width > mostPixels || head.Height > mostPixels || head.Width < 1 || head.Height < 1 {
		return nil, fmt.Errorf("%w: %d by %d pixels, at most %d by %d", ErrLogo, head.Width, head.Height, mostPixels, mostPixels)
	}
	decoded, err := png.Decode(bytes.NewReader(pngBytes))
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrLogo, err)
	}
	return packPicture(decoded)
}

func packPicture(decoded image.Image) (*picture, error) {
	bounds := decoded.Bounds()
	p := &picture{width: bounds.Dx(), height: bounds.Dy()}
	colours := make([]byte, 0, 3*p.width*p.height)
	alpha := make([]byte, 0, p.width*p.height)
	opaque := true
	for y := bounds.Min.Y; y < bounds.Max.Y; y++ {
		for x := bounds.Min.X; x < bounds.Max.X; x++ {
			c := color.NRGBAModel.Convert(decoded.At(x, y)).(color.NRGBA)
			if c.A == 0 {
				c = color.NRGBA{R: 0xFF, G: 0xFF, B: 0xFF} // packs best
			}
			colours = append(colours, c.R, c.G, c.B)
			alpha = append(alpha, c.A)
			opaque = opaque && c.A == 0xFF
		}
	}
	var err error
	if p.colours, err = packRows(colours, 3*p.width); err != nil || opaque {
		return p, err
	}
	p.alpha, err = packRows(alpha, p.width)
	return p, err
}

// packRows packs rows of a picture in the shorter of two ways: as they are, or
// each as the difference to the one above.
func packRows(data []byte, row int) (packedRows, error) {
	plain, err := deflate(data)
	if err != nil {
		return packedRows{}, err
	}
	const pngFilterUp = 2
	rows := make([]byte, 0, len(data)+len(data)/row)
	for at := 0; at < len(data); at += row {
		rows = append(rows, pngFilterUp)
		for i := at; i < at+row; i++ {
			b := data[i]
			if at > 0 {
				b -= data[i-row]
			}
			rows = append(rows, b)
		}
	}
	differences, err := deflate(rows)
	if err != nil {
		return packedRows{}, err
	}
	if len(differences) < len(plain) {
		return packedRows{differences, true}, nil
	}
	return packedRows{plain, false}, nil
}

// objects is how many the picture takes: itself, and what of it lets shine
// through what is behind it.
func (p *picture) objects() int {
	if p.alpha.data == nil {
		return 1
	}
	return 2
}

func (p *picture) write(w *writer, number int) {
	entries := p.entries("/DeviceRGB", 3, p.colours.above)
	if p.alpha.data != nil {
		entries += fmt.Sprintf("\n/SMask %d 0 R", number+1)
	}
	w.stream(number, entries, p.colours.data)
	if p.alpha.data != nil {
		w.stream(number+1, p.entries("/DeviceGray", 1, p.alpha.above), p.alpha.data)
	}
}

func (p *picture) entries(space string, colours int, above bool) string {
	s := fmt.Sprintf("/Type /XObject\n/Subtype /Image\n/Width %d\n/Height %d\n/ColorSpace %s\n/BitsPerComponent 8\n/Filter /FlateDecode",
		p.width, p.height, space)
	if above {
		s += fmt.Sprintf("\n/DecodeParms <</Predictor 15 /Colors %d /BitsPerComponent 8 /Columns %d>>", colours, p.width)
	}
	return s
}
