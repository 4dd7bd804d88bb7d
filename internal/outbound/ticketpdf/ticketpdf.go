// Package ticketpdf prints tickets: one file, one page each.
//
// It stands among the outbound adapters because the application prints, too: into mails. The fonts
// are Go's own (BSD licence): they have Latin, Greek and Cyrillic letters, and only the glyphs that a
// file needs are put into it.
package ticketpdf

import (
	"bytes"
	"errors"
	"fmt"
	"image"
	"image/draw"
	_ "image/jpeg" // logos
	"image/png"
	"strconv"
	"strings"

	"codeberg.org/go-pdf/fpdf"
	"golang.org/x/image/font/gofont/gobold"
	"golang.org/x/image/font/gofont/goregular"
	"golang.org/x/image/font/sfnt"
	"rsc.io/qr"

	"ticketflow/internal/app/phrase"
	"ticketflow/internal/app/sheet"
)

// Measures of a page, A4 in portrait, in millimetres.
const (
	pageWidth = 210.0
	margin    = 20.0
	width     = pageWidth - 2*margin
	band      = 6.0  // of the organisation's colour, at the top
	symbol    = 80.0 // the QR with its quiet zone
	quiet     = 4    // modules

	maxLogoBytes  = 1 << 20
	maxLogoPixels = 4_000 // each way
	logoHeight    = 14.0
	maxTickets    = 50
)

// Failures of printing.
var (
	ErrTickets = errors.New("a file has 1 to 50 tickets")
	ErrLogo    = errors.New("the logo is no PNG or JPEG of at most 1 MiB and 4000 pixels each way")
)

// Printer implements sheet.Printer. It is safe for concurrent use.
type Printer struct{ regular, bold *sfnt.Font }

// New reads the fonts.
func New() (*Printer, error) {
	regular, err := sfnt.Parse(goregular.TTF)
	if err != nil {
		return nil, fmt.Errorf("read the font: %w", err)
	}
	bold, err := sfnt.Parse(gobold.TTF)
	if err != nil {
		return nil, fmt.Errorf("read the bold font: %w", err)
	}
	return &Printer{regular, bold}, nil
}

// Print implements sheet.Printer.
func (p *Printer) Print(s sheet.Sheet) ([]byte, error) {
	if len(s.Tickets) == 0 || len(s.Tickets) > maxTickets {
		return nil, ErrTickets
	}
	pdf := fpdf.New("P", "mm", "A4", "")
	// Nothing in the file depends on when or in which order it is made.
	pdf.SetCreationDate(s.StartsAt.UTC())
	pdf.SetModificationDate(s.StartsAt.UTC())
	pdf.SetCatalogSort(true)
	pdf.SetCompression(true)
	pdf.SetAutoPageBreak(false, 0)
	pdf.SetMargins(margin, margin, margin)
	pdf.SetTitle(s.Title, true)
	pdf.SetLang(string(s.Language))
	pdf.AddUTF8FontFromBytes("go", "", goregular.TTF)
	pdf.AddUTF8FontFromBytes("go", "B", gobold.TTF)
	w := &writer{Fpdf: pdf, printer: p, words: phrase.In(s.Language), sheet: &s}
	if err := w.registerLogo(); err != nil {
		return nil, err
	}
	for i := range s.Tickets {
		if err := w.page(i); err != nil {
			return nil, err
		}
	}
	var file bytes.Buffer
	if err := pdf.Output(&file); err != nil {
		return nil, fmt.Errorf("print the tickets: %w", err)
	}
	return file.Bytes(), nil
}

// writer draws one file.
type writer struct {
	*fpdf.Fpdf

	printer *Printer
	words   *phrase.Phrases
	sheet   *sheet.Sheet
	logo    *fpdf.ImageInfoType
}

const logoName = "logo"

func (w *writer) registerLogo() error {
	logo := w.sheet.Look.Logo
	if len(logo) == 0 {
		return nil
	}
	config, _, err := image.DecodeConfig(bytes.NewReader(logo))
	if err != nil || len(logo) > maxLogoBytes || config.Width > maxLogoPixels ||
		config.Height > maxLogoPixels {
		return ErrLogo
	}
	picture, _, err := image.Decode(bytes.NewReader(logo))
	if err != nil {
		return ErrLogo
	}
	// The PDF library panics on pictures that are broken or unusual: it gets a plain one.
	plain := image.NewNRGBA(picture.Bounds())
	draw.Draw(plain, plain.Bounds(), picture, plain.Bounds().Min, draw.Src)
	var file bytes.Buffer
	if err := png.Encode(&file, plain); err != nil {
		return fmt.Errorf("write the logo: %w", err)
	}
	w.logo = w.RegisterImageOptionsReader(logoName, fpdf.ImageOptions{ImageType: "png"}, &file)
	if !w.Ok() {
		return ErrLogo
	}
	return nil
}

func (w *writer) page(i int) error {
	t := &w.sheet.Tickets[i]
	w.AddPage()
	w.head()
	y := w.event()
	y = w.numerals(t, y+6)
	if err := w.symbol(t.Code, y+6); err != nil {
		return err
	}
	w.foot(t, i)
	return nil
}

