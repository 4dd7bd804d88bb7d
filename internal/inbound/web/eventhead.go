package web

import (
	"encoding/json"
	"strconv"
	"strings"
	"time"

	"github.com/a-h/templ"

	"ticketflow/internal/domain/catalog"
)

// What search engines are told of an event, by the names of schema.org.
type (
	schemaEvent struct {
		Context     string        `json:"@context"`
		Type        string        `json:"@type"`
		Name        string        `json:"name"`
		Description string        `json:"description,omitempty"`
		URL         string        `json:"url"`
		StartDate   string        `json:"startDate"`
		DoorTime    string        `json:"doorTime,omitempty"`
		Status      string        `json:"eventStatus"`
		Mode        string        `json:"eventAttendanceMode"`
		Location    schemaPlace   `json:"location"`
		Organizer   schemaBody    `json:"organizer"`
		Offers      []schemaOffer `json:"offers,omitempty"`
	}
	schemaPlace struct {
		Type    string        `json:"@type"`
		Name    string        `json:"name"`
		Address schemaAddress `json:"address"`
	}
	schemaAddress struct {
		Type    string `json:"@type"`
		Street  string `json:"streetAddress,omitempty"`
		City    string `json:"addressLocality,omitempty"`
		Country string `json:"addressCountry,omitempty"`
	}
	schemaBody struct {
		Type string `json:"@type"`
		Name string `json:"name"`
		URL  string `json:"url"`
	}
	schemaOffer struct {
		Type         string `json:"@type"`
		Name         string `json:"name"`
		Price        string `json:"price"`
		Currency     string `json:"priceCurrency"`
		Availability string `json:"availability"`
		ValidFrom    string `json:"validFrom"`
		URL          string `json:"url"`
	}
)

const schema = "https://schema.org/"

// schema is the event as search engines want it, in an element of its own: it is data, which no
// browser runs. Marshal writes < > and & so that nothing in it ends the element.
func (e *event) schema(v *visit) (string, error) {
	facts, address := e.Event(), v.absolute(eventPath(e.Event().ID), "")
	s := schemaEvent{Context: strings.TrimSuffix(schema, "/"), Type: "Event", Name: facts.Title,
		Description: summary(facts.Description), URL: address,
		StartDate: e.start.Format(timeForm), Status: schema + "EventScheduled",
		Mode: schema + "OfflineEventAttendanceMode",
		Location: schemaPlace{Type: "Place", Name: e.Venue.Name, Address: schemaAddress{
			Type: "PostalAddress", Street: e.Venue.Address, City: e.Venue.City,
			Country: e.Venue.Country}},
		Organizer: schemaBody{Type: "Organization", Name: v.site.brand.Name,
			URL: v.absolute("/", "")}}
	if !e.doors.IsZero() {
		s.DoorTime = e.doors.Format(timeForm)
	}
	if facts.Status == catalog.Cancelled {
		s.Status = schema + "EventCancelled"
	}
	for _, t := range e.tiers {
		amount, _, _ := strings.Cut(t.price.Decimal(), " ")
		s.Offers = append(s.Offers, schemaOffer{Type: "Offer", Name: t.name, Price: amount,
			Currency: e.Currency().String(), Availability: schema + e.availability(&t),
			ValidFrom: inZone(facts.Terms.OpensAt, facts.TimeZone).Format(timeForm),
			URL:       address})
	}
	text, err := json.Marshal(s)
	return `<script type="application/ld+json">` + string(text) + `</script>`, err
}

func (e *event) availability(t *eventTier) string {
	switch {
	case e.stage == calledOff:
		return "Discontinued"
	case e.stage == saleOver:
		return "SoldOut"
	case e.stage == beforeSale:
		return "PreOrder"
	case t.free == 0:
		return "SoldOut"
	case t.free*100 < t.total*fewPercent:
		return "LimitedAvailability"
	}
	return "InStock"
}

// summary is the beginning of a text, in one line, as long as search engines show it.
func summary(text string) string {
	const runes = 160
	words := strings.Fields(text)
	line := strings.Join(words, " ")
	if r := []rune(line); len(r) > runes {
		return strings.TrimSpace(string(r[:runes-1])) + "…"
	}
	return line
}

// How long before the sale a page without scripts looks again: soon enough to be there, but not all
// of them in one second.
const (
	refreshWithin = 30 * time.Minute
	refreshSpread = 6
)

// refresh is when a page without scripts should be loaded again, in seconds; empty for never.
func (e *event) refresh(now time.Time) string {
	left := e.Event().Terms.OpensAt.Sub(now)
	if e.stage != beforeSale || left > refreshWithin {
		return ""
	}
	spread := 1 + now.UnixMilli()%refreshSpread
	return strconv.FormatInt(int64(left/time.Second)+spread, 10)
}

// countdown is what the script that counts down needs to know, in data attributes.
func (e *event) countdown(v *visit) templ.Attributes {
	words, err := json.Marshal(v.Dates.Span())
	if err != nil { // of texts
		return nil
	}
	return templ.Attributes{
		"data-now":   strconv.FormatInt(v.now.UnixMilli(), 10),
		"data-until": strconv.FormatInt(e.Event().Terms.OpensAt.UnixMilli(), 10),
		"data-words": string(words),
	}
}

// opens is when the sale begins, in words.
func (e *event) opens(v *visit) string {
	return v.Dates.Full(inZone(e.Event().Terms.OpensAt, e.Event().TimeZone))
}
