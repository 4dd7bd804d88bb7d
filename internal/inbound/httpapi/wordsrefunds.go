package httpapi

import "time"

var (
	exampleAsked = RefundRequest{Order: exampleOrder, Reference: "BHXT-S55G", Event: "evt_1",
		State: "open", Reason: "I have fallen ill.", AskedAt: exampleNow}
	exampleAnsweredAt = exampleNow.Add(time.Hour)
	exampleDeclined   = RefundRequest{Order: exampleOrder, Reference: "BHXT-S55G", Event: "evt_1",
		State: "declined", Reason: "I have fallen ill.", AskedAt: exampleNow,
		Answer:     "Tickets can be returned until a week before.",
		AnsweredAt: &exampleAnsweredAt}

	wordsAskRefund = words{
		id: "askRefund", tag: "orders", summary: "Ask for a refund",
		text: "Of a paid order. It changes nothing: the organiser refunds, or declines. An order " +
			"has one such request; asking again answers the first one, until a refund has " +
			"fulfilled it: then one can ask for more.",
		request: NewRefundRequest{Reason: "I have fallen ill."}, answer: exampleAsked, status: 201,
		fails: []int{400, 404, 409, 413, 422},
	}
	wordsReadRefundRequest = words{
		id: "readRefundRequest", tag: "orders", summary: "See what became of a refund request",
		text:   "404 with the code refund_request_not_found if nobody has asked.",
		answer: exampleDeclined, status: 200, fails: []int{404},
	}
	wordsDeclineRefund = words{
		id: "declineRefund", tag: "payments", summary: "Decline a refund request",
		text: "With a text for the buyer. Twice is as once. A refund of the order answers the " +
			"request, too: then this is a conflict.",
		request: NewDecline{Answer: "Tickets can be returned until a week before."},
		answer:  exampleDeclined, status: 200, fails: []int{400, 404, 409, 413, 422},
	}
	wordsListRefundRequests = words{
		id: "listRefundRequests", tag: "payments", summary: "List open refund requests",
		text: "Of orders that are still paid, the oldest first. Answer each with a refund of " +
			"the order, or decline it.",
		answer: RefundRequests{Requests: []RefundRequest{exampleAsked}}, status: 200,
	}
)
