package planfile_test

import (
	"bytes"
	"compress/gzip"
	"errors"
	"io"
	"os"
	"strconv"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"pgregory.net/rapid"

	"ticketflow/internal/app/demo"
	"ticketflow/internal/app/planfile"
	"ticketflow/internal/domain/catalog"
	"ticketflow/internal/domain/errs"
	"ticketflow/internal/effort"
)

type failer interface {
	Helper()
	Fatalf(format string, args ...any)
}

func plan(t failer, spec catalog.PlanSpec) *catalog.Plan {
	t.Helper()
	p, err := catalog.NewPlan(spec)
	if err != nil {
		t.Fatalf("%s: %v", spec.Name, err)
	}
	return p
}

// samePlaces compares what two plans say about their places.
func samePlaces(t failer, a, b *catalog.Plan) {
	t.Helper()
	if a.Places() != b.Places() || a.SectionCount() != b.SectionCount() ||
		a.RowCount() != b.RowCount() || a.Focal() != b.Focal() || a.Name() != b.Name() {
		t.Fatalf("%d places, %d sections, %d rows became %d, %d, %d", a.Places(), a.SectionCount(),
			a.RowCount(), b.Places(), b.SectionCount(), b.RowCount())
	}
	for i, s := range a.Sections() {
		o := b.Section(i)
		if d := cmp.Diff(s, o, cmpopts.IgnoreUnexported(s), cmpopts.EquateEmpty()); d != "" {
			t.Fatalf("section %d: %s", i, d)
		}
	}
	for i, r := range a.Rows() {
		o := b.Row(i)
		if r.Title != o.Title || r.SeatTitle != o.SeatTitle || r.SagittaCM != o.SagittaCM {
			t.Fatalf("row %d: %+v became %+v", i, r, o)
		}
	}
	if d := cmp.Diff(a.Categories(), b.Categories()); d != "" {
		t.Fatalf("categories: %s", d)
	}
	for place := range catalog.PlaceNo(a.Places()) {
		if a.Label(place) != b.Label(place) || a.Position(place) != b.Position(place) ||
			a.CategoryOf(place) != b.CategoryOf(place) ||
			a.Attributes(place) != b.Attributes(place) ||
			a.Restriction(place) != b.Restriction(place) ||
			a.Adjacent(place) != b.Adjacent(place) {
			t.Fatalf("place %d (%v) differs", place, a.Label(place))
		}
	}
}

func sameSpec(t failer, a, b *catalog.Plan) {
	t.Helper()
	if d := cmp.Diff(a.Spec(), b.Spec(), cmpopts.EquateEmpty()); d != "" {
		t.Fatalf("the plan changed: %s", d)
	}
}

func TestMain(m *testing.M) {
	effort.OfProperties()
	os.Exit(m.Run())
}

func demos() []catalog.PlanSpec {
	return effort.Of([]catalog.PlanSpec{demo.Theatre(), demo.Arena(), demo.Stadium(),
		demo.Hall(4_321)}, []catalog.PlanSpec{demo.Theatre(), demo.Hall(321)})
}

// specs draws small plans with all there is.
func specs() *rapid.Generator[catalog.PlanSpec] {
	return rapid.Custom(func(t *rapid.T) catalog.PlanSpec {
		spec := catalog.PlanSpec{
			Name: "Plan", Focal: point(t),
			Categories: []catalog.Category{{Name: "A", Colour: "#fff"}, {Name: "B"}},
			Floors: rapid.SampledFrom([][]string{nil, {"One"}, {"One", "Two"}}).
				Draw(t, "floors"),
		}
		guids := 0
		for s := range rapid.IntRange(1, 4).Draw(t, "sections") {
			section := catalog.SectionSpec{
				Name: "S" + strconv.Itoa(s), Category: "B",
				Entrance: rapid.SampledFrom([]string{"", "Gate 1"}).Draw(t, "gate"),
				Floor:    rapid.IntRange(0, max(0, len(spec.Floors)-1)).Draw(t, "floor"),
			}
			if rapid.Bool().Draw(t, "standing") {
				section.Standing = rapid.IntRange(1, 500).Draw(t, "capacity")
				at := point(t)
				section.Outline = []catalog.Point{
					at, {X: at.X + 50, Y: at.Y}, {X: at.X, Y: at.Y + 70},
				}
			} else {
				for r := range rapid.IntRange(1, 5).Draw(t, "rows") {
					section.Rows = append(section.Rows, rowSpec(t, strconv.Itoa(r), &guids))
				}
			}
			spec.Sections = append(spec.Sections, section)
		}
		for range rapid.IntRange(0, 3).Draw(t, "shapes") {
			spec.Shapes = append(spec.Shapes, shape(t))
		}
		return spec
	})
}

