package httpapi

import (
	"net/http"

	"ticketflow/internal/inbound/edge"
)

// NoticeTaken says what a payment notice did.
type NoticeTaken struct {
	Result string `json:"result" enum:"paid,paid_late,refund_due,known,noted,quarantined,kept,ignored" doc:"paid: the order is paid now; paid_late: it had expired, its places were still free; refund_due: there was nothing left to pay for; known: heard before; noted: a refund, a dispute or a declined payment was noted; quarantined: it isn't what was ordered; kept: stored, and it can't be applied now; ignored: it changes nothing"`
}

// receiveNotice answers POST /v1/webhooks/{provider}: with success only after the commit.
func (s *Server) receiveNotice(w http.ResponseWriter, r *http.Request) {
	provider := r.PathValue("provider")
	gateway, err := s.gateways.Get(provider)
	if err != nil {
		edge.Fail(w, r, err)
		return
	}
	work := borrow(bodies)
	defer work.giveBack()
	if err := work.readAny(r); err != nil {
		edge.Fail(w, r, err)
		return
	}
	notice, err := gateway.ReadNotice(r.Header, work.text, s.clock())
	if err != nil {
		edge.Fail(w, r, err)
		return
	}
	notice.Provider = provider
	result, err := s.cashier.Take(r.Context(), notice, string(work.text), false)
	if err != nil {
		edge.Fail(w, r, err)
		return
	}
	edge.WriteJSON(w, http.StatusOK, []byte(`{"result":"`+string(result)+`"}`))
}
