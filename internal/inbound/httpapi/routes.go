package httpapi

import (
	"ticketflow/internal/inbound/edge"
	"ticketflow/internal/inbound/swaggerui"
)

// routes is the whole API. Plain handlers are what a rush is full of, and what isn't JSON.
func (s *Server) routes() {
	const event = "/v1/events/{event}"
	typed(s, get("/v1/events", edge.Browsing, anybody), wordsListEvents, s.listEvents)
	typed(s, get(event, edge.Browsing, anybody), wordsReadEvent, s.readEvent)
	s.plain(get(event+"/plan.bin", edge.Browsing, anybody), wordsPlanWire, s.readPlanWire)
	s.plain(get(event+"/plan", edge.Browsing, anybody), wordsPlanJSON, s.readPlanJSON)
	s.plain(get(event+"/availability", edge.Browsing, anybody), wordsAvailability,
		s.readAvailability)
	s.plain(get(event+"/changes", edge.Watching, anybody), wordsChanges, s.watchChanges)

	s.plain(post(event+"/holds", edge.Buying, anybody), wordsPlaceHold, s.placeHold)
	typed(s, get("/v1/holds/{hold}", edge.Buying, withHoldToken), wordsReadHold, s.readHold)
	typed(s, get("/v1/holds/{hold}/quote", edge.Buying, withHoldToken), wordsReadQuote, s.readQuote)
	typed(s, post("/v1/holds/{hold}/places", edge.Buying, withHoldToken), wordsAmendHold,
		s.amendHold)
	typed(s, post("/v1/holds/{hold}/extend", edge.Buying, withHoldToken), wordsExtendHold,
		s.extendHold)
	typed(s, remove("/v1/holds/{hold}", edge.Buying, withHoldToken), wordsReleaseHold,
		s.releaseHold)

	const order = "/v1/orders/{order}"
	s.plain(post("/v1/orders", edge.Buying, anybody), wordsPlaceOrder, s.placeOrder)
	s.plain(get(order, edge.Buying, withOrderToken), wordsReadOrder, s.readOrder)
	s.plain(get(order+"/tickets", edge.Buying, withOrderToken), wordsReadTickets, s.readTickets)
	typed(s, post(order+"/cancel", edge.Buying, withOrderToken), wordsCancelOrder, s.cancelOrder)
	typed(s, post(order+"/payment/check", edge.Buying, withOrderToken), wordsCheckPayment,
		s.checkPayment)

	const ticket = "/v1/tickets/{ticket}"
	typed(s, get(ticket, edge.Buying, anybody), wordsReadTicket, s.readTicket)
	s.plain(get(ticket+"/qr.png", edge.Buying, anybody), wordsDrawPNG, s.drawPNG)
	s.plain(get(ticket+"/qr.svg", edge.Buying, anybody), wordsDrawSVG, s.drawSVG)
	typed(s, post(ticket+"/transfer", edge.Buying, withTicketToken), wordsTransferTicket,
		s.transferTicket)
	typed(s, post("/v1/check-ins", edge.Settling, organisers), wordsCheckIn, s.checkIn)

	s.plain(post("/v1/webhooks/{provider}", edge.Settling, anybody), wordsReceiveNotice,
		s.receiveNotice)

	s.moneyRoutes()

	typed(s, post("/v1/venues", edge.Browsing, organisers), wordsCreateVenue, s.createVenue)
	s.plain(post("/v1/plans", edge.Browsing, organisers).upTo(edge.MaxPlanBodyBytes),
		wordsCreatePlan, s.createPlan)
	s.plain(get("/v1/plans/{plan}/export", edge.Browsing, organisers), wordsExportPlan,
		s.exportPlan)
	typed(s, post("/v1/events", edge.Browsing, organisers).upTo(maxEventBytes),
		wordsCreateEvent, s.createEvent)
	typed(s, post(event+"/publish", edge.Browsing, organisers), wordsPublish, s.publishEvent)
	typed(s, post(event+"/cancel", edge.Browsing, organisers), wordsCancelEvent, s.cancelEvent)
	typed(s, post(event+"/block", edge.Browsing, organisers), wordsBlock, s.blockPlaces)
	typed(s, post(event+"/unblock", edge.Browsing, organisers), wordsUnblock, s.unblockPlaces)
	const vouchers = event + "/vouchers"
	typed(s, post(vouchers, edge.Browsing, organisers), wordsCreateVoucher, s.createVoucher)
	typed(s, get(vouchers, edge.Browsing, organisers), wordsListVouchers, s.listVouchers)
	typed(s, post(vouchers+"/{code}/disable", edge.Browsing, organisers), wordsDisableVoucher,
		s.disableVoucher)
	typed(s, get(event+"/sales", edge.Browsing, organisers), wordsSales, s.readSales)

	s.plain(get("/healthz", edge.Probing, anybody), wordsLive, s.live)
	s.plain(get("/readyz", edge.Probing, anybody), wordsReady, s.isReady)
	s.plain(get("/metrics", edge.Probing, anybody), wordsMetrics, s.scrape())
	s.plain(get("/openapi.json", edge.Browsing, anybody), wordsSpec, s.readSpec)
	for _, path := range swaggerui.Paths { // pages are no operations
		s.route(get(path, edge.Browsing, anybody), swaggerui.Handler())
	}
}

// moneyRoutes are the operations about money, for those who look after it.
func (s *Server) moneyRoutes() {
	const order, refund = "/v1/orders/{order}", "/v1/refunds/{refund}"
	typed(s, get(order+"/payments", edge.Buying, withOrderToken), wordsReadOrderMoney,
		s.readOrderMoney)
	typed(s, post(order+"/payments", edge.Settling, organisers), wordsRecordStaffPayment,
		s.recordStaffPayment)
	typed(s, post(order+"/refunds", edge.Settling, organisers), wordsCreateRefund, s.createRefund)
	typed(s, get(refund, edge.Browsing, organisers), wordsReadRefund, s.readRefund)
	typed(s, post(refund+"/retry", edge.Settling, organisers), wordsRetryRefund, s.retryRefund)
	typed(s, post(refund+"/settle", edge.Settling, organisers), wordsSettleRefund, s.settleRefund)

	typed(s, get("/v1/payments/open", edge.Browsing, organisers), wordsReadOpenMoney,
		s.readOpenMoney)
	typed(s, post("/v1/payments/{provider}/{transaction}/return", edge.Settling, organisers),
		wordsReturnPayment, s.returnPayment)
	s.plain(post("/v1/payments/{provider}/reconcile", edge.Browsing, organisers), wordsReconcile,
		s.reconcile)
	typed(s, post("/v1/notices/{provider}/{notice}/replay", edge.Settling, organisers),
		wordsReplayNotice, s.replayNotice)

	const event = "/v1/events/{event}"
	typed(s, post(event+"/refunds", edge.Browsing, organisers), wordsRefundEvent, s.refundEvent)
	typed(s, get(event+"/statement", edge.Browsing, organisers), wordsReadStatement,
		s.readStatement)
	s.plain(get(event+"/journal.csv", edge.Watching, organisers), wordsExportJournal,
		s.exportJournal)
}

// maxEventBytes is room for the rules of a large plan.
const maxEventBytes = 1 << 20
