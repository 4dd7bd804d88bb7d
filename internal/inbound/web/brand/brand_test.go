package brand

import (
	"bytes"
	"encoding/base64"
	"image"
	"image/png"
	"os"
	"regexp"
	"strconv"
	"strings"
	"testing"
)

// token is a design token in both schemes.
type token struct{ light, dark oklch }

var tokenForm = regexp.MustCompile(
	`--([a-z0-9-]+): light-dark\(oklch\(([^)]+)\), oklch\(([^)]+)\)\);`)

func colour(t *testing.T, s string) (c oklch) {
	t.Helper()
	parts := strings.Fields(s)
	for i, p := range []*float64{&c.l, &c.c, &c.h} {
		n, err := strconv.ParseFloat(parts[i], 64)
		if err != nil {
			t.Fatal(err)
		}
		*p = n
	}
	return c
}

func tokensOf(t *testing.T, sheet string) map[string]token {
	t.Helper()
	tokens := make(map[string]token)
	for _, m := range tokenForm.FindAllStringSubmatch(sheet, -1) {
		tokens[m[1]] = token{colour(t, m[2]), colour(t, m[3])}
	}
	return tokens
}

func siteTokens(t *testing.T) map[string]token {
	t.Helper()
	sheet, err := os.ReadFile("../assets/css/tokens.css")
	if err != nil {
		t.Fatal(err)
	}
	tokens := tokensOf(t, string(sheet))
	if len(tokens) < 20 {
		t.Fatalf("only %d tokens are colours", len(tokens))
	}
	return tokens
}

// thin are the pairs of tokens that haven't the contrast that they need, with what they have.
func thin(tokens map[string]token) map[string]float64 {
	found := make(map[string]float64)
	check := func(a, b string, want float64) {
		if c := contrast(tokens[a].light, tokens[b].light); c < want {
			found[a+" on "+b+", light"] = c
		}
		if c := contrast(tokens[a].dark, tokens[b].dark); c < want {
			found[a+" on "+b+", dark"] = c
		}
	}
	for _, ground := range []string{"bg", "surface", "sunken"} {
		for _, text := range []string{"ink", "ink-2", "accent", "ok", "warn", "bad"} {
			check(text, ground, textContrast)
		}
		check("focus", ground, shapeContrast)
	}
	check("ctl", "bg", shapeContrast)
	check("on-accent", "accent", textContrast)
	for _, category := range []string{"cat-1", "cat-2", "cat-3", "cat-4", "cat-5", "cat-6"} {
		check(category, "sunken", shapeContrast)
	}
	return found
}

func TestTokensCanBeRead(t *testing.T) {
	tokens := siteTokens(t)
	for pair, c := range thin(tokens) {
		t.Errorf("the contrast of %s is %.2f", pair, c)
	}
	for i, name := range []string{"bg", "surface", "sunken"} {
		if tokens[name].light != lightGrounds[i] || tokens[name].dark != darkGrounds[i] {
			t.Errorf("%s isn't the ground that brands are measured on", name)
		}
	}
	tokens["ink"] = token{oklch{.9, 0, 0}, oklch{.3, 0, 0}}
	if len(thin(tokens)) < 6 {
		t.Error("a pale ink isn't noticed")
	}
}

func TestEachHueCanBeRead(t *testing.T) {
	for hue := range fullCircle + 1 {
		b, err := New(Settings{Name: "X", Hue: strconv.Itoa(hue)})
		if err != nil {
			t.Fatal(err)
		}
		tokens := siteTokens(t)
		own := tokensOf(t, string(b.Files()["brand.css"]))
		if len(own) != 3 {
			t.Fatalf("hue %d sets %d tokens", hue, len(own))
		}
		for name, c := range own {
			tokens[name] = c
			for _, shown := range []oklch{c.light, c.dark} {
				r, g, b := shown.linear()
				if min(r, g, b) < -.002 || max(r, g, b) > 1.002 {
					t.Errorf("hue %d: no screen shows %s as %v", hue, name, shown)
				}
			}
		}
		for pair, c := range thin(tokens) {
			t.Errorf("hue %d: the contrast of %s is %.2f", hue, pair, c)
		}
	}
}

