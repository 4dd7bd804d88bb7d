package assets

import (
	"fmt"
	"maps"
	"math"
	"os"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// The least contrasts of WCAG 2.2: of text (1.4.3), and of what isn't text (1.4.11).
const (
	ofText     = 4.5
	ofGraphics = 3.0
	// apart is the least distance of two price categories in OKLab. 0.02 is just visible.
	apart = 0.10
	// rounding is how far outside of sRGB a colour may be that was written with three digits.
	rounding = 0.01
)

// rgb is a colour in linear sRGB, each part from 0 to 1.
type rgb [3]float64

// oklch is a colour by its lightness (0 to 1), chroma, and hue in degrees.
type oklch struct{ l, c, h float64 }

// linear follows https://bottosson.github.io/posts/oklab/.
func (o oklch) linear() rgb {
	sin, cos := math.Sincos(o.h * math.Pi / 180)
	a, b := o.c*cos, o.c*sin
	cube := func(x float64) float64 { return x * x * x }
	l := cube(o.l + 0.3963377774*a + 0.2158037573*b)
	m := cube(o.l - 0.1055613458*a - 0.0638541728*b)
	s := cube(o.l - 0.0894841775*a - 1.2914855480*b)
	return rgb{
		4.0767416621*l - 3.3077115913*m + 0.2309699292*s,
		-1.2684380046*l + 2.6097574011*m - 0.3413193965*s,
		-0.0041960863*l - 0.7034186147*m + 1.7076147010*s,
	}
}

// shown is the colour that a screen shows: each part within its bounds.
func (c rgb) shown() rgb {
	for i := range c {
		c[i] = min(max(c[i], 0), 1)
	}
	return c
}

// oklab gives lightness and the two axes of colour.
func (c rgb) oklab() [3]float64 {
	l := math.Cbrt(0.4122214708*c[0] + 0.5363325363*c[1] + 0.0514459929*c[2])
	m := math.Cbrt(0.2119034982*c[0] + 0.6806995451*c[1] + 0.1073969566*c[2])
	s := math.Cbrt(0.0883024619*c[0] + 0.2817188376*c[1] + 0.6299787005*c[2])
	return [3]float64{
		0.2104542553*l + 0.7936177850*m - 0.0040720468*s,
		1.9779984951*l - 2.4285922050*m + 0.4505937099*s,
		0.0259040371*l + 0.7827717662*m - 0.8086757660*s,
	}
}

// luminance is WCAG's, of a linear colour.
func (c rgb) luminance() float64 { return 0.2126*c[0] + 0.7152*c[1] + 0.0722*c[2] }

// contrast is WCAG's, from 1 to 21.
func contrast(a, b rgb) float64 {
	light, dark := a.shown().luminance(), b.shown().luminance()
	if light < dark {
		light, dark = dark, light
	}
	return (light + 0.05) / (dark + 0.05)
}

func distance(a, b rgb) float64 {
	x, y := a.shown().oklab(), b.shown().oklab()
	return math.Sqrt((x[0]-y[0])*(x[0]-y[0]) + (x[1]-y[1])*(x[1]-y[1]) + (x[2]-y[2])*(x[2]-y[2]))
}

// eyes are kinds of colour vision: matrices over linear sRGB for the complete forms, from Machado,
// Oliveira and Fernandes, "A Physiologically-based Model for Simulation of Color Vision
// Deficiency", 2009.
var eyes = map[string][3]rgb{
	"usual": {{1, 0, 0}, {0, 1, 0}, {0, 0, 1}},
	"protan": {
		{0.152286, 1.052583, -0.204868}, {0.114503, 0.786281, 0.099216},
		{-0.003882, -0.048116, 1.051998},
	},
	"deutan": {
		{0.367322, 0.860646, -0.227968}, {0.280085, 0.672501, 0.047413},
		{-0.011820, 0.042940, 0.968881},
	},
	"tritan": {
		{1.255528, -0.076749, -0.178779}, {-0.078411, 0.930809, 0.147602},
		{0.004733, 0.691367, 0.303900},
	},
}

func seen(c rgb, eye [3]rgb) (s rgb) {
	c = c.shown()
	for i, row := range eye {
		s[i] = row[0]*c[0] + row[1]*c[1] + row[2]*c[2]
	}
	return s.shown()
}

// scheme is the tokens that are colours, in the light or in the dark.
type scheme map[string]oklch

var (
	pairToken = regexp.MustCompile(
		`--([a-z0-9-]+):\s*light-dark\(oklch\(([^)]*)\),\s*oklch\(([^)]*)\)\)`)
	anyToken = regexp.MustCompile(`--([a-z0-9-]+):\s*light-dark`)
)

// readSchemes reads the tokens of a style sheet.
func readSchemes(css string) (schemes map[string]scheme, err error) {
	schemes = map[string]scheme{"light": {}, "dark": {}}
	for _, match := range pairToken.FindAllStringSubmatch(css, -1) {
		for i, name := range []string{"light", "dark"} {
			if schemes[name][match[1]], err = readOKLCH(match[2+i]); err != nil {
				return nil, fmt.Errorf("--%s: %w", match[1], err)
			}
		}
	}
	if all := anyToken.FindAllString(css, -1); len(all) != len(schemes["light"]) {
		return nil, fmt.Errorf("%d of %d colours can't be read", len(all)-len(schemes["light"]),
			len(all))
	}
	return schemes, nil
}

func readOKLCH(text string) (o oklch, err error) {
	words := strings.Fields(text)
	if len(words) != 3 {
		return o, fmt.Errorf("oklch(%s) has no three parts", text)
	}
	for i, part := range []*float64{&o.l, &o.c, &o.h} {
		if *part, err = strconv.ParseFloat(words[i], 64); err != nil {
			return o, err
		}
	}
	return o, nil
}

// onGrounds are the tokens that are seen on others, and how well they have to be.
var onGrounds = []struct {
	least   float64
	tokens  []string
	grounds []string
}{
	{ofText, []string{"ink", "ink-2", "accent", "ok", "warn", "bad"},
		[]string{"bg", "surface", "sunken"}},
	{ofText, []string{"on-accent"}, []string{"accent"}},
	{ofGraphics, []string{"ctl", "focus"}, []string{"bg", "surface", "sunken"}},
	{ofGraphics, categories(), []string{"sunken"}},
}

func categories() (names []string) {
	for i := range 6 {
		names = append(names, "cat-"+strconv.Itoa(i+1))
	}
	return names
}

// faults tells what can't be seen, or not be told apart.
func (s scheme) faults() (found []string) {
	say := func(format string, a ...any) { found = append(found, fmt.Sprintf(format, a...)) }
	for name, colour := range s {
		for _, part := range colour.linear() {
			if part < -rounding || part > 1+rounding {
				say("%s is a colour that screens don't have: %v", name, colour.linear())
				break
			}
		}
	}
	look := func(token string, on rgb, ground string, least float64) {
		colour, ok := s[token]
		if !ok {
			say("there is no %s", token)
		} else if got := contrast(colour.linear(), on); got < least {
			say("%s on %s has a contrast of %.2f, want %.1f", token, ground, got, least)
		}
	}
	for _, g := range onGrounds {
		for _, ground := range g.grounds {
			for _, token := range g.tokens {
				look(token, s[ground].linear(), ground, g.least)
			}
		}
	}
	for _, kind := range []string{"ok", "warn", "bad"} { // banners
		tint := mix(s[kind], s["surface"], 0.10)
		look("ink", tint, kind+"'s tint", ofText)
		look(kind, tint, "its tint", ofText)
	}
	return append(found, s.confusable()...)
}

// confusable tells which price categories look alike to some.
func (s scheme) confusable() (found []string) {
	names := categories()
	for eye, matrix := range eyes {
		for i, a := range names {
			for _, b := range names[i+1:] {
				d := distance(seen(s[a].linear(), matrix), seen(s[b].linear(), matrix))
				if d < apart {
					found = append(found, fmt.Sprintf("%s and %s are %.3f apart for %s eyes",
						a, b, d, eye))
				}
			}
		}
	}
	return found
}

// mix is color-mix(in oklch, a share, b). Of a colour without a hue the other's hue counts.
func mix(a, b oklch, share float64) rgb {
	if b.c == 0 {
		b.h = a.h
	}
	turn := math.Mod(a.h-b.h+540, 360) - 180 // the shorter way
	return oklch{b.l + (a.l-b.l)*share, b.c + (a.c-b.c)*share, b.h + turn*share}.linear()
}

// TestColoursCanBeSeenAndToldApart holds the tokens to WCAG, and the price categories to each kind
// of colour vision.
func TestColoursCanBeSeenAndToldApart(t *testing.T) {
	css, err := os.ReadFile("css/tokens.css")
	if err != nil {
		t.Fatal(err)
	}
	schemes, err := readSchemes(string(css))
	if err != nil {
		t.Fatal(err)
	}
	for name, s := range schemes {
		for _, fault := range s.faults() {
			t.Errorf("in the %s: %s", name, fault)
		}
	}
	// What the test must see. The last is what the first palette, picked by hand, had.
	for want, change := range map[string]scheme{
		"ink-2 on bg has a contrast of":      {"ink-2": {0.70, 0.02, 260}},
		"ctl on surface has a contrast of":   {"ctl": {0.75, 0.012, 85}},
		"cat-3 on sunken has a contrast of":  {"cat-3": {0.75, 0.1, 173}},
		"warn on its tint has a contrast of": {"warn": {0.58, 0.115, 62}},
		"accent is a colour that screens":    {"accent": {0.475, 0.3, 262}},
		"cat-1 and cat-6 are 0.0":            {"cat-6": {0.42, 0.19, 300}},
		"there is no focus":                  {"focus": {-1, 0, 0}},
	} {
		spoilt := maps.Clone(schemes["light"])
		for name, colour := range change {
			if spoilt[name] = colour; colour.l < 0 {
				delete(spoilt, name)
			}
		}
		if found := spoilt.faults(); !slices.ContainsFunc(found, func(f string) bool {
			return strings.Contains(f, want)
		}) {
			t.Errorf("with %v it found %q, want %q", change, found, want)
		}
	}
}

// TestColoursAreConvertedAsBrowsersDo compares with what Chromium shows.
func TestColoursAreConvertedAsBrowsersDo(t *testing.T) {
	for want, colour := range map[string]oklch{
		"#1039a7": {0.40, 0.181, 264}, "#2c9b80": {0.62, 0.106, 173},
		"#947b01": {0.59, 0.121, 95}, "#ffffff": {1, 0, 0},
	} {
		var got strings.Builder
		got.WriteByte('#')
		for _, part := range colour.linear().shown() {
			encoded := 12.92 * part
			if part > 0.0031308 {
				encoded = 1.055*math.Pow(part, 1/2.4) - 0.055
			}
			fmt.Fprintf(&got, "%02x", int(math.Round(encoded*255)))
		}
		if got.String() != want {
			t.Errorf("%v is %s, want %s", colour, got.String(), want)
		}
	}
}
