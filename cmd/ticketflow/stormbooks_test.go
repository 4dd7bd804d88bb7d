package main

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"net/http"
	"net/url"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"ticketflow/internal/app/audit"
	"ticketflow/internal/boot"
)

// bankPayment is a payment in the gateway's own book.
type bankPayment struct {
	Key, Payment, State        string
	Amount, Refunded, Disputed int64
	Disputes                   []struct{ Dispute string }
}

// banker is who may use the gateway's API: its key follows from the secret that both sides share.
func (s *storm) banker() []string {
	master := sha256.Sum256([]byte(stormSecret))
	mac := hmac.New(sha256.New, master[:])
	mac.Write([]byte("simpay bearer v1"))
	return []string{"Authorization", "Bearer " + base64.RawURLEncoding.EncodeToString(mac.Sum(nil))}
}

// bankBook is all that the gateway has captured, by order.
func (s *storm) bankBook() map[string][]bankPayment {
	s.Helper()
	book := make(map[string][]bankPayment)
	for after := ""; ; {
		status, raw := s.insist(http.MethodGet, s.bank.url+"/simpay/v1/payments?limit=500&after="+
			url.QueryEscape(after), "", s.banker()...)
		if status != http.StatusOK {
			s.Fatalf("the gateway's book: %d %s", status, raw)
		}
		page := parse[struct {
			Payments []bankPayment
			Next     string
		}](s.T, raw)
		for _, p := range page.Payments {
			order, _, _ := strings.Cut(p.Key, ":")
			if p.State != "declined" && p.State != "pending" {
				book[order] = append(book[order], p)
			}
		}
		if after = page.Next; after == "" {
			return book
		}
	}
}

// settle waits until everything has found its end, and does what an operator would do.
func (s *storm) settle() {
	s.Helper()
	status, raw, err := s.call(http.MethodPost, s.bank.url+"/simpay/knobs", "",
		"Content-Type", "application/x-www-form-urlencoded")
	if err != nil || status >= 400 {
		s.Fatalf("the knobs can't be turned off: %v, %d %s", err, status, raw)
	}
	s.client.Timeout = programLimit // a large book takes its time
	begun, limit := time.Now(), stormSettle
	if s.size() > stormOrders {
		limit *= 3
	}
	for ; time.Since(begun) < limit; <-time.After(time.Second) {
		last := s.unsettled()
		if last == "" {
			s.Logf("settled after %v", time.Since(begun).Round(time.Second))
			return
		}
		if time.Since(begun) > limit-2*time.Second {
			s.Errorf("not settled: %s", last)
		}
	}
}

// unsettled says what is still open, after an operator has looked at it.
func (s *storm) unsettled() string {
	s.Helper()
	var open struct {
		Failed, Waiting []struct{ ID string }
		Quarantined     []struct{ Transaction string }
		Notices         []struct{ Notice, Why, Message string }
	}
	s.get("/v1/payments/open", &open)
	for _, r := range open.Failed {
		s.post("/v1/refunds/" + url.PathEscape(r.ID) + "/retry")
	}
	for _, p := range open.Quarantined {
		s.post("/v1/payments/simpay/" + p.Transaction + "/return")
	}
	for _, n := range open.Notices {
		s.post("/v1/notices/simpay/" + n.Notice + "/replay")
	}
	var sales struct{ Awaiting int }
	s.get("/v1/events/"+s.event+"/sales", &sales)
	books := parse[struct {
		Equal       bool
		Repaired    int
		Differences []struct{ Transaction, Key, What string }
	}](s.T, s.post("/v1/payments/simpay/reconcile"))
	if len(open.Failed)+len(open.Waiting)+len(open.Quarantined)+len(open.Notices)+
		sales.Awaiting == 0 && books.Equal {
		return ""
	}
	return fmt.Sprintf("%+v, %d orders await, books %+v", open, sales.Awaiting, books)
}

// ask is what the organiser is told.
func (s *storm) ask(path string) []byte {
	_, raw := s.insist(http.MethodGet, path, "", s.organiser()...)
	return raw
}

// TestAStormOfPayments: whatever the gateway does, and however often the server is killed, nobody
// is charged twice, nobody who has paid is left without tickets, nobody has tickets without having
// paid, and both books are equal to the cent.
func TestAStormOfPayments(t *testing.T) { onEachLedger(t, payThrough) }

func payThrough(s *storm) {
	s.open(2*stormSize(), stormKnobs)
	crashes := s.rage()
	s.settle()
	book := s.bankBook()
	captured, kept, clearing := 0, int64(0), int64(0)
	states := map[string]int{}
	for id := range s.orders {
		var o stormOrder
		s.get("/v1/orders/"+id, &o)
		states[o.State]++
		net, disputed, contested := int64(0), int64(0), false
		for _, p := range book[id] {
			captured++
			net += p.Amount - p.Refunded
			disputed += p.Disputed
			contested = contested || len(p.Disputes) > 0
		}
		kept += net - disputed
		switch {
		case net > o.Total.Amount:
			s.Errorf("%s costs %d and %d was charged", id, o.Total.Amount, net)
		case o.State == "awaiting_payment":
			s.Errorf("%s still waits", id)
		case o.State != "paid" && net != disputed && !contested:
			// Whose money is that of a dispute that was won after a cancellation, people decide.
			s.Errorf("%s is %s and %d was kept of %+v; our book has\n%s", id, o.State, net-disputed,
				book[id], s.ask("/v1/orders/"+id+"/payments"))
		case o.State == "paid" && net == 0:
			s.Errorf("%s is paid and nothing was kept", id)
		}
	}
	var statement struct {
		Currencies []struct {
			AtGateways int64 `json:"at_gateways"`
			Balanced   bool
		}
	}
	s.get("/v1/events/"+s.event+"/statement", &statement)
	for _, c := range statement.Currencies {
		clearing += c.AtGateways
		if !c.Balanced {
			s.Error("the statement doesn't balance")
		}
	}
	if clearing != kept {
		s.Errorf("our clearing account has %d, the gateway's book %d", clearing, kept)
	}
	s.Logf("%d orders: %v, %d captured payments, %d crashes", len(s.orders), states, captured,
		crashes)
	if crashes < 3 || states["paid"] < len(s.orders)/2 || states["expired"] == 0 ||
		captured <= states["paid"] {
		s.Error("that was no storm")
	}
	s.audit()
}

// audit wants nothing of the ledger to be wrong.
func (s *storm) audit() {
	s.Helper()
	report, err := boot.Audit(s.Context(), filepath.Join(s.dir, "server"), s.cluster,
		audit.Options{})
	if err != nil || !report.OK {
		var text strings.Builder
		s.Errorf("the audit: %v, %v\n%s", err, report.WriteText(&text), text.String())
	}
}