// font chooses size in points and weight; ink is grey from 0, black.
func (w *writer) font(style string, size float64, ink int) {
	w.SetFont("go", style, size)
	w.SetTextColor(ink, ink, ink)
}

// line writes a text from the left margin, in at most two lines, and returns where the next begins.
func (w *writer) line(text string, y, height float64) float64 {
	lines := w.SplitText(w.printer.printable(text), width)
	for i, part := range lines[:min(len(lines), maxLines)] {
		if i == maxLines-1 && len(lines) > maxLines {
			part = strings.TrimRight(part, " ") + "…"
		}
		w.Text(margin, y+height*0.8, part)
		y += height
	}
	return y
}

const maxLines = 2

func (w *writer) head() {
	colour := w.sheet.Look.Colour
	w.SetFillColor(int(colour[0]), int(colour[1]), int(colour[2]))
	w.Rect(0, 0, pageWidth, band, "F")
	right := pageWidth - margin
	if w.logo != nil {
		wide := min(w.logo.Width()/w.logo.Height()*logoHeight, width/2)
		w.ImageOptions(logoName, right-wide, band+6, 0, logoHeight, false, fpdf.ImageOptions{}, 0,
			"")
	}
	w.font("B", 11, 60)
	w.line(w.sheet.Look.Organisation, band+8, 6)
}

func (w *writer) event() float64 {
	s := w.sheet
	w.font("B", 24, 0)
	y := w.line(s.Title, 32, 11)
	w.font("", 13, 0)
	when := w.words.Day(s.StartsAt) + ", " + w.words.Clock(s.StartsAt)
	y = w.line(when, y+2, 7)
	if !s.DoorsAt.IsZero() {
		w.font("", 11, 60)
		y = w.line(w.words.Doors+" "+w.words.Clock(s.DoorsAt), y, 6)
	}
	w.font("", 13, 0)
	y = w.line(s.Venue, y+2, 7)
	w.font("", 11, 60)
	return w.line(s.Address, y, 6)
}

// numerals says where to go, to be read at arm's length.
func (w *writer) numerals(t *sheet.Ticket, y float64) float64 {
	w.SetDrawColor(200, 200, 200)
	w.Line(margin, y, pageWidth-margin, y)
	type cell struct{ label, value string }
	cells := []cell{{w.words.Section, t.Section}}
	if t.Seat == "" {
		cells = append(cells, cell{w.words.Ticket, w.words.Standing})
	} else {
		if t.Row != "" {
			cells = append(cells, cell{w.words.Row, t.Row})
		}
		cells = append(cells, cell{w.words.Seat, t.Seat})
	}
	wide := width / float64(len(cells))
	for i, c := range cells {
		x := margin + wide*float64(i)
		w.font("", 10, 90)
		w.Text(x, y+7, w.printer.printable(c.label))
		text := w.printer.printable(c.value)
		for size := 34.0; size >= 8; size -= 2 {
			w.font("B", size, 0)
			if w.GetStringWidth(text) <= wide-4 {
				break
			}
		}
		w.Text(x, y+20, text)
	}
	w.Line(margin, y+25, pageWidth-margin, y+25)
	return y + 25
}

// symbol draws the code as rectangles, runs of modules in one, on white.
func (w *writer) symbol(code string, y float64) error {
	drawn, err := qr.Encode(code, qr.M)
	if err != nil {
		return fmt.Errorf("draw the code: %w", err)
	}
	module := symbol / float64(drawn.Size+2*quiet)
	left, top := (pageWidth-symbol)/2+quiet*module, y+quiet*module
	w.SetFillColor(255, 255, 255)
	w.Rect(left-quiet*module, y, symbol, symbol, "F")
	w.SetFillColor(0, 0, 0)
	for row := range drawn.Size {
		for col := 0; col < drawn.Size; {
			run := 0
			for col+run < drawn.Size && drawn.Black(col+run, row) {
				run++
			}
			if run > 0 {
				w.Rect(left+float64(col)*module, top+float64(row)*module, float64(run)*module,
					module, "F")
			}
			col += max(run, 1)
		}
	}
	return nil
}

func (w *writer) foot(t *sheet.Ticket, i int) {
	const y = 236
	w.font("B", 13, 0)
	next := w.line(t.Holder, y, 7)
	w.font("", 11, 60)
	var facts []string
	if t.Tier != "" {
		facts = append(facts, t.Tier)
	}
	facts = append(facts, w.words.Order+" "+w.sheet.Reference,
		phrase.Fill(w.words.TicketNumber, "number", strconv.Itoa(i+1),
			"count", strconv.Itoa(len(w.sheet.Tickets))))
	next = w.line(strings.Join(facts, " · "), next, 6)
	w.font("", 9, 90)
	w.line(w.words.TicketRule, next+4, 5)
}

// printable replaces what the fonts can't show by a question mark.
func (p *Printer) printable(text string) string {
	var buf sfnt.Buffer
	return strings.Map(func(r rune) rune {
		for _, f := range []*sfnt.Font{p.regular, p.bold} {
			if i, err := f.GlyphIndex(&buf, r); err != nil || i == 0 || r < ' ' {
				return '?'
			}
		}
		return r
	}, text)
}
