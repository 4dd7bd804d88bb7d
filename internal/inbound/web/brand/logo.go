package brand

import (
	"bytes"
	"encoding/binary"
	"encoding/xml"
	"errors"
	"fmt"
	"image/png"
	"io"
	"strconv"
	"strings"
)

// MaxLogoBytes bounds a logo: it is on every page.
const MaxLogoBytes = 200 << 10

// Failures of a logo.
var (
	errLogoSize = errors.New("the logo is larger than 200 KiB")
	errLogoKind = errors.New("the logo is no SVG, PNG or WebP picture")
	errLogoRuns = errors.New("the logo has more in it than a picture: save it as plain SVG, " +
		"without scripts, document types and links")
)

// pngLogo is the name of a logo that paper takes, too.
const pngLogo = "logo.png"

// Logo is a picture and how large it is by itself.
type Logo struct {
	File          string // name among the assets
	Width, Height int
	Bitmap        bool // other sites may show it, too
	data          []byte
}

// PNG is the picture if it is one in that format, or nil.
func (l *Logo) PNG() []byte {
	if l.File != pngLogo {
		return nil
	}
	return l.data
}

// readLogo tells by its content what picture it is, whatever its file is called.
func readLogo(data []byte) (*Logo, error) {
	if len(data) > MaxLogoBytes {
		return nil, errLogoSize
	}
	logo := &Logo{data: data, Bitmap: true}
	switch {
	case bytes.HasPrefix(data, []byte("\x89PNG\r\n\x1a\n")):
		size, err := png.DecodeConfig(bytes.NewReader(data))
		if err != nil {
			return nil, fmt.Errorf("read the logo: %w", err)
		}
		logo.File, logo.Width, logo.Height = pngLogo, size.Width, size.Height
	case bytes.HasPrefix(data, []byte("RIFF")) && len(data) > 30 && string(data[8:12]) == "WEBP":
		logo.File = "logo.webp"
		logo.Width, logo.Height = webpSize(data)
	case bytes.Contains(data[:min(len(data), 1024)], []byte("<svg")):
		logo.File, logo.Bitmap = "logo.svg", false
		if err := logo.readSVG(); err != nil {
			return nil, err
		}
	default:
		return nil, errLogoKind
	}
	if logo.Width < 1 || logo.Height < 1 {
		return nil, errLogoKind
	}
	return logo, nil
}

// webpSize reads the size from the first chunk, of whatever of the three kinds it is.
func webpSize(data []byte) (width, height int) {
	const (
		bits14 = 1<<14 - 1
		bits24 = 1<<24 - 1
	)
	switch string(data[12:16]) {
	case "VP8 ":
		return int(binary.LittleEndian.Uint16(data[26:]) & bits14),
			int(binary.LittleEndian.Uint16(data[28:]) & bits14)
	case "VP8L":
		b := binary.LittleEndian.Uint32(data[21:])
		return int(b&bits14) + 1, int(b>>14&bits14) + 1
	case "VP8X":
		return int(binary.LittleEndian.Uint32(data[24:])&bits24) + 1,
			int(binary.LittleEndian.Uint32(data[26:])>>8) + 1 // 24 bits from the 27th byte on
	}
	return 0, 0
}

// readSVG finds the picture's size, and refuses what could do more than be looked at: a browser
// runs nothing in a picture, but the file has an address of its own.
func (l *Logo) readSVG() error {
	decoder := xml.NewDecoder(bytes.NewReader(l.data))
	for depth := 0; ; {
		token, err := decoder.Token()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return fmt.Errorf("read the logo: %w", err)
		}
		switch t := token.(type) {
		case xml.Directive:
			return errLogoRuns
		case xml.StartElement:
			if depth++; depth == 1 {
				if t.Name.Local != "svg" {
					return errLogoKind
				}
				l.Width, l.Height = svgSize(t.Attr)
			}
			if !harmless(t) {
				return errLogoRuns
			}
		case xml.EndElement:
			depth--
		}
	}
}

func harmless(t xml.StartElement) bool {
	switch strings.ToLower(t.Name.Local) {
	case "script", "foreignobject", "iframe", "object", "embed", "image", "a":
		return false
	}
	for _, a := range t.Attr {
		name := strings.ToLower(a.Name.Local)
		if strings.HasPrefix(name, "on") ||
			name == "href" && !strings.HasPrefix(strings.TrimSpace(a.Value), "#") {
			return false
		}
	}
	return true
}

// svgSize is the width and height that a picture asks for, or those of what it shows.
func svgSize(attributes []xml.Attr) (width, height int) {
	const usual = 32 // where nothing is said: only the ratio matters
	for _, a := range attributes {
		switch a.Name.Local {
		case "viewBox":
			parts := strings.Fields(strings.ReplaceAll(a.Value, ",", " "))
			if len(parts) == 4 && width == 0 {
				width, height = pixels(parts[2]), pixels(parts[3])
			}
		case "width":
			if n := pixels(a.Value); n > 0 {
				width = n
			}
		case "height":
			if n := pixels(a.Value); n > 0 {
				height = n
			}
		}
	}
	if width == 0 || height == 0 {
		return usual, usual
	}
	return width, height
}

func pixels(s string) int {
	const most = 10_000
	n, err := strconv.ParseFloat(strings.TrimSuffix(strings.TrimSpace(s), "px"), 64)
	if err != nil || n < 1 || n > most {
		return 0
	}
	return int(n + .5)
}
