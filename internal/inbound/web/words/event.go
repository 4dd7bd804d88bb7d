package words

// Event is the page of one event.
type Event struct {
	Doors     func(at string) string
	Calendar  string // link to the calendar file
	Prices    string // heading and caption of the table
	Category  string
	Price     string
	Left      string
	Choose    string // the one action
	About     string
	OpensAt   func(when, in string) string
	ClosedAt  func(when string) string
	Cancelled string
	SoldOut   string
}

var eventEnglish = Event{
	Doors:     func(at string) string { return "Doors " + at },
	Calendar:  "Add to calendar",
	Prices:    "Prices",
	Category:  "Category",
	Price:     "Price",
	Left:      "Left",
	Choose:    "Choose seats",
	About:     "About the event",
	OpensAt:   func(when, in string) string { return "Sale opens " + when + " – " + in },
	ClosedAt:  func(when string) string { return "The sale ended " + when },
	Cancelled: "This event is cancelled.",
	SoldOut:   "Sold out",
}

var eventGerman = Event{
	Doors:     func(at string) string { return "Einlass " + at },
	Calendar:  "In den Kalender",
	Prices:    "Preise",
	Category:  "Kategorie",
	Price:     "Preis",
	Left:      "Frei",
	Choose:    "Plätze wählen",
	About:     "Zur Veranstaltung",
	OpensAt:   func(when, in string) string { return "Der Verkauf beginnt " + when + " – " + in },
	ClosedAt:  func(when string) string { return "Der Verkauf endete " + when },
	Cancelled: "Diese Veranstaltung ist abgesagt.",
	SoldOut:   "Ausverkauft",
}
