package planfile

import (
	"fmt"
	"math"

	"ticketflow/internal/domain/catalog"
)

// DecodeWire reads the binary form and checks it like any other plan. The plan that it returns has
// the same places, labels, positions, categories and attributes as the one that was encoded, but
// no GUIDs. It fails with ErrBodyTooLarge, ErrBadWire or a failure of catalog.NewPlan.
func DecodeWire(raw []byte) (*catalog.Plan, error) {
	if len(raw) > MaxWireBytes {
		return nil, ErrBodyTooLarge.With(fmt.Sprintf("At most %d bytes are read.", MaxWireBytes))
	}
	head := wireMagic + string(rune(wireVersion))
	if len(raw) < len(head) || string(raw[:len(head)]) != head {
		return nil, ErrBadWire.With("The magic or the version at the start is another one.")
	}
	r := &wireReader{rest: raw[len(head):]}
	r.table()
	d := &wireDecoder{wireReader: r}
	// Each step needs what the ones before it have read, so a failure ends it at once.
	for _, step := range []func(){
		d.names, d.numberings, d.sections, d.rows, d.listed, d.marks, d.shapes,
	} {
		if r.err == nil {
			step()
		}
	}
	if r.err == nil && len(r.rest) > 0 {
		r.fail("Something follows the plan.")
	}
	if r.err != nil {
		return nil, r.err
	}
	return catalog.NewPlan(d.spec)
}

type wireDecoder struct {
	*wireReader
	spec    catalog.PlanSpec
	schemes []catalog.Numbering
	flat    []*catalog.RowSpec // all rows in plan order
	section []int              // of each row
	arcs    []int              // indexes of flat
	lists   []int              // indexes of flat
	seats   []int              // of each row
}

func (d *wireDecoder) names() {
	d.spec.Name = d.text("Name")
	d.spec.Focal = d.point("Focal point")
	for range d.count("Floors", catalog.MaxFloors) {
		d.spec.Floors = append(d.spec.Floors, d.text("Floors"))
	}
	if len(d.spec.Floors) == 1 && d.spec.Floors[0] == "" {
		d.spec.Floors = nil
	}
	d.spec.Categories = make([]catalog.Category, d.count("Categories", catalog.MaxCategories))
	for i := range d.spec.Categories {
		d.spec.Categories[i].Name = d.text("Categories")
	}
	for i := range d.spec.Categories {
		d.spec.Categories[i].Colour = d.text("Categories")
	}
	if len(d.spec.Categories) == 0 {
		d.fail("Categories: there are none.")
	}
}

func (d *wireDecoder) numberings() {
	const what = "Numberings"
	d.schemes = make([]catalog.Numbering, d.count(what, catalog.MaxRows))
	for i := range d.schemes {
		n := &d.schemes[i]
		n.Order = catalog.SeatOrder(d.uint(what, math.MaxUint8))
		n.Start = d.uint(what, catalog.MaxSeatNumber)
		n.Step = d.uint(what, catalog.MaxNumberStep)
		n.Prefix = d.text(what)
		n.Skip = d.steps(what, d.count(what, catalog.MaxSkippedNumbers))
	}
}

func (d *wireDecoder) sections() {
	const what = "Sections"
	n := d.count(what, catalog.MaxSections)
	names := d.steps(what, n)
	floors := d.uints(what, n, catalog.MaxFloors)
	categories := d.uints(what, n, len(d.spec.Categories)-1)
	entrances := d.uints(what, n, len(d.texts)-1)
	standing := d.uints(what, n, catalog.MaxPlaces)
	rows := d.uints(what, n, catalog.MaxRows)
	outlines := d.uints(what, n, catalog.MaxOutlinePoints)
	points, total := 0, 0
	for i := range n {
		points += outlines[i]
		total += rows[i]
	}
	if total > min(catalog.MaxRows, len(d.rest)) || points > len(d.rest) {
		d.fail("Sections: there are too many rows or outlines.")
		return
	}
	x, y := d.steps("Outlines", points), d.steps("Outlines", points)
	d.spec.Sections = make([]catalog.SectionSpec, n)
	for i := range d.spec.Sections {
		s := &d.spec.Sections[i]
		*s = catalog.SectionSpec{
			Name: d.at(what, names[i]), Floor: floors[i], Entrance: d.at(what, entrances[i]),
			Category: d.spec.Categories[categories[i]].Name, Standing: standing[i],
			Outline: make([]catalog.Point, outlines[i]), Rows: make([]catalog.RowSpec, rows[i]),
		}
		for k := range s.Outline {
			s.Outline[k] = catalog.Point{X: int32(x[k]), Y: int32(y[k])}
		}
		x, y = x[outlines[i]:], y[outlines[i]:]
		for k := range s.Rows {
			d.flat = append(d.flat, &s.Rows[k])
			d.section = append(d.section, i)
		}
	}
}

// at is a text by its number.
func (d *wireDecoder) at(what string, n int) string {
	if n < 0 || n >= len(d.texts) {
		d.fail(what + ": there is no such text.")
		return ""
	}
	return d.texts[n]
}

