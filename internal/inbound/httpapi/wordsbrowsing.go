package httpapi

import "github.com/danielgtaylor/huma/v2"

const binaryMedia = "application/octet-stream"

// planParam names the plan in an address that may be cached for ever.
var planParam = param("query", "plan", "The event's plan as its links name it: then the answer "+
	"may be kept for ever", "pln_1", false)

var (
	wordsListEvents = words{
		id: "listEvents", tag: "events", summary: "List events",
		text: "By start. Search words, place and dates narrow the list; next_cursor leads to the " +
			"next page. With the organiser's key drafts are listed too.",
		answer: EventPage{Events: []EventSummary{exampleSummary}}, status: 200,
		fails: []int{400, 422},
	}
	wordsReadEvent = words{
		id: "readEvent", tag: "events", summary: "Look at an event",
		text: "Venue, conditions of sale, price tiers with what is left of them, and the " +
			"addresses of everything that belongs to the event.",
		answer: exampleEvent, status: 200, fails: []int{404},
	}
	wordsPlanWire = words{
		id: "readPlanGeometry", tag: "events", summary: "Get the seat plan, compact",
		text: "The geometry in the binary form of docs/plan-format.md: about 30 KB for a " +
			"stadium. The address in the event's links never changes its answer, so keep it.",
		status: 200, media: binaryMedia, answer: "TFPL…", fails: []int{404},
		params: []*huma.Param{planParam},
	}
	wordsPlanJSON = words{
		id: "readPlan", tag: "events", summary: "Get the seat plan as JSON",
		text:   "The same plan in words, as docs/plan-format.md describes it.",
		answer: examplePlan, status: 200, fails: []int{404}, params: []*huma.Param{planParam},
	}
	wordsAvailability = words{
		id: "readAvailability", tag: "events", summary: "See what is free",
		text: "By default the state of each place, two bits each: the magic TFS1, the number of " +
			"places (uint32), the version (uint64), all big-endian, then the places, the first " +
			"in the low bits of the first byte: 0 free, 1 held or ordered, 2 sold, 3 blocked. " +
			"With Accept: application/json a summary. It may be a quarter of a second old; its " +
			"version is where to start watching the changes from. The header State-Hash is the " +
			"hash of the states, as docs/live-map.md defines it. A place whose hold has run out " +
			"is shown as held until it is swept up, as a rule within a second; who asks for it " +
			"by its number gets it all the same.",
		answer: exampleAvailability, status: 200, fails: []int{404}, also: binaryMedia,
	}
	wordsChanges = words{
		id: "watchChanges", tag: "events", summary: "Watch what changes",
		text: "Server-sent events. First comes ready with the version that you start from; then " +
			"delta, whenever places have changed, at most four times a second: data is JSON with " +
			"from, to and places, the base64 of, for each changed place in rising order, an " +
			"unsigned varint of (gap << 2 | state), where gap is the distance to the place " +
			"before, and hash, the hash of all states at to. While nothing changes comes still, " +
			"with the version and the hash. After resync take a new snapshot and start again " +
			"with ?from= its version. All of it, and what a page does, is in docs/live-map.md.",
		status: 200, media: "text/event-stream", fails: []int{404, 422},
		answer: "event: delta\nid: 1876946944000002\ndata: " +
			"{\"from\":1876946944000000,\"to\":1876946944000002,\"places\":\"MQU=\"," +
			"\"hash\":2554830857}\n\n",
		params: []*huma.Param{
			param("query", "from", "Version of your snapshot", 1876946944000000, false),
			param("header", "Last-Event-ID", "Sent by browsers when they come back; wins over from",
				"1876946944000000", false),
		},
	}
	wordsReadTicket = words{
		id: "readTicket", tag: "tickets", summary: "Look at a ticket",
		text:   "Whoever knows its identifier may see it.",
		answer: exampleValid, status: 200, fails: []int{404},
	}
	wordsTransferTicket = words{
		id: "transferTicket", tag: "tickets", summary: "Pass a ticket on",
		text: "The ticket admits nobody from now on (ticket_transferred), and somebody else has " +
			"a new one for the same place. A buyer's own ticket needs the order's token; one " +
			"that was passed on needs its own token, so that its buyer can't take it back. " +
			"Give link to the new holder: it isn't shown again, not even to the buyer. " +
			"Refunds stay between buyer and organiser, and end the new ticket.",
		request: NewTransfer{To: Buyer{Name: "Grace Hopper", Email: "grace@example.org"},
			Language: "de"},
		answer: Transferred{Ticket: exampleTicket, State: "transferred", Place: 12,
			PassedTo: Buyer{Name: "Grace Hopper", Email: "grace@example.org"},
			Link:     TicketLink{Ticket: exampleBesideID, Token: exampleToken}},
		status: 201, fails: []int{400, 404, 409, 410, 413, 422},
	}
	wordsDrawPNG = words{
		id: "drawTicketPNG", tag: "tickets", summary: "Get the QR as PNG",
		text:   "Dark on white with a quiet zone: don't invert it.",
		status: 200, media: "image/png", answer: "\u0089PNG…", fails: []int{404, 410, 422},
		params: []*huma.Param{
			param("query", "scale", "Pixels of one module, 1 to 16; 8 if absent", 8, false)},
	}
	wordsDrawSVG = words{
		id: "drawTicketSVG", tag: "tickets", summary: "Get the QR as SVG",
		text:   "Dark on white with a quiet zone: don't invert it.",
		status: 200, media: "image/svg+xml", answer: "<svg …", fails: []int{404, 410},
	}
	wordsLive = words{
		id: "live", tag: "operation", summary: "Is the process alive?",
		text:   "Answers without touching anything else.",
		answer: Health{Status: "ok"}, status: 200,
	}
	wordsReady = words{
		id: "ready", tag: "operation", summary: "Does the process take requests?",
		text:   "No (503) while it starts and while it shuts down.",
		answer: Health{Status: "ok"}, status: 200,
	}
	wordsMetrics = words{
		id: "metrics", tag: "operation", summary: "Metrics for Prometheus",
		text:   "In the text format of Prometheus. Keep it from the public at your proxy.",
		status: 200, media: "text/plain", answer: "ticketflow_http_streams 0\n",
	}
	wordsSpec = words{
		id: "openapi", tag: "operation", summary: "This document",
		text:   "The description of the API, OpenAPI 3.1. /swagger shows it as a page.",
		answer: map[string]any{"openapi": "3.1.0"}, status: 200,
	}
)
