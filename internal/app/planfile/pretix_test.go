package planfile_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"pgregory.net/rapid"

	"ticketflow/internal/app/planfile"
	"ticketflow/internal/domain/catalog"
	"ticketflow/internal/domain/errs"
)

// hall is a small plan as pretix writes it.
const hall = `{
 "name": "Town hall",
 "categories": [{"name": "Stalls", "color": "#7f4a91"}, {"name": "Balcony"}],
 "zones": [
  {"name": "Ground", "zone_id": "ground", "uuid": "u1", "position": {"x": 100, "y": 50},
   "rows": [
    {"row_number": "1", "row_number_position": "both", "uuid": "u2", "row_label": "Row 1",
     "seat_label": "Seat %s", "position": {"x": 10, "y": 20.5},
     "seats": [
      {"seat_guid": "g-1-1", "seat_number": "1", "uuid": "u3", "start_direction": null,
       "position": {"x": 0, "y": 0}, "category": "Stalls", "radius": 10},
      {"seat_guid": "g-1-2", "seat_number": "2", "position": {"x": 25, "y": 0.3},
       "category": "Balcony"}]},
    {"row_number": "1", "row_label": null, "position": {"x": 110, "y": 20.5},
     "seats": [
      {"seat_guid": "g-1-3", "seat_number": "3", "position": {"x": 0, "y": 0},
       "category": "Stalls"},
      {"seat_guid": "g-1-4", "seat_number": "4", "position": {"x": 25, "y": 0},
       "category": "Stalls"}]},
    {"row_number": "2", "seats": []}],
   "areas": [
    {"shape": "rectangle", "color": "#ccc", "border_color": "#000", "rotation": 0,
     "position": {"x": 0, "y": -40}, "rectangle": {"width": 300, "height": 30},
     "text": {"position": {"x": 150, "y": 15}, "text": "Stage", "color": "#333", "size": 16}},
    {"shape": "circle", "position": {"x": 1, "y": 2}, "circle": {"radius": 5}},
    {"shape": "ellipse", "position": {"x": 1, "y": 2}, "ellipse": {"radius": {"x": 5, "y": 6}}},
    {"shape": "polygon", "position": {"x": 3, "y": 4}, "rotation": 30.5,
     "polygon": {"points": [{"x": 0, "y": 0}, {"x": 9, "y": 0}, {"x": 0, "y": 9}]}},
    {"shape": "text", "position": {"x": 1, "y": 2},
     "text": {"position": {"x": 0, "y": 0}, "text": "Bar"}},
    {"shape": "blob"}]},
  {"name": "Decoration", "position": {"x": 0, "y": 0}, "rows": []}],
 "size": {"width": 600, "height": 400}}`

func TestPretixIsImported(t *testing.T) {
	p, err := planfile.ImportPretix([]byte(hall))
	if err != nil {
		t.Fatal(err)
	}
	if p.Places() != 4 || p.RowCount() != 1 || p.Name() != "Town hall" || len(p.Shapes()) != 5 {
		t.Fatalf("%d places, %d rows, %d shapes", p.Places(), p.RowCount(), len(p.Shapes()))
	}
	for place, want := range []struct {
		label    string
		at       catalog.Point
		category int
		adjacent bool
	}{
		{"1", catalog.Point{X: 220, Y: 141}, 0, true},
		{"2", catalog.Point{X: 270, Y: 142}, 1, false}, // the aisle
		{"3", catalog.Point{X: 420, Y: 141}, 0, true},
		{"4", catalog.Point{X: 470, Y: 141}, 0, false},
	} {
		n := catalog.PlaceNo(place)
		label := catalog.SeatLabel{Section: "Ground", Row: "1", Seat: want.label}
		if p.Label(n) != label || p.Position(n) != want.at || p.CategoryOf(n) != want.category ||
			p.Adjacent(n) != want.adjacent || p.GUID(n) != "g-1-"+want.label {
			t.Errorf("place %d: %v at %v, %d, %v, %q", n, p.Label(n), p.Position(n),
				p.CategoryOf(n), p.Adjacent(n), p.GUID(n))
		}
	}
	if row := p.Row(0); row.Title != "Row 1" || row.SeatTitle != "Seat %s" {
		t.Errorf("titles %q and %q", row.Title, row.SeatTitle)
	}
	if want := (catalog.Point{X: 500, Y: 50}); p.Focal() != want {
		t.Errorf("the focal point is %v, the stage is at %v", p.Focal(), want)
	}
}

