package words

// Orders is the page of an order, and the list of a browser's orders.
type Orders struct {
	Title     func(reference string) string
	Reference string
	Mine      string // title of the list
	MineNone  string
	MineHow   string
	MineHere  string // the same where no mails are sent
	When      string
	Places    string
	Amount    string
	State     string
	Order     string

	Waiting     string // headings, by state
	Unknown     string
	Declined    string
	Unavailable string
	Paid        string
	PaidFree    string
	Expired     string
	Cancelled   string

	WaitingHow     func(until string) string
	UnknownHow     func(email string) string
	UnknownHere    string // the same where no mails are sent
	UnknownSoon    string
	UnknownLong    string
	DeclinedHow    func(until string) string
	UnavailableHow func(until string) string
	PaidHow        func(email string) string
	PaidHere       string // the same where no mails are sent
	ExpiredHow     string
	LateHow        func(amount string) string // a payment that came too late goes back
	CancelledHow   string
	TooOften       string

	Pay      func(total string) string
	PayAgain string
	CheckNow string
	Cancel   string
	Tickets  string
	PDF      string
	Anew     string // choose places again

	AskRefund   string // opens the form
	AskHow      string
	AskReason   string
	Ask         string // its button
	Asked       func(when string) string
	AskDeclined func(answer string) string

	Refunds      string // heading
	RefundOpen   func(amount string) string
	RefundDone   func(amount, when string) string
	RefundFailed func(amount string) string

	History   string
	Placed    string
	DeclinedN func(n int) string
	PaidAt    string
	Received  func(amount string) string
	States    map[string]string // short words, by the state of the order
	NotYours  string            // the browser doesn't know the order
	NotHere   string            // the same where no mails are sent
	Mailbox   string            // link to where a demo keeps its mails
}

var ordersEnglish = Orders{
	Title:     func(reference string) string { return "Order " + reference },
	Reference: "Order",
	Mine:      "My orders",
	MineNone:  "This browser knows of no orders.",
	MineHow: "These are the orders of this browser. Others open with the link in their mail; " +
		"accounts are not needed.",
	MineHere: "These are the orders of this browser; others don’t know them. Keep the files with " +
		"your tickets.",
	When:   "When",
	Places: "Places",
	Amount: "Amount",
	State:  "State",
	Order:  "Order",

	Waiting:     "Not paid yet",
	Unknown:     "We are waiting for your bank",
	Declined:    "The payment was declined",
	Unavailable: "Payments are not available right now",
	Paid:        "Paid. Your tickets are ready",
	PaidFree:    "Your tickets are ready",
	Expired:     "The time to pay has run out",
	Cancelled:   "The order is cancelled",

	WaitingHow: func(until string) string {
		return "Your places are reserved until " + until + ". Nothing was charged so far."
	},
	UnknownHow: func(email string) string {
		return "Your places stay reserved for you. Please do not pay again. If the money was " +
			"taken, your tickets come by mail to " + email + "; if not, nothing is charged."
	},
	UnknownSoon: "Usually this takes less than a minute. The page changes by itself.",
	UnknownLong: "It takes longer than usual. You can close this page and come back.",
	DeclinedHow: func(until string) string {
		return "Nothing was charged. Your places are reserved until " + until +
			". You can try again, also with another card."
	},
	UnavailableHow: func(until string) string {
		return "Nothing was charged. Your places are reserved until " + until +
			". Please try again in a moment."
	},
	UnknownHere: "Your places stay reserved for you. Please do not pay again. If the money was " +
		"taken, your tickets come here; if not, nothing is charged.",
	PaidHow:   func(email string) string { return "They also go by mail to " + email + "." },
	PaidHere:  "Keep this page, or the file with your tickets.",
	PDF:       "Tickets as PDF",
	AskRefund: "Ask for your money back",
	AskHow: "The organiser decides. Your tickets admit until then, and you find the answer on " +
		"this page.",
	AskReason: "Why? (optional)",
	Ask:       "Ask for a refund",
	Asked: func(when string) string {
		return "You asked for your money back on " + when + ". The organiser has not answered yet."
	},
	AskDeclined: func(answer string) string {
		return because("The organiser said no to your wish for a refund", answer)
	},
	ExpiredHow: "Nothing was charged, and the places are on sale again. If money was taken after " +
		"all, it goes back by itself.",
	LateHow: func(amount string) string {
		return amount + " came after the time had run out, when the places were no longer free. " +
			"All of it goes back to you."
	},
	CancelledHow: "Its tickets don’t admit any more.",
	TooOften:     "This order was tried to be paid too often. Please order anew.",

	Pay:      func(total string) string { return "Pay " + total },
	PayAgain: "Try again",
	CheckNow: "Check now",
	Cancel:   "Cancel the order",
	Tickets:  "Show tickets",
	Anew:     "Choose places again",

	Refunds:    "Refunds",
	RefundOpen: func(amount string) string { return amount + " is on its way back to you" },
	RefundDone: func(amount, when string) string { return amount + " went back on " + when },
	RefundFailed: func(amount string) string {
		return amount + " could not be returned yet; we look into it"
	},

	History:   "History",
	Placed:    "Ordered",
	DeclinedN: func(n int) string { return count(n, "payment declined", "payments declined") },
	PaidAt:    "Paid",
	Received:  func(amount string) string { return amount + " received" },
	States: map[string]string{"awaiting_payment": "not paid yet", "paid": "paid",
		"expired": "expired", "cancelled": "cancelled"},
	NotYours: "This browser doesn’t know the order. Open the link in our mail.",
	NotHere:  "This browser doesn’t know the order. Open it in the browser that ordered.",
	Mailbox:  "Look into the demo’s mailbox",
}

