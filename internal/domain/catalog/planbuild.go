package catalog

import (
	"fmt"
	"slices"
)

// NewPlan checks a description and makes a plan from it. The description is copied. A failure is
// one of the variables Err… of this package, with a detail that names the section, row and seat.
// It never panics.
func NewPlan(spec PlanSpec) (*Plan, error) {
	if err := checkSize(spec); err != nil {
		return nil, err
	}
	p := &Plan{spec: spec.Clone()}
	for _, step := range []func() error{p.addNames, p.addSections, p.checkGUIDs, p.checkShapes} {
		if err := step(); err != nil {
			return nil, err
		}
	}
	return p, nil
}

// checkSize refuses what is too large before any work is put into it.
func checkSize(spec PlanSpec) error {
	places, rows := 0, 0
	if n := len(spec.Sections); n > MaxSections {
		return ErrPlanTooLarge.With(fmt.Sprintf("It has %d sections, at most %d fit.",
			n, MaxSections))
	}
	for _, s := range spec.Sections {
		if s.Standing < 0 || s.Standing > MaxPlaces {
			return ErrTooManyPlaces.With(fmt.Sprintf(
				"Section %q: %d standing places; a plan holds from 0 to %d.",
				s.Name, s.Standing, MaxPlaces))
		}
		places += s.Standing
		rows += len(s.Rows)
		for _, r := range s.Rows {
			n := max(r.Seats, len(r.Explicit))
			if r.Seats < 0 || n > MaxRowSeats {
				return ErrPlanTooLarge.With(fmt.Sprintf("%s: %d seats; a row holds from 1 to %d.",
					rowName(s, r), r.Seats, MaxRowSeats))
			}
			places += n
		}
		if places > MaxPlaces {
			// The count goes on in vain otherwise: a hostile plan can be very long.
			return ErrTooManyPlaces.With(fmt.Sprintf("It has more than %d.", MaxPlaces))
		}
	}
	if len(spec.Sections) == 0 {
		return ErrEmptyPlan
	}
	for _, c := range []struct {
		what     string
		n, limit int
	}{
		{"rows", rows, MaxRows},
		{"categories", len(spec.Categories), MaxCategories},
		{"floors", len(spec.Floors), MaxFloors},
		{"shapes", len(spec.Shapes), MaxShapes},
	} {
		if c.n > c.limit {
			return ErrPlanTooLarge.With(fmt.Sprintf("It has %d %s, at most %d fit.",
				c.n, c.what, c.limit))
		}
	}
	return nil
}

// addNames checks the name, the floors and the categories.
func (p *Plan) addNames() error {
	if err := checkText("The name", p.spec.Name, MaxNameBytes, needed); err != nil {
		return err
	}
	if err := checkPoint("The focal point", p.spec.Focal); err != nil {
		return err
	}
	floors := make(map[string]bool, len(p.spec.Floors))
	for i, name := range p.spec.Floors {
		what := fmt.Sprintf("Floor %d", i+1)
		if err := checkText(what, name, MaxNameBytes, needed); err != nil {
			return err
		}
		if floors[name] {
			return ErrDuplicateFloor.With(fmt.Sprintf("Twice: %q.", name))
		}
		floors[name] = true
	}
	p.categories = make(map[string]int, len(p.spec.Categories))
	for i, c := range p.spec.Categories {
		what := fmt.Sprintf("Category %d", i+1)
		if err := checkText(what, c.Name, MaxNameBytes, needed); err != nil {
			return err
		}
		if err := checkColour(what, c.Colour); err != nil {
			return err
		}
		if _, twice := p.categories[c.Name]; twice {
			return ErrDuplicateCategory.With(fmt.Sprintf("Twice: %q.", c.Name))
		}
		p.categories[c.Name] = i
	}
	return nil
}

func (p *Plan) addSections() error {
	p.sections = make([]Section, 0, len(p.spec.Sections))
	p.byName = make(map[string]int, len(p.spec.Sections))
	rows := 0
	for i := range p.spec.Sections {
		rows += len(p.spec.Sections[i].Rows)
	}
	p.rows = make([]Row, 0, rows)
	p.byLabel = make(map[rowKey]int, rows)
	for i := range p.spec.Sections {
		if err := p.addSection(&p.spec.Sections[i]); err != nil {
			return err
		}
	}
	return nil
}

func (p *Plan) addSection(spec *SectionSpec) error {
	if err := p.checkSection(spec); err != nil {
		return err
	}
	section := Section{
		Name:     spec.Name,
		Floor:    spec.Floor,
		Entrance: spec.Entrance,
		Outline:  spec.Outline,
		Standing: spec.Standing > 0,
		First:    PlaceNo(p.places),
		FirstRow: len(p.rows),
		Rows:     len(spec.Rows),
		Category: -1,
	}
	var err error
	if spec.Category != "" || section.Standing {
		section.Category, err = p.category(sectionName(*spec), spec.Category)
		if err != nil {
			return err
		}
	}
	p.byName[spec.Name] = len(p.sections)
	p.places += spec.Standing
	for i := range spec.Rows {
		if err := p.addRow(spec, &spec.Rows[i], section.Category); err != nil {
			return err
		}
	}
	section.Places = p.places - int(section.First)
	if section.Category < 0 {
		section.Category = p.rows[section.FirstRow].Category
	}
	if len(section.Outline) == 0 {
		section.Outline = outlineOf(p.rows[section.FirstRow:])
	}
	section.centre = centroid(section.Outline)
	p.sections = append(p.sections, section)
	return nil
}

