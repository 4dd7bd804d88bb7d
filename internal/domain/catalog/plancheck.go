package catalog

import (
	"fmt"
	"math"
	"strings"
	"unicode"
)

// Whether a text may be empty.
const (
	needed   = true
	optional = false
)

func sectionName(s SectionSpec) string { return fmt.Sprintf("Section %q", s.Name) }

func rowName(s SectionSpec, r RowSpec) string {
	return fmt.Sprintf("Section %q, row %q", s.Name, r.Label)
}

func checkText(what, text string, atMostBytes int, need bool) error {
	if why := textFault(text, atMostBytes, need); why != "" {
		return ErrBadPlanText.With(what + " " + why)
	}
	return nil
}

func textFault(text string, atMostBytes int, need bool) string {
	switch {
	case need && strings.TrimSpace(text) == "":
		return "is missing."
	case len(text) > atMostBytes:
		return fmt.Sprintf("has more than %d bytes.", atMostBytes)
	case odd(text):
		return "has unprintable characters."
	}
	return ""
}

// checkColour lets through names, #rgb and functions such as rgb(), and nothing that could end a
// style sheet's declaration.
func checkColour(what, colour string) error {
	bad := strings.ContainsFunc(colour, func(r rune) bool {
		return r > unicode.MaxASCII || !unicode.IsLetter(r) && !unicode.IsDigit(r) &&
			!strings.ContainsRune("#(),.% -", r)
	})
	if bad || len(colour) > MaxColourBytes {
		return ErrBadColour.With(what + ".")
	}
	return nil
}

func checkPoint(what string, p Point) error {
	if inRange(p) {
		return nil
	}
	return ErrOutOfRange.With(fmt.Sprintf("%s is at (%d, %d); at most ±%d cm is possible.",
		what, p.X, p.Y, MaxCoordinateCM))
}

func inRange(p Point) bool {
	const limit = MaxCoordinateCM
	return p.X >= -limit && p.X <= limit && p.Y >= -limit && p.Y <= limit
}

func (p *Plan) checkFloor(what string, floor int) error {
	if floor < 0 || floor >= max(1, len(p.spec.Floors)) {
		return ErrUnknownFloor.With(fmt.Sprintf("%s names floor %d.", what, floor))
	}
	return nil
}

func (p *Plan) checkSection(s *SectionSpec) error {
	what := sectionName(*s)
	if err := checkText("A section's name", s.Name, MaxLabelBytes, needed); err != nil {
		return err
	}
	if _, twice := p.byName[s.Name]; twice {
		return ErrDuplicateSection.With(what + " exists twice.")
	}
	if err := p.checkFloor(what, s.Floor); err != nil {
		return err
	}
	if err := checkText(what+", entrance", s.Entrance, MaxLabelBytes, optional); err != nil {
		return err
	}
	switch {
	case s.Standing == 0 && len(s.Rows) == 0:
		return ErrEmptySection.With(what + ".")
	case s.Standing > 0 && len(s.Rows) > 0:
		return ErrMixedSection.With(what + ".")
	case s.Standing > 0 && len(s.Outline) == 0:
		return ErrBadOutline.With(what + " has standing places and needs an outline.")
	case len(s.Outline) == 0:
		return nil
	case len(s.Outline) < 3 || len(s.Outline) > MaxOutlinePoints:
		return ErrBadOutline.With(fmt.Sprintf("%s: %d points; from 3 to %d are possible.",
			what, len(s.Outline), MaxOutlinePoints))
	}
	for _, at := range s.Outline {
		if err := checkPoint(what+", outline", at); err != nil {
			return err
		}
	}
	if !simple(s.Outline) {
		return ErrBadOutline.With(what + ": it has no area or crosses itself.")
	}
	return nil
}

func checkRowTexts(what string, r *RowSpec) error {
	if len(r.Explicit) == 0 && r.Seats == 0 {
		return ErrEmptyRow.With(what + ".")
	}
	if err := checkText(what+", label", r.Label, MaxLabelBytes, optional); err != nil {
		return err
	}
	if err := checkText(what+", title", r.Title, MaxNameBytes, optional); err != nil {
		return err
	}
	return checkText(what+", title of the seats", r.SeatTitle, MaxNameBytes, optional)
}

