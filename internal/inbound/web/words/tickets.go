package words

// Tickets is the pages that are shown at the gate.
type Tickets struct {
	Title    string
	Of       func(i, n int) string // "1 of 4"
	Next     string
	Previous string
	Section  string
	Row      string
	Seat     string
	Standing string
	Entrance string
	Used     func(when, gate string) string
	Void     string
	Code     string // what the picture is
	Bright   string // a hint for the gate
	Print    string
	Order    string // link back to the order
	PassOn   string // opens the form that gives the ticket to somebody else
	PassHow  string
	Pass     string // its button
	PassedTo func(name string) string
	Passed   string // said to who has only the old link
}

var ticketsEnglish = Tickets{
	Title:    "Tickets",
	Of:       func(i, n int) string { return digits(i) + " of " + digits(n) },
	Next:     "Next ticket",
	Previous: "Previous ticket",
	Section:  "Section",
	Row:      "Row",
	Seat:     "Seat",
	Standing: "Standing",
	Entrance: "Entrance",
	Used: func(when, gate string) string {
		if gate == "" {
			return "Used " + when
		}
		return "Used " + when + ", " + gate
	},
	Void:   "This ticket is no longer valid.",
	Code:   "Code of the ticket",
	Bright: "Turn the screen to full brightness at the gate.",
	Print:  "Print",
	Order:  "To the order",
	PassOn: "Pass this ticket on",
	PassHow: "The other person gets a code of their own by mail, and this one admits " +
		"nobody from then on.",
	Pass:     "Pass it on",
	PassedTo: func(name string) string { return "Passed on to " + name },
	Passed:   "This ticket was passed on. Its code admits nobody any more.",
}

var ticketsGerman = Tickets{
	Title:    "Karten",
	Of:       func(i, n int) string { return digits(i) + " von " + digits(n) },
	Next:     "Nächste Karte",
	Previous: "Vorige Karte",
	Section:  "Block",
	Row:      "Reihe",
	Seat:     "Platz",
	Standing: "Stehplatz",
	Entrance: "Eingang",
	Used: func(when, gate string) string {
		if gate == "" {
			return "Benutzt " + when
		}
		return "Benutzt " + when + ", " + gate
	},
	Void:   "Diese Karte gilt nicht mehr.",
	Code:   "Code der Karte",
	Bright: "Stellen Sie den Bildschirm am Eingang ganz hell.",
	Print:  "Drucken",
	Order:  "Zur Bestellung",
	PassOn: "Diese Karte weitergeben",
	PassHow: "Die andere Person bekommt einen eigenen Code per Mail; dieser hier gilt " +
		"dann nicht mehr.",
	Pass:     "Weitergeben",
	PassedTo: func(name string) string { return "Weitergegeben an " + name },
	Passed:   "Diese Karte wurde weitergegeben. Ihr Code gilt nicht mehr.",
}
