package words

// Front is the list of events.
type Front struct {
	Title     string
	Search    string // label of the field for words
	Place     string
	From      string // label of the first day
	Find      string // the button
	None      string // nothing is on
	Nothing   string // nothing meets the filter
	All       string // drops the filter
	More      string // the next page
	OnSale    string
	Opens     func(when, in string) string
	Closed    string
	Cancelled string
	SoldOut   string
}

var frontEnglish = Front{
	Title:     "What’s on",
	Search:    "Search",
	Place:     "Place",
	From:      "From",
	Find:      "Find",
	None:      "Nothing is announced yet. Please come back later.",
	Nothing:   "No event meets your search.",
	All:       "Show all events",
	More:      "Later events",
	OnSale:    "On sale",
	Opens:     func(when, in string) string { return "On sale " + when + " (" + in + ")" },
	Closed:    "Sale has ended",
	Cancelled: "Cancelled",
	SoldOut:   "Sold out",
}

var frontGerman = Front{
	Title:     "Programm",
	Search:    "Suche",
	Place:     "Ort",
	From:      "Ab",
	Find:      "Finden",
	None:      "Noch ist nichts angekündigt. Bitte schauen Sie später wieder vorbei.",
	Nothing:   "Keine Veranstaltung passt zu Ihrer Suche.",
	All:       "Alle Veranstaltungen zeigen",
	More:      "Spätere Veranstaltungen",
	OnSale:    "Im Verkauf",
	Opens:     func(when, in string) string { return "Verkauf ab " + when + " (" + in + ")" },
	Closed:    "Verkauf beendet",
	Cancelled: "Abgesagt",
	SoldOut:   "Ausverkauft",
}
