package planfile

import (
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"encoding/hex"
	"math"
	"slices"

	"ticketflow/internal/domain/catalog"
)

// The first bytes of the binary form.
const (
	wireMagic   = "TFPL"
	wireVersion = 1
)

// maxWireTexts bounds the table of texts: a label per place and some names.
const maxWireTexts = catalog.MaxPlaces + 3*catalog.MaxRows

// wireKinds are the kinds of decoration in the order of their numbers.
var wireKinds = []catalog.ShapeKind{
	catalog.ShapePolygon, catalog.ShapeRectangle, catalog.ShapeEllipse, catalog.ShapeCircle,
	catalog.ShapeText,
}

// Encoded is a plan in the binary form, ready to be served. It never changes.
type Encoded struct {
	Raw  []byte
	Gzip []byte // Raw, compressed
	ETag string // of Raw, in quotes
}

// Encode brings a plan into the binary form. It takes some tens of milliseconds for a stadium, so
// do it once per plan.
func Encode(p *catalog.Plan) (Encoded, error) {
	raw := EncodeWire(p)
	var packed bytes.Buffer
	zip, err := gzip.NewWriterLevel(&packed, gzip.BestCompression)
	if err != nil {
		return Encoded{}, err
	}
	if _, err := zip.Write(raw); err != nil {
		return Encoded{}, err
	}
	if err := zip.Close(); err != nil {
		return Encoded{}, err
	}
	sum := sha256.Sum256(raw)
	return Encoded{
		Raw: raw, Gzip: packed.Bytes(), ETag: `"` + hex.EncodeToString(sum[:16]) + `"`,
	}, nil
}

// EncodeWire writes the binary form (docs/plan-format.md). GUIDs are not in it; a derived outline
// is. Columns of one kind follow each other: that is what makes them compress.
func EncodeWire(p *catalog.Plan) []byte {
	w := newWireWriter()
	w.text("")
	writeNames(w, p)
	rows := p.Rows()
	schemes := writeNumberings(w, rows)
	writeSections(w, p)
	writeRows(w, rows, schemes)
	writeListed(w, p, rows)
	writeMarks(w, p)
	writeShapes(w, p.Shapes())

	head := newWireWriter()
	head.buf = append(head.buf, wireMagic...)
	head.buf = append(head.buf, wireVersion)
	head.uint(len(w.texts))
	head.uints(len(w.texts), func(i int) int { return len(w.texts[i]) })
	for _, s := range w.texts {
		head.buf = append(head.buf, s...)
	}
	return append(head.buf, w.buf...)
}

func writeNames(w *wireWriter, p *catalog.Plan) {
	w.uint(w.text(p.Name()))
	writePoint(w, p.Focal())
	floors := p.Floors()
	w.uint(len(floors))
	w.uints(len(floors), func(i int) int { return w.text(floors[i]) })
	categories := p.Categories()
	w.uint(len(categories))
	w.uints(len(categories), func(i int) int { return w.text(categories[i].Name) })
	w.uints(len(categories), func(i int) int { return w.text(categories[i].Colour) })
}

// writeNumberings writes each scheme once and returns the scheme's number for each row.
func writeNumberings(w *wireWriter, rows []catalog.Row) []int {
	numbers := map[string]int{} // by how a scheme is written
	of := make([]int, len(rows))
	var schemes []byte
	for i := range rows {
		if rows[i].Listed {
			continue
		}
		start := len(w.buf)
		writeNumbering(w, rows[i].Numbering)
		scheme := w.buf[start:]
		w.buf = w.buf[:start]
		if numbers[string(scheme)] == 0 {
			numbers[string(scheme)] = len(numbers) + 1
			schemes = append(schemes, scheme...)
		}
		of[i] = numbers[string(scheme)]
	}
	w.uint(len(numbers))
	w.buf = append(w.buf, schemes...)
	return of
}

func writeNumbering(w *wireWriter, n catalog.Numbering) {
	w.uint(int(n.Order))
	w.uint(n.Start)
	w.uint(n.Step)
	w.uint(w.text(n.Prefix))
	w.uint(len(n.Skip))
	w.steps(len(n.Skip), func(i int) int { return n.Skip[i] })
}