var ordersGerman = Orders{
	Title:     func(reference string) string { return "Bestellung " + reference },
	Reference: "Bestellung",
	Mine:      "Meine Bestellungen",
	MineNone:  "Dieser Browser kennt keine Bestellungen.",
	MineHow: "Das sind die Bestellungen dieses Browsers. Andere öffnen sich mit dem Link in " +
		"ihrer Mail; ein Konto ist nicht nötig.",
	MineHere: "Das sind die Bestellungen dieses Browsers; andere kennen sie nicht. Bewahren Sie " +
		"die Dateien mit Ihren Karten auf.",
	When:   "Wann",
	Places: "Plätze",
	Amount: "Betrag",
	State:  "Stand",
	Order:  "Bestellung",

	Waiting:     "Noch nicht bezahlt",
	Unknown:     "Wir warten auf Ihre Bank",
	Declined:    "Die Zahlung wurde abgelehnt",
	Unavailable: "Zahlungen sind gerade nicht möglich",
	Paid:        "Bezahlt. Ihre Karten sind da",
	PaidFree:    "Ihre Karten sind da",
	Expired:     "Die Zeit zum Bezahlen ist abgelaufen",
	Cancelled:   "Die Bestellung ist storniert",

	WaitingHow: func(until string) string {
		return "Ihre Plätze sind bis " + until + " reserviert. Bisher wurde nichts abgebucht."
	},
	UnknownHow: func(email string) string {
		return "Ihre Plätze bleiben für Sie reserviert. Bitte bezahlen Sie nicht noch einmal. " +
			"Wurde das Geld abgebucht, kommen Ihre Karten per Mail an " + email +
			"; wenn nicht, wird nichts abgebucht."
	},
	UnknownSoon: "Meist dauert das weniger als eine Minute. Die Seite ändert sich von selbst.",
	UnknownLong: "Es dauert länger als sonst. Sie können die Seite schließen und wiederkommen.",
	DeclinedHow: func(until string) string {
		return "Abgebucht wurde nichts. Ihre Plätze sind bis " + until +
			" reserviert. Sie können es noch einmal versuchen, auch mit einer anderen Karte."
	},
	UnavailableHow: func(until string) string {
		return "Abgebucht wurde nichts. Ihre Plätze sind bis " + until +
			" reserviert. Bitte versuchen Sie es gleich noch einmal."
	},
	UnknownHere: "Ihre Plätze bleiben für Sie reserviert. Bitte bezahlen Sie nicht noch einmal. " +
		"Wurde das Geld abgebucht, kommen Ihre Karten hierher; wenn nicht, wird nichts abgebucht.",
	PaidHow:   func(email string) string { return "Sie gehen auch per Mail an " + email + "." },
	PaidHere:  "Behalten Sie diese Seite oder die Datei mit Ihren Karten.",
	PDF:       "Karten als PDF",
	AskRefund: "Geld zurückverlangen",
	AskHow: "Darüber entscheidet der Veranstalter. Bis dahin gelten Ihre Karten, und die Antwort " +
		"steht dann hier.",
	AskReason: "Warum? (wenn Sie mögen)",
	Ask:       "Um Erstattung bitten",
	Asked: func(when string) string {
		return "Sie haben am " + when + " um Erstattung gebeten. Der Veranstalter hat noch nicht " +
			"geantwortet."
	},
	AskDeclined: func(answer string) string {
		return because("Der Veranstalter hat Ihre Bitte um Erstattung abgelehnt", answer)
	},
	ExpiredHow: "Abgebucht wurde nichts, und die Plätze sind wieder im Verkauf. Sollte doch Geld " +
		"abgebucht worden sein, geht es von selbst zurück.",
	LateHow: func(amount string) string {
		return amount + " kam nach Ablauf der Zeit, als die Plätze nicht mehr frei waren. Alles " +
			"geht an Sie zurück."
	},
	CancelledHow: "Die Karten gelten nicht mehr.",
	TooOften:     "Diese Bestellung wurde zu oft zu bezahlen versucht. Bitte bestellen Sie neu.",

	Pay:      func(total string) string { return total + " bezahlen" },
	PayAgain: "Noch einmal versuchen",
	CheckNow: "Jetzt prüfen",
	Cancel:   "Bestellung stornieren",
	Tickets:  "Karten zeigen",
	Anew:     "Wieder Plätze wählen",

	Refunds:    "Erstattungen",
	RefundOpen: func(amount string) string { return amount + " ist unterwegs zu Ihnen" },
	RefundDone: func(amount, when string) string { return amount + " ging zurück am " + when },
	RefundFailed: func(amount string) string {
		return amount + " ließ sich noch nicht erstatten; wir kümmern uns darum"
	},

	History:   "Verlauf",
	Placed:    "Bestellt",
	DeclinedN: func(n int) string { return count(n, "Zahlung abgelehnt", "Zahlungen abgelehnt") },
	PaidAt:    "Bezahlt",
	Received:  func(amount string) string { return amount + " eingegangen" },
	States: map[string]string{"awaiting_payment": "noch nicht bezahlt", "paid": "bezahlt",
		"expired": "abgelaufen", "cancelled": "storniert"},
	NotYours: "Dieser Browser kennt die Bestellung nicht. Öffnen Sie den Link in unserer Mail.",
	NotHere: "Dieser Browser kennt die Bestellung nicht. Öffnen Sie sie in dem, mit dem Sie " +
		"bestellt haben.",
	Mailbox: "In das Postfach der Demo sehen",
}