func (p *Plan) category(what, name string) (int, error) {
	i, ok := p.categories[name]
	switch {
	case ok:
		return i, nil
	case name == "":
		return -1, ErrUnknownCategory.With(what + " has none.")
	default:
		return -1, ErrUnknownCategory.With(fmt.Sprintf("%s names %q.", what, name))
	}
}

func (p *Plan) addRow(section *SectionSpec, spec *RowSpec, category int) error {
	index := len(p.sections)
	row := Row{
		Section:   index,
		Label:     spec.Label,
		Title:     spec.Title,
		SeatTitle: spec.SeatTitle,
		First:     PlaceNo(p.places),
		Seats:     spec.Seats,
		Category:  category,
		From:      spec.From,
		To:        spec.To,
		SagittaCM: spec.SagittaCM,
		Numbering: spec.Numbering,
	}
	what := rowName(*section, *spec)
	if _, twice := p.byLabel[rowKey{index, spec.Label}]; twice {
		return ErrDuplicateRow.With(what + " exists twice.")
	}
	err := checkRowTexts(what, spec)
	if err != nil {
		return err
	}
	if spec.Category != "" {
		if row.Category, err = p.category(what, spec.Category); err != nil {
			return err
		}
	}
	if len(spec.Explicit) > 0 {
		err = p.listSeats(what, spec, &row)
	} else {
		err = p.bendRow(what, spec, &row)
	}
	if err != nil {
		return err
	}
	p.byLabel[rowKey{index, spec.Label}] = len(p.rows)
	p.rows = append(p.rows, row)
	p.places += row.Seats
	return nil
}

// bendRow adds a row on an arc.
func (p *Plan) bendRow(what string, spec *RowSpec, row *Row) error {
	if row.Category < 0 {
		return ErrUnknownCategory.With(what + " has none.")
	}
	if err := checkArc(what, spec); err != nil {
		return err
	}
	if err := checkNumbering(what, spec.Numbering); err != nil {
		return err
	}
	row.arc = newArc(spec.From, spec.To, spec.SagittaCM)
	if row.arc.length() < float64((row.Seats-1)*MinSeatPitchCM) {
		return ErrSeatsTooClose.With(fmt.Sprintf("%s: %d seats on %.0f cm.",
			what, row.Seats, row.arc.length()))
	}
	last := -1
	for _, m := range spec.Marks {
		if m.Index <= last || m.Index >= spec.Seats {
			return ErrBadMark.With(fmt.Sprintf(
				"%s: the index %d is out of order or beyond the row.", what, m.Index))
		}
		last = m.Index
		if err := p.addMark(what, row.First+PlaceNo(m.Index), m.Attributes, m.Reason); err != nil {
			return err
		}
	}
	return nil
}

// listSeats adds a row that lists its seats.
func (p *Plan) listSeats(what string, spec *RowSpec, row *Row) error {
	if spec.Seats != 0 || len(spec.Marks) > 0 || spec.SagittaCM != 0 ||
		spec.From != (Point{}) || spec.To != (Point{}) || !spec.Numbering.equal(Numbering{}) {
		return ErrMixedRow.With(what + ".")
	}
	categories := make([]uint8, len(spec.Explicit))
	mixed := false
	for i, seat := range spec.Explicit {
		if err := checkSeat(what, i, seat); err != nil {
			return err
		}
		category, known := row.Category, row.Category >= 0
		if seat.Category != "" {
			category, known = p.categories[seat.Category]
		}
		if !known {
			_, err := p.category(fmt.Sprintf("%s, seat %q", what, seat.Label), seat.Category)
			return err
		}
		categories[i] = uint8(category)
		mixed = mixed || categories[i] != categories[0]
		place := row.First + PlaceNo(i)
		if seat.Attributes == 0 && seat.Reason == "" {
			continue
		}
		if err := p.addMark(what, place, seat.Attributes, seat.Reason); err != nil {
			return err
		}
	}
	if row.Category < 0 || !mixed {
		row.Category = int(categories[0])
	}
	if mixed {
		row.categories = categories
	}
	row.list(spec.Explicit)
	for i := 1; i < len(row.byLabel); i++ {
		label := row.explicit[row.byLabel[i]].Label
		if label == row.explicit[row.byLabel[i-1]].Label {
			return ErrDuplicateSeat.With(fmt.Sprintf("%s: seat %q exists twice.", what, label))
		}
	}
	return nil
}

func (p *Plan) addMark(what string, place PlaceNo, attributes SeatAttributes, reason string) error {
	if attributes == 0 || attributes&^allAttributes != 0 {
		return ErrBadMark.With(what + ": there is no such attribute.")
	}
	if reason != "" && !attributes.Has(Restricted) {
		return ErrBadMark.With(what + ": a reason is only for a restricted seat.")
	}
	if err := checkText(what+", restriction", reason, MaxReasonBytes, optional); err != nil {
		return err
	}
	p.marks = append(p.marks, placeMark{place, attributes, reason})
	return nil
}

// checkGUIDs looks for a GUID that two seats share.
func (p *Plan) checkGUIDs() error {
	var guids []string
	for i := range p.rows {
		for _, seat := range p.rows[i].explicit {
			if seat.GUID != "" {
				guids = append(guids, seat.GUID)
			}
		}
	}
	slices.Sort(guids)
	for i := 1; i < len(guids); i++ {
		if guids[i] == guids[i-1] {
			return ErrDuplicateGUID.With(fmt.Sprintf("Twice: %q.", guids[i]))
		}
	}
	return nil
}
