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
	Map       string                    // link to where it is
	When      string                    // label of the date
	Usually   string                    // before a price that was lowered
	Included  string                    // what the prices have in them
	Opens     string                    // before the time at which the sale opens
	Opened    string                    // the sale has opened while somebody waited
	None      string                    // nothing of a category is left
	OrderFee  func(price string) string // once for an order
	PerOrder  func(places int) string
	PerBuyer  func(places int) string
	Details   string // heading of the facts below the description
	Venue     string // label of the place
	Limits    string // label of how many one may buy
	Organiser string // label of who sells
	SoldHint  string // what one can do when all is sold
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
	Map:       "Show on a map",
	When:      "Date",
	Usually:   "usually",
	Included:  "Prices include fees and taxes.",
	Opens:     "Sale opens",
	Opened:    "The sale is open.",
	None:      "sold out",
	OrderFee:  func(price string) string { return "Each order adds a fee of " + price + "." },
	PerOrder:  func(places int) string { return count(places, "place", "places") + " in an order" },
	PerBuyer:  func(places int) string { return count(places, "place", "places") + " for a person" },
	Details:   "Good to know",
	Venue:     "Venue",
	Limits:    "At most",
	Organiser: "Organiser",
	SoldHint: "Places come back when someone doesn’t pay or gives tickets back: look again " +
		"later.",
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
	Map:       "Auf einer Karte zeigen",
	When:      "Termin",
	Usually:   "sonst",
	Included:  "Die Preise enthalten Gebühren und Steuern.",
	Opens:     "Der Verkauf beginnt",
	Opened:    "Der Verkauf ist offen.",
	None:      "ausverkauft",
	OrderFee: func(price string) string {
		return "Je Bestellung kommt eine Gebühr von " + price + " dazu."
	},
	PerOrder: func(places int) string {
		return count(places, "Platz", "Plätze") + " je Bestellung"
	},
	PerBuyer: func(places int) string {
		return count(places, "Platz", "Plätze") + " je Person"
	},
	Details:   "Gut zu wissen",
	Venue:     "Ort",
	Limits:    "Höchstens",
	Organiser: "Veranstalter",
	SoldHint: "Plätze werden wieder frei, wenn jemand nicht bezahlt oder Karten zurückgibt: " +
		"Schauen Sie später noch einmal.",
}