func checkArc(what string, r *RowSpec) error {
	if err := checkPoint(what+", start", r.From); err != nil {
		return err
	}
	if err := checkPoint(what+", end", r.To); err != nil {
		return err
	}
	if 2*math.Abs(float64(r.SagittaCM)) > distance(r.From, r.To) {
		return ErrBadArc.With(fmt.Sprintf("%s: a sagitta of %d cm over a chord of %.0f cm.",
			what, r.SagittaCM, distance(r.From, r.To)))
	}
	return nil
}

func checkNumbering(what string, n Numbering) error {
	bad := func(why string) error { return ErrBadNumbering.With(what + ": " + why) }
	switch {
	case n.Order > lastSeatOrder:
		return bad("there is no such order.")
	case n.Start < 0 || n.Start > MaxSeatNumber:
		return bad(fmt.Sprintf("it starts at %d.", n.Start))
	case n.Step < 0 || n.Step > MaxNumberStep:
		return bad(fmt.Sprintf("its step is %d.", n.Step))
	case len(n.Skip) > MaxSkippedNumbers:
		return bad(fmt.Sprintf("it skips more than %d numbers.", MaxSkippedNumbers))
	}
	for i, s := range n.Skip {
		if s < 0 || s > 2*MaxSeatNumber || i > 0 && s <= n.Skip[i-1] {
			return bad("the skipped numbers don't rise.")
		}
	}
	return checkText(what+", prefix", n.Prefix, MaxPrefixBytes, optional)
}

// checkSeat builds no text unless there is a failure: it runs for each listed seat.
func checkSeat(what string, i int, s SeatSpec) error {
	name := func() string { return fmt.Sprintf("%s, seat %d (%q)", what, i+1, s.Label) }
	if why := textFault(s.Label, MaxLabelBytes, needed); why != "" {
		return ErrBadPlanText.With(name() + ": the label " + why)
	}
	if why := textFault(s.GUID, MaxNameBytes, optional); why != "" {
		return ErrBadPlanText.With(name() + ": the GUID " + why)
	}
	if !inRange(s.At) {
		return checkPoint(name(), s.At)
	}
	return nil
}

func (p *Plan) checkShapes() error {
	for i, s := range p.spec.Shapes {
		what := fmt.Sprintf("Shape %d", i+1)
		if err := p.checkFloor(what, s.Floor); err != nil {
			return err
		}
		if err := checkText(what+", text", s.Text, MaxNameBytes, optional); err != nil {
			return err
		}
		for _, colour := range []string{s.Fill, s.Border, s.TextColour} {
			if err := checkColour(what, colour); err != nil {
				return err
			}
		}
		for _, at := range append([]Point{s.At, s.Size, s.TextAt, {s.TextSizeCM, 0}}, s.Points...) {
			if err := checkPoint(what, at); err != nil {
				return err
			}
		}
		if why := shapeFault(s); why != "" {
			return ErrBadShape.With(what + ": " + why)
		}
	}
	return nil
}

func shapeFault(s Shape) string {
	switch {
	// The comparison is this way round so that a NaN fails it.
	case !(math.Abs(s.Degrees) <= MaxRotationDegrees):
		return "the rotation is out of range."
	case s.Size.X < 0 || s.Size.Y < 0 || s.TextSizeCM < 0:
		return "a size is negative."
	case s.Kind != ShapePolygon && len(s.Points) > 0:
		return "only a polygon has points."
	}
	switch s.Kind {
	case ShapePolygon:
		if n := len(s.Points); n < 2 || n > MaxShapePoints {
			return fmt.Sprintf("%d points; from 2 to %d are possible.", n, MaxShapePoints)
		}
	case ShapeRectangle, ShapeEllipse, ShapeCircle:
		return ""
	case ShapeText:
		if s.Text == "" {
			return "the text is missing."
		}
	default:
		return "there is no such kind."
	}
	return ""
}
