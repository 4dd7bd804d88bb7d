// Package brand is whose site it is: a name, a logo and one hue. All else of the pages' looks is
// the same for everybody, so that it stays readable.
package brand

import "fmt"

// Brand is what an organisation puts on its pages. It isn't changed once it is in use.
type Brand struct {
	Name    string
	Email   string // where buyers write to; may be empty
	Imprint string // address of the page that says who runs the site; may be empty
	Logo    *Logo  // or nil

	accent string   // sheet of the hue, or empty
	ink    [3]uint8 // the accent on white paper; black without a hue
}

// Settings are a Brand as an operator writes it. All fields but Name may be empty.
type Settings struct {
	Name, Email, Imprint string
	Logo                 []byte // of a picture
	Hue                  string // 0 to 360
}

// New checks the settings; what it refuses says what would do.
func New(s Settings) (*Brand, error) {
	b := &Brand{Name: s.Name, Email: s.Email, Imprint: s.Imprint}
	if len(s.Logo) > 0 {
		logo, err := readLogo(s.Logo)
		if err != nil {
			return nil, err
		}
		b.Logo = logo
	}
	if s.Hue != "" {
		hue, err := parseHue(s.Hue)
		if err != nil {
			return nil, err
		}
		b.accent = accentSheet(hue)
		b.ink = paletteOf(hue).light.accent.bytes()
	}
	return b, nil
}

// Ink is the accent on white paper: red, green and blue. It is black without a hue.
func (b *Brand) Ink() [3]uint8 { return b.ink }

// Files are what the pages serve for the brand, by name.
func (b *Brand) Files() map[string][]byte {
	files := make(map[string][]byte)
	if b.Logo != nil {
		files[b.Logo.File] = b.Logo.data
	}
	if b.accent != "" {
		files["brand.css"] = []byte(b.accent)
	}
	return files
}

// accentSheet sets the tokens that have the organisation's hue, in both schemes.
func accentSheet(hue float64) string {
	p := paletteOf(hue)
	return fmt.Sprintf("@layer tokens {\n  :root {\n"+
		"    --accent: light-dark(%s, %s);\n"+
		"    --on-accent: light-dark(%s, %s);\n"+
		"    --focus: light-dark(%s, %s);\n  }\n}\n",
		p.light.accent, p.dark.accent, p.light.onAccent, p.dark.onAccent,
		p.light.focus, p.dark.focus)
}
