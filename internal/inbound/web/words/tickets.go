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
}
