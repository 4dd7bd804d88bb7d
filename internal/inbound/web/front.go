package web

import (
	"net/url"
	"time"

	"ticketflow/internal/app/query"
	"ticketflow/internal/domain/catalog"
	"ticketflow/internal/inbound/forms"
)

const (
	frontPageRows  = 30
	maxFilterBytes = 200
)

// front is what the list of events shows.
type front struct {
	text, place, from string // the filter as it was asked for
	months            []frontMonth
	next              string // address of the next page, or empty
}

// filtered tells whether something was asked for.
func (f *front) filtered() bool { return f.text != "" || f.place != "" || f.from != "" }

type frontMonth struct {
	name string
	rows []frontRow
}

type frontRow struct {
	query.EventRow
	start time.Time // in the venue's zone
	url   string
	state string
	tone  string // of the state's chip
}

func (s *Site) showFront(v *visit) (component, error) {
	q := v.request.URL.Query()
	f := front{text: filterText(q, "q"), place: filterText(q, "place"), from: q.Get("from")}
	filter := query.EventFilter{Text: f.text, Place: f.place, Limit: frontPageRows + 1,
		From: v.now.Add(-12 * time.Hour)} // what has begun is still found on the way there
	if day, err := time.Parse(time.DateOnly, f.from); err == nil && day.After(filter.From) {
		filter.From = day
	}
	var err error
	if filter.AfterStart, filter.AfterID, err = forms.ParseCursor(q.Get("after")); err != nil {
		return nil, err
	}
	rows, err := s.shelf.Events(v.request.Context(), filter)
	if err != nil {
		return nil, err
	}
	if len(rows) > frontPageRows {
		rows = rows[:frontPageRows]
		last := rows[frontPageRows-1]
		q.Set("after", forms.Cursor(last.StartsAt, last.ID))
		f.next = "/?" + q.Encode()
	}
	for _, row := range rows {
		f.add(v, row)
	}
	return frontPage(v, f), nil
}

func filterText(q url.Values, name string) string {
	text := q.Get(name)
	return text[:min(len(text), maxFilterBytes)]
}

// add puts an event under its month.
func (f *front) add(v *visit, row query.EventRow) {
	r := frontRow{EventRow: row, start: inZone(row.StartsAt, row.TimeZone),
		url: "/events/" + row.ID.String()}
	opens := inZone(row.OpensAt, row.TimeZone)
	switch {
	case row.Status == catalog.Cancelled:
		r.state, r.tone = v.Front.Cancelled, "bad"
	case v.now.Before(row.OpensAt):
		r.state = v.Front.Opens(v.Dates.Full(opens), v.Dates.In(row.OpensAt.Sub(v.now)))
	case !v.now.Before(row.ClosesAt):
		r.state = v.Front.Closed
	default:
		r.state, r.tone = v.Front.OnSale, "ok"
	}
	name := v.Dates.Month(r.start)
	if n := len(f.months); n == 0 || f.months[n-1].name != name {
		f.months = append(f.months, frontMonth{name: name})
	}
	month := &f.months[len(f.months)-1]
	month.rows = append(month.rows, r)
}

// inZone is a time in a zone that the edge has checked before; one that this machine doesn't know
// is shown in UTC.
func inZone(t time.Time, zone string) time.Time {
	place, err := time.LoadLocation(zone)
	if err != nil {
		return t.UTC()
	}
	return t.In(place)
}
