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
	Holder   string // whose name is on it
	Code     string // what the picture is
	Bright   string // a hint for the gate
	Print    string
	Order    string // link back to the order
	PassOn   string // opens the form that gives the ticket to somebody else
	PassHow  string
	PassHere string // the same where no mails are sent
	Pass     string // its button
	NoName   string // of the other person
	Unsure   string // said with the form once more, when the answer was lost
	PassedTo func(name string) string

	PassedHow  func(name string) string // what to do with the new ticket's link
	PassedMail func(email string) string
	Link       string // label of that link
	Copy       string
	Copied     string
	Back       string // link back to the tickets

	Passed string // said to who has only the old link
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
	Holder: "Name",
	Code:   "Code of the ticket",
	Bright: "Turn the screen to full brightness at the gate.",
	Print:  "Print",
	Order:  "To the order",
	PassOn: "Pass this ticket on",
	PassHow: "The other person gets a code of their own by mail, and you get its link. The code " +
		"here admits nobody from then on.",
	PassHere: "You get a link to a new code, for the other person. The code here admits nobody " +
		"from then on.",
	Pass:   "Pass it on",
	NoName: "Enter the name of who gets the ticket.",
	Unsure: "We don’t know yet whether it worked. Press the button again: nothing happens " +
		"twice.",
	PassedTo: func(name string) string { return "Passed on to " + name },
	Passed:   "This ticket was passed on. Its code admits nobody any more.",
	PassedHow: func(name string) string {
		return "Give this link to " + name + ": it opens the ticket with its new code. " +
			"It is shown only now."
	},
	PassedMail: func(email string) string { return "It also goes by mail to " + email + "." },
	Link:       "Link to the ticket",
	Copy:       "Copy the link",
	Copied:     "Copied",
	Back:       "To your tickets",
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
	Holder: "Name",
	Code:   "Code der Karte",
	Bright: "Stellen Sie den Bildschirm am Eingang ganz hell.",
	Print:  "Drucken",
	Order:  "Zur Bestellung",
	PassOn: "Diese Karte weitergeben",
	PassHow: "Die andere Person bekommt einen eigenen Code per Mail, und Sie bekommen den Link " +
		"dazu. Der Code hier gilt dann nicht mehr.",
	PassHere: "Sie bekommen einen Link zu einem neuen Code, für die andere Person. Der Code hier " +
		"gilt dann nicht mehr.",
	Pass:   "Weitergeben",
	NoName: "Geben Sie den Namen der anderen Person ein.",
	Unsure: "Wir wissen noch nicht, ob es geklappt hat. Drücken Sie noch einmal auf den Knopf: " +
		"Nichts geschieht doppelt.",
	PassedTo: func(name string) string { return "Weitergegeben an " + name },
	Passed:   "Diese Karte wurde weitergegeben. Ihr Code gilt nicht mehr.",
	PassedHow: func(name string) string {
		return "Geben Sie diesen Link an " + name + " weiter: Er öffnet die Karte mit ihrem " +
			"neuen Code. Er wird nur jetzt gezeigt."
	},
	PassedMail: func(email string) string { return "Er geht auch per Mail an " + email + "." },
	Link:       "Link zur Karte",
	Copy:       "Link kopieren",
	Copied:     "Kopiert",
	Back:       "Zu Ihren Karten",
}
