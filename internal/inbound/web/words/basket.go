package words

// Basket is the places that a buyer has for a while, and what may happen to them.
type Basket struct {
	Title    string
	Empty    string
	Places   func(n int) string
	Remove   string
	RemoveOf func(place string) string
	Total    string
	Fees     string // under the total
	Continue string
	Back     string // from the checkout to the places

	Until     func(clock string) string // "Held for you until 20:14"
	Left      func(left string) string  // "9:32"
	Extend    string
	Soon      string // announced two minutes before the end
	Over      string // announced at the end
	LastTime  string // no extension is left
	Lost      string // heading: the time is over
	LostHow   string
	StillFree string
	GoneNow   string
	Again     func(free, of int) string
	Anew      string // nothing is left: choose others

	Taken   func(places string) string
	Instead func(places, price string) string
	Rest    string // what happened to the other places
	LetUs   string // after several lost races
	Alone   func(place string) string
	Move    func(places string) string
	Problem string // title of the page that says it
}

var basketEnglish = Basket{
	Title:    "Your places",
	Empty:    "Nothing is chosen yet.",
	Places:   func(n int) string { return count(n, "place", "places") },
	Remove:   "Remove",
	RemoveOf: func(place string) string { return "Remove " + place },
	Total:    "Total",
	Fees:     "All fees and taxes included.",
	Continue: "Continue",
	Back:     "Change places",

	Until:     func(clock string) string { return "Held for you until " + clock },
	Left:      func(left string) string { return "(" + left + ")" },
	Extend:    "More time",
	Soon:      "Your places are held for two more minutes. You can take more time.",
	Over:      "The time for your places has run out.",
	LastTime:  "The time can’t be extended again.",
	Lost:      "The time for these places has run out",
	LostHow:   "They are on sale again. Nothing was charged.",
	StillFree: "still free",
	GoneNow:   "taken by somebody else",
	Again: func(free, of int) string {
		if free == of {
			return "Hold them again"
		}
		return "Hold again what is still free (" + digits(free) + " of " + digits(of) + ")"
	},
	Anew: "Choose other places",

	Taken: func(places string) string { return "Somebody else was faster: " + places + "." },
	Instead: func(places, price string) string {
		return "Take " + places + " instead (" + price + ")"
	},
	Rest:  "Everything that you hold is still yours.",
	LetUs: "Many people choose at this moment. Let us choose the best free places for you.",
	Alone: func(place string) string {
		return place + " would stay alone between taken seats, and single seats are hard to sell."
	},
	Move:    func(places string) string { return "Move to " + places },
	Problem: "Error: your places",
}

var basketGerman = Basket{
	Title:    "Ihre Plätze",
	Empty:    "Noch ist nichts gewählt.",
	Places:   func(n int) string { return count(n, "Platz", "Plätze") },
	Remove:   "Entfernen",
	RemoveOf: func(place string) string { return place + " entfernen" },
	Total:    "Summe",
	Fees:     "Alle Gebühren und Steuern enthalten.",
	Continue: "Weiter",
	Back:     "Plätze ändern",

	Until:     func(clock string) string { return "Für Sie reserviert bis " + clock },
	Left:      func(left string) string { return "(" + left + ")" },
	Extend:    "Mehr Zeit",
	Soon:      "Ihre Plätze sind noch zwei Minuten reserviert. Sie können mehr Zeit nehmen.",
	Over:      "Die Zeit für Ihre Plätze ist abgelaufen.",
	LastTime:  "Die Zeit lässt sich nicht mehr verlängern.",
	Lost:      "Die Zeit für diese Plätze ist abgelaufen",
	LostHow:   "Sie sind wieder im Verkauf. Abgebucht wurde nichts.",
	StillFree: "noch frei",
	GoneNow:   "von jemand anderem genommen",
	Again: func(free, of int) string {
		if free == of {
			return "Noch einmal reservieren"
		}
		return "Reservieren, was noch frei ist (" + digits(free) + " von " + digits(of) + ")"
	},
	Anew: "Andere Plätze wählen",

	Taken: func(places string) string { return "Jemand war schneller: " + places + "." },
	Instead: func(places, price string) string {
		return "Stattdessen " + places + " nehmen (" + price + ")"
	},
	Rest: "Alles, was Sie reserviert haben, bleibt Ihres.",
	LetUs: "Gerade wählen sehr viele Menschen. Lassen Sie uns die besten freien Plätze für Sie " +
		"wählen.",
	Alone: func(place string) string {
		return place + " bliebe allein zwischen belegten Plätzen, und einzelne Plätze lassen " +
			"sich schwer verkaufen."
	},
	Move:    func(places string) string { return "Rücken auf " + places },
	Problem: "Fehler: Ihre Plätze",
}