func point(t *rapid.T) catalog.Point {
	// Listed seats are moved by up to 30 × 90 cm from here.
	v := rapid.Int32Range(-90_000, 90_000)
	return catalog.Point{X: v.Draw(t, "x"), Y: v.Draw(t, "y")}
}

func rowSpec(t *rapid.T, label string, guids *int) catalog.RowSpec {
	row := catalog.RowSpec{
		Label:     label,
		Category:  rapid.SampledFrom([]string{"", "A"}).Draw(t, "category"),
		Title:     rapid.SampledFrom([]string{"", "Table " + label}).Draw(t, "title"),
		SeatTitle: rapid.SampledFrom([]string{"", "Chair %s"}).Draw(t, "seat title"),
	}
	n := rapid.IntRange(1, 30).Draw(t, "seats")
	at := point(t)
	mark := rapid.IntRange(0, n-1).Draw(t, "marked")
	if rapid.Bool().Draw(t, "listed") {
		for i := range n {
			seat := catalog.SeatSpec{
				GUID: "g" + strconv.Itoa(*guids), Label: strconv.Itoa(3*i + 1), At: at,
				Category: rapid.SampledFrom([]string{"", "A", "B"}).Draw(t, "category"),
			}
			if i == mark {
				seat.Attributes, seat.Reason = catalog.Restricted, "Pillar"
			}
			row.Explicit = append(row.Explicit, seat)
			at.X += rapid.Int32Range(40, 90).Draw(t, "gap")
			*guids++
		}
		return row
	}
	row.Seats, row.From, row.To = n, at, catalog.Point{X: at.X + int32(n)*50, Y: at.Y + 7}
	row.SagittaCM = rapid.Int32Range(-int32(n)*20, int32(n)*20).Draw(t, "sagitta")
	row.Numbering = catalog.Numbering{
		Order: catalog.SeatOrder(rapid.IntRange(0, 3).Draw(t, "order")),
		Start: rapid.IntRange(0, 20).Draw(t, "start"),
		Step:  rapid.IntRange(0, 2).Draw(t, "step"),
		Skip:  rapid.SampledFrom([][]int{nil, {4, 13}}).Draw(t, "skip"),
	}
	row.Marks = []catalog.SeatMark{{Index: mark, Attributes: catalog.Accessible}}
	return row
}

func shape(t *rapid.T) catalog.Shape {
	s := catalog.Shape{
		Kind: rapid.SampledFrom([]catalog.ShapeKind{catalog.ShapePolygon, catalog.ShapeRectangle,
			catalog.ShapeEllipse, catalog.ShapeCircle, catalog.ShapeText}).Draw(t, "kind"),
		At: point(t), Fill: "#eee", Text: "Bar", TextAt: point(t), TextSizeCM: 30,
	}
	if s.Kind == catalog.ShapePolygon {
		s.Points = []catalog.Point{point(t), point(t), point(t)}
	} else {
		s.Degrees = float64(rapid.IntRange(0, 719).Draw(t, "degrees")) / 2
		s.Size = catalog.Point{X: 100, Y: 60}
	}
	return s
}

func TestOwnJSONKeepsEverything(t *testing.T) {
	check := func(t failer, spec catalog.PlanSpec) {
		p := plan(t, spec)
		body, err := planfile.EncodeJSON(p)
		if err != nil {
			t.Fatalf("%v", err)
		}
		back, err := planfile.DecodeJSON(body)
		if err != nil {
			t.Fatalf("%v", err)
		}
		sameSpec(t, p, back)
	}
	for _, spec := range demos() {
		check(t, spec)
	}
	rapid.Check(t, func(t *rapid.T) { check(t, specs().Draw(t, "plan")) })
}

