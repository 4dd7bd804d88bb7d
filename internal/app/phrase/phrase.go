// Package phrase is what the box office says outside of its pages: in mails, on printed tickets and
// in calendar files, in each language that it knows.
package phrase

import (
	"fmt"
	"strings"
	"time"
)

// Language is a language that the box office speaks.
type Language string

// The languages.
const (
	English Language = "en"
	German  Language = "de"
)

// Languages are all of them; the first is what is spoken to who has chosen none.
var Languages = []Language{English, German}

// Parse reads a language tag, of which only the first part counts. ok is false for a language that
// the box office doesn't speak.
func Parse(tag string) (l Language, ok bool) {
	first, _, _ := strings.Cut(strings.ToLower(strings.TrimSpace(tag)), "-")
	for _, l := range Languages {
		if first == string(l) {
			return l, true
		}
	}
	return Languages[0], false
}

// In is what is said in a language; one that isn't known is the first.
func In(l Language) *Phrases {
	if l == German {
		return &german
	}
	return &english
}

// Phrases are the texts of one language. {name} and its like are filled in by Fill.
type Phrases struct {
	Weekdays [7]string
	Months   [12]string
	Date     string // {weekday}, {day}, {month}, {year}
	Time     string // {time}

	Section, Row, Seat, Standing, Doors, Ticket, Order, Name string

	TicketNumber string // {number} of {count}
	TicketRule   string // printed below the code
	Calendar     string // description of the calendar's entry: {doors}
	CalendarFile string
	TicketsFile  string

	Hello  string // {name}
	Regard string // {organisation}
	Event  string // {event}, {date}, {venue}

	Paid, PaidLate, Expired, Returned, Refunded, Cancelled, Passed, Received Letter
}

// Letter is one mail. Its paragraphs are separated by empty lines.
type Letter struct{ Subject, Body string }

// Fill puts values in place of {name} and its like; pairs are names and values. A value is never
// looked into again.
func Fill(text string, pairs ...string) string {
	old := make([]string, 0, len(pairs))
	for i, p := range pairs {
		if i%2 == 0 {
			p = "{" + p + "}"
		}
		old = append(old, p)
	}
	return strings.NewReplacer(old...).Replace(text)
}

// Day is the date of a time, in its own zone.
func (p *Phrases) Day(t time.Time) string {
	return Fill(p.Date, "weekday", p.Weekdays[t.Weekday()], "day", fmt.Sprint(t.Day()),
		"month", p.Months[t.Month()-1], "year", fmt.Sprint(t.Year()))
}

// Clock is the time of day, in its own zone.
func (p *Phrases) Clock(t time.Time) string { return Fill(p.Time, "time", t.Format("15:04")) }
