package policy

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"ticketflow/internal/app/command"
	"ticketflow/internal/app/payment"
	"ticketflow/internal/app/query"
	"ticketflow/internal/domain/booking"
	"ticketflow/internal/domain/errs"
)

// Cashier applies what gateways say about money, whoever brings the news: a webhook, the buyer who
// comes back, the sweeper, a comparison of the books, or an operator who replays a message. It is
// safe for concurrent use.
type Cashier struct {
	office    *command.Office
	providers *payment.Providers
	money     query.Money
	open      query.OpenMoney
	clock     func() time.Time
	logger    *slog.Logger
	counts    counts
	looks     looks
}

// NewCashier makes a cashier.
func NewCashier(
	office *command.Office, providers *payment.Providers, books query.Money,
	open query.OpenMoney, clock func() time.Time, logger *slog.Logger,
) *Cashier {
	return &Cashier{office: office, providers: providers, money: books, open: open, clock: clock,
		logger: logger}
}

// Taken says what a notice did.
type Taken string

// The results of a notice.
const (
	TakenPaid     Taken = "paid"        // the order is paid now
	TakenLate     Taken = "paid_late"   // it had expired, its places were still free
	TakenBack     Taken = "refund_due"  // there was nothing left to pay for
	TakenKnown    Taken = "known"       // heard before
	TakenNoted    Taken = "noted"       // a refund, a dispute or a declined payment was noted
	TakenDoubtful Taken = "quarantined" // not what was ordered
	TakenKept     Taken = "kept"        // stored; it can't be applied now
	TakenIgnored  Taken = "ignored"     // it changes nothing, for instance a pending payment
)

// Take applies a verified notice, once however often it comes. It returns without error only after
// the effect, or the message itself, is stored; a failure is to be answered so that the gateway
// sends it again. body is the message as it came; again says that an operator replays it.
func (c *Cashier) Take(
	ctx context.Context, n payment.Notice, body string, again bool,
) (Taken, error) {
	if n.State == payment.Unknown && n.Key == "" {
		// Genuine, but not about our payments: the gateway's account has other uses, too.
		return c.count(TakenIgnored), nil
	}
	n, ours, err := c.identified(ctx, n)
	if err != nil {
		return "", err // the gateway sends it again
	}
	if !ours {
		return c.count(TakenIgnored), nil
	}
	order, attempt, err := booking.ParseAttemptKey(n.Key)
	var taken Taken
	if err == nil {
		news := booking.News{Payload: body, Notice: booking.NoticeRef{Event: order.Event,
			Provider: n.Provider, Notice: n.NoticeID}}
		taken, err = c.apply(ctx, n, order, attempt, news, again)
	}
	switch {
	case err == nil:
		return c.count(taken), nil
	case !refusal(err):
		return "", err // the gateway sends it again
	case again:
		return TakenKept, nil // it is stored already
	}
	return c.keep(ctx, n, order, body, err)
}

// identified asks the gateway for the key of news that don't know it, for instance of a dispute.
func (c *Cashier) identified(ctx context.Context, n payment.Notice) (
	known payment.Notice, ours bool, err error,
) {
	if n.Key != "" || n.Transaction == "" {
		return n, true, nil
	}
	gateway, err := c.providers.Get(n.Provider)
	if err != nil {
		return n, false, err
	}
	asked, ok := gateway.(payment.Identifier)
	if !ok {
		return n, true, nil
	}
	n.Key, err = asked.KeyOf(ctx, n.Transaction)
	if errors.Is(err, payment.ErrNotFound) {
		return n, false, nil
	}
	return n, err == nil, err
}

// refusal tells whether an error says that the news can't be applied as things are. Anything else
// is a trouble that passes, and the gateway sends the news again.
func refusal(err error) bool {
	var told *errs.Error
	if !errors.As(err, &told) {
		return false
	}
	switch told.Kind() {
	case errs.Invalid, errs.Malformed, errs.NotFound, errs.Conflict, errs.Gone:
		return true
	default:
		return false
	}
}

func (c *Cashier) keep(
	ctx context.Context, n payment.Notice, order booking.OrderID, body string, why error,
) (Taken, error) {
	text, err := payment.Store(n, body)
	if err != nil {
		return "", err
	}
	var told *errs.Error
	errors.As(why, &told)
	c.logger.WarnContext(ctx, "a gateway's message is kept: it can't be applied",
		"provider", n.Provider, "notice", n.NoticeID, "key", n.Key, "why", told.Code())
	if err := c.office.KeepNotice(ctx, booking.News{Payload: text, Notice: booking.NoticeRef{
		Event: order.Event, Provider: n.Provider, Notice: n.NoticeID}}, told.Code()); err != nil {
		return "", err
	}
	return c.count(TakenKept), nil
}

func (c *Cashier) apply(
	ctx context.Context, n payment.Notice, order booking.OrderID, attempt int,
	news booking.News, again bool,
) (Taken, error) {
	switch n.Subject {
	case payment.OfPayment:
		return c.applyPayment(ctx, n, order, attempt, news, again)
	case payment.OfRefund:
		return c.applyRefund(ctx, n, order, news)
	case payment.OfDispute:
		if n.State != payment.Disputed && n.State != payment.Declined {
			return TakenIgnored, nil
		}
		err := c.office.RecordGatewayRefund(ctx, booking.RecordGatewayRefund{Order: order,
			Payment:    paymentRef(order, n.Provider, n.Transaction),
			GatewayRef: n.Refund, Amount: n.Amount, Dispute: true,
			Won: n.State == payment.Declined, News: news})
		return TakenNoted, err
	}
	return TakenIgnored, nil
}

