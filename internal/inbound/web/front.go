package web

import (
	"context"
	"io"
	"math"
	"net/url"
	"strconv"
	"sync"
	"time"

	"ticketflow/internal/app/query"
	"ticketflow/internal/domain/catalog"
	"ticketflow/internal/inbound/forms"
)

const (
	frontPageRows  = 30
	frontPageReads = 5   // of the shelf for one page, when what was read doesn't meet the filter
	maxPrice       = 1e9 // what a filter may ask for, in the currency

	// stillOn is how long an event is listed after its start: people look it up on the way there.
	stillOn = 12 * time.Hour
	// dayAround covers a day in all zones of the world.
	dayAround = 14 * time.Hour

	// fewPercent is the share of its places below which few are left. It is said of what is counted
	// and never to hurry anybody.
	fewPercent = 5
)

// front is what the list of events shows.
type front struct {
	filter frontFilter
	kinds  []string // to choose from
	months []frontMonth
	next   string // address of the next page, or empty
}

// frontFilter is what was asked for, as it was written.
type frontFilter struct {
	text, place, kind, from, to, price string

	firstDay, lastDay string // from and to if they are days
	thousandths       int64  // price if it is one
}

type frontMonth struct {
	name string
	rows []frontRow
}

type frontRow struct {
	query.EventRow
	start time.Time // in the venue's zone
	day   string    // above the date
	url   string
	from  string // the lowest price, or empty
	state string
	tone  string // of the state's chip
}

func readFilter(q url.Values) frontFilter {
	text := func(name string) string { return forms.Filter(q.Get(name)) }
	f := frontFilter{text: text("q"), place: text("place"), kind: text("kind"),
		from: text("from"), to: text("to"), price: text("price")}
	if _, err := time.Parse(time.DateOnly, f.from); err == nil {
		f.firstDay = f.from
	}
	if _, err := time.Parse(time.DateOnly, f.to); err == nil {
		f.lastDay = f.to
	}
	const thousand = 1_000
	if p, err := strconv.ParseFloat(f.price, 64); err == nil && p > 0 && p <= maxPrice {
		f.thousandths = int64(math.Round(p * thousand))
	}
	return f
}

// set tells whether something was asked for.
func (f *frontFilter) set() bool {
	return f.text != "" || f.narrow()
}

// narrow tells whether something was asked for that isn't shown before it is asked for.
func (f *frontFilter) narrow() bool {
	return f.place != "" || f.kind != "" || f.from != "" || f.to != "" || f.price != ""
}

// shelf is the filter for the ledger. It lets through what may meet the filter; meets decides. It
// stays the same for an hour, so that all who look share one answer.
func (f *frontFilter) shelf(now time.Time) query.EventFilter {
	q := query.EventFilter{Text: f.text, Place: f.place, Kind: f.kind, MaxPrice: f.thousandths,
		From: now.Add(-stillOn).Truncate(time.Hour), Limit: frontPageRows + 1}
	if day, err := time.Parse(time.DateOnly, f.firstDay); err == nil {
		if from := day.Add(-dayAround); from.After(q.From) {
			q.From = from
		}
	}
	if day, err := time.Parse(time.DateOnly, f.lastDay); err == nil {
		q.To = day.Add(24*time.Hour + dayAround)
	}
	return q
}

// meets tells whether a row is what was asked for: days count in the venue's zone, and prices as
// they are now.
func (f *frontFilter) meets(row *frontRow, glance query.Glance) bool {
	day := row.start.Format(time.DateOnly)
	return (f.firstDay == "" || day >= f.firstDay) && (f.lastDay == "" || day <= f.lastDay) &&
		(f.thousandths == 0 || glance.From.Thousandths() <= f.thousandths)
}

func (s *Site) showFront(v *visit) (component, error) { return s.shared(v, s.writeFront) }

func (s *Site) writeFront(v *visit) (component, error) {
	ctx, q := v.request.Context(), v.request.URL.Query()
	f := front{filter: readFilter(q)}
	after := q.Get("after")
	last, err := s.fill(v, &f, after)
	if err != nil {
		return nil, err
	}
	if alone := f.only(); alone != "" && !f.filter.set() && after == "" {
		return elsewhere(alone), nil
	}
	if last != "" {
		q.Set("after", last)
		f.next = "/?" + q.Encode()
	}
	f.kinds, err = s.kinds.Kinds(ctx, v.now.Add(-stillOn).Truncate(time.Hour))
	return frontPage(v, &f), err
}

