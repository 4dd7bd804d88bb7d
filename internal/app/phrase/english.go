package phrase

var english = Phrases{
	Weekdays: [7]string{"Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday",
		"Saturday"},
	Months: [12]string{"January", "February", "March", "April", "May", "June", "July", "August",
		"September", "October", "November", "December"},
	Date: "{weekday}, {day} {month} {year}",
	Time: "{time}",

	Section: "Section", Row: "Row", Seat: "Seat", Standing: "Standing", Doors: "Doors",
	Ticket: "Ticket", Order: "Order", Name: "Name",

	TicketNumber: "Ticket {number} of {count}",
	TicketRule: "This code admits one person, once. Whoever shows it first goes in: don't publish " +
		"a picture of it.",
	Calendar:     "Doors: {doors}",
	CalendarFile: "event.ics",
	TicketsFile:  "tickets.pdf",

	Hello:  "Hello {name},",
	Regard: "{organisation}",
	Event:  "{event}\n{date}\n{venue}",

	Paid: Letter{"Your tickets: {event}", "thank you: order {reference} is paid, {total}. Your " +
		"tickets are attached as a PDF, one page each.\n\nYou can also show them on your phone, " +
		"and see the order, here:\n{link}\n\nKeep this link to yourself: whoever has it has your " +
		"tickets."},
	PaidLate: Letter{"Your tickets: {event}", "your payment of {total} for order {reference} came " +
		"after its time was over, but your places were still free: they are yours. Your tickets " +
		"are attached as a PDF, one page each.\n\nYou can also show them on your phone, and see " +
		"the order, here:\n{link}\n\nKeep this link to yourself: whoever has it has your tickets."},
	Expired: Letter{"Order {reference} has expired", "order {reference} was not paid in time, and " +
		"its places are for sale again. You were not charged. If you have paid nevertheless, the " +
		"money comes back by itself.\n\n{link}"},
	Returned: Letter{"Your payment for order {reference} goes back", "your payment of {amount} for " +
		"order {reference} arrived when its places were no longer free, or was not needed. We give " +
		"all of it back, in the way you paid; you need do nothing.\n\n{link}"},
	Refunded: Letter{"Refund for order {reference}", "{amount} of order {reference} were given " +
		"back, in the way you paid. Depending on your bank it takes some days until you see it." +
		"\n\n{link}"},
	Cancelled: Letter{"Cancelled: {event}", "we are sorry: the event does not take place. Tickets " +
		"for it admit nobody any more. Whoever has bought them hears from us about the money in a " +
		"mail of its own.\n\n{link}"},
	Passed: Letter{"You have passed on a ticket: {event}", "your ticket for {place}, of order " +
		"{reference}, now belongs to {holder}. Its old code admits nobody any more. If that wasn't " +
		"you, tell us at once.\n\n{link}"},
	Received: Letter{"A ticket for you: {event}", "{buyer} has passed a ticket on to you: {place}. " +
		"It is attached as a PDF, and you can show it on your phone from here:\n{link}\n\nKeep " +
		"this link to yourself: whoever has it has your ticket."},
}
