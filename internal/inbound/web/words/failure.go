package words

// Failure is the page that says what went wrong. Texts by code are in Reasons; what isn't there is
// said in the words of the failure itself.
type Failure struct {
	Title   string
	Missing string // there is nothing at this address
	Home    string // the way out
	Order   string // the way back to what a form belongs to
	Tickets string
	Basket  string
	Ask     func(request string) string
	Reasons map[string]string
}

var failureEnglish = Failure{
	Title:   "That didn’t work",
	Missing: "There is nothing at this address",
	Home:    "To all events",
	Order:   "Back to the order",
	Tickets: "Back to the tickets",
	Basket:  "Back to your places",
	Ask: func(request string) string {
		return "If you ask us about it, name this number: " + request
	},
	Reasons: map[string]string{
		"event_not_found": "This event doesn’t exist, or it isn’t public.",
		"overloaded": "Very many people are here at this moment. Please try again in a " +
			"few seconds.",
		"widget_off": "This site has no widget. Its operator can allow other sites to show " +
			"its events.",
		"voucher_unknown":        "There is no such voucher for this event.",
		"bad_voucher_code":       "A voucher code has 3 to 40 letters, digits and hyphens.",
		"voucher_not_now":        "This voucher isn’t valid at this time.",
		"voucher_used_up":        "This voucher was used as often as it may be.",
		"voucher_without_effect": "This voucher takes nothing off these places.",
		"payments_unavailable": "Payments are not available right " +
			"now. Your places stay reserved.",
		"payment_unknown":    "We are checking the payment. Please do not pay again.",
		"order_not_open":     "The order no longer waits for a payment.",
		"order_ended":        "The order has already ended.",
		"too_many_requests":  "Too many requests came from your address. Please wait a moment.",
		"ticket_void":        "This ticket is no longer valid.",
		"ticket_not_found":   "There is no such ticket.",
		"ticket_transferred": "This ticket was passed on.",
		"already_admitted":   "Somebody was already admitted with this ticket.",
		"too_many_transfers": "This ticket was passed on too often.",
		"bad_reason":         "Please use at most 500 characters.",
		"bad_buyer":          "Please give a name and a valid e-mail address.",
		"internal":           "Something went wrong on our side. It was recorded.",
		"place_taken":        "Somebody else has one of these places.",
		"not_enough_places":  "There are not enough free places for this wish.",
		"too_many_places":    "These are more places than one order may have.",
		"no_places":          "Please choose at least one place.",
		"not_for_sale":       "One of these places is not for sale.",
		"sale_not_open":      "Tickets for this event are not on sale now.",
		"event_cancelled":    "The event is cancelled.",
		"hold_ended":         "The time for these places has run out.",
		"hold_ordered":       "These places have been ordered already.",
		"hold_changed": "Your places have changed meanwhile. Please look at them and " +
			"the price again.",
		"no_more_extensions": "The time can’t be extended again.",
		"not_found":          "The address may be mistyped, or what was here has gone.",
		"foreign_form":       "This form was sent from another site, so nothing was done.",
		"event_revised":      "The prices have changed just now. Please look at them again.",
	},
}

var failureGerman = Failure{
	Title:   "Das hat nicht geklappt",
	Missing: "Unter dieser Adresse ist nichts",
	Home:    "Zu allen Veranstaltungen",
	Order:   "Zurück zur Bestellung",
	Tickets: "Zurück zu den Karten",
	Basket:  "Zurück zu Ihren Plätzen",
	Ask: func(request string) string {
		return "Wenn Sie uns danach fragen, nennen Sie diese Nummer: " + request
	},
	Reasons: map[string]string{
		"event_not_found": "Diese Veranstaltung gibt es nicht, oder sie ist nicht öffentlich.",
		"overloaded": "Gerade sind sehr viele Menschen hier. Bitte versuchen Sie es in ein paar " +
			"Sekunden wieder.",
		"widget_off": "Diese Seite hat kein Widget. Wer sie betreibt, kann anderen Seiten " +
			"erlauben, ihre Veranstaltungen zu zeigen.",
		"voucher_unknown":        "Für diese Veranstaltung gibt es keinen solchen Gutschein.",
		"bad_voucher_code":       "Ein Gutschein hat 3 bis 40 Buchstaben, Ziffern und Striche.",
		"voucher_not_now":        "Dieser Gutschein gilt zurzeit nicht.",
		"voucher_used_up":        "Dieser Gutschein wurde so oft benutzt, wie es geht.",
		"voucher_without_effect": "Dieser Gutschein ändert am Preis dieser Plätze nichts.",
		"payments_unavailable": "Zahlungen sind gerade nicht " +
			"möglich. Ihre Plätze bleiben reserviert.",
		"payment_unknown": "Wir prüfen die Zahlung. Bitte bezahlen Sie nicht noch einmal.",
		"order_not_open":  "Die Bestellung wartet nicht mehr auf eine Zahlung.",
		"order_ended":     "Die Bestellung ist schon zu Ende.",
		"too_many_requests": "Von Ihrer Adresse kamen zu " +
			"viele Anfragen. Bitte warten Sie kurz.",
		"ticket_void":        "Diese Karte gilt nicht mehr.",
		"ticket_not_found":   "Eine solche Karte gibt es nicht.",
		"ticket_transferred": "Diese Karte wurde weitergegeben.",
		"already_admitted":   "Mit dieser Karte wurde schon jemand eingelassen.",
		"too_many_transfers": "Diese Karte wurde zu oft weitergegeben.",
		"bad_reason":         "Bitte schreiben Sie höchstens 500 Zeichen.",
		"bad_buyer":          "Bitte geben Sie einen Namen und eine gültige E-Mail-Adresse an.",
		"internal":           "Bei uns ist etwas schiefgegangen. Wir haben es aufgezeichnet.",
		"place_taken":        "Einer dieser Plätze gehört schon jemand anderem.",
		"not_enough_places":  "Für diesen Wunsch sind nicht genug Plätze frei.",
		"too_many_places":    "Das sind mehr Plätze, als eine Bestellung haben darf.",
		"no_places":          "Bitte wählen Sie mindestens einen Platz.",
		"not_for_sale":       "Einer dieser Plätze ist nicht zu kaufen.",
		"sale_not_open":      "Karten für diese Veranstaltung sind gerade nicht im Verkauf.",
		"event_cancelled":    "Die Veranstaltung ist abgesagt.",
		"hold_ended":         "Die Zeit für diese Plätze ist abgelaufen.",
		"hold_ordered":       "Diese Plätze sind schon bestellt.",
		"hold_changed": "Ihre Plätze haben sich inzwischen geändert. Bitte sehen Sie sie " +
			"und den Preis noch einmal an.",
		"no_more_extensions": "Die Zeit lässt sich nicht mehr verlängern.",
		"not_found":          "Vielleicht ist die Adresse vertippt, oder was hier war, ist weg.",
		"foreign_form":       "Dieses Formular kam von einer anderen Seite, daher geschah nichts.",
		"event_revised":      "Die Preise haben sich gerade geändert. Bitte sehen Sie nach.",
	},
}
