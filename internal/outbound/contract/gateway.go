package contract

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"ticketflow/internal/app/payment"
	"ticketflow/internal/domain/errs"
	"ticketflow/internal/domain/money"
)

// Till is a payment gateway with what stands behind it.
type Till struct {
	Gateway payment.Gateway
	Book    payment.Statement // nil if KeepsBook is lacking
	Bank    Bank
	// Now is the time by which webhooks are signed.
	Now func() time.Time
	// Lacks says what can't be shown with this gateway, and why. What isn't named must be shown.
	Lacks map[Power]string
}

// TillFactory opens a gateway that nobody has paid at. It cleans up through t.
type TillFactory func(t T) *Till

// Bank is the world behind a gateway: buyers, its staff and the network. It is driven past the
// adapter, so that the adapter can't hide what it has done.
type Bank interface {
	// Decide does on a payment page what a buyer does there; ErrPageClosed if the page refuses.
	Decide(ctx context.Context, page payment.Page, c Choice) error
	// Happen lets something happen at the gateway's side; amount is that of a refund or dispute.
	Happen(ctx context.Context, key string, h Happening, amount money.Money) error
	// LoseAnswers makes the gateway do what the adapter asks, and its answers get lost, until told
	// otherwise. It returns a context for such calls, so that no case waits for a long time-out.
	LoseAnswers(ctx context.Context, lose bool) (context.Context, context.CancelFunc)
	// Webhooks are all that were sent so far, repetitions included, as they were sent.
	Webhooks(ctx context.Context) ([]Webhook, error)
	// Balance is what the gateway has taken from buyers and not returned, in minor units, by its
	// own book.
	Balance(ctx context.Context) (int64, error)
}

// Webhook is one notice as it comes over the wire.
type Webhook struct {
	Header map[string][]string
	Body   []byte
}

// ErrPageClosed says that a buyer can't do this on the page, or no longer.
var ErrPageClosed = errs.New(errs.Gone, "payment_page_closed", "The page is closed.")

// Choice is what a buyer does.
type Choice uint8

// The choices.
const (
	Pays      Choice = iota
	Declines         // the bank or the buyer says no
	Hesitates        // pays, but the bank asks for a second step: pending
	Confirms         // does the second step
	Refuses          // says no to it
)

// Happening is something that the box office didn't ask for.
type Happening uint8

// What can happen at the gateway's side.
const (
	RefundsWait   Happening = iota // from now on refunds of this payment are pending
	RefundsFail                    // from now on they fail
	RefundDone                     // the last pending refund is done
	RefundFailed                   // it fails
	StaffRefunds                   // somebody refunds in the gateway's dashboard
	BuyerDisputes                  // the buyer's bank takes the money back
	DisputeIsWon                   // and gives back what it took in the last dispute of this amount
)

// Power is something that not every gateway can show.
type Power uint8

// The powers.
const (
	Declining       Power = iota // a buyer can be declined
	SecondStep                   // a payment can be pending
	ClosesUnheard                // a key that the gateway has never heard of can be closed
	LosesAnswers                 // answers can get lost
	SendsWebhooks                // notices come by themselves
	WaitingRefunds               // a refund can be pending, and fail
	StaffCanRefund               // refunds come from the gateway's side, too
	BanksCanDispute              // as do disputes
	KeepsBook                    // the gateway has a book that can be read
	numberOfPowers
)

var powerNames = [numberOfPowers]string{"declining", "a second step", "closing unheard keys",
	"losing answers", "webhooks", "refunds that wait or fail", "refunds by staff", "disputes",
	"a book to read"}

// GatewayCase is one promise of the port payment.Gateway.
type GatewayCase struct {
	Name  string
	needs []Power
	run   func(c *counter)
}

// GatewayCases are all promises, by topic.
func GatewayCases() []GatewayCase {
	var all []GatewayCase
	for _, topic := range []struct {
		name  string
		cases []GatewayCase
	}{
		{"paying", gatewayPaying()}, {"cancelling", gatewayCancelling()},
		{"refunds", gatewayRefunds()}, {"lost answers", gatewayLosses()},
		{"notices", gatewayNotices()}, {"other side", gatewaySides()},
	} {
		for _, c := range topic.cases {
			c.Name = topic.name + "/" + c.Name
			all = append(all, c)
		}
	}
	return all
}

// Gateway runs all cases, each against a gateway of its own. What the gateway can't show is told in
// the log with the reason, and must have one.
func Gateway(t *testing.T, open TillFactory) {
	t.Helper()
	lacks := open(t).Lacks
	checkLacks(t, lacks)
	for power, why := range lacks {
		t.Logf("not shown: %s: %s", powerNames[power], why)
	}
	for _, c := range GatewayCases() {
		if c.shown(lacks) {
			t.Run(c.Name, func(t *testing.T) { c.against(t, open) })
		}
	}
}