func writeSections(w *wireWriter, p *catalog.Plan) {
	sections := p.Sections()
	w.uint(len(sections))
	column := func(value func(s *catalog.Section) int) {
		w.uints(len(sections), func(i int) int { return value(&sections[i]) })
	}
	w.steps(len(sections), func(i int) int { return w.text(sections[i].Name) })
	column(func(s *catalog.Section) int { return s.Floor })
	column(func(s *catalog.Section) int { return s.Category })
	column(func(s *catalog.Section) int { return w.text(s.Entrance) })
	column(func(s *catalog.Section) int {
		if s.Standing {
			return s.Places
		}
		return 0
	})
	column(func(s *catalog.Section) int { return s.Rows })
	column(func(s *catalog.Section) int { return len(s.Outline) })
	var outline []catalog.Point
	for _, s := range sections {
		outline = append(outline, s.Outline...)
	}
	w.steps(len(outline), func(i int) int { return int(outline[i].X) })
	w.steps(len(outline), func(i int) int { return int(outline[i].Y) })
}

func writeRows(w *wireWriter, rows []catalog.Row, schemes []int) {
	w.steps(len(rows), func(i int) int { return w.text(rows[i].Label) })
	w.uints(len(rows), func(i int) int { return w.text(rows[i].Title) })
	w.uints(len(rows), func(i int) int { return w.text(rows[i].SeatTitle) })
	w.uints(len(rows), func(i int) int { return rows[i].Category })
	w.uints(len(rows), func(i int) int { return schemes[i] })
	w.steps(len(rows), func(i int) int { return rows[i].Seats })
	arcs := make([]*catalog.Row, 0, len(rows))
	for i := range rows {
		if !rows[i].Listed {
			arcs = append(arcs, &rows[i])
		}
	}
	starts := func(i int) bool { return i == 0 || arcs[i].Section != arcs[i-1].Section }
	for _, value := range []func(i int) int{
		func(i int) int { return int(arcs[i].From.X) },
		func(i int) int { return int(arcs[i].From.Y) },
		func(i int) int { return int(arcs[i].To.X) },
		func(i int) int { return int(arcs[i].To.Y) },
		func(i int) int { return int(arcs[i].SagittaCM) },
	} {
		w.bends(len(arcs), starts, value)
	}
}

// writeListed writes the seats of all rows that list theirs.
func writeListed(w *wireWriter, p *catalog.Plan, rows []catalog.Row) {
	var at []catalog.Point
	var labels, categories []int
	var first []bool
	for _, row := range rows {
		if !row.Listed {
			continue
		}
		for i := range row.Seats {
			at = append(at, row.SeatPosition(i))
			labels = append(labels, w.text(row.SeatLabel(i)))
			categories = append(categories, p.CategoryOf(row.First+catalog.PlaceNo(i)))
			first = append(first, i == 0)
		}
	}
	starts := func(i int) bool { return first[i] }
	w.bends(len(at), starts, func(i int) int { return int(at[i].X) })
	w.bends(len(at), starts, func(i int) int { return int(at[i].Y) })
	w.steps(len(at), func(i int) int { return labels[i] })
	w.steps(len(at), func(i int) int { return categories[i] })
}

func writeMarks(w *wireWriter, p *catalog.Plan) {
	var marked []catalog.PlaceNo
	for place := range catalog.PlaceNo(p.Places()) {
		if p.Attributes(place) != 0 {
			marked = append(marked, place)
		}
	}
	w.uint(len(marked))
	w.steps(len(marked), func(i int) int { return int(marked[i]) })
	w.uints(len(marked), func(i int) int { return int(p.Attributes(marked[i])) })
	w.uints(len(marked), func(i int) int { return w.text(p.Restriction(marked[i])) })
}

func writeShapes(w *wireWriter, shapes []catalog.Shape) {
	w.uint(len(shapes))
	for _, s := range shapes {
		w.uint(slices.Index(wireKinds, s.Kind))
		w.uint(s.Floor)
		writePoint(w, s.At)
		writePoint(w, s.Size)
		w.int(int(math.Round(s.Degrees * degreeParts)))
		for _, text := range []string{s.Fill, s.Border, s.Text, s.TextColour} {
			w.uint(w.text(text))
		}
		writePoint(w, s.TextAt)
		w.uint(int(s.TextSizeCM))
		w.uint(len(s.Points))
		w.steps(len(s.Points), func(i int) int { return int(s.Points[i].X) })
		w.steps(len(s.Points), func(i int) int { return int(s.Points[i].Y) })
	}
}

// degreeParts is how finely a rotation is written.
const degreeParts = 100

func writePoint(w *wireWriter, p catalog.Point) {
	w.int(int(p.X))
	w.int(int(p.Y))
}
