package httpapi

import "ticketflow/internal/inbound/edge"

// routes is the whole API. Plain handlers are what a rush is full of, and what isn't JSON.
func (s *Server) routes() {
	s.plain(post("/v1/events/{event}/holds", edge.Buying, anybody), wordsPlaceHold, s.placeHold)
	typed(s, get("/v1/holds/{hold}", edge.Buying, withHoldToken), wordsReadHold, s.readHold)
	typed(s, post("/v1/holds/{hold}/extend", edge.Buying, withHoldToken), wordsExtendHold,
		s.extendHold)
	typed(s, remove("/v1/holds/{hold}", edge.Buying, withHoldToken), wordsReleaseHold,
		s.releaseHold)

	s.plain(post("/v1/orders", edge.Buying, anybody), wordsPlaceOrder, s.placeOrder)
	s.plain(get("/v1/orders/{order}", edge.Buying, withOrderToken), wordsReadOrder, s.readOrder)
	s.plain(get("/v1/orders/{order}/tickets", edge.Buying, withOrderToken), wordsReadTickets,
		s.readTickets)

	s.plain(post("/v1/webhooks/{provider}", edge.Settling, anybody), wordsReceiveNotice,
		s.receiveNotice)
}