func TestPretixRefuses(t *testing.T) {
	swap := func(old, replacement string) string {
		if !strings.Contains(hall, old) {
			t.Fatalf("%q is not in the plan", old)
		}
		return strings.Replace(hall, old, replacement, 1)
	}
	for name, c := range map[string]struct {
		body string
		want *errs.Error
	}{
		"nothing":   {"", planfile.ErrBadJSON},
		"no object": {"[]", planfile.ErrBadJSON},
		"no plan":   {"{}", catalog.ErrEmptyPlan},
		"half":      {hall[:len(hall)/2], planfile.ErrBadJSON},
		"more":      {hall + "{}", planfile.ErrBadJSON},
		"deep":      {strings.Repeat("[", 100_000), planfile.ErrBadJSON},
		"huge":      {strings.Repeat(" ", planfile.MaxBodyBytes+1), planfile.ErrBodyTooLarge},
		"many elements": {`{"zones":[` + strings.Repeat("{},", 1_000_000),
			planfile.ErrBodyTooLarge},
		"wrong type":   {swap(`"x": 25,`, `"x": "25",`), planfile.ErrBadJSON},
		"a number":     {swap(`"seat_number": "2"`, `"seat_number": 2`), planfile.ErrBadJSON},
		"not a number": {swap(`"x": 25,`, `"x": NaN,`), planfile.ErrBadJSON},
		"infinite":     {swap(`"x": 25,`, `"x": 1e999,`), planfile.ErrBadJSON},
		"far":          {swap(`"x": 25,`, `"x": 1e300,`), catalog.ErrOutOfRange},
		"duplicate seat": {swap(`"seat_number": "2"`, `"seat_number": "3"`),
			catalog.ErrDuplicateSeat},
		"duplicate GUID": {swap("g-1-2", "g-1-3"), catalog.ErrDuplicateGUID},
		"no GUID":        {swap("g-1-2", ""), planfile.ErrMissingGUID},
		"no position": {swap(`"position": {"x": 25, "y": 0.3},`, ""),
			planfile.ErrMissingPosition},
		"no such category": {swap(`"category": "Balcony"`, `"category": "X"`),
			catalog.ErrUnknownCategory},
		"no category": {swap(`"category": "Stalls"`, `"category": ""`),
			catalog.ErrUnknownCategory},
		"a place too much": {manyPretixSeats(catalog.MaxPlaces + 1), catalog.ErrTooManyPlaces},
	} {
		t.Run(name, func(t *testing.T) {
			p, err := planfile.ImportPretix([]byte(c.body))
			if p != nil || !errors.Is(err, c.want) {
				t.Errorf("got %v, want %v", err, c.want)
			}
		})
	}
}

func manyPretixSeats(n int) string {
	var b strings.Builder
	b.WriteString(`{"name":"n","categories":[{"name":"c"}],"zones":[{"name":"z","rows":[`)
	const perRow = 1_000
	for i := range n {
		switch {
		case i > 0 && i%perRow == 0:
			b.WriteString("]},")
			fallthrough
		case i == 0:
			fmt.Fprintf(&b, `{"row_number":"%d","seats":[`, i/perRow)
		default:
			b.WriteByte(',')
		}
		fmt.Fprintf(&b, `{"seat_guid":"%d","seat_number":"%d","category":"c",`, i, i%perRow)
		fmt.Fprintf(&b, `"position":{"x":%d,"y":%d}}`, i%perRow*25, i/perRow*40)
	}
	b.WriteString("]}]}]}")
	return b.String()
}