func paymentRef(order booking.OrderID, provider, transaction string) booking.PaymentRef {
	return booking.PaymentRef{Event: order.Event, Provider: provider, Transaction: transaction}
}

func (c *Cashier) applyPayment(
	ctx context.Context, n payment.Notice, order booking.OrderID, attempt int,
	news booking.News, again bool,
) (Taken, error) {
	switch n.State {
	case payment.Paid, payment.Refunded, payment.Disputed:
		outcome, err := c.office.RecordPayment(ctx, command.Paid{Order: order, Attempt: attempt,
			Provider: n.Provider, Transaction: n.Transaction, Notice: n.NoticeID,
			Payload: news.Payload, Amount: n.Amount, Again: again})
		if outcome == booking.PaymentQuarantined {
			c.logger.ErrorContext(ctx, "a payment is in quarantine: it isn't what was ordered",
				"provider", n.Provider, "transaction", n.Transaction, "key", n.Key,
				"amount", n.Amount.String())
		}
		return taken(outcome), err
	case payment.Declined:
		record := c.office.RecordDecline
		if n.Transaction == "" {
			record = c.office.RecordUnused
		}
		return TakenNoted, record(ctx, order, attempt, n.Amount, news)
	case payment.Unknown, payment.Pending:
	}
	return TakenIgnored, nil
}

func taken(o booking.PaymentOutcome) Taken {
	switch o {
	case booking.PaymentApplied:
		return TakenPaid
	case booking.PaymentTookBack:
		return TakenLate
	case booking.PaymentGivenBack:
		return TakenBack
	case booking.PaymentQuarantined:
		return TakenDoubtful
	case booking.PaymentRepeated:
	}
	return TakenKnown
}

func (c *Cashier) applyRefund(
	ctx context.Context, n payment.Notice, order booking.OrderID, news booking.News,
) (Taken, error) {
	if n.State != payment.Refunded && n.State != payment.Declined {
		return TakenIgnored, nil
	}
	if n.RefundKey != "" {
		return TakenNoted, c.office.RecordRefund(ctx, booking.RecordRefund{
			Refund: booking.RefundRef{Event: order.Event, Key: booking.RefundKey(n.RefundKey)},
			Try:    n.RefundKey, Failed: n.State == payment.Declined, GatewayRef: n.Refund,
			News: news})
	}
	if n.State == payment.Declined {
		return "", errLostRefund
	}
	return TakenNoted, c.office.RecordGatewayRefund(ctx, booking.RecordGatewayRefund{Order: order,
		Payment: paymentRef(order, n.Provider, n.Transaction), GatewayRef: n.Refund,
		Amount: n.Amount, News: news})
}

// errLostRefund is for somebody to look at.
var errLostRefund = errs.New(errs.Conflict, "gateway_refund_failed",
	"A refund that was made at the gateway's side has failed.")

// Replay applies a stored message once more, as if it had just come. One that was applied changes
// nothing.
func (c *Cashier) Replay(ctx context.Context, provider, notice string) (Taken, error) {
	kept, err := c.open.Notice(ctx, provider, notice)
	if err != nil {
		return "", err
	}
	if kept.State == booking.NoticeApplied {
		return TakenKnown, nil
	}
	return c.replay(ctx, &kept)
}

func (c *Cashier) replay(ctx context.Context, kept *query.KeptNotice) (Taken, error) {
	n, body, err := payment.Restore(kept.Ref.Provider, kept.Payload)
	if err != nil {
		return "", err
	}
	return c.Take(ctx, n, body, true)
}

// Settle asks the gateways about an order whose time is over, and closes its attempt: a payment is
// recorded, or the order, which was certainly not paid and never will be, is released. As long
// as one gateway can't tell, the order waits.
func (c *Cashier) Settle(ctx context.Context, o booking.Order) error {
	unpaid, err := c.asked(ctx, o, payment.Gateway.Cancel)
	if err != nil || !unpaid {
		return err
	}
	return c.office.ExpireOrder(ctx, o.ID)
}

// asked applies the gateways' answers about the open attempt of an order. It tells true if all of
// them are sure that it wasn't paid and won't be.
func (c *Cashier) asked(
	ctx context.Context, o booking.Order,
	ask func(payment.Gateway, context.Context, string) (payment.Status, error),
) (unpaid bool, err error) {
	attempt := min(o.CurrentAttempt(), booking.MaxAttempts)
	unpaid = true
	for _, name := range c.providers.Names() {
		gateway, err := c.providers.Get(name)
		if err != nil {
			return false, err
		}
		limited, cancel := context.WithTimeout(ctx, sweepLookUpLimit)
		status, err := ask(gateway, limited, booking.AttemptKey(o.ID, attempt))
		cancel()
		switch {
		case errors.Is(err, payment.ErrNotFound):
			unpaid = false // its page may still be open
			continue
		case err != nil:
			return false, fmt.Errorf("ask %s: %w", name, err)
		}
		switch status.State {
		case payment.Paid, payment.Refunded, payment.Disputed:
			outcome, err := c.office.RecordPayment(ctx, command.Paid{Order: o.ID,
				Attempt: attempt, Provider: name, Transaction: status.Transaction,
				Amount: status.Amount})
			if err == nil {
				c.count(taken(outcome))
			}
			return false, err
		case payment.Declined:
		case payment.Pending, payment.Unknown:
			unpaid = false
		}
	}
	return unpaid, nil
}