func (d *wireDecoder) rows() {
	const what = "Rows"
	n := len(d.flat)
	labels := d.steps(what, n)
	titles := d.uints(what, n, len(d.texts)-1)
	seatTitles := d.uints(what, n, len(d.texts)-1)
	categories := d.uints(what, n, len(d.spec.Categories)-1)
	schemes := d.uints(what, n, len(d.schemes))
	d.seats = d.steps(what, n)
	for i, row := range d.flat {
		row.Label = d.at(what, labels[i])
		row.Title, row.SeatTitle = d.at(what, titles[i]), d.at(what, seatTitles[i])
		row.Category = d.spec.Categories[categories[i]].Name
		if schemes[i] == 0 {
			d.lists = append(d.lists, i)
			continue
		}
		d.arcs = append(d.arcs, i)
		row.Numbering = d.schemes[schemes[i]-1]
		row.Seats = d.seats[i]
	}
	starts := func(i int) bool {
		return i == 0 || d.section[d.arcs[i]] != d.section[d.arcs[i-1]]
	}
	var columns [5][]int
	for c := range columns {
		columns[c] = d.bends(what, len(d.arcs), starts)
	}
	for i, at := range d.arcs {
		row := d.flat[at]
		row.From = catalog.Point{X: int32(columns[0][i]), Y: int32(columns[1][i])}
		row.To = catalog.Point{X: int32(columns[2][i]), Y: int32(columns[3][i])}
		row.SagittaCM = int32(columns[4][i])
	}
}

func (d *wireDecoder) listed() {
	const what = "Listed seats"
	var first []bool
	for _, at := range d.lists {
		n := d.seats[at]
		if n < 1 || n > catalog.MaxRowSeats || len(first)+n > min(catalog.MaxPlaces, len(d.rest)) {
			d.fail(what + ": a row has none or too many.")
			return
		}
		first = append(first, true)
		first = append(first, make([]bool, n-1)...)
	}
	starts := func(i int) bool { return first[i] }
	x, y := d.bends(what, len(first), starts), d.bends(what, len(first), starts)
	labels, categories := d.steps(what, len(first)), d.steps(what, len(first))
	i := 0
	for _, at := range d.lists {
		row := d.flat[at]
		row.Explicit = make([]catalog.SeatSpec, d.seats[at])
		for k := range row.Explicit {
			if categories[i] < 0 || categories[i] >= len(d.spec.Categories) {
				d.fail(what + ": there is no such category.")
				return
			}
			row.Explicit[k] = catalog.SeatSpec{
				Label:    d.at(what, labels[i]),
				At:       catalog.Point{X: int32(x[i]), Y: int32(y[i])},
				Category: d.spec.Categories[categories[i]].Name,
			}
			i++
		}
	}
}

func (d *wireDecoder) marks() {
	const what = "Attributes"
	n := d.count(what, catalog.MaxPlaces)
	places := d.steps(what, n)
	attributes := d.uints(what, n, math.MaxUint8)
	reasons := d.uints(what, n, len(d.texts)-1)
	place, row, section := 0, 0, 0
	for i, marked := range places {
		// Standing sections take numbers too: walk on to the row that has this place.
		for row < len(d.flat) {
			for ; section < d.section[row]; section++ {
				place += d.spec.Sections[section].Standing
			}
			if marked < place+d.seats[row] {
				break
			}
			place += d.seats[row]
			row++
		}
		if row == len(d.flat) || marked < place || i > 0 && marked <= places[i-1] {
			d.fail(what + ": there is no such seat, or they don't rise.")
			return
		}
		set := catalog.SeatAttributes(attributes[i])
		if spec := d.flat[row]; spec.Explicit != nil {
			seat := &spec.Explicit[marked-place]
			seat.Attributes, seat.Reason = set, d.at(what, reasons[i])
		} else {
			spec.Marks = append(spec.Marks, catalog.SeatMark{
				Index: marked - place, Attributes: set, Reason: d.at(what, reasons[i]),
			})
		}
	}
}

func (d *wireDecoder) shapes() {
	const what = "Decoration"
	for range d.count(what, catalog.MaxShapes) {
		s := catalog.Shape{
			Kind: wireKinds[d.uint(what, len(wireKinds)-1)], Floor: d.uint(what, catalog.MaxFloors),
			At: d.point(what), Size: d.point(what),
		}
		s.Degrees = float64(d.int(what)) / degreeParts
		for _, text := range []*string{&s.Fill, &s.Border, &s.Text, &s.TextColour} {
			*text = d.text(what)
		}
		s.TextAt = d.point(what)
		s.TextSizeCM = int32(d.uint(what, catalog.MaxCoordinateCM))
		n := d.count(what, catalog.MaxShapePoints)
		x, y := d.steps(what, n), d.steps(what, n)
		for i := range n {
			s.Points = append(s.Points, catalog.Point{X: int32(x[i]), Y: int32(y[i])})
		}
		if d.err != nil {
			return
		}
		d.spec.Shapes = append(d.spec.Shapes, s)
	}
}

func (d *wireDecoder) point(what string) catalog.Point {
	x := d.narrow(what, d.int(what))
	return catalog.Point{X: int32(x), Y: int32(d.narrow(what, d.int(what)))}
}