// pretixBodies draws plans as pretix writes them, with any positions.
func pretixBodies() *rapid.Generator[[]byte] {
	type m = map[string]any
	return rapid.Custom(func(t *rapid.T) []byte {
		at := func() m {
			v := rapid.Float64Range(-2_000, 10_000)
			return m{"x": v.Draw(t, "x"), "y": v.Draw(t, "y")}
		}
		var zones []m
		guid := 0
		for z := range rapid.IntRange(1, 3).Draw(t, "zones") {
			var rows []m
			for range rapid.IntRange(0, 4).Draw(t, "rows") {
				var seats []m
				for range rapid.IntRange(0, 6).Draw(t, "seats") {
					guid++
					seats = append(seats, m{
						"seat_guid": "g" + strconv.Itoa(guid), "seat_number": strconv.Itoa(guid),
						"position": at(),
						"category": rapid.SampledFrom([]string{"A", "B"}).Draw(t, "category"),
					})
				}
				rows = append(rows, m{
					"row_number": rapid.SampledFrom([]string{"1", "2", "x"}).Draw(t, "row"),
					"position":   at(), "seats": seats,
				})
			}
			area := m{
				"shape": "polygon", "position": at(), "color": "#abcdef",
				"rotation": rapid.Float64Range(-1000, 1000).Draw(t, "rotation"),
				"polygon":  m{"points": []m{at(), at(), at()}},
				"text":     m{"position": at(), "text": "Stage", "size": 16},
			}
			zones = append(zones, m{
				"name": "Z" + strconv.Itoa(z), "position": at(), "rows": rows, "areas": []m{area},
			})
		}
		body, err := json.Marshal(m{
			"name": "P", "categories": []m{{"name": "A", "color": "red"}, {"name": "B"}},
			"zones": zones, "size": m{"width": 1, "height": 1},
		})
		if err != nil {
			t.Fatal(err)
		}
		return body
	})
}

func TestPretixComesBackTheSame(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		first, err := planfile.ImportPretix(pretixBodies().Draw(t, "plan"))
		if errors.Is(err, catalog.ErrEmptyPlan) {
			return
		}
		if err != nil {
			t.Fatal(err)
		}
		body, err := planfile.ExportPretix(first)
		if err != nil {
			t.Fatal(err)
		}
		second, err := planfile.ImportPretix(body)
		if err != nil {
			t.Fatal(err)
		}
		sameSpec(t, first, second)
	})
}

func TestArcsAreExportedToPretix(t *testing.T) {
	for _, spec := range demos() {
		p := plan(t, spec)
		body, err := planfile.ExportPretix(p)
		if err != nil {
			t.Fatal(err)
		}
		again, err := planfile.ExportPretix(plan(t, spec))
		if err != nil || string(again) != string(body) {
			t.Fatalf("%s: not the same each time (%v)", spec.Name, err)
		}
		back, err := planfile.ImportPretix(body)
		if err != nil {
			t.Fatal(err)
		}
		next := catalog.PlaceNo(0)
		for place := range catalog.PlaceNo(p.Places()) {
			if p.RowOf(place) < 0 {
				continue
			}
			a, b := p.Position(place), back.Position(next)
			off := math.Hypot(float64(a.X-b.X), float64(a.Y-b.Y))
			if p.Label(place) != back.Label(next) || off > 1 || back.GUID(next) == "" ||
				p.CategoryOf(place) != back.CategoryOf(next) ||
				p.Adjacent(place) != back.Adjacent(next) {
				t.Fatalf("%s: %v at %v became %v at %v", spec.Name, p.Label(place), a,
					back.Label(next), b)
			}
			next++
		}
		if int(next) != back.Places() {
			t.Fatalf("%s: %d seats became %d", spec.Name, next, back.Places())
		}
	}
}

func TestPretixAndOurFormatsAgree(t *testing.T) {
	p, err := planfile.ImportPretix([]byte(hall))
	if err != nil {
		t.Fatal(err)
	}
	body, err := planfile.EncodeJSON(p)
	if err != nil {
		t.Fatal(err)
	}
	own, err := planfile.DecodeJSON(body)
	if err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff(p.Spec(), own.Spec(), cmpopts.EquateEmpty()); d != "" {
		t.Errorf("our JSON: %s", d)
	}
	wire, err := planfile.DecodeWire(planfile.EncodeWire(p))
	if err != nil {
		t.Fatal(err)
	}
	samePlaces(t, p, wire)
}

func FuzzImportPretix(f *testing.F) {
	f.Add([]byte(hall))
	f.Add([]byte(manyPretixSeats(3)))
	f.Fuzz(func(t *testing.T, body []byte) {
		first, err := planfile.ImportPretix(body)
		named(t, err)
		if err != nil {
			return
		}
		again, err := planfile.ExportPretix(first)
		if err != nil {
			t.Fatal(err)
		}
		second, err := planfile.ImportPretix(again)
		if err != nil {
			t.Fatal(err)
		}
		sameSpec(t, first, second)
	})
}
