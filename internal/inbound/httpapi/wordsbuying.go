package httpapi

import "github.com/danielgtaylor/huma/v2"

var (
	wordsPlaceHold = words{
		id: "placeHold", tag: "holds", summary: "Hold places",
		text: "Sets places aside, all or none, and fixes their price. Name them, or ask for the " +
			"best: then you get places side by side, near to the stage, and are told why these. " +
			"A conflict (409, code place_taken) names the taken places, and instead as many free " +
			"ones of the same price, side by side and near to them. Where the event has that " +
			"rule, named places that would leave a single free seat alone are refused (409, " +
			"code orphan_seat) with those seats and, instead, what to ask for.",
		request: NewHold{Best: &BestWish{Count: 2, Tier: "cat1"}},
		answer:  exampleMade, status: 201, params: []*huma.Param{keyParam},
		fails: []int{400, 404, 409, 410, 413, 422},
	}
	wordsReadHold = words{
		id: "readHold", tag: "holds", summary: "Look at a hold",
		text: "How long it lasts and what it holds, whatever state it has reached. A hold past " +
			"its expires_at is live until it is swept up, as a rule within a second: it may " +
			"still be ordered, unless somebody else who named one of its places was faster.",
		answer: exampleHeld, status: 200, fails: []int{404},
	}
	wordsAmendHold = words{
		id: "amendHold", tag: "holds", summary: "Change the places of a hold",
		text: "Adds places to a live hold and gives some of its own back, all or nothing: who " +
			"loses the race for a new place keeps what there was. The hold keeps its " +
			"identifier, its token and its end; all of its places are priced anew, as if it " +
			"were made now. Adding what it has and removing what it hasn't got changes nothing, " +
			"so two tabs don't get in each other's way. A hold whose last place goes is " +
			"released. Refusals are those of a new hold. A repeated request is told the hold " +
			"as it is now.",
		request: AmendedPlaces{Add: []uint32{12, 13}, Remove: []uint32{40}},
		answer:  exampleHeld, status: 200, fails: []int{400, 404, 409, 410, 413, 422},
	}
	wordsExtendHold = words{
		id: "extendHold", tag: "holds", summary: "Extend a hold",
		text: "Gives the hold its full time once more, as often as the event allows. The same " +
			"Idempotency-Key doesn't extend it twice.",
		answer: exampleHeld, status: 200, fails: []int{400, 404, 409, 410},
	}
	wordsReleaseHold = words{
		id: "releaseHold", tag: "holds", summary: "Give places back",
		text:   "Ends the hold before its time. Doing it twice is as once.",
		status: 204, fails: []int{404, 409, 410},
	}
	wordsPlaceOrder = words{
		id: "placeOrder", tag: "orders", summary: "Order what is held",
		text: "Turns a hold into an order that awaits its payment, and opens the payment page: " +
			"send the buyer to payment.url. If the payment service can't be reached the order " +
			"stands all the same (payment.state is unavailable); read it again to get the page.",
		request: exampleNewOrder, answer: examplePlaced, status: 201,
		params: []*huma.Param{keyParam}, fails: []int{400, 404, 409, 410, 413, 422},
	}
	wordsReadOrder = words{
		id: "readOrder", tag: "orders", summary: "Look at an order",
		text: "Its state, places and total, and, while it awaits its payment, the page to pay " +
			"at, or instructions in place of one.",
		answer: examplePaid, status: 200, fails: []int{404},
		params: []*huma.Param{param("query", "provider", "Which of the ways to pay, if there "+
			"are several; otherwise the first", "offline", false)},
	}
	wordsReadTickets = words{
		id: "readTickets", tag: "tickets", summary: "Get the tickets of an order",
		text: "One for each place, once the order is paid; before, the list is empty. The codes " +
			"are signed when you ask, so that a new signing key reaches every ticket. Each " +
			"can be checked alone, as docs/ticket-code.md says.",
		answer: exampleTickets, status: 200, fails: []int{404},
	}
	wordsReceiveNotice = words{
		id: "receiveNotice", tag: "payments", summary: "Tell that a payment happened",
		text: "For the payment provider: a webhook signed in the provider's own way (simpay: " +
			"Standard Webhooks; stripe: the header Stripe-Signature). It is answered with " +
			"success only after it was committed, so repeat it until then; it is applied once.",
		request: map[string]any{"type": "payment.paid"}, answer: NoticeTaken{Result: "paid"},
		status: 200, fails: []int{400, 401, 404, 409, 413},
		params: []*huma.Param{
			param("header", "Webhook-Id", "Name of the message, the same in each repetition",
				"msg_1", false),
			param("header", "Webhook-Timestamp", "Seconds since 1970", "1789207200", false),
			param("header", "Webhook-Signature", "v1,<base64> for each secret in use",
				"v1,K5oZfzN95Z9UVu1EsfQmfVNQhnkZ2pj9o9NDN/H/pI4=", false),
			param("header", "Stripe-Signature", "Time and signatures",
				"t=1789207200,v1=5257a869e7ecebeda32affa62cdca3fa51cad7e77a0e56ff536d0ce8e108d8bd",
				false),
		},
	}
)
