package rush

import (
	"fmt"
	"html"
	"html/template"
	"math"
	"strconv"
	"strings"

	"ticketflow/internal/terminal"
)

// A plot draws one chart as SVG. Colours come from the page's classes, so that a chart follows the
// light or dark scheme of the reader. Its coordinates are the data's; the plot maps them.
type plot struct {
	out           strings.Builder
	width, height float64
	left, right   float64 // margins
	top, bottom   float64
	maxX, maxY    float64
}

// newPlot starts a chart that shows x from 0 to maxX and y from 0 to at least maxY. name says what
// it shows to those who can't see it.
func newPlot(name string, width, height, maxX, maxY float64) *plot {
	p := &plot{
		width: width, height: height, left: 62, right: 14, top: 30, bottom: 40,
		maxX: math.Max(maxX, 1e-9), maxY: math.Max(maxY, 1e-9),
	}
	ticks := niceTicks(p.maxY, 4)
	p.maxY = math.Max(p.maxY, ticks[len(ticks)-1])
	fmt.Fprintf(&p.out, `<svg viewBox="0 0 %g %g" role="img" aria-label="%s">`, width, height,
		html.EscapeString(name))
	return p
}

func (p *plot) x(v float64) float64 {
	return round1(p.left + v/p.maxX*(p.width-p.left-p.right))
}

func (p *plot) y(v float64) float64 {
	return round1(p.height - p.bottom - v/p.maxY*(p.height-p.top-p.bottom))
}

func round1(v float64) float64 { return math.Round(v*10) / 10 }

// axes draws grid, ticks and the names of both axes.
func (p *plot) axes(yName, xName string) {
	for _, tick := range niceTicks(p.maxY, 4) {
		y := p.y(tick)
		fmt.Fprintf(&p.out, `<line class="grid" x1="%g" x2="%g" y1="%g" y2="%g"/>`,
			p.left, p.width-p.right, y, y)
		fmt.Fprintf(&p.out, `<text class="tick end" x="%g" y="%g">%s</text>`, p.left-8, y+4,
			axisNumber(tick))
	}
	steps := 8
	if p.width < 600 {
		steps = 5
	}
	for _, tick := range niceTicks(p.maxX, steps) {
		if tick > p.maxX {
			break
		}
		fmt.Fprintf(&p.out, `<text class="tick mid" x="%g" y="%g">%s</text>`, p.x(tick),
			p.height-p.bottom+18, axisNumber(tick))
	}
	base := p.height - p.bottom
	fmt.Fprintf(&p.out, `<line class="axis" x1="%g" x2="%g" y1="%g" y2="%g"/>`,
		p.left, p.width-p.right, base, base)
	fmt.Fprintf(&p.out, `<text class="name" x="%g" y="%g">%s</text>`, 2.0, p.top-14,
		html.EscapeString(yName))
	fmt.Fprintf(&p.out, `<text class="name end" x="%g" y="%g">%s</text>`, p.width-p.right,
		p.height-5, html.EscapeString(xName))
}

// line joins points; a NaN breaks the line. class gives it its colour.
func (p *plot) line(class string, xs, ys []float64) {
	var path strings.Builder
	pen := "M"
	alone := -1
	for i := range xs {
		if math.IsNaN(ys[i]) {
			p.dot(class, xs, ys, alone)
			pen, alone = "M", -1
			continue
		}
		fmt.Fprintf(&path, "%s%g %g", pen, p.x(xs[i]), p.y(ys[i]))
		if pen == "M" {
			alone = i
		} else {
			alone = -1
		}
		pen = "L"
	}
	p.dot(class, xs, ys, alone)
	fmt.Fprintf(&p.out, `<path class="line %s" d="%s"/>`, class, path.String())
}

// dot shows a point that no line reaches.
func (p *plot) dot(class string, xs, ys []float64, i int) {
	if i >= 0 {
		fmt.Fprintf(&p.out, `<circle class="dot %s" cx="%g" cy="%g" r="2.5"/>`, class,
			p.x(xs[i]), p.y(ys[i]))
	}
}

// area fills between the points and the base line.
func (p *plot) area(class string, xs, ys []float64) {
	if len(xs) == 0 {
		return
	}
	fmt.Fprintf(&p.out, `<path class="area %s" d="M%g %g`, class, p.x(xs[0]), p.y(0))
	for i := range xs {
		fmt.Fprintf(&p.out, "L%g %g", p.x(xs[i]), p.y(ys[i]))
	}
	fmt.Fprintf(&p.out, `L%g %gZ"/>`, p.x(xs[len(xs)-1]), p.y(0))
}

// bar draws a box from (x0, y0) to (x1, y1), with a narrow gap to its right neighbour.
func (p *plot) bar(class string, x0, x1, y0, y1 float64) {
	left, right, top, low := p.x(x0), p.x(x1), p.y(y1), p.y(y0)
	gap := math.Min(1, (right-left)/4)
	fmt.Fprintf(&p.out, `<rect class="fill %s" x="%g" y="%g" width="%g" height="%g"/>`, class,
		left, top, round1(right-left-gap), round1(math.Max(low-top, 0.5)))
}

// mark draws a level with its name, such as the capacity.
func (p *plot) mark(level float64, name string) {
	y := p.y(level)
	fmt.Fprintf(&p.out, `<line class="mark" x1="%g" x2="%g" y1="%g" y2="%g"/>`, p.left,
		p.width-p.right, y, y)
	fmt.Fprintf(&p.out, `<text class="name" x="%g" y="%g">%s</text>`, p.left+6, y-6,
		html.EscapeString(name))
}

// hint lays a tooltip over a stretch of x.
func (p *plot) hint(x0, x1 float64, text string) {
	left := p.x(x0)
	fmt.Fprintf(&p.out,
		`<rect class="hint" x="%g" y="%g" width="%g" height="%g"><title>%s</title></rect>`,
		left, p.top, round1(p.x(x1)-left), p.height-p.top-p.bottom, html.EscapeString(text))
}

// svg ends the chart. Every text in it was escaped on its way in.
func (p *plot) svg() template.HTML {
	p.out.WriteString(`</svg>`)
	return template.HTML(p.out.String()) // #nosec G203
}

// niceTicks divides 0 to limit into about n steps of 1, 2 or 5 times a power of ten. The last tick
// is at or above the limit.
func niceTicks(limit float64, n int) []float64 {
	rough := limit / float64(n)
	power := math.Pow(10, math.Floor(math.Log10(rough)))
	step := 10 * power
	for _, factor := range []float64{1, 2, 5} {
		if factor*power >= rough*0.999 {
			step = factor * power
			break
		}
	}
	var ticks []float64
	for i := 0; ; i++ {
		tick := float64(i) * step
		ticks = append(ticks, tick)
		if tick >= limit*0.999 {
			return ticks
		}
	}
}

// axisNumber writes 0.25, 15 or 80,000.
func axisNumber(v float64) string {
	if v >= 1000 {
		return grouped(int64(math.Round(v)))
	}
	return strconv.FormatFloat(math.Round(v*1000)/1000, 'f', -1, 64)
}

// grouped writes a whole number with commas between the thousands.
func grouped(n int64) string { return terminal.Grouped(n) }