func TestWireKeepsThePlaces(t *testing.T) {
	check := func(t failer, spec catalog.PlanSpec) {
		p := plan(t, spec)
		raw := planfile.EncodeWire(p)
		back, err := planfile.DecodeWire(raw)
		if err != nil {
			t.Fatalf("%v", err)
		}
		samePlaces(t, p, back)
		if d := cmp.Diff(p.Shapes(), back.Shapes(), cmpopts.EquateEmpty()); d != "" {
			t.Fatalf("shapes: %s", d)
		}
		if !bytes.Equal(raw, planfile.EncodeWire(back)) {
			t.Fatalf("the same plan was written in two ways")
		}
	}
	for _, spec := range demos() {
		check(t, spec)
	}
	rapid.Check(t, func(t *rapid.T) { check(t, specs().Draw(t, "plan")) })
}

func TestStadiumIsSmallOnTheWire(t *testing.T) {
	const limitBytes = 30_000
	for _, spec := range demos() {
		e, err := planfile.Encode(plan(t, spec))
		if err != nil {
			t.Fatal(err)
		}
		t.Logf("%s: %d bytes, %d compressed", spec.Name, len(e.Raw), len(e.Gzip))
		if len(e.Gzip) > limitBytes {
			t.Errorf("%s: %d bytes compressed", spec.Name, len(e.Gzip))
		}
		zip, err := gzip.NewReader(bytes.NewReader(e.Gzip))
		if err != nil {
			t.Fatal(err)
		}
		if raw, err := io.ReadAll(zip); err != nil || !bytes.Equal(raw, e.Raw) {
			t.Errorf("%s: it isn't what was compressed (%v)", spec.Name, err)
		}
		again, err := planfile.Encode(plan(t, spec))
		if err != nil || again.ETag != e.ETag || !bytes.Equal(again.Gzip, e.Gzip) {
			t.Errorf("%s: not the same each time (%v)", spec.Name, err)
		}
	}
}

// named fails unless the error is one that may be shown.
func named(t failer, err error) {
	t.Helper()
	var e *errs.Error
	if err != nil && (!errors.As(err, &e) || e.Kind() == errs.Internal) {
		t.Fatalf("a failure without a name: %v", err)
	}
}

func TestTruncatedWireIsRefused(t *testing.T) {
	raw := planfile.EncodeWire(plan(t, demo.Theatre()))
	for n := range raw {
		p, err := planfile.DecodeWire(raw[:n])
		if err == nil || p != nil {
			t.Fatalf("%d of %d bytes are a plan", n, len(raw))
		}
		named(t, err)
	}
	if _, err := planfile.DecodeWire(append(raw, 0)); !errors.Is(err, planfile.ErrBadWire) {
		t.Errorf("with a byte after it: %v", err)
	}
	if _, err := planfile.DecodeWire(make([]byte, planfile.MaxWireBytes+1)); !errors.Is(err,
		planfile.ErrBodyTooLarge) {
		t.Errorf("too large: %v", err)
	}
}

func FuzzDecodeWire(f *testing.F) {
	f.Add(planfile.EncodeWire(plan(f, demo.Theatre())))
	f.Add(planfile.EncodeWire(plan(f, demo.Hall(41))))
	f.Add([]byte("TFPL\x01"))
	f.Add([]byte("TFPL\x01\xff\xff\xff\xff\x0f"))
	f.Fuzz(func(t *testing.T, raw []byte) {
		p, err := planfile.DecodeWire(raw)
		named(t, err)
		if err != nil {
			return
		}
		back, err := planfile.DecodeWire(planfile.EncodeWire(p))
		if err != nil {
			t.Fatal(err)
		}
		samePlaces(t, p, back)
	})
}

func FuzzDecodeJSON(f *testing.F) {
	small, err := planfile.EncodeJSON(plan(f, demo.Hall(41)))
	if err != nil {
		f.Fatal(err)
	}
	f.Add(small)
	f.Add([]byte(`{"name":"x","sections":[{"rows":[{"seats":1e9}]}]}`))
	f.Add([]byte(`[[[[[[[[[[[[[[[[[[[[`))
	f.Fuzz(func(t *testing.T, body []byte) {
		p, err := planfile.DecodeJSON(body)
		named(t, err)
		if err != nil {
			return
		}
		again, err := planfile.EncodeJSON(p)
		if err != nil {
			t.Fatal(err)
		}
		back, err := planfile.DecodeJSON(again)
		if err != nil {
			t.Fatal(err)
		}
		sameSpec(t, p, back)
	})
}
