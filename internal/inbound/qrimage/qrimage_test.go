package qrimage

import (
	"bytes"
	"encoding/xml"
	"errors"
	"fmt"
	"image"
	"image/color"
	"image/png"
	"math"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/makiuchi-d/gozxing"
	"github.com/makiuchi-d/gozxing/qrcode"

	"ticketflow/internal/domain/admission"
)

// ticketCode is the code of the first ticket of an order with n like c: none has a longer path.
func ticketCode(t testing.TB, n int, c admission.Claims) string {
	t.Helper()
	s, err := admission.NewSigner(c.Key, bytes.Repeat([]byte{3}, 32))
	if err != nil {
		t.Fatal(err)
	}
	codes, err := s.SignAll(slices.Repeat([]admission.Claims{c}, n))
	if err != nil {
		t.Fatal(err)
	}
	return codes[0]
}

func codes(t testing.TB) map[string]string {
	t.Helper()
	usual := admission.Claims{Key: 1, Event: 1200, Place: 79_999, Fence: 2}
	copy(usual.Secret[:], "a secret, 16 B..")
	largest := admission.Claims{Key: math.MaxUint16, Event: math.MaxInt64, Place: math.MaxUint32,
		Fence: math.MaxUint32, NotBefore: math.MaxUint32 - 1, NotAfter: math.MaxUint32}
	timed := usual
	timed.NotBefore, timed.NotAfter = 496_000, 496_024
	return map[string]string{
		"one of 1":        ticketCode(t, 1, usual),
		"one of 2":        ticketCode(t, 2, usual),
		"one of 8":        ticketCode(t, 8, usual),
		"one of 50":       ticketCode(t, 50, usual),
		"timed, of 8":     ticketCode(t, 8, timed),
		"timed, of 50":    ticketCode(t, 50, timed),
		"largest, of 1":   ticketCode(t, 1, largest),
		"largest, of 8":   ticketCode(t, 8, largest),
		"largest of most": ticketCode(t, admission.MaxTickets, largest),
		"short":           "A",
		"fullest":         strings.Repeat("$ %*+-./:", 41)[:MaxChars],
	}
}

func decode(t *testing.T, img image.Image) string {
	t.Helper()
	bitmap, err := gozxing.NewBinaryBitmapFromImage(img)
	if err != nil {
		t.Fatal(err)
	}
	hints := map[gozxing.DecodeHintType]any{gozxing.DecodeHintType_PURE_BARCODE: true}
	result, err := qrcode.NewQRCodeReader().Decode(bitmap, hints)
	if err != nil {
		t.Fatal(err)
	}
	return result.GetText()
}

func encode(t testing.TB, text string) Symbol {
	t.Helper()
	s, err := Encode(text)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func TestPNG(t *testing.T) {
	for name, text := range codes(t) {
		for _, scale := range []int{1, 5, MaxScale} {
			symbol := encode(t, text)
			raw, err := symbol.PNG(scale)
			if err != nil {
				t.Fatal(err)
			}
			img, err := png.Decode(bytes.NewReader(raw))
			if err != nil {
				t.Fatal(err)
			}
			if side := img.Bounds().Dx(); side != symbol.Modules()*scale || len(raw) > 32<<10 {
				t.Errorf("%s × %d: %d pixels, %d bytes", name, scale, side, len(raw))
			}
			if got := decode(t, img); got != text {
				t.Errorf("%s × %d: read %q", name, scale, got)
			}
		}
	}
}

var run = regexp.MustCompile(`M(\d+) (\d+)h(\d+)v1h-(\d+)z`)

// raster draws the path of the SVG, at four pixels a module.
func raster(t *testing.T, svg []byte, modules int) image.Image {
	t.Helper()
	const scale = 4
	var doc struct {
		Path []struct {
			D string `xml:"d,attr"`
		} `xml:"path"`
		ViewBox string `xml:"viewBox,attr"`
	}
	if err := xml.Unmarshal(svg, &doc); err != nil {
		t.Fatal(err)
	}
	if len(doc.Path) != 1 || doc.ViewBox != fmt.Sprintf("0 0 %d %d", modules, modules) {
		t.Fatalf("%d paths, view %q", len(doc.Path), doc.ViewBox)
	}
	if rest := run.ReplaceAllString(doc.Path[0].D, ""); rest != "" {
		t.Fatalf("unexpected path data %q", rest)
	}
	img := image.NewGray(image.Rect(0, 0, modules*scale, modules*scale))
	for i := range img.Pix {
		img.Pix[i] = 0xFF
	}
	for _, m := range run.FindAllStringSubmatch(doc.Path[0].D, -1) {
		var x, y, n int
		if _, err := fmt.Sscan(m[1]+" "+m[2]+" "+m[3], &x, &y, &n); err != nil || m[3] != m[4] {
			t.Fatal(m[0], err)
		}
		for py := range scale {
			for px := range n * scale {
				img.SetGray(x*scale+px, y*scale+py, color.Gray{})
			}
		}
	}
	return img
}

func TestSVG(t *testing.T) {
	for name, text := range codes(t) {
		symbol := encode(t, text)
		svg := symbol.SVG()
		if len(svg) > 32<<10 {
			t.Errorf("%s: %d bytes", name, len(svg))
		}
		if got := decode(t, raster(t, svg, symbol.Modules())); got != text {
			t.Errorf("%s: read %q", name, got)
		}
	}
}

// A version v symbol has 17 + 4v modules a side (ISO/IEC 18004 §5.3.1).
func TestVersionStaysSmall(t *testing.T) {
	want := map[string]int{"one of 1": 6, "one of 2": 7, "one of 8": 8, "one of 50": 10,
		"timed, of 8": 8, "timed, of 50": 10, "largest, of 1": 7, "largest, of 8": 9,
		"largest of most": 11, "short": 1, "fullest": 11}
	for name, text := range codes(t) {
		got := (encode(t, text).Modules() - 2*quietModules - 17) / 4
		if got != want[name] {
			t.Errorf("%s: %d characters, version %d, want %d", name, len(text), got, want[name])
		}
	}
}

func TestRefusals(t *testing.T) {
	for _, text := range []string{"", "abc", "A\n", "Ä", strings.Repeat("A", MaxChars+1)} {
		if _, err := Encode(text); !errors.Is(err, ErrText) {
			t.Errorf("%.10q: %v", text, err)
		}
	}
	for _, scale := range []int{-1, 0, MaxScale + 1} {
		if _, err := encode(t, "A").PNG(scale); !errors.Is(err, ErrScale) {
			t.Errorf("scale %d: %v", scale, err)
		}
	}
}

func BenchmarkPNG(b *testing.B) {
	code := codes(b)["one of 2"]
	b.ReportAllocs()
	for b.Loop() {
		if _, err := encode(b, code).PNG(8); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkSVG(b *testing.B) {
	code := codes(b)["one of 2"]
	b.ReportAllocs()
	for b.Loop() {
		encode(b, code).SVG()
	}
}
