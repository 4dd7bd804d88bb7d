// Package calendar writes an event as a file that calendars read (iCalendar, RFC 5545).
package calendar

import (
	"fmt"
	"strings"
	"time"
	"unicode/utf8"

	"ticketflow/internal/app/phrase"
	"ticketflow/internal/app/query"
	"ticketflow/internal/app/sheet"
	"ticketflow/internal/domain/catalog"
)

// MediaType is what the file is.
const MediaType = "text/calendar; charset=utf-8"

// maxLineBytes is where a line is folded (RFC 5545 §3.1), without its end.
const maxLineBytes = 75

// File is the event's entry. at is when it is written, site the address of the box office without a
// slash at its end. The UID stays the same, so that a newer file replaces the entry. How long an
// event takes isn't known, so the entry has a beginning only.
func File(offer *query.Offer, at time.Time, site string, l phrase.Language) []byte {
	e := offer.Event()
	w := &writer{}
	w.line("BEGIN", "VCALENDAR")
	w.line("VERSION", "2.0")
	w.line("PRODID", "-//TicketFlow//TicketFlow//EN")
	w.line("METHOD", "PUBLISH")
	begins := e.StartsAt.In(offer.Zone())
	zone := w.zone(begins)
	w.line("BEGIN", "VEVENT")
	w.line("UID", e.ID.String()+"@"+host(site))
	w.line("DTSTAMP", at.UTC().Format(utcForm))
	w.line("SEQUENCE", fmt.Sprint(offer.Revision))
	w.line("DTSTART"+zone, begins.Format(localForm(zone)))
	w.line("SUMMARY", escape(e.Title))
	w.line("LOCATION", escape(offer.Venue.Name+", "+sheet.Address(offer)))
	url := site + "/events/" + e.ID.String()
	description := url
	if !e.DoorsAt.IsZero() {
		words := phrase.In(l)
		description = phrase.Fill(words.Calendar, "doors",
			words.Clock(e.DoorsAt.In(offer.Zone()))) + "\n" + url
	}
	w.line("DESCRIPTION", escape(description))
	w.line("URL", url)
	status := "CONFIRMED"
	if e.Status == catalog.Cancelled {
		status = "CANCELLED"
	}
	w.line("STATUS", status)
	w.line("END", "VEVENT")
	w.line("END", "VCALENDAR")
	return w.file
}

const (
	utcForm  = "20060102T150405Z"
	zoneForm = "20060102T150405"
)

func localForm(zone string) string {
	if zone == "" {
		return utcForm
	}
	return zoneForm
}

// host is the name in a box office's address.
func host(site string) string {
	_, rest, found := strings.Cut(site, "://")
	if !found {
		rest = site
	}
	rest, _, _ = strings.Cut(rest, "/")
	return rest
}

type writer struct{ file []byte }

// zone describes the time zone of a moment: its offset then, which is all that an entry of one
// moment needs. It returns the parameter that names the zone, or nothing for UTC.
func (w *writer) zone(t time.Time) string {
	name := t.Location().String()
	if name == time.UTC.String() {
		return ""
	}
	kind := "STANDARD"
	if t.IsDST() {
		kind = "DAYLIGHT"
	}
	short, _ := t.Zone()
	offset := t.Format("-0700")
	w.line("BEGIN", "VTIMEZONE")
	w.line("TZID", name)
	w.line("BEGIN", kind)
	w.line("DTSTART", "19700101T000000")
	w.line("TZOFFSETFROM", offset)
	w.line("TZOFFSETTO", offset)
	w.line("TZNAME", short)
	w.line("END", kind)
	w.line("END", "VTIMEZONE")
	return ";TZID=" + name
}

// line writes a content line, folded between characters.
func (w *writer) line(name, value string) {
	text, room := name+":"+value, maxLineBytes
	for len(text) > room {
		cut := room
		for !utf8.RuneStart(text[cut]) {
			cut--
		}
		w.file = append(append(w.file, text[:cut]...), "\r\n "...)
		text, room = text[cut:], maxLineBytes-1
	}
	w.file = append(append(w.file, text...), "\r\n"...)
}

// escape writes a text value (RFC 5545 §3.3.11).
func escape(text string) string {
	text = strings.NewReplacer(`\`, `\\`, ";", `\;`, ",", `\,`, "\r\n", `\n`, "\n", `\n`, "\r", `\n`).
		Replace(text)
	return strings.Map(func(r rune) rune {
		if r < ' ' && r != '\t' || r == 0x7f {
			return -1
		}
		return r
	}, text)
}
