package phrase

var german = Phrases{
	Weekdays: [7]string{"Sonntag", "Montag", "Dienstag", "Mittwoch", "Donnerstag", "Freitag",
		"Samstag"},
	Months: [12]string{"Januar", "Februar", "März", "April", "Mai", "Juni", "Juli", "August",
		"September", "Oktober", "November", "Dezember"},
	Date: "{weekday}, {day}. {month} {year}",
	Time: "{time} Uhr",

	Section: "Block", Row: "Reihe", Seat: "Platz", Standing: "Stehplatz", Doors: "Einlass",
	Ticket: "Ticket", Order: "Bestellung", Name: "Name",

	TicketNumber: "Ticket {number} von {count}",
	TicketRule: "Dieser Code lässt eine Person ein, einmal. Wer ihn zuerst zeigt, kommt hinein: " +
		"Bitte kein Bild davon veröffentlichen.",
	Calendar:     "Einlass: {doors}",
	CalendarFile: "termin.ics",
	TicketsFile:  "tickets.pdf",

	Hello:  "Guten Tag {name},",
	Regard: "{organisation}",
	Event:  "{event}\n{date}\n{venue}",

	Paid: Letter{"Ihre Tickets: {event}", "vielen Dank: Die Bestellung {reference} ist bezahlt, " +
		"{total}. Ihre Tickets hängen als PDF an, jedes auf einer Seite.\n\nSie können sie auch auf " +
		"dem Telefon zeigen und die Bestellung ansehen:\n{link}\n\nBehalten Sie diesen Link für " +
		"sich: Wer ihn hat, hat Ihre Tickets."},
	PaidLate: Letter{"Ihre Tickets: {event}", "Ihre Zahlung von {total} für die Bestellung " +
		"{reference} kam nach Ablauf der Frist, aber Ihre Plätze waren noch frei: Sie gehören Ihnen. " +
		"Ihre Tickets hängen als PDF an, jedes auf einer Seite.\n\nSie können sie auch auf dem " +
		"Telefon zeigen und die Bestellung ansehen:\n{link}\n\nBehalten Sie diesen Link für sich: " +
		"Wer ihn hat, hat Ihre Tickets."},
	Expired: Letter{"Bestellung {reference} ist abgelaufen", "die Bestellung {reference} wurde " +
		"nicht rechtzeitig bezahlt, ihre Plätze sind wieder im Verkauf. Es wurde nichts abgebucht. " +
		"Falls Sie doch bezahlt haben, kommt das Geld von selbst zurück.\n\n{link}"},
	Returned: Letter{"Ihre Zahlung für Bestellung {reference} geht zurück", "Ihre Zahlung von " +
		"{amount} für die Bestellung {reference} kam an, als die Plätze nicht mehr frei waren, oder " +
		"wurde nicht gebraucht. Wir geben alles auf dem Weg zurück, auf dem Sie bezahlt haben; Sie " +
		"müssen nichts tun.\n\n{link}"},
	Refunded: Letter{"Erstattung für Bestellung {reference}", "{amount} der Bestellung {reference} " +
		"wurden auf dem Weg erstattet, auf dem Sie bezahlt haben. Je nach Bank dauert es einige " +
		"Tage, bis Sie das Geld sehen.\n\n{link}"},
	Cancelled: Letter{"Abgesagt: {event}", "es tut uns leid: Die Veranstaltung findet nicht statt. " +
		"Tickets dafür gelten nicht mehr. Wer sie gekauft hat, hört von uns in einer eigenen " +
		"Nachricht, was mit dem Geld geschieht.\n\n{link}"},
	Passed: Letter{"Sie haben ein Ticket weitergegeben: {event}", "Ihr Ticket für {place} aus der " +
		"Bestellung {reference} gehört jetzt {holder}. Der alte Code gilt nicht mehr. Falls Sie das " +
		"nicht waren, melden Sie sich sofort bei uns.\n\n{link}"},
	Received: Letter{"Ein Ticket für Sie: {event}", "{buyer} hat ein Ticket an Sie weitergegeben: " +
		"{place}. Es hängt als PDF an, und Sie können es von hier auf dem Telefon zeigen:\n{link}" +
		"\n\nBehalten Sie diesen Link für sich: Wer ihn hat, hat Ihr Ticket."},
}
