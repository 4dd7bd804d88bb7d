package ticketpdf

import (
	"bytes"
	"compress/zlib"
	"errors"
	"image"
	"image/color"
	"image/png"
	"io"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/makiuchi-d/gozxing"
	"github.com/makiuchi-d/gozxing/qrcode"

	"ticketflow/internal/app/phrase"
	"ticketflow/internal/app/sheet"
)

// longCode is as long as the code of the last ticket of a large order.
var longCode = "TF1:" + strings.Repeat("W50DN1000ALUJHB5AP2.5981NM2W9HALU200Q18K0JA+29", 6)

func sample(tickets int) sheet.Sheet {
	s := sheet.Sheet{Title: "Così fan tutte — Łódź, Kroměříž, Győr, Αθήνα, Київ",
		Venue: "Großes Haus", Address: "Ring 1, Wien", Reference: "BHXT-S55G",
		StartsAt: time.Date(2026, 10, 3, 19, 30, 0, 0, time.UTC),
		DoorsAt:  time.Date(2026, 10, 3, 18, 30, 0, 0, time.UTC), Language: phrase.German,
		Look: sheet.Look{Organisation: "Oper", Colour: [3]uint8{40, 80, 160}}}
	for i := range tickets {
		s.Tickets = append(s.Tickets, sheet.Ticket{Section: "Parkett links", Row: "12",
			Seat: strconv.Itoa(i + 1), Tier: "Kategorie 1", Holder: "Łucja Ňová",
			Code: longCode[:len(longCode)-2] + strconv.Itoa(10+i)})
	}
	return s
}

func printed(t *testing.T, s sheet.Sheet) []byte {
	t.Helper()
	p, err := New()
	if err != nil {
		t.Fatal(err)
	}
	file, err := p.Print(s)
	if err != nil {
		t.Fatal(err)
	}
	return file
}

func TestTheSameSheetIsTheSameFile(t *testing.T) {
	a, b := printed(t, sample(3)), printed(t, sample(3))
	if !bytes.Equal(a, b) {
		t.Error("two prints of one sheet differ")
	}
	other := sample(3)
	other.Tickets[1].Seat = "99"
	if bytes.Equal(a, printed(t, other)) {
		t.Error("another seat changes nothing")
	}
}

const maxTenTickets = 200 << 10

func TestTenTicketsAreSmall(t *testing.T) {
	file := printed(t, sample(10))
	t.Logf("10 tickets: %d bytes", len(file))
	if len(file) > maxTenTickets {
		t.Errorf("%d bytes, at most %d", len(file), maxTenTickets)
	}
	if n := len(pages(t, file)); n != 10 {
		t.Errorf("%d pages", n)
	}
}

// pages are the drawing commands of each page.
func pages(t *testing.T, file []byte) (all []string) {
	t.Helper()
	for rest := file; ; {
		_, after, ok := bytes.Cut(rest, []byte("stream\n"))
		if !ok {
			return all
		}
		data, next, _ := bytes.Cut(after, []byte("\nendstream"))
		rest = next
		r, err := zlib.NewReader(bytes.NewReader(data))
		if err != nil {
			continue // not compressed
		}
		text, err := io.ReadAll(r)
		if err == nil && bytes.Contains(text, []byte(" re f")) {
			all = append(all, string(text))
		}
	}
}

var rectangle = regexp.MustCompile(`(-?[\d.]+) (-?[\d.]+) (-?[\d.]+) (-?[\d.]+) re f`)

// paint draws the rectangles of a page as a printer would, at ten pixels a millimetre, and tells
// how wide the code's white ground is in millimetres.
func paint(t *testing.T, page string) (*image.Gray, float64) {
	t.Helper()
	const perPoint, high = 10 * 25.4 / 72, 2970
	picture := image.NewGray(image.Rect(0, 0, 2100, high))
	for i := range picture.Pix {
		picture.Pix[i] = 255
	}
	ink, ground := color.Gray{}, 0.0
	for line := range strings.SplitSeq(page, "\n") {
		switch {
		case strings.HasSuffix(line, " rg") || strings.HasSuffix(line, " g"):
			ink = color.Gray{}
			if strings.HasPrefix(line, "1.000") {
				ink = color.Gray{Y: 255}
			}
		}
		m := rectangle.FindStringSubmatch(line)
		if m == nil {
			continue
		}
		var v [4]float64
		for i := range v {
			v[i], _ = strconv.ParseFloat(m[1+i], 64)
			v[i] *= perPoint
		}
		if ink.Y == 255 {
			ground = v[2] / 10
		}
		x, y := int(v[0]+0.5), int(high-v[1]+0.5)
		for py := y; py < int(high-v[1]-v[3]+0.5); py++ {
			for px := x; px < int(v[0]+v[2]+0.5); px++ {
				picture.SetGray(px, py, ink)
			}
		}
	}
	return picture, ground
}

func TestEachPageShowsItsCode(t *testing.T) {
	s := sample(3)
	for i, page := range pages(t, printed(t, s)) {
		picture, ground := paint(t, page)
		if ground < 60 {
			t.Errorf("page %d: the code is %.1f mm wide, at least 60", i, ground)
		}
		bitmap, err := gozxing.NewBinaryBitmapFromImage(picture)
		if err != nil {
			t.Fatal(err)
		}
		got, err := qrcode.NewQRCodeReader().Decode(bitmap, nil)
		if err != nil {
			t.Fatalf("page %d: %v", i, err)
		}
		if got.GetText() != s.Tickets[i].Code {
			t.Errorf("page %d says %q, want %q", i, got.GetText(), s.Tickets[i].Code)
		}
	}
}

func TestWhatTheFontsShow(t *testing.T) {
	p, err := New()
	if err != nil {
		t.Fatal(err)
	}
	for text, want := range map[string]string{
		"Łódź Kroměříž Győr ßẞ ÆØÅ ĞİŞ": "Łódź Kroměříž Győr ß? ÆØÅ ĞİŞ",
		"Αθήνα Київ Ѝ «»„“‚‘–—…€":       "Αθήνα Київ Ѝ «»„“‚‘–—…€",
		"東京 😀 a\nb": "?? ? a?b",
	} {
		if got := p.printable(text); got != want {
			t.Errorf("%q becomes %q, want %q", text, got, want)
		}
	}
	odd := sample(1)
	odd.Title, odd.Tickets[0].Holder = strings.Repeat("東京 😀 ", 200), ""
	odd.Tickets[0].Row, odd.Tickets[0].Seat = "", ""
	odd.Tickets[0].Section = strings.Repeat("W", 300)
	odd.DoorsAt = time.Time{}
	printed(t, odd)
}

func TestLogos(t *testing.T) {
	var file bytes.Buffer
	if err := png.Encode(&file, image.NewNRGBA(image.Rect(0, 0, 40, 20))); err != nil {
		t.Fatal(err)
	}
	s := sample(1)
	s.Look.Logo = file.Bytes()
	if with, without := printed(t, s), printed(t, sample(1)); len(with) <= len(without) {
		t.Error("the logo isn't in the file")
	}
	p, err := New()
	if err != nil {
		t.Fatal(err)
	}
	for name, logo := range map[string][]byte{"no picture": []byte("<svg/>"),
		"a part": file.Bytes()[:40], "too large": append(file.Bytes(), make([]byte, maxLogoBytes)...)} {
		s.Look.Logo = logo
		if _, err := p.Print(s); !errors.Is(err, ErrLogo) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, err := p.Print(sample(0)); !errors.Is(err, ErrTickets) {
		t.Errorf("no tickets: %v", err)
	}
}
