package page

import "fmt"

// placedPicture is a logo at its place.
type placedPicture struct {
	*picture
	at  area
	alt string
}

// readLogos reads the logos and gives each its size: as high or as wide as there
// is room, with its sides in proportion.
func readLogos(logos [2]Logo) ([2]*placedPicture, error) {
	var placed [2]*placedPicture
	for i, logo := range logos {
		if len(logo.PNG) == 0 {
			continue
		}
		p, err := pictures.get(logo.PNG)
		if err != nil {
			return placed, fmt.Errorf("logo %d of %d: %w", i+1, len(logos), err)
		}
		scale := min(logoWidth/float64(p.width), logoHeight/float64(p.height))
		width, height := float64(p.width)*scale, float64(p.height)*scale
		// Pictures of different height stand around one middle line.
		at := area{x: left, y: logoTop + (logoHeight-height)/2, width: width, height: height}
		if i == 1 {
			at.x = right - width
		}
		placed[i] = &placedPicture{picture: p, at: at, alt: logo.Alt}
	}
	return placed, nil
}

// head places logos and mark and gives the baseline of the heading. Without logos
// the mark stands beside the heading. The organisers come first: where a logo
// takes the mark's corner, the mark is small and below it.
func (c composer) head(s *sheet) float64 {
	for _, logo := range c.logos {
		if logo != nil {
			s.pictures = append(s.pictures, *logo)
		}
	}
	switch {
	case len(s.pictures) == 0:
		s.mark = markPlace{side: markSide, baseline: topBaseline}
		return topBaseline
	case c.logos[1] == nil:
		s.mark = markPlace{side: markSide * 0.8, baseline: logoTop + logoHeight - 2}
	default:
		s.mark = markPlace{side: markSide * 0.6, baseline: logoBaseline}
	}
	return logoBaseline
}