// RecordGateway runs the cases whose names begin with prefix against gateways that are broken on
// purpose, and returns what each that failed has said, by name.
func RecordGateway(prefix string, open TillFactory) map[string]string {
	said := make(map[string]string)
	for _, c := range GatewayCases() {
		if !strings.HasPrefix(c.Name, prefix) {
			continue
		}
		if failures := recorded(func(t T) { c.against(t, open) }); failures != "" {
			said[c.Name] = failures
		}
	}
	return said
}

// shown tells whether a gateway that lacks some powers can show the case.
func (c GatewayCase) shown(lacks map[Power]string) bool {
	return !slices.ContainsFunc(c.needs, func(p Power) bool { _, no := lacks[p]; return no })
}

// checkLacks refuses what is left out for no reason.
func checkLacks(t T, lacks map[Power]string) {
	t.Helper()
	for _, power := range slices.Sorted(maps.Keys(lacks)) {
		if power >= numberOfPowers || lacks[power] == "" {
			t.Fatalf("power %d is lacking for no reason", power)
		}
	}
}

func (c GatewayCase) against(t T, open TillFactory) {
	till := open(t)
	checkLacks(t, till.Lacks)
	if c.shown(till.Lacks) {
		c.run(&counter{T: t, Till: till})
	}
}

// counter is where a case plays.
type counter struct {
	T
	*Till
}

// usual is what is paid for the usual order.
const usual = 4900

func (c *counter) request(key string) payment.Request {
	return payment.Request{Key: key, Amount: euros(c, usual), Reference: "K7F-2QX9",
		ReturnURL: "http://box.example/orders/ord_1"}
}

// begin opens the usual attempt.
func (c *counter) begin(key string) payment.Page {
	c.Helper()
	page, err := c.Gateway.Begin(c.Context(), c.request(key))
	if err != nil || page.URL == "" {
		c.Fatalf("begin %s: %+v, %v", key, page, err)
	}
	return page
}

// decide does something on a page that must take it.
func (c *counter) decide(page payment.Page, what Choice) {
	c.Helper()
	if err := c.Bank.Decide(c.Context(), page, what); err != nil {
		c.Fatalf("the page refused choice %d: %v", what, err)
	}
}

// sold begins and pays the usual attempt.
func (c *counter) sold(key string) payment.Status {
	c.Helper()
	c.decide(c.begin(key), Pays)
	return c.stands(key, payment.Paid)
}

// stands looks an attempt up, which must be in a state and hold together.
func (c *counter) stands(key string, want payment.State) payment.Status {
	c.Helper()
	st, err := c.Gateway.LookUp(c.Context(), key)
	if err != nil {
		c.Fatalf("look up %s: %v, want %s", key, err, want)
	}
	c.whole(st, key, want)
	return st
}

// whole checks that what a status says holds together.
func (c *counter) whole(st payment.Status, key string, want payment.State) {
	c.Helper()
	same(c.T, "key", st.Key, key)
	same(c.T, "state", st.State, want)
	var returned int64
	for _, r := range st.Refunds {
		if r.Refund == "" || r.Transaction != st.Transaction {
			c.Errorf("a refund that can't be told from others: %+v", r)
		}
		if r.State == payment.Refunded {
			returned += r.Amount.Minor()
		}
	}
	same(c.T, "sum of its refunds", returned, st.Refunded.Minor())
	switch want {
	case payment.Paid, payment.Refunded, payment.Disputed:
		same(c.T, "amount", st.Amount, euros(c, usual))
		if st.Transaction == "" {
			c.Errorf("captured without an id of the gateway: %+v", st)
		}
	case payment.Pending:
		same(c.T, "transaction of nothing captured", st.Transaction, "")
	default:
	}
	if want == payment.Disputed == (st.Disputed == money.Money{}) {
		c.Errorf("%s, and %s is disputed", want, st.Disputed)
	}
}

// balance checks what the gateway has by its own book.
func (c *counter) balance(want int64) {
	c.Helper()
	got, err := c.Bank.Balance(c.Context())
	if err != nil {
		c.Fatalf("balance: %v", err)
	}
	same(c.T, "the gateway's balance", got, want)
}

// happen lets something happen at the gateway's side.
func (c *counter) happen(key string, h Happening, minor int64) {
	c.Helper()
	if err := c.Bank.Happen(c.Context(), key, h, euros(c, minor)); err != nil {
		c.Fatalf("happening %d: %v", h, err)
	}
}

// is checks a failure: one of those that are right.
func (c *counter) is(what string, err error, right ...error) {
	c.Helper()
	for _, want := range right {
		if errors.Is(err, want) {
			return
		}
	}
	c.Errorf("%s: got %v, want %v", what, err, right)
}

// key makes the keys of attempts that differ.
func key(order, attempt int) string { return fmt.Sprintf("ord_%d:%d", order, attempt) }
