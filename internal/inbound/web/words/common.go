package words

// Common is what every page may say.
type Common struct {
	Skip     string // the first link of a page
	Site     string // where the site's name leads to
	Language string
	MyOrders string
	Powered  string
	From     func(price string) string // the lowest price
	Fees     string                    // behind a price that is all the buyer pays
	FreeOf   func(free int) string     // places that are left
	Yours    string                    // before a time in the reader's own zone
	Contact  string                    // of the organiser, a link
	Imprint  string                    // who runs the site, a link
}

var commonEnglish = Common{
	Skip:     "Skip to the content",
	Site:     "All events",
	Language: "Language",
	MyOrders: "My orders",
	Powered:  "Sold with TicketFlow",
	From:     func(price string) string { return "from " + price },
	Fees:     "incl. fees",
	FreeOf:   func(free int) string { return count(free, "place left", "places left") },
	Yours:    "Your time:",
	Contact:  "Contact",
	Imprint:  "Legal notice",
}

var commonGerman = Common{
	Skip:     "Zum Inhalt",
	Site:     "Alle Veranstaltungen",
	Language: "Sprache",
	MyOrders: "Meine Bestellungen",
	Powered:  "Verkauft mit TicketFlow",
	From:     func(price string) string { return "ab " + price },
	Fees:     "inkl. Gebühren",
	FreeOf:   func(free int) string { return count(free, "Platz frei", "Plätze frei") },
	Yours:    "Ihre Zeit:",
	Contact:  "Kontakt",
	Imprint:  "Impressum",
}
