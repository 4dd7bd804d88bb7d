package simpay

import (
	"context"
	"crypto/rand"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"ticketflow/internal/app/payment"
	"ticketflow/internal/domain/money"
	"ticketflow/internal/outbound/contract"
)

// bank is the world behind the simulator: its pages over HTTP, its knobs and its own book.
type bank struct {
	sim    *Simulator
	web    *httptest.Server
	office *office
	client *http.Client
}

// openTill is a simulator with a box office that only listens.
func openTill(t contract.T) *contract.Till {
	folder, err := os.MkdirTemp("", "simpay")
	if err != nil {
		t.Fatalf("make a folder: %v", err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(folder) })
	secrets, err := DeriveSecrets([]byte("a secret of the contract suite"))
	if err != nil {
		t.Fatalf("derive secrets: %v", err)
	}
	b := &bank{client: &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: 16},
		CheckRedirect: func(*http.Request, []*http.Request) error {
			return http.ErrUseLastResponse
		}}}
	t.Cleanup(b.client.CloseIdleConnections)
	b.office = &office{clock: WallClock{}, notices: make(chan payment.Notice, 10_000)}
	b.office.Server = httptest.NewServer(b.office)
	t.Cleanup(b.office.Close)
	b.web = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		b.sim.Handler().ServeHTTP(w, r)
	}))
	t.Cleanup(b.web.Close)
	g, err := NewGateway(b.web.URL, b.web.URL, secrets, time.Now)
	if err != nil {
		t.Fatalf("make the gateway: %v", err)
	}
	t.Cleanup(g.Close)
	b.office.gateway = g
	b.sim, err = Open(Options{Folder: folder, NoticeURL: b.office.URL + "/v1/webhooks/simpay",
		Secrets: secrets, Clock: WallClock{}, Random: rand.Reader})
	if err != nil {
		t.Fatalf("open the simulator: %v", err)
	}
	t.Cleanup(func() { _ = b.sim.Close() })
	b.sim.Start()
	return &contract.Till{Gateway: g, Book: g, Bank: b, Now: time.Now}
}

// Decide presses a button of the page.
func (b *bank) Decide(ctx context.Context, page payment.Page, c contract.Choice) error {
	want := map[contract.Choice]string{contract.Pays: "paid", contract.Declines: "declined",
		contract.Hesitates: "pending", contract.Confirms: "paid", contract.Refuses: "declined"}[c]
	form := url.Values{"outcome": {map[contract.Choice]string{contract.Pays: "paid",
		contract.Declines: "declined", contract.Hesitates: "paid", contract.Confirms: "confirmed",
		contract.Refuses: "refused"}[c]}}
	if c == contract.Hesitates {
		form.Set("action", "1")
	}
	q, err := http.NewRequestWithContext(ctx, http.MethodPost, page.URL,
		strings.NewReader(form.Encode()))
	if err != nil {
		return err
	}
	q.Header.Set("Accept", "application/json")
	resp, err := b.client.Do(q)
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	answer := make([]byte, 1024)
	n, _ := resp.Body.Read(answer)
	if !strings.Contains(string(answer[:n]), `"state":"`+want) {
		return contract.ErrPageClosed.With(string(answer[:n]))
	}
	return nil
}

// Happen asks the simulator's operator API for it.
func (b *bank) Happen(
	ctx context.Context, key string, h contract.Happening, amount money.Money,
) error {
	path, body := "/simpay/v1/payments/"+key+"/events", ""
	method := http.MethodPost
	switch h {
	case contract.RefundsWait:
		method, path, body = http.MethodPatch, "/simpay/v1/knobs/"+key, `{"refund_pending":1}`
	case contract.RefundsFail:
		method, path, body = http.MethodPatch, "/simpay/v1/knobs/"+key, `{"refund_fails":1}`
	case contract.RefundDone:
		body = `{"event":"refund_done"}`
	case contract.RefundFailed:
		body = `{"event":"refund_failed"}`
	case contract.StaffRefunds:
		body = fmt.Sprintf(`{"event":"refund","amount":%d}`, amount.Minor())
	case contract.BuyerDisputes:
		body = fmt.Sprintf(`{"event":"dispute","amount":%d}`, amount.Minor())
	case contract.DisputeIsWon:
		body = fmt.Sprintf(`{"event":"dispute_won","dispute":%d}`, b.dispute(key, amount.Minor()))
	}
	q, err := http.NewRequestWithContext(ctx, method, b.web.URL+path, strings.NewReader(body))
	if err != nil {
		return err
	}
	q.Header.Set("Authorization", "Bearer "+b.sim.secrets.bearer)
	resp, err := b.client.Do(q)
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	if resp.StatusCode != http.StatusOK {
		return fmt.Errorf("%s: status %d", body, resp.StatusCode)
	}
	return nil
}