// only is the address of the one event that is listed, if there is just one.
func (f *front) only() string {
	if len(f.months) != 1 || len(f.months[0].rows) != 1 {
		return ""
	}
	return f.months[0].rows[0].url
}

// fill reads rows until the page is full; last is the cursor of the last row if more follow.
func (s *Site) fill(v *visit, f *front, after string) (last string, err error) {
	filter := f.filter.shelf(v.now)
	if filter.AfterStart, filter.AfterID, err = forms.ParseCursor(after); err != nil {
		return "", err
	}
	shown := 0
	for range frontPageReads {
		rows, err := s.shelf.Events(v.request.Context(), filter)
		if err != nil {
			return "", err
		}
		more := len(rows) >= filter.Limit
		for _, row := range rows[:min(len(rows), filter.Limit-1)] {
			if shown == frontPageRows {
				return last, nil
			}
			met, err := s.add(v, f, row)
			if err != nil {
				return "", err
			}
			if met {
				shown++
			}
			filter.AfterStart, filter.AfterID = row.StartsAt, row.ID
			last = forms.Cursor(row.StartsAt, row.ID)
		}
		if !more {
			return "", nil
		}
		if shown == frontPageRows {
			break
		}
	}
	return last, nil
}

// add puts an event under its month if it meets the filter.
func (s *Site) add(v *visit, f *front, row query.EventRow) (bool, error) {
	r := frontRow{EventRow: row, start: inZone(row.StartsAt, row.TimeZone),
		url: eventPath(row.ID)}
	today := v.now.In(r.start.Location())
	r.day = v.Dates.ShortWeekday(r.start)
	if r.start.YearDay() == today.YearDay() && r.start.Year() == today.Year() {
		r.day = v.Front.Today
	}
	glance, err := s.glance(v.request.Context(), &row, v.now)
	if err != nil {
		return false, err
	}
	if !f.filter.meets(&r, glance) {
		return false, nil
	}
	r.judge(v, glance)
	name := v.Dates.Month(r.start)
	if n := len(f.months); n == 0 || f.months[n-1].name != name {
		f.months = append(f.months, frontMonth{name: name})
	}
	month := &f.months[len(f.months)-1]
	month.rows = append(month.rows, r)
	return true, nil
}

// glance looks at the sale of an event. A cancelled event's is of no interest.
func (s *Site) glance(
	ctx context.Context, row *query.EventRow, now time.Time,
) (query.Glance, error) {
	if row.Status == catalog.Cancelled {
		return query.Glance{}, nil
	}
	return s.glances.Get(ctx, row.ID, now)
}

// judge says where the sale of the event is.
func (r *frontRow) judge(v *visit, glance query.Glance) {
	r.from = v.Common.From(v.Price(glance.From))
	switch {
	case r.Status == catalog.Cancelled:
		r.state, r.tone, r.from = v.Front.Cancelled, "bad", ""
	case !v.now.Before(r.ClosesAt):
		r.state, r.from = v.Front.Closed, ""
	case v.now.Before(r.OpensAt):
		opens := inZone(r.OpensAt, r.TimeZone)
		r.state = v.Front.Opens(v.Dates.Soon(opens, v.now.In(opens.Location())),
			v.Dates.About(r.OpensAt.Sub(v.now)))
	case glance.Free == 0:
		r.state, r.from = v.Front.SoldOut, ""
	case glance.Free*100 < glance.Total*fewPercent:
		r.state, r.tone = v.Front.FewLeft, "warn"
	default:
		r.state, r.tone = v.Front.OnSale, "ok"
	}
}

// zones are those that were asked for, by name: to load one takes longer than to write a row.
var zones sync.Map

// inZone is a time in a zone that the edge has checked before; one that this machine doesn't know
// is shown in UTC.
func inZone(t time.Time, zone string) time.Time {
	if known, ok := zones.Load(zone); ok {
		if place, ok := known.(*time.Location); ok {
			return t.In(place)
		}
	}
	place, err := time.LoadLocation(zone)
	if err != nil {
		place = time.UTC
	}
	zones.Store(zone, place) // events have them, so there are as many as there are zones
	return t.In(place)
}

// elsewhere is a page that is at another address.
type elsewhere string

// Render implements component; page sends the visitor there instead.
func (elsewhere) Render(context.Context, io.Writer) error { return nil }

func eventPath(id catalog.EventID) string { return "/events/" + id.String() }