func TestColoursAreMeasuredRight(t *testing.T) {
	white, black := oklch{1, 0, 0}, oklch{}
	if c := contrast(black, white); c < 20.99 || c > 21.01 {
		t.Errorf("black on white is %.3f", c)
	}
	// #1039a7 is oklch(.40 .181 264): its contrast on white is 9.66.
	if c := contrast(oklch{.40, .181, 264}, white); c < 9.4 || c > 9.9 {
		t.Errorf("blue on white is %.3f", c)
	}
}

func TestAHueIsRefusedWithTheNearest(t *testing.T) {
	for hue, want := range map[string]string{
		"-1": "the nearest is 0", "361": "the nearest is 360", "blue": "no number from 0 to 360",
		"NaN": "no number",
	} {
		if _, err := New(Settings{Hue: hue}); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v", hue, err)
		}
	}
}

func pngOf(t *testing.T, width, height int) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := png.Encode(&b, image.NewGray(image.Rect(0, 0, width, height))); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// webp is a picture of 3 by 2 points in each of the three kinds, cut off after its head.
func webp(t *testing.T, head string) []byte {
	t.Helper()
	b, err := base64.StdEncoding.DecodeString(head)
	if err != nil {
		t.Fatal(err)
	}
	return append(b, make([]byte, 16)...)
}

func TestALogoIsKnownByItsContent(t *testing.T) {
	svg := func(s string) []byte {
		return []byte(`<?xml version="1.0"?><svg xmlns="http://www.w3.org/2000/svg" ` + s +
			`</svg>`)
	}
	for name, c := range map[string]struct {
		data          []byte
		file          string
		width, height int
		refusal       string
	}{
		"png": {pngOf(t, 30, 20), "logo.png", 30, 20, ""},
		"svg with size": {svg(`width="64px" height="32" viewBox="0 0 2 1"><g/>`),
			"logo.svg", 64, 32, ""},
		"svg by view": {svg(`viewBox="0 0 120.4 40"><use href="#a"/>`),
			"logo.svg", 120, 40, ""},
		"svg without": {svg(`><g/>`), "logo.svg", 32, 32, ""},
		"webp lossless": {webp(t, "UklGRhoAAABXRUJQVlA4TA0AAAAvAkAAAAcQERGIiP4H"),
			"logo.webp", 3, 2, ""},
		"too large": {append(pngOf(t, 1, 1), make([]byte, MaxLogoBytes)...), "", 0, 0,
			"200 KiB"},
		"a gif":       {[]byte("GIF89a"), "", 0, 0, "no SVG"},
		"a page":      {[]byte("<html><svg></svg></html>"), "", 0, 0, "no SVG"},
		"a script":    {svg(`><script>alert(1)</script>`), "", 0, 0, "more in it"},
		"a handler":   {svg(`onload="alert(1)">`), "", 0, 0, "more in it"},
		"a link":      {svg(`><a href="https://x.example"/>`), "", 0, 0, "more in it"},
		"a far use":   {svg(`><use href="https://x.example#a"/>`), "", 0, 0, "more in it"},
		"a type":      {[]byte("<!DOCTYPE svg><svg></svg>"), "", 0, 0, "more in it"},
		"half a png":  {pngOf(t, 9, 9)[:12], "", 0, 0, "read the logo"},
		"half an svg": {[]byte("<svg><g>"), "", 0, 0, "read the logo"},
	} {
		b, err := New(Settings{Logo: c.data})
		if c.refusal != "" {
			if err == nil || !strings.Contains(err.Error(), c.refusal) {
				t.Errorf("%s: %v", name, err)
			}
			continue
		}
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if l := b.Logo; l.File != c.file || l.Width != c.width || l.Height != c.height ||
			!bytes.Equal(b.Files()[c.file], c.data) {
			t.Errorf("%s: %s of %d × %d", name, l.File, l.Width, l.Height)
		}
	}
}

// TestInkIsTheAccent: paper gets the colour that the pages have on white.
func TestInkIsTheAccent(t *testing.T) {
	for hue, want := range map[string][3]uint8{
		"": {}, "262": {41, 87, 175}, "27": {159, 46, 41}, "155": {0, 111, 61},
	} {
		b, err := New(Settings{Name: "Opera", Hue: hue})
		if err != nil {
			t.Fatal(err)
		}
		if got := b.Ink(); got != want {
			t.Errorf("the hue %q prints as %v, want %v", hue, got, want)
		}
	}
}
