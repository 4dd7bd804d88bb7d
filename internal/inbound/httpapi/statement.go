package httpapi

import (
	"context"

	"ticketflow/internal/app/query"
	"ticketflow/internal/domain/catalog"
)

// Statement is an event's money, from the journal.
type Statement struct {
	Event      string           `json:"event" example:"evt_1"`
	Currencies []StatementLines `json:"currencies" nullable:"false" doc:"One for each currency that money was taken in"`
}

// StatementLines are an event's accounts in one currency, in minor units.
type StatementLines struct {
	Currency    string `json:"currency" example:"EUR"`
	Entries     int64  `json:"entries" example:"754" doc:"Number of entries in the journal"`
	Sales       int64  `json:"sales" example:"3684800" doc:"Of tickets, without tax"`
	Fees        int64  `json:"fees" example:"0" doc:"For service, without tax"`
	Tax         int64  `json:"tax" example:"0"`
	Refunds     int64  `json:"refunds" example:"9800" doc:"Of sales: gone back, or owed"`
	Chargebacks int64  `json:"chargebacks" example:"0" doc:"Taken by buyers' banks, disputes that were won not among them"`
	Result      int64  `json:"result" example:"3675000" doc:"Sales, fees and tax less refunds and chargebacks"`
	AtGateways  int64  `json:"at_gateways" example:"3675000" doc:"What gateways and staff have of this event's money"`
	OwedBuyers  int64  `json:"owed_to_buyers" example:"0" doc:"On its way back to buyers, or in quarantine"`
	Balanced    bool   `json:"balanced" doc:"The result and what is owed are what the gateways have; false is a defect"`
}

type statementOutput struct{ Body Statement }

// readStatement answers GET /v1/events/{event}/statement.
func (s *Server) readStatement(ctx context.Context, in *eventInput) (*statementOutput, error) {
	id, err := catalog.ParseEventID(in.Event)
	if err != nil {
		return nil, err
	}
	if _, err := s.offers.Get(ctx, id); err != nil {
		return nil, err
	}
	totals, err := s.journal.AccountTotals(ctx, id)
	if err != nil {
		return nil, err
	}
	shown := Statement{Event: id.String(), Currencies: []StatementLines{}}
	for i := range totals {
		shown.Currencies = append(shown.Currencies, linesOf(&totals[i]))
	}
	return &statementOutput{shown}, nil
}

// linesOf turns the signs of the accounts into those of a statement: what was earned and what is
// owed are credits in the journal.
func linesOf(t *query.AccountTotal) StatementLines {
	l := StatementLines{Currency: t.Currency.String(), Entries: t.Entries, Sales: -t.Revenue,
		Fees: -t.Fees, Tax: -t.Tax, Refunds: t.Refunds, Chargebacks: t.Chargebacks,
		AtGateways: t.Clearing, OwedBuyers: -t.Receivable}
	l.Result = l.Sales + l.Fees + l.Tax - l.Refunds - l.Chargebacks
	l.Balanced = t.Balance() == 0
	return l
}
