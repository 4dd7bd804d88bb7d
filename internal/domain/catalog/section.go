package catalog

import "math"

// hullMarginCM is how far a derived outline stands off the middles of the outermost seats.
const hullMarginCM = 45

// hullSamples is at how many seats of a row a derived outline looks.
const hullSamples = 9

// Section is a section of a plan.
type Section struct {
	Name     string
	Floor    int // index of the floor
	Category int // of the places that have none of their own
	Entrance string
	Outline  []Point // as given, or derived from the seats; must not be changed
	Standing bool    // its places have no number and no row
	First    PlaceNo
	Places   int
	FirstRow int
	Rows     int // 0 if Standing

	centre Point
}

// outlineOf derives an outline from rows: their convex hull with a margin.
func outlineOf(rows []Row) []Point {
	var points []Point
	for i := range rows {
		n := min(rows[i].Seats, hullSamples)
		if rows[i].Listed {
			n = rows[i].Seats
		}
		for k := range n {
			seat := 0
			if n > 1 {
				seat = k * (rows[i].Seats - 1) / (n - 1)
			}
			at := rows[i].SeatPosition(seat)
			for _, dx := range []int32{-hullMarginCM, hullMarginCM} {
				for _, dy := range []int32{-hullMarginCM, hullMarginCM} {
					points = append(points, Point{inside(at.X + dx), inside(at.Y + dy)})
				}
			}
		}
	}
	return thin(convexHull(points), MaxOutlinePoints)
}

// inside keeps a coordinate within the bounds of a plan.
func inside(v int32) int32 { return max(-MaxCoordinateCM, min(v, MaxCoordinateCM)) }

// thin keeps evenly spread points where there are too many.
func thin(points []Point, limit int) []Point {
	if len(points) <= limit {
		return points
	}
	out := make([]Point, limit)
	for i := range out {
		out[i] = points[i*len(points)/limit]
	}
	return out
}

// centroid is the centre of gravity of a polygon's area (the usual shoelace sums).
func centroid(polygon []Point) Point {
	if len(polygon) == 0 {
		return Point{}
	}
	var area, x, y float64
	for i, a := range polygon {
		b := polygon[(i+1)%len(polygon)]
		cross := float64(a.X)*float64(b.Y) - float64(b.X)*float64(a.Y)
		area += cross
		x += cross * (float64(a.X) + float64(b.X))
		y += cross * (float64(a.Y) + float64(b.Y))
	}
	if area == 0 {
		return polygon[0]
	}
	return Point{int32(math.Round(x / (3 * area))), int32(math.Round(y / (3 * area)))}
}
