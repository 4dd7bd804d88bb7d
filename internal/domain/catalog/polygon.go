package catalog

import (
	"cmp"
	"slices"
)

// cross is twice the signed area of the triangle a, b, c; coordinates are bounded, so it can't
// overflow.
func cross(a, b, c Point) int64 {
	return (int64(b.X)-int64(a.X))*(int64(c.Y)-int64(a.Y)) -
		(int64(b.Y)-int64(a.Y))*(int64(c.X)-int64(a.X))
}

// simple tells whether a polygon has an area and doesn't cross or touch itself.
func simple(polygon []Point) bool {
	n := len(polygon)
	if n < 3 {
		return false
	}
	var area int64
	for i := range n {
		area += cross(polygon[0], polygon[i], polygon[(i+1)%n])
	}
	if area == 0 {
		return false
	}
	for i := range n {
		a, b := polygon[i], polygon[(i+1)%n]
		if a == b {
			return false
		}
		for j := i + 1; j < n; j++ {
			c, d := polygon[j], polygon[(j+1)%n]
			switch {
			case j == i+1:
				if folded(a, b, d) {
					return false
				}
			case (j+1)%n == i:
				if folded(c, a, b) {
					return false
				}
			case meet(a, b, c, d):
				return false
			}
		}
	}
	return true
}

// folded tells whether the path a, b, c turns back on itself at b.
func folded(a, b, c Point) bool {
	if cross(a, b, c) != 0 {
		return false
	}
	return (int64(b.X)-int64(a.X))*(int64(c.X)-int64(b.X))+
		(int64(b.Y)-int64(a.Y))*(int64(c.Y)-int64(b.Y)) < 0
}

// meet tells whether the segments ab and cd have a point in common.
func meet(a, b, c, d Point) bool {
	d1, d2 := sign(cross(a, b, c)), sign(cross(a, b, d))
	d3, d4 := sign(cross(c, d, a)), sign(cross(c, d, b))
	if d1 != d2 && d3 != d4 {
		return true
	}
	return d1 == 0 && within(a, b, c) || d2 == 0 && within(a, b, d) ||
		d3 == 0 && within(c, d, a) || d4 == 0 && within(c, d, b)
}

// within tells whether p, which is on the line through a and b, is between them.
func within(a, b, p Point) bool {
	return p.X >= min(a.X, b.X) && p.X <= max(a.X, b.X) &&
		p.Y >= min(a.Y, b.Y) && p.Y <= max(a.Y, b.Y)
}

func sign(v int64) int { return cmp.Compare(v, 0) }

// convexHull is Andrew's monotone chain. It sorts points in place.
func convexHull(points []Point) []Point {
	slices.SortFunc(points, func(a, b Point) int {
		return cmp.Or(cmp.Compare(a.X, b.X), cmp.Compare(a.Y, b.Y))
	})
	points = slices.Compact(points)
	if len(points) < 3 {
		return points
	}
	var hull []Point
	half := func(floor int, next Point) {
		for len(hull) >= floor+2 && cross(hull[len(hull)-2], hull[len(hull)-1], next) <= 0 {
			hull = hull[:len(hull)-1]
		}
		hull = append(hull, next)
	}
	for _, p := range points {
		half(0, p)
	}
	floor := len(hull) - 1
	for i := len(points) - 2; i >= 0; i-- {
		half(floor, points[i])
	}
	return hull[:len(hull)-1]
}
