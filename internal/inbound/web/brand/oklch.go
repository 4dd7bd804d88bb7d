package brand

import (
	"fmt"
	"math"
)

// oklch is a colour by lightness (0 to 1), chroma and hue (degrees), as style sheets have it.
type oklch struct{ l, c, h float64 }

// String is the colour in a style sheet.
func (o oklch) String() string { return fmt.Sprintf("oklch(%.3f %.3f %.1f)", o.l, o.c, o.h) }

// linear is the colour as light of the three kinds, 0 to 1 each where a screen can show it. The
// matrices are those of the definition of OKLab.
func (o oklch) linear() (r, g, b float64) {
	sin, cos := math.Sincos(o.h * math.Pi / 180)
	x, y := o.c*cos, o.c*sin
	l := cube(o.l + .3963377774*x + .2158037573*y)
	m := cube(o.l - .1055613458*x - .0638541728*y)
	s := cube(o.l - .0894841775*x - 1.2914855480*y)
	return 4.0767416621*l - 3.3077115913*m + .2309699292*s,
		-1.2684380046*l + 2.6097574011*m - .3413193965*s,
		-.0041960863*l - .7034186147*m + 1.7076147010*s
}

// bytes is the colour as printers and pictures have it: sRGB.
func (o oklch) bytes() (rgb [3]uint8) {
	r, g, b := o.linear()
	for i, x := range [3]float64{r, g, b} {
		const linearPart, slope, scale, offset, gamma = .0031308, 12.92, 1.055, .055, 1 / 2.4
		if x = clamp(x); x <= linearPart {
			x *= slope
		} else {
			x = scale*math.Pow(x, gamma) - offset
		}
		rgb[i] = uint8(math.Round(255 * x))
	}
	return rgb
}

func cube(x float64) float64 { return x * x * x }

// inGamut takes chroma away until a screen can show the colour.
func inGamut(o oklch) oklch {
	const step, slack = .002, 1e-3
	for ; o.c > 0; o.c -= step {
		r, g, b := o.linear()
		if min(r, g, b) >= -slack && max(r, g, b) <= 1+slack {
			return o
		}
	}
	o.c = 0
	return o
}

// luminance is how bright the colour is on a screen, as WCAG 2 counts it.
func (o oklch) luminance() float64 {
	r, g, b := o.linear()
	return .2126*clamp(r) + .7152*clamp(g) + .0722*clamp(b)
}

func clamp(x float64) float64 { return min(max(x, 0), 1) }

// contrast is that of WCAG 2: from 1 to 21.
func contrast(a, b oklch) float64 {
	const flare = .05
	x, y := a.luminance()+flare, b.luminance()+flare
	return max(x, y) / min(x, y)
}
