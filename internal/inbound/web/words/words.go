// Package words is every sentence of the pages, in every language that they speak.
//
// A page's sentences are a struct, and each language fills it: a name that is missing doesn't
// compile, and a test finds what is left empty. What depends on a number is a function.
package words

import (
	"strconv"

	"golang.org/x/text/language"
)

// Book is all sentences in one language. Books are never changed.
type Book struct {
	Lang     string // BCP 47
	Name     string // of the language, in itself
	Common   Common
	Dates    Dates
	Failure  Failure
	Front    Front
	Event    Event
	Seats    Seats
	Basket   Basket
	Checkout Checkout
	Orders   Orders
	Tickets  Tickets
	SeatMap  SeatMap
	Embed    Embed
}

// Books are the languages, the preferred one first.
var Books = []*Book{english, german}

var english = &Book{Lang: "en", Name: "English", Common: commonEnglish, Dates: datesEnglish,
	Failure: failureEnglish, Front: frontEnglish, Event: eventEnglish, Seats: seatsEnglish,
	Basket: basketEnglish, Checkout: checkoutEnglish, Orders: ordersEnglish,
	Tickets: ticketsEnglish, SeatMap: seatMapEnglish, Embed: embedEnglish}

var german = &Book{Lang: "de", Name: "Deutsch", Common: commonGerman, Dates: datesGerman,
	Failure: failureGerman, Front: frontGerman, Event: eventGerman, Seats: seatsGerman,
	Basket: basketGerman, Checkout: checkoutGerman, Orders: ordersGerman,
	Tickets: ticketsGerman, SeatMap: seatMapGerman, Embed: embedGerman}

var matcher = language.NewMatcher([]language.Tag{language.English, language.German})

// Named finds the book of a language, or nil.
func Named(lang string) *Book {
	for _, b := range Books {
		if b.Lang == lang {
			return b
		}
	}
	return nil
}

// Accepted is the best book for an Accept-Language header; without one it is the first.
func Accepted(header string) *Book {
	const maxHeaderBytes = 200 // what browsers send is shorter; more isn't looked at
	if len(header) > maxHeaderBytes {
		return Books[0]
	}
	tags, _, err := language.ParseAcceptLanguage(header)
	if err != nil || len(tags) == 0 {
		return Books[0]
	}
	_, i, _ := matcher.Match(tags...)
	return Books[i]
}

func digits(n int) string { return strconv.Itoa(n) }

// count puts a number before the form of the word that goes with it.
func count(n int, one, many string) string {
	if n == 1 {
		return "1 " + one
	}
	return strconv.Itoa(n) + " " + many
}
