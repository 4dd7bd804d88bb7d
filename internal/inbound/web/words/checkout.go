package words

// Checkout is the page on which an order is placed.
type Checkout struct {
	Title    string
	Contact  string // headings
	Summary  string
	Name     string
	Email    string
	EmailUse string
	EmailFor string // the same where no mails are sent
	Remember string
	Voucher  string
	Apply    string
	Applied  func(code string) string
	Drop     string // of a voucher
	Saved    string

	Each      func(n int, price string) string // places of one price
	Contained func(rate, amount string) string // tax that prices include
	Added     func(rate string) string         // tax that comes on top
	VoucherOf func(code string) string

	Pay     func(total string) string
	Free    string // the button of an order that costs nothing
	Paying  string // while it is on its way
	Next    string // what happens next
	NoLogin string

	Problem    string // heading of the summary of errors
	ErrorTitle func(title string) string
	Error      string // before the text at a field
	NoName     string
	BadEmail   string
	DidYouMean func(email string) string
	UseIt      string // button: takes the suggestion
	KeepIt     string // the address is right as it is
	Limit      func(limit, have int) string
	NotPlaced  string // what is true after every refusal
}

var checkoutEnglish = Checkout{
	Title:    "Checkout",
	Contact:  "Who gets the tickets?",
	Summary:  "Your order",
	Name:     "Name",
	Email:    "E-mail",
	EmailUse: "The tickets go there.",
	EmailFor: "For questions about your order. The tickets come here, not by mail.",
	Remember: "Remember my details on this device",
	Voucher:  "Voucher",
	Apply:    "Apply",
	Applied:  func(code string) string { return "Voucher " + code + " is applied." },
	Drop:     "Without voucher",
	Saved:    "You save",

	Each:      func(n int, price string) string { return digits(n) + " × " + price },
	Contained: func(rate, amount string) string { return "Contains " + rate + " VAT: " + amount },
	Added:     func(rate string) string { return "Tax, " + rate },
	VoucherOf: func(code string) string { return "Voucher " + code },

	Pay:     func(total string) string { return "Pay " + total },
	Free:    "Order without payment",
	Paying:  "One moment …",
	Next:    "You pay on the page of our payment service and come back here.",
	NoLogin: "No account is needed.",

	Problem:    "There is a problem",
	ErrorTitle: func(title string) string { return "Error: " + title },
	Error:      "Error:",
	NoName:     "Enter your name.",
	BadEmail:   "Enter an e-mail address like name@example.com.",
	DidYouMean: func(email string) string { return "Did you mean " + email + "?" },
	UseIt:      "Yes, use it",
	KeepIt:     "To keep your address as it is, press the button again.",
	Limit: func(limit, have int) string {
		return "One buyer may have " + count(limit, "place", "places") + " for this event, and " +
			"with this address you have " + digits(have) + "."
	},
	NotPlaced: "Nothing was ordered or charged.",
}

var checkoutGerman = Checkout{
	Title:    "Kasse",
	Contact:  "Wer bekommt die Karten?",
	Summary:  "Ihre Bestellung",
	Name:     "Name",
	Email:    "E-Mail",
	EmailUse: "Dorthin gehen die Karten.",
	EmailFor: "Für Fragen zur Bestellung. Die Karten kommen hier, nicht per Mail.",
	Remember: "Meine Angaben auf diesem Gerät merken",
	Voucher:  "Gutschein",
	Apply:    "Einlösen",
	Applied:  func(code string) string { return "Gutschein " + code + " ist angewendet." },
	Drop:     "Ohne Gutschein",
	Saved:    "Sie sparen",

	Each:      func(n int, price string) string { return digits(n) + " × " + price },
	Contained: func(rate, amount string) string { return "Enthält " + rate + " MwSt.: " + amount },
	Added:     func(rate string) string { return "Steuer, " + rate },
	VoucherOf: func(code string) string { return "Gutschein " + code },

	Pay:     func(total string) string { return total + " bezahlen" },
	Free:    "Ohne Zahlung bestellen",
	Paying:  "Einen Moment …",
	Next:    "Sie bezahlen auf der Seite unseres Zahlungsdienstes und kommen hierher zurück.",
	NoLogin: "Ein Konto ist nicht nötig.",

	Problem:    "Da stimmt etwas nicht",
	ErrorTitle: func(title string) string { return "Fehler: " + title },
	Error:      "Fehler:",
	NoName:     "Geben Sie Ihren Namen ein.",
	BadEmail:   "Geben Sie eine E-Mail-Adresse wie name@example.com ein.",
	DidYouMean: func(email string) string { return "Meinten Sie " + email + "?" },
	UseIt:      "Ja, diese nehmen",
	KeepIt:     "Wenn Ihre Adresse so stimmt, drücken Sie den Knopf noch einmal.",
	Limit: func(limit, have int) string {
		return "Für diese Veranstaltung darf eine Person " + count(limit, "Platz", "Plätze") +
			" haben, mit dieser Adresse haben Sie " + digits(have) + "."
	},
	NotPlaced: "Bestellt oder abgebucht wurde nichts.",
}
