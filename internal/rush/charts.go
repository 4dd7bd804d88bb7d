package rush

import (
	"fmt"
	"html/template"
	"math"
	"slices"
	"strings"
)

const (
	wideWidth, wideHeight   = 980, 300
	panelWidth, panelHeight = 480, 230

	// maxColoursCount is how many kinds of answers a chart tells apart; the rarest share one
	// colour.
	maxColoursCount = 8
)

// A key explains one colour of a chart.
type key struct {
	Class string
	Name  string
	Total string
}

// A chart is a drawing with its legend.
type chart struct {
	SVG  template.HTML
	Keys []key
}

// spanS is the length of the plotted time in seconds.
func (s *Series) spanS() float64 { return float64(len(s.Sold)) * s.SlotS }

func (s *Series) slotName(i int) string {
	return fmt.Sprintf("%s–%s s", trimmed(float64(i)*s.SlotS), trimmed(float64(i+1)*s.SlotS))
}

// soldChart plots how many places were sold up to each moment.
func (r *Result) soldChart() chart {
	s := &r.Series
	xs, ys := []float64{0}, []float64{0}
	sum := int64(0)
	for i, n := range s.Sold {
		sum += n
		xs = append(xs, float64(i+1)*s.SlotS)
		ys = append(ys, float64(sum))
	}
	// A steady run may sell a small part only; its capacity would press the curve to the floor.
	top, shown := math.Max(float64(r.Capacity), float64(sum)), true
	if r.Scenario == string(Steady) && float64(sum) < top/2 {
		top, shown = float64(sum), false
	}
	p := newPlot("Places sold over time", wideWidth, wideHeight, s.spanS(), top*1.06)
	p.axes("places sold", "seconds since the press")
	p.area("c1", xs, ys)
	p.line("c1", xs, ys)
	if shown {
		p.mark(float64(r.Capacity), "capacity "+grouped(int64(r.Capacity)))
	}
	sum = 0
	for i, n := range s.Sold {
		sum += n
		p.hint(xs[i], xs[i+1], fmt.Sprintf("%s: %s sold (%s in this slot)", s.slotName(i),
			grouped(sum), grouped(n)))
	}
	return chart{SVG: p.svg()}
}

// latencyCharts plots the percentiles of each step, all on one scale.
func (r *Result) latencyCharts() []latencyChart {
	s := &r.Series
	top := 1.0
	for _, slots := range s.Steps {
		for _, slot := range slots {
			top = math.Max(top, slot.P99)
		}
	}
	var charts []latencyChart
	for _, name := range stepNames[:plottedSteps] {
		slots := s.Steps[name]
		p := newPlot("Latency of "+name+" over time", panelWidth, panelHeight, s.spanS(), top)
		p.axes("milliseconds", "seconds since the press")
		var xs, p50, p95, p99 []float64
		for i, slot := range slots {
			xs = append(xs, (float64(i)+0.5)*s.SlotS)
			if slot.Count == 0 {
				slot.P50, slot.P95, slot.P99 = math.NaN(), math.NaN(), math.NaN()
			}
			p50, p95, p99 = append(p50, slot.P50), append(p95, slot.P95), append(p99, slot.P99)
		}
		p.line("c5 dashed", xs, p99)
		p.line("c1 thick", xs, p95)
		p.line("c2", xs, p50)
		for i, slot := range slots {
			text := s.slotName(i) + ": nothing answered"
			if slot.Count > 0 {
				text = fmt.Sprintf("%s: p50 %s ms, p95 %s ms, p99 %s ms (%s answers)",
					s.slotName(i), trimmed(slot.P50), trimmed(slot.P95), trimmed(slot.P99),
					grouped(slot.Count))
			}
			p.hint(float64(i)*s.SlotS, float64(i+1)*s.SlotS, text)
		}
		charts = append(charts, latencyChart{Name: name, SVG: p.svg()})
	}
	return charts
}

type latencyChart struct {
	Name string
	SVG  template.HTML
}

// A band is one kind of answer of the stacked chart.
type band struct {
	label string
	class string
	slots []int64
	total int64
}

// bands sorts the answers by status and gives each a colour: blues and greens for the granted, warm
// ones for the refused, red for failures of the server.
func (s *Series) bands() []band {
	var bands []band
	for label, slots := range s.Answers {
		b := band{label: label, slots: slots}
		for _, n := range slots {
			b.total += n
		}
		bands = append(bands, b)
	}
	slices.SortFunc(bands, func(a, b band) int { return int(b.total - a.total) })
	if len(bands) > maxColoursCount {
		rest := band{label: "other", slots: make([]int64, len(s.Sold))}
		for _, b := range bands[maxColoursCount-1:] {
			for i, n := range b.slots {
				rest.slots[i] += n
			}
			rest.total += b.total
		}
		bands = append(bands[:maxColoursCount-1], rest)
	}
	slices.SortFunc(bands, func(a, b band) int { return strings.Compare(a.label, b.label) })
	granted, refused := []string{"c1", "c2", "c3"}, []string{"c4", "c5", "c6"}
	for i := range bands {
		b := &bands[i]
		switch {
		case b.label < "4" && len(granted) > 0:
			b.class, granted = granted[0], granted[1:]
		case b.label >= "5" && b.label < "6":
			b.class = "c7"
		case len(refused) > 0 && b.label != "other":
			b.class, refused = refused[0], refused[1:]
		default:
			b.class = "c8"
		}
	}
	return bands
}

// answersChart stacks the answers of each slot by code.
func (r *Result) answersChart() chart {
	s := &r.Series
	bands := s.bands()
	top := 0.0
	for i := range s.Sold {
		sum := 0.0
		for _, b := range bands {
			sum += float64(b.slots[i])
		}
		top = math.Max(top, sum/s.SlotS)
	}
	p := newPlot("Answers by code over time", wideWidth, wideHeight, s.spanS(), top)
	p.axes("answers per second", "seconds since the press")
	for i := range s.Sold {
		from, hint := 0.0, s.slotName(i)
		for _, b := range bands {
			if b.slots[i] == 0 {
				continue
			}
			to := from + float64(b.slots[i])/s.SlotS
			p.bar(b.class, float64(i)*s.SlotS, float64(i+1)*s.SlotS, from, to)
			hint += fmt.Sprintf("\n%s: %s", b.label, grouped(b.slots[i]))
			from = to
		}
		p.hint(float64(i)*s.SlotS, float64(i+1)*s.SlotS, hint)
	}
	out := chart{SVG: p.svg()}
	for _, b := range bands {
		out.Keys = append(out.Keys, key{Class: b.class, Name: b.label, Total: grouped(b.total)})
	}
	return out
}
