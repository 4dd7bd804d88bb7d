package httpapi

import (
	"context"
	"encoding/json"
	"net/http"
	"time"

	"ticketflow/internal/app/policy"
	"ticketflow/internal/app/query"
	"ticketflow/internal/domain/errs"
	"ticketflow/internal/domain/money"
	"ticketflow/internal/inbound/edge"
)

// BookSums is what one book says in one currency, in minor units.
type BookSums struct {
	Payments int64 `json:"payments" example:"752"`
	Captured int64 `json:"captured" example:"3684800"`
	Refunded int64 `json:"refunded" example:"9800" doc:"Has gone back through the gateway"`
	Disputed int64 `json:"disputed" example:"0" doc:"Taken by buyers' banks"`
}

// BothBooks are the sums of both books in one currency.
type BothBooks struct {
	Currency string   `json:"currency" example:"EUR"`
	Gateway  BookSums `json:"gateway"`
	Office   BookSums `json:"office"`
}

// BookDifference is a payment about which the books disagree.
type BookDifference struct {
	Transaction string `json:"transaction" example:"spt_1"`
	Key         string `json:"key" example:"ord_00000081m2agyg80000z22at2f3rgbqh15d17hr:1" doc:"Under which the gateway knows it"`
	What        string `json:"what" example:"its key is none of ours"`
}

// Reconciliation is a gateway's book beside ours.
type Reconciliation struct {
	Provider    string           `json:"provider" example:"simpay"`
	Equal       bool             `json:"equal"`
	Repaired    int              `json:"repaired" doc:"Payments, refunds and disputes that we had not heard of; they were applied"`
	Books       []BothBooks      `json:"books" nullable:"false" doc:"After the repair, one row for each currency"`
	Differing   int              `json:"differing" doc:"Payments about which the books disagree"`
	Differences []BookDifference `json:"differences" nullable:"false" doc:"The first 100 of them"`
}

// reconcileTime is how long a comparison may take, whose time grows with the gateway's book.
const reconcileTime = 30 * time.Minute

var errReconciling = errs.New(errs.Conflict, "reconciling",
	"The books are being compared already. Please try again when that is done.")

// reconcile answers POST /v1/payments/{provider}/reconcile.
func (s *Server) reconcile(w http.ResponseWriter, r *http.Request) {
	provider := r.PathValue("provider")
	if _, err := s.gateways.Get(provider); err != nil {
		edge.Fail(w, r, err)
		return
	}
	if !s.reconciling.TryLock() {
		edge.Fail(w, r, errReconciling)
		return
	}
	defer s.reconciling.Unlock()
	edge.AllowTime(w, reconcileTime)
	ctx, cancel := context.WithTimeout(r.Context(), reconcileTime)
	defer cancel()
	told, err := s.cashier.Reconcile(ctx, provider)
	if err != nil {
		edge.Fail(w, r, err)
		return
	}
	text, err := json.Marshal(reconciliationOf(&told))
	if err != nil {
		edge.Fail(w, r, err)
		return
	}
	edge.WriteJSON(w, http.StatusOK, text)
}

func reconciliationOf(r *policy.Reconciliation) Reconciliation {
	shown := Reconciliation{Provider: r.Provider, Equal: r.Equal, Repaired: r.Repaired,
		Books: []BothBooks{}, Differing: r.Differing, Differences: []BookDifference{}}
	row := func(currency money.Currency) *BothBooks {
		for i := range shown.Books {
			if shown.Books[i].Currency == currency.String() {
				return &shown.Books[i]
			}
		}
		shown.Books = append(shown.Books, BothBooks{Currency: currency.String()})
		return &shown.Books[len(shown.Books)-1]
	}
	for _, t := range r.Theirs {
		row(t.Currency).Gateway = sumsOf(t)
	}
	for _, t := range r.Ours {
		row(t.Currency).Office = sumsOf(t)
	}
	for _, d := range r.Differences {
		shown.Differences = append(shown.Differences, BookDifference(d))
	}
	return shown
}

func sumsOf(t query.BookTotal) BookSums {
	return BookSums{Payments: t.Payments, Captured: t.Captured, Refunded: t.Refunded,
		Disputed: t.Disputed}
}
