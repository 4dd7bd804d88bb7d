package brand

import (
	"fmt"
	"strconv"
)

// Contrasts that WCAG 2 asks for: of text, and of what isn't text.
const (
	textContrast  = 4.5
	shapeContrast = 3
)

// The grounds that the accent stands on, as tokens.css has them; a test compares.
var (
	lightGrounds = []oklch{{.985, .004, 85}, {1, 0, 0}, {.955, .006, 85}}
	darkGrounds  = []oklch{{.185, .012, 260}, {.225, .014, 260}, {.155, .012, 260}}
)

// fullCircle is the last hue; it is the first one, too.
const fullCircle = 360

// parseHue reads a hue. What is beyond the circle is refused with the nearest one that is on it.
func parseHue(s string) (float64, error) {
	hue, err := strconv.ParseFloat(s, 64)
	switch {
	case err != nil || hue != hue: // also for what is no number
		return 0, fmt.Errorf("the hue %q is no number from 0 to 360, for instance 262 for blue", s)
	case hue < 0:
		return 0, fmt.Errorf("the hue %s is below 0; the nearest is 0", s)
	case hue > fullCircle:
		return 0, fmt.Errorf("the hue %s is above 360; the nearest is 360", s)
	}
	return hue, nil
}

// scheme is the accent in one of the two colour schemes.
type scheme struct{ accent, onAccent, focus oklch }

// palette is the accent in both.
type palette struct{ light, dark scheme }

// paletteOf finds the accent of a hue: the lightness is what gives enough contrast, not what looks
// the same for each hue. Where a screen can't show so much colour, there is less of it.
func paletteOf(hue float64) palette {
	return palette{
		light: scheme{
			accent:   search(oklch{.475, .15, hue}, -1, textContrast, lightGrounds),
			onAccent: inGamut(oklch{.985, .005, hue}),
			focus:    search(oklch{.55, .20, hue}, -1, shapeContrast, lightGrounds),
		},
		dark: scheme{
			accent:   search(oklch{.76, .115, hue}, 1, textContrast, darkGrounds),
			onAccent: inGamut(oklch{.18, .03, hue}),
			focus:    search(oklch{.80, .09, hue}, 1, shapeContrast, darkGrounds),
		},
	}
}

// search makes a colour darker or lighter until it stands out from all grounds.
func search(c oklch, direction, want float64, grounds []oklch) oklch {
	const step = .005
	for ; c.l > 0 && c.l < 1; c.l += direction * step {
		if shown := inGamut(c); apart(shown, want, grounds) {
			return shown
		}
	}
	return inGamut(c)
}

func apart(c oklch, want float64, grounds []oklch) bool {
	for _, g := range grounds {
		if contrast(c, g) < want {
			return false
		}
	}
	return true
}
