package stripe

import (
	"errors"
	"slices"
	"strings"
	"testing"

	"go.uber.org/goleak"

	"ticketflow/internal/app/payment"
	"ticketflow/internal/domain/money"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func amount(tb testing.TB, minor int64, code string) money.Money {
	tb.Helper()
	currency, err := money.ParseCurrency(code)
	if err != nil {
		tb.Fatal(err)
	}
	m, err := money.New(minor, currency)
	if err != nil {
		tb.Fatal(err)
	}
	return m
}

func euros(tb testing.TB, minor int64) money.Money { tb.Helper(); return amount(tb, minor, "EUR") }

const key = "ord_0001:1"

func request(tb testing.TB) payment.Request {
	tb.Helper()
	return payment.Request{Key: key, Amount: euros(tb, 4900), Reference: "BHXT-S55G",
		ReturnURL: "https://example.org/back"}
}

// begin opens an attempt that must work.
func begin(t *testing.T, g payment.Gateway) payment.Page {
	t.Helper()
	page, err := g.Begin(t.Context(), request(t))
	if err != nil || !strings.HasPrefix(page.URL, "https://checkout.stripe.com/") {
		t.Fatalf("begin: %+v, %v", page, err)
	}
	return page
}

func mustBegin(t *testing.T, g payment.Gateway) payment.Page {
	t.Helper()
	page, err := g.Begin(t.Context(), request(t))
	if err != nil {
		t.Fatal(err)
	}
	return page
}

// TestBeginAgain: a repetition finds the page that is open, and makes no second one.
func TestBeginAgain(t *testing.T) {
	f := newFake(t)
	g := f.gateway()
	first := begin(t, g)
	want := []string{"POST /v1/products", "POST /v1/checkout/sessions", "POST /v1/products/*"}
	if calls := f.asked(); !slices.Equal(calls, want) {
		t.Errorf("begin asked %q", calls)
	}
	if again := begin(t, g); again != first {
		t.Errorf("then %v, first %v", again, first)
	}
	clear(f.replays) // a day later Stripe has forgotten its idempotency keys
	if again := begin(t, g); again != first || len(f.sessions) != 1 {
		t.Errorf("a day later %v and %d sessions", again, len(f.sessions))
	}
	dearer := request(t)
	dearer.Amount = euros(t, 5000)
	if _, err := g.Begin(t.Context(), dearer); !errors.Is(err, payment.ErrKeyReused) {
		t.Errorf("another amount: %v", err)
	}
}

// TestBeginKeepsItsWord: Stripe is told what the order says, and where our key belongs.
func TestBeginKeepsItsWord(t *testing.T) {
	f := newFake(t)
	begin(t, f.gateway())
	s := f.find(key)
	if s.amount != 4900 || s.currency != "eur" || s.metadata[metaKey] != key {
		t.Errorf("%+v", s)
	}
	if p := f.products[recordID(key)]; p["active"] != false || p["name"] != "TicketFlow BHXT-S55G" {
		t.Errorf("the record is %v", p)
	}
}

// TestWhatIsNeverSent can't work at Stripe, or would be something else there.
func TestWhatIsNeverSent(t *testing.T) {
	f := newFake(t)
	g := f.gateway()
	for name, spoil := range map[string]func(*payment.Request){
		"no key":       func(r *payment.Request) { r.Key = "" },
		"a space":      func(r *payment.Request) { r.Key = "ord 1" },
		"a long key":   func(r *payment.Request) { r.Key = strings.Repeat("x", maxKeyBytes+1) },
		"nothing":      func(r *payment.Request) { r.Amount = euros(t, 0) },
		"no currency":  func(r *payment.Request) { r.Amount = money.Money{} },
		"no way back":  func(r *payment.Request) { r.ReturnURL = "javascript:alert(1)" },
		"a tenth fils": func(r *payment.Request) { r.Amount = amount(t, 5001, "KWD") },
	} {
		r := request(t)
		spoil(&r)
		if _, err := g.Begin(t.Context(), r); !errors.Is(err, payment.ErrRejected) {
			t.Errorf("%s: %v", name, err)
		}
	}
	for name, call := range map[string]func(key string) error{
		"look up": func(key string) error { _, err := g.LookUp(t.Context(), key); return err },
		"cancel":  func(key string) error { _, err := g.Cancel(t.Context(), key); return err },
		"refund": func(key string) error {
			_, err := g.Refund(t.Context(), key, "ref_1", euros(t, 1))
			return err
		},
		"refund key": func(key string) error {
			_, err := g.Refund(t.Context(), "ord_1:1", key, euros(t, 1))
			return err
		},
	} {
		if err := call("a\nb"); !errors.Is(err, payment.ErrRejected) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if calls := f.asked(); len(calls) != 0 {
		t.Errorf("sent: %q", calls)
	}
}

// ways are what buyers and banks do, and what is to be told of it. Not found means that nobody has
// paid, and the page is open.
var ways = []struct {
	name   string
	happen func(f *fake)
	want   payment.State // Unknown: payment.ErrNotFound
	cancel payment.State // what it is after Cancel
}{
	{"the page is open", func(*fake) {}, payment.Unknown, payment.Declined},
	{"a card was refused", func(f *fake) { f.tries(key, "requires_payment_method") },
		payment.Unknown, payment.Declined},
	{"the bank asks the buyer", func(f *fake) { f.tries(key, "requires_action") },
		payment.Pending, payment.Declined},
	{"paid", func(f *fake) { f.tries(key, "succeeded") }, payment.Paid, payment.Paid},
	{"the bank takes days", func(f *fake) { f.tries(key, "processing") }, payment.Pending,
		payment.Pending},
	{"the bank said yes", func(f *fake) { f.becomes(f.tries(key, "processing"), "succeeded") },
		payment.Paid, payment.Paid},
	{"the bank said no", func(f *fake) {
		f.becomes(f.tries(key, "processing"), "requires_payment_method")
	}, payment.Declined, payment.Declined},
	{"the page has expired", func(f *fake) { f.find(key).status = "expired" }, payment.Declined,
		payment.Declined},
	{"expired after a refused card", func(f *fake) {
		f.tries(key, "requires_payment_method")
		f.find(key).status = "expired"
	}, payment.Declined, payment.Declined},
}

func TestLookUp(t *testing.T) {
	for _, way := range ways {
		t.Run(way.name, func(t *testing.T) {
			f := newFake(t)
			g := f.gateway()
			if _, err := g.LookUp(t.Context(), key); !errors.Is(err, payment.ErrNotFound) {
				t.Errorf("before it began: %v", err)
			}
			begin(t, g)
			way.happen(f)
			if f.find(key).status == "complete" { // the buyer has done all there
				if page := mustBegin(t, g); page.URL != request(t).ReturnURL {
					t.Errorf("begun again: %v", page)
				}
			}
			got, err := g.LookUp(t.Context(), key)
			if way.want == payment.Unknown {
				if !errors.Is(err, payment.ErrNotFound) {
					t.Errorf("%+v, %v", got, err)
				}
				return
			}
			if err != nil || got.State != way.want || got.Key != key ||
				got.Amount != euros(t, 4900) ||
				(got.Transaction == "") != (way.want == payment.Pending) {
				t.Errorf("%+v, %v", got, err)
			}
		})
	}
}

// TestCancel: afterwards nobody can pay, unless it was too late, and then that is said.
func TestCancel(t *testing.T) {
	for _, way := range ways {
		t.Run(way.name, func(t *testing.T) {
			f := newFake(t)
			g := f.gateway()
			begin(t, g)
			way.happen(f)
			for range 2 {
				got, err := g.Cancel(t.Context(), key)
				if err != nil || got.State != way.cancel || got.Amount != euros(t, 4900) {
					t.Errorf("%+v, %v", got, err)
				}
			}
			if got := f.find(key).status; got == "open" {
				t.Error("the page is still open")
			}
			if page, err := g.Begin(t.Context(), request(t)); !errors.Is(err,
				payment.ErrRejected) {
				t.Errorf("begun again: %v, %v", page, err)
			}
			if got, err := g.LookUp(t.Context(), key); err != nil || got.State != way.cancel {
				t.Errorf("looked up: %+v, %v", got, err)
			}
		})
	}
}

// TestCancelFirst: an attempt that Stripe has never heard of is closed, too.
func TestCancelFirst(t *testing.T) {
	f := newFake(t)
	g := f.gateway()
	for range 2 {
		if got, err := g.Cancel(t.Context(), key); err != nil || got.State != payment.Declined {
			t.Fatalf("%+v, %v", got, err)
		}
	}
	if page, err := g.Begin(t.Context(), request(t)); !errors.Is(err, payment.ErrRejected) {
		t.Errorf("begun: %v, %v", page, err)
	}
	if got, err := g.LookUp(t.Context(), key); err != nil || got.State != payment.Declined {
		t.Errorf("looked up: %+v, %v", got, err)
	}
	if len(f.sessions) != 0 {
		t.Error("a page was made")
	}
}

// TestCancelMeanwhile: whatever Begin was about to do when the attempt was cancelled, no page is
// told that is open.
func TestCancelMeanwhile(t *testing.T) {
	for _, step := range []string{"POST /v1/products", "POST /v1/checkout/sessions",
		"POST /v1/products/*"} {
		f := newFake(t)
		g := f.gateway()
		f.meanwhile(step, func() {
			if got, err := g.Cancel(t.Context(), key); err != nil ||
				got.State != payment.Declined {
				t.Errorf("before %s: %+v, %v", step, got, err)
			}
		})
		if page, err := g.Begin(t.Context(), request(t)); !errors.Is(err, payment.ErrRejected) {
			t.Errorf("cancelled before %s: %v, %v", step, page, err)
		}
		for _, s := range f.sessions {
			if s.status == "open" {
				t.Errorf("cancelled before %s: a page is open", step)
			}
		}
	}
}

// TestBeginWhileCancelled: the record appears between Cancel's two questions.
func TestBeginWhileCancelled(t *testing.T) {
	f := newFake(t)
	g := f.gateway()
	f.meanwhile("POST /v1/products", func() { begin(t, g) })
	if got, err := g.Cancel(t.Context(), key); err != nil || got.State != payment.Declined {
		t.Errorf("%+v, %v", got, err)
	}
	if got := f.find(key).status; got != "expired" {
		t.Errorf("the page is %s", got)
	}
}

// TestPaidWhileCancelled: the buyer was faster than the expiry of the page.
func TestPaidWhileCancelled(t *testing.T) {
	f := newFake(t)
	g := f.gateway()
	begin(t, g)
	f.meanwhile("POST /v1/checkout/sessions/*/expire", func() { f.tries(key, "succeeded") })
	if got, err := g.Cancel(t.Context(), key); err != nil || got.State != payment.Paid {
		t.Errorf("%+v, %v", got, err)
	}
}