// dispute is the number of the last open dispute of an amount, or 0.
func (b *bank) dispute(key string, minor int64) (number int) {
	st, _ := b.sim.book.lookUp(key)
	for i, d := range st.Disputes {
		if d.State == payment.Disputed && d.Amount == minor {
			number = i + 1
		}
	}
	return number
}

// LoseAnswers resets connections behind the effect.
func (b *bank) LoseAnswers(ctx context.Context, lose bool) (context.Context, context.CancelFunc) {
	text := "reset_after=0"
	if lose {
		text = "reset_after=1"
	}
	k, err := ParseKnobs(text)
	if err != nil {
		panic(err)
	}
	b.sim.fates.setGlobal(k)
	return context.WithCancel(ctx)
}

// Webhooks are those that the box office got.
func (b *bank) Webhooks(context.Context) ([]contract.Webhook, error) {
	b.office.mu.Lock()
	defer b.office.mu.Unlock()
	return slices.Clone(b.office.raw), nil
}

// Balance adds up the journal's payments.
func (b *bank) Balance(context.Context) (sum int64, err error) {
	b.sim.book.mu.Lock()
	defer b.sim.book.mu.Unlock()
	for _, e := range b.sim.book.order {
		if e.state != payment.Paid {
			continue
		}
		sum += e.amount.Minor()
		for _, r := range e.refunds {
			if r.state == payment.Refunded {
				sum -= r.amount
			}
		}
		sum -= e.taken()
	}
	return sum, nil
}

func TestContract(t *testing.T) { contract.Gateway(t, openTill) }

// What a gateway can't show is left out, with its reason, and nothing else is.
func TestContractWithoutAPower(t *testing.T) {
	for name, failures := range contract.RecordGateway("", func(ct contract.T) *contract.Till {
		till := openTill(ct)
		till.Book = nil // who asks it all the same, panics
		till.Lacks = map[contract.Power]string{contract.KeepsBook: "its book is burnt"}
		return till
	}) {
		t.Errorf("%s: %s", name, failures)
	}
}

// saboteur is an adapter that is broken in one way.
type saboteur struct {
	*Gateway

	bank   *bank
	begin  func(s *saboteur, ctx context.Context, r payment.Request) (payment.Page, error)
	lookUp func(s *saboteur, ctx context.Context, key string) (payment.Status, error)
	cancel func(s *saboteur, ctx context.Context, key string) (payment.Status, error)
	refund func(s *saboteur, ctx context.Context, key, refundKey string, amount money.Money) (
		payment.RefundStatus, error)
	notice func(s *saboteur, header map[string][]string, body []byte, now time.Time) (
		payment.Notice, error)
	payments func(s *saboteur, ctx context.Context, after string, limit int) (
		[]payment.Status, string, error)
	lacks map[contract.Power]string
	count atomic.Int64
}

// Begin is the gateway's, unless that is broken; so are the others.
func (s *saboteur) Begin(ctx context.Context, r payment.Request) (payment.Page, error) {
	if s.begin != nil {
		return s.begin(s, ctx, r)
	}
	return s.Gateway.Begin(ctx, r)
}

func (s *saboteur) LookUp(ctx context.Context, key string) (payment.Status, error) {
	if s.lookUp != nil {
		return s.lookUp(s, ctx, key)
	}
	return s.Gateway.LookUp(ctx, key)
}

func (s *saboteur) Cancel(ctx context.Context, key string) (payment.Status, error) {
	if s.cancel != nil {
		return s.cancel(s, ctx, key)
	}
	return s.Gateway.Cancel(ctx, key)
}

func (s *saboteur) Refund(ctx context.Context, key, refundKey string, amount money.Money) (
	payment.RefundStatus, error,
) {
	if s.refund != nil {
		return s.refund(s, ctx, key, refundKey, amount)
	}
	return s.Gateway.Refund(ctx, key, refundKey, amount)
}

func (s *saboteur) ReadNotice(header map[string][]string, body []byte, now time.Time) (
	payment.Notice, error,
) {
	if s.notice != nil {
		return s.notice(s, header, body, now)
	}
	return s.Gateway.ReadNotice(header, body, now)
}

func (s *saboteur) Payments(ctx context.Context, after string, limit int) (
	[]payment.Status, string, error,
) {
	if s.payments != nil {
		return s.payments(s, ctx, after, limit)
	}
	return s.Gateway.Payments(ctx, after, limit)
}
