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
	"strings"
	"testing"

	"github.com/makiuchi-d/gozxing"
	"github.com/makiuchi-d/gozxing/qrcode"

	"ticketflow/internal/domain/admission"
)

func ticketCode(t testing.TB, c admission.Claims) string {
	t.Helper()
	s, err := admission.NewSigner(c.Key, bytes.Repeat([]byte{3}, 32))
	if err != nil {
		t.Fatal(err)
	}
	code, err := s.Sign(c)
	if err != nil {
		t.Fatal(err)
	}
	return code
}

func codes(t testing.TB) map[string]string {
	t.Helper()
	usual := admission.Claims{Key: 1, Event: 12, Place: 4711, Fence: 2}
	copy(usual.Secret[:], "a secret, 16 B..")
	largest := admission.Claims{Key: math.MaxUint16, Event: math.MaxInt64, Place: math.MaxUint32,
		Fence: math.MaxUint32, NotBefore: math.MaxUint32 - 1, NotAfter: math.MaxUint32}
	return map[string]string{
		"usual":   ticketCode(t, usual),
		"largest": ticketCode(t, largest),
		"short":   "A",
		"fullest": strings.Repeat("$ %*+-./:", 35)[:MaxChars],
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
	for name, version := range map[string]int{"usual": 6, "largest": 7, "short": 1, "fullest": 10} {
		got := (encode(t, codes(t)[name]).Modules() - 2*quietModules - 17) / 4
		if got != version {
			t.Errorf("%s: version %d, want %d", name, got, version)
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
	code := codes(b)["usual"]
	b.ReportAllocs()
	for b.Loop() {
		if _, err := encode(b, code).PNG(8); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkSVG(b *testing.B) {
	code := codes(b)["usual"]
	b.ReportAllocs()
	for b.Loop() {
		encode(b, code).SVG()
	}
}
