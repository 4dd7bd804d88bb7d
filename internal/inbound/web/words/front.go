package words

// Front is the list of events.
type Front struct {
	Title     string
	Search    string // label of the field for words
	Place     string
	From      string // label of the first day
	To        string // label of the last day
	Kind      string // label of the choice of kinds
	AnyKind   string
	MaxPrice  string // label of the most that a place may cost
	Find      string // the button
	Narrow    string // opens the other fields
	None      string // nothing is on
	Nothing   string // nothing meets the filter
	All       string // drops the filter
	More      string // the next page
	OnSale    string
	Opens     func(when, in string) string
	Closed    string
	Cancelled string
	SoldOut   string
	FewLeft   string
	Fees      string // below a list with prices
	Today     string // instead of the weekday
}

var frontEnglish = Front{
	Title:     "What’s on",
	Search:    "Search",
	Place:     "Place",
	From:      "From",
	To:        "Until",
	Kind:      "Kind",
	AnyKind:   "Everything",
	MaxPrice:  "Price up to",
	Find:      "Find",
	Narrow:    "Place, kind, days and price",
	None:      "Nothing is announced yet. Please come back later.",
	Nothing:   "No event meets your search.",
	All:       "Show all events",
	More:      "Later events",
	OnSale:    "On sale",
	Opens:     func(when, in string) string { return "On sale " + when + " (" + in + ")" },
	Closed:    "Sale has ended",
	Cancelled: "Cancelled",
	SoldOut:   "Sold out",
	FewLeft:   "Few left",
	Fees:      "Prices are per ticket, with its fees and taxes.",
	Today:     "Today",
}

var frontGerman = Front{
	Title:     "Programm",
	Search:    "Suche",
	Place:     "Ort",
	From:      "Ab",
	To:        "Bis",
	Kind:      "Art",
	AnyKind:   "Alles",
	MaxPrice:  "Preis bis",
	Find:      "Finden",
	Narrow:    "Ort, Art, Tage und Preis",
	None:      "Noch ist nichts angekündigt. Bitte schauen Sie später wieder vorbei.",
	Nothing:   "Keine Veranstaltung passt zu Ihrer Suche.",
	All:       "Alle Veranstaltungen zeigen",
	More:      "Spätere Veranstaltungen",
	OnSale:    "Im Verkauf",
	Opens:     func(when, in string) string { return "Verkauf ab " + when + " (" + in + ")" },
	Closed:    "Verkauf beendet",
	Cancelled: "Abgesagt",
	SoldOut:   "Ausverkauft",
	FewLeft:   "Wenige Plätze",
	Fees:      "Preise je Karte, mit ihren Gebühren und Steuern.",
	Today:     "Heute",
}
