package command

import (
	"math"

	"ticketflow/internal/domain/booking"
	"ticketflow/internal/domain/catalog"
)

// Why tells why these places were chosen as the best: a page turns it into words ("together in row
// 12", "not side by side: rows 12 and 13"). It follows from the places alone, so that a repeated
// answer gives the same reason.
type Why struct {
	SideBySide bool
	Stretches  []catalog.Stretch // more than one if they couldn't be side by side
	DistanceCM int               // of the nearest of them to the focal point
}

func whyThese(plan *catalog.Plan, lines []booking.Line, sideBySide bool) *Why {
	places := make([]catalog.PlaceNo, len(lines))
	near := math.Inf(1)
	focal := plan.Focal()
	for i, l := range lines {
		places[i] = l.Place
		at := plan.Position(l.Place)
		near = min(near, math.Hypot(float64(at.X)-float64(focal.X), float64(at.Y)-float64(focal.Y)))
	}
	w := &Why{SideBySide: sideBySide, Stretches: plan.Stretches(places)}
	if len(lines) > 0 {
		w.DistanceCM = int(math.Round(near))
	}
	return w
}
