package booking

import (
	"strconv"
	"strings"

	"ticketflow/internal/domain/catalog"
	"ticketflow/internal/domain/errs"
	"ticketflow/internal/domain/fact"
	"ticketflow/internal/domain/money"
)

// MaxAttempts bounds how often an order can be tried to be paid.
const MaxAttempts = 20

// ErrTooManyAttempts says that an order won't be tried again.
var ErrTooManyAttempts = errs.New(errs.Conflict, "too_many_attempts",
	"This order was tried to be paid too often. Please order anew.")

// AttemptKey is the gateway's idempotency key of one attempt to pay an order, counted from 1: as
// long as the outcome of an attempt isn't known, the same key is asked again.
func AttemptKey(order OrderID, attempt int) string {
	return string(strconv.AppendInt(append(order.Append(make([]byte, 0, idChars)), ':'),
		int64(attempt), 10))
}

// ParseAttemptKey is the inverse of AttemptKey.
func ParseAttemptKey(key string) (order OrderID, attempt int, err error) {
	id, number, _ := strings.Cut(key, ":")
	if order, err = ParseOrderID(id); err != nil {
		return order, 0, err
	}
	attempt, err = strconv.Atoi(number)
	if err != nil || attempt < 1 || attempt > MaxAttempts || AttemptKey(order, attempt) != key {
		return order, 0, ErrOrderNotFound
	}
	return order, attempt, nil
}

// CurrentAttempt is the number of the attempt that is open or would be the next.
func (o Order) CurrentAttempt() int { return o.Declined + 1 }

// RecordDecline notes that an attempt to pay has failed for certain: the next one gets a key of its
// own. Saying it twice, or of an attempt that is over, changes nothing. An attempt is only begun
// once those before it are over, so their failures need no news of their own.
type RecordDecline struct {
	Order   OrderID
	Attempt int
	Unused  bool // nothing was tried: the gateway's page has merely ended
	News    News
	Amount  money.Money
}

// News is the message of a gateway that a command was given because of. It is zero when the gateway
// was asked instead.
type News struct {
	Notice  NoticeRef
	Payload string // the message as it came
}

func (n News) keys() []NoticeRef {
	if n.Notice == (NoticeRef{}) {
		return nil
	}
	return []NoticeRef{n.Notice}
}

// Keys names the rows of the command.
func (c *RecordDecline) Keys() *Keys {
	return &Keys{Events: []catalog.EventID{c.Order.Event}, Orders: []OrderID{c.Order},
		Notices: c.News.keys()}
}

// Decide counts the attempt as declined. A page that ends unused once the order's time is over was
// closed by us: no other attempt follows, and nobody was declined.
func (c *RecordDecline) Decide(b *Book) error {
	if !b.noted(c.News) {
		return nil
	}
	o, ok := b.orders.get(c.Order)
	if !ok {
		return ErrOrderNotFound
	}
	if o.State != AwaitingPayment || c.Attempt < o.CurrentAttempt() ||
		c.Unused && o.Due(b.now) {
		return nil
	}
	o.Declined = c.Attempt
	b.orders.put(o.ID, o)
	b.record(fact.Fact{Kind: fact.PaymentDeclined, Event: o.ID.Event, Order: o.ID.Key,
		Amount: c.Amount, Ref: AttemptKey(c.Order, c.Attempt)})
	return nil
}

// KeepNotice stores a message that can't be applied, with the reason, so that it isn't lost: an
// operator may replay it. Saying it twice changes nothing.
type KeepNotice struct {
	News News
	Why  string // the code of the failure
}

// Keys names the rows of the command.
func (c *KeepNotice) Keys() *Keys { return &Keys{Notices: c.News.keys()} }

// Decide stores the message, unless it is known.
func (c *KeepNotice) Decide(b *Book) error {
	ref := c.News.Notice
	if _, known := b.notices.get(ref); known || ref == (NoticeRef{}) {
		return nil
	}
	b.notices.put(ref, Notice{State: NoticeKept, At: b.now, Payload: c.News.Payload, Why: c.Why})
	b.record(fact.Fact{Kind: fact.NoticeKept, Event: ref.Event,
		Ref: ref.Provider + ":" + ref.Notice})
	return nil
}

// noted stores a message as applied; it tells false if it was applied before. No message is news.
func (b *Book) noted(news News) bool {
	ref := news.Notice
	if ref == (NoticeRef{}) {
		return true
	}
	n, known := b.notices.get(ref)
	if known && n.State == NoticeApplied {
		return false
	}
	if !known {
		n = Notice{At: b.now, Payload: news.Payload}
	}
	n.State, n.Why = NoticeApplied, ""
	b.notices.put(ref, n)
	return true
}
