package notify

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strconv"
	"sync/atomic"
	"time"

	"ticketflow/internal/app/outbox"
	"ticketflow/internal/domain/booking"
	"ticketflow/internal/domain/fact"
)

// Subscriber is the planner's name in the fact log.
const Subscriber = "mail"

// Limits of the planner.
const (
	planInterval  = time.Second
	planPageFacts = 200
	planIdleFacts = 1_000 // facts of no interest that are passed over before that is noted
	planLeaseTime = 30 * time.Second
	planOrderPage = 200
	maxAgeOfNews  = 48 * time.Hour // older facts aren't told: mail was switched on since
	planLeaseName = "mail"
	holderMark    = "-holder"
	buyerMark     = "-buyer"
)

var kinds = []fact.Kind{fact.OrderPaid, fact.OrderPaidLate, fact.OrderExpired,
	fact.PaymentReturned, fact.RefundDone, fact.EventCancelled, fact.TicketTransferred}

// Planner turns facts into letters. Of several instances one plans at a time.
type Planner struct {
	PlannerConfig

	givenUp atomic.Int64
}

// PlannerConfig is what a Planner is made of.
type PlannerConfig struct {
	Log    outbox.Log
	Queue  Queue
	Paid   PaidOrders
	Leases outbox.Leases
	Owner  string // unique among the instances
	Clock  func() time.Time
	Logger *slog.Logger
}

// PaidOrders finds those who have to hear of a cancelled event.
type PaidOrders interface {
	// PaidOrders are the orders of an event that are paid, in the order of their keys, after one.
	PaidOrders(ctx context.Context, after booking.OrderID, limit int) ([]booking.OrderID, error)
	// OrderTickets is an order with all of its tickets, void ones too.
	OrderTickets(ctx context.Context, id booking.OrderID) (booking.Order, []booking.Ticket, error)
}

// NewPlanner makes a planner.
func NewPlanner(c PlannerConfig) *Planner { return &Planner{PlannerConfig: c} }

// GivenUp counts facts that nobody is written to about, because planning that panicked.
func (p *Planner) GivenUp() int64 { return p.givenUp.Load() }

// Run plans until ctx ends.
func (p *Planner) Run(ctx context.Context) {
	ticker := time.NewTicker(planInterval)
	defer ticker.Stop()
	for {
		more, err := p.Plan(ctx)
		if err != nil && ctx.Err() == nil {
			p.Logger.WarnContext(ctx, "mails could not be planned; they come later", "error", err)
		}
		if more && err == nil {
			continue
		}
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
		}
	}
}

// Plan turns one page of facts into letters and tells whether there are more.
func (p *Planner) Plan(ctx context.Context) (more bool, err error) {
	defer func() {
		if defect := recover(); defect != nil {
			more, err = false, panicked(ctx, p.Logger, defect, "kind", "plan")
		}
	}()
	held, err := p.Leases.Acquire(ctx, planLeaseName, p.Owner, planLeaseTime)
	if err != nil || !held {
		return false, err
	}
	after, err := p.Log.Cursor(ctx, Subscriber)
	if err != nil {
		return false, err
	}
	page, upTo, err := p.Log.Facts(ctx, Subscriber, after, kinds, planPageFacts)
	if err != nil || len(page) == 0 && upTo-after < planIdleFacts {
		return false, err
	}
	var letters []Letter
	oldest := p.Clock().Add(-maxAgeOfNews)
	for _, e := range page {
		if e.Fact.At.Before(oldest) {
			continue
		}
		more, err := p.tell(ctx, e)
		if err != nil && !errors.Is(err, errPanic) {
			return false, err
		}
		letters = append(letters, more...)
	}
	if err := p.Queue.Plan(ctx, letters, Subscriber, upTo); err != nil {
		return false, fmt.Errorf("plan %d mails: %w", len(letters), err)
	}
	return len(page) == planPageFacts, nil
}

// tell is what is to be planned with the page because of a fact. One that panics is given up with
// errPanic: if the cursor waited for it, nobody would ever be written to again.
func (p *Planner) tell(ctx context.Context, e outbox.Entry) (letters []Letter, err error) {
	defer func() {
		if defect := recover(); defect != nil {
			p.givenUp.Add(1)
			letters, err = nil, panicked(ctx, p.Logger, defect, "position", e.Position,
				"kind", string(e.Fact.Kind))
		}
	}()
	if e.Fact.Kind == fact.EventCancelled {
		return nil, p.tellAll(ctx, e)
	}
	return lettersOf(e), nil
}

// lettersOf is who has to hear of a fact that is about one order.
func lettersOf(e outbox.Entry) []Letter {
	f := e.Fact
	to := Letter{Key: strconv.FormatInt(e.Position, 10) + buyerMark, Kind: f.Kind, To: ToBuyer,
		Event: f.Event, Order: f.Order, Amount: f.Amount, At: f.At}
	if f.Kind != fact.TicketTransferred {
		return []Letter{to}
	}
	fence, ok := booking.ParseTransferName(f.Ref)
	if !ok || len(f.Places) != 1 {
		return nil // no ledger writes such a fact
	}
	to.Place, to.Fence = f.Places[0], fence
	holder := to
	holder.Key, holder.To = strconv.FormatInt(e.Position, 10)+holderMark, ToHolder
	return []Letter{to, holder}
}

// tellAll plans letters to all who have tickets of an event. A second run plans the same letters,
// which are there already; the cursor moves only after all of them.
func (p *Planner) tellAll(ctx context.Context, e outbox.Entry) error {
	last := booking.OrderID{Event: e.Fact.Event}
	for {
		ids, err := p.Paid.PaidOrders(ctx, last, planOrderPage)
		if err != nil {
			return fmt.Errorf("find the orders of %s: %w", e.Fact.Event, err)
		}
		var letters []Letter
		for _, id := range ids {
			_, tickets, err := p.Paid.OrderTickets(ctx, id)
			if err != nil {
				return err
			}
			letters = append(letters, toldWith(e, id, tickets)...)
		}
		if err := p.Queue.Plan(ctx, letters, Subscriber, 0); err != nil {
			return err
		}
		if len(ids) < planOrderPage {
			return nil
		}
		last = ids[len(ids)-1]
		if _, err := p.Leases.Renew(ctx, planLeaseName, p.Owner, planLeaseTime); err != nil {
			return err
		}
	}
}

// toldWith are the letters about a cancelled event to the buyer of an order and to those who have
// its tickets now.
func toldWith(e outbox.Entry, id booking.OrderID, tickets []booking.Ticket) []Letter {
	to := Letter{Key: fmt.Sprintf("%d-%s", e.Position, id), Kind: e.Fact.Kind, To: ToBuyer,
		Event: id.Event, Order: id.Key, At: e.Fact.At}
	all := []Letter{to}
	for _, t := range tickets {
		if t.Transfers > 0 && t.State.Living() {
			holder := to
			holder.To, holder.Place, holder.Fence = ToHolder, t.ID.Place, t.ID.Fence
			holder.Key += fmt.Sprintf("-%d%s", t.ID.Place, holderMark)
			all = append(all, holder)
		}
	}
	return all
}
