package words

// Failure is the page that says what went wrong. Texts by code are in Reasons; what isn't there is
// said in the words of the failure itself.
type Failure struct {
	Title   string
	Missing string // there is nothing at this address
	Home    string // the way out
	Ask     func(request string) string
	Reasons map[string]string
}

var failureEnglish = Failure{
	Title:   "That didn’t work",
	Missing: "There is nothing at this address",
	Home:    "To all events",
	Ask: func(request string) string {
		return "If you ask us about it, name this number: " + request
	},
	Reasons: map[string]string{
		"event_not_found": "This event doesn’t exist, or it isn’t public.",
		"not_found":       "The address may be mistyped, or what was here has gone.",
		"overloaded": "Very many people are here at this moment. Please try again in a " +
			"few seconds.",
		"widget_off": "This site has no widget. Its operator can allow other sites to show " +
			"its events.",
		"internal": "Something went wrong on our side. It was recorded.",
	},
}

var failureGerman = Failure{
	Title:   "Das hat nicht geklappt",
	Missing: "Unter dieser Adresse ist nichts",
	Home:    "Zu allen Veranstaltungen",
	Ask: func(request string) string {
		return "Wenn Sie uns danach fragen, nennen Sie diese Nummer: " + request
	},
	Reasons: map[string]string{
		"event_not_found": "Diese Veranstaltung gibt es nicht, oder sie ist nicht öffentlich.",
		"not_found":       "Vielleicht ist die Adresse vertippt, oder was hier war, ist weg.",
		"overloaded": "Gerade sind sehr viele Menschen hier. Bitte versuchen Sie es in ein paar " +
			"Sekunden wieder.",
		"widget_off": "Diese Seite hat kein Widget. Wer sie betreibt, kann anderen Seiten " +
			"erlauben, ihre Veranstaltungen zu zeigen.",
		"internal": "Bei uns ist etwas schiefgegangen. Wir haben es aufgezeichnet.",
	},
}
