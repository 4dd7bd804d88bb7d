package httpapi

import "github.com/danielgtaylor/huma/v2"

var (
	wordsCancelOrder = words{
		id: "cancelOrder", tag: "orders", summary: "Cancel an order",
		text: "Its places go back on sale. Buyers can cancel what isn't paid, and send no body. " +
			"Organisers can cancel a paid order, too, unless one of its tickets was used: the " +
			"tickets stop admitting at once, and refund and block say what becomes of money and " +
			"places. First the payment page is closed; while the gateway can't tell whether " +
			"somebody has paid, the answer is 503. Twice is as once.",
		request: CancelWish{Refund: new(true)}, answer: exampleCancelled, status: 200,
		fails: []int{400, 403, 404, 409, 413, 422},
	}
	wordsCheckIn = words{
		id: "checkIn", tag: "gate", summary: "Admit the bearer of a ticket",
		text: "Admits once. A second scan gets 409 with the code already_admitted, used_at and " +
			"gate. The code's signature is checked first; a scanner may do that offline.",
		request: Scan{Code: exampleCode, Event: "evt_1", Gate: "North 2"},
		answer: Admission{Result: "admitted", Event: "evt_1", Place: 12, Section: "214",
			Row: "12", Seat: "7", Gate: "North 2", AdmittedAt: exampleNow},
		status: 200, fails: []int{400, 404, 409, 410, 413, 422},
	}
	wordsCreateVenue = words{
		id: "createVenue", tag: "organisers", summary: "Create a venue",
		text: "A building or ground that events take place in.",
		request: NewVenue{Name: "Opera House", Address: "Ring 1", City: "Vienna", Country: "AT",
			TimeZone: "Europe/Vienna"},
		answer: exampleVenue, status: 201, fails: []int{400, 413, 422},
	}
	wordsCreatePlan = words{
		id: "createPlan", tag: "organisers", summary: "Store a seat plan",
		text: "In our own JSON (docs/plan-format.md) or as the seating-plan file of pretix; the " +
			"two are told apart by their content unless format says which it is. The plan is " +
			"checked as a whole; a refusal says which section, row and seat is wrong. A stored " +
			"plan never changes.",
		request: examplePlan, status: 201, fails: []int{400, 404, 413, 422},
		answer: PlanMade{ID: "pln_1", Venue: "ven_1", Name: "Small hall", Places: 40, Sections: 1,
			Categories: []string{"Stalls"}},
		params: []*huma.Param{creatingParam,
			param("query", "venue", "The venue of the plan", "ven_1", true),
			param("query", "format", "ticketflow or pretix", "ticketflow", false)},
	}
	wordsExportPlan = words{
		id: "exportPlan", tag: "organisers", summary: "Export a seat plan",
		text:   "As the seating-plan file of pretix, or with format=ticketflow in our own JSON.",
		answer: map[string]any{"name": "Small hall", "zones": []any{}}, status: 200,
		fails: []int{404, 422},
		params: []*huma.Param{
			param("query", "format", "pretix (if absent) or ticketflow", "pretix", false)},
	}
	wordsCreateEvent = words{
		id: "createEvent", tag: "organisers", summary: "Create an event",
		text: "A draft on a seat plan, with its conditions of sale and its prices. Nobody but " +
			"organisers sees it until it is published.",
		request: exampleNewEvent, answer: exampleEvent, status: 201,
		fails: []int{400, 404, 413, 422},
	}
	wordsPublish = words{
		id: "publishEvent", tag: "organisers", summary: "Publish an event",
		text:   "From then on it is listed, and sold from the opening of its sale on.",
		answer: EventStatus{Event: "evt_1", Status: "published"}, status: 200,
		fails: []int{404, 410},
	}
	wordsCancelEvent = words{
		id: "cancelEvent", tag: "organisers", summary: "Cancel an event",
		text: "Ends the sale for good and closes the gates. Orders stay as they are: giving " +
			"money back is a decision of its own.",
		answer: EventStatus{Event: "evt_1", Status: "cancelled"}, status: 200,
		fails: []int{404},
	}
	wordsBlock = words{
		id: "blockPlaces", tag: "organisers", summary: "Take places off sale",
		text:    "All or none. A place that is held or sold can't be blocked: 409 names it.",
		request: PlaceList{Places: []uint32{12, 13}}, status: 200,
		answer: Blocked{Event: "evt_1", Places: Counts{Free: 1198, Blocked: 2}},
		fails:  []int{400, 404, 409, 413, 422},
	}
	wordsUnblock = words{
		id: "unblockPlaces", tag: "organisers", summary: "Put blocked places back on sale",
		text:    "All or none. A place that is held or sold: 409 names it.",
		request: PlaceList{Places: []uint32{12, 13}}, status: 200,
		answer: Blocked{Event: "evt_1", Places: Counts{Free: 1200}},
		fails:  []int{400, 404, 409, 413, 422},
	}
	wordsSales = words{
		id: "readSales", tag: "organisers", summary: "See how an event sells",
		text:   "Places and revenue for each price tier, and what went back to buyers.",
		answer: exampleSales, status: 200, fails: []int{404},
	}
)
