package main

import (
	"bytes"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"
)

// repeats is how often a test sends the same at once.
const repeats = 100

// message is one of the gateway's, as it came.
type message struct {
	header http.Header
	body   []byte
}

// postbox takes the gateway's messages in place of the box office, and keeps them.
func postbox(t *testing.T) (url string, messages <-chan message) {
	t.Helper()
	kept := make(chan message, repeats)
	box := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(io.LimitReader(r.Body, 1<<20))
		if err != nil {
			t.Errorf("a message of the gateway: %v", err)
		}
		kept <- message{r.Header.Clone(), body}
		w.WriteHeader(http.StatusOK)
	}))
	t.Cleanup(box.Close)
	return box.URL, kept
}

// always is the same target each time.
func always(target string) func(int) string { return func(int) string { return target } }

// allAtOnce posts the same again and again, at the same moment, and returns the answers.
func (s *storm) allAtOnce(
	want int, target func(i int) string, body string, header ...string,
) (answers [repeats][]byte) {
	s.Helper()
	var all sync.WaitGroup
	start := make(chan struct{})
	for i := range answers {
		all.Go(func() {
			<-start
			status, answer, err := s.call(http.MethodPost, target(i), body, header...)
			if answers[i] = answer; err != nil || status != want {
				s.Errorf("POST %s: %d %s, %v", target(i), status, answer, err)
			}
		})
	}
	close(start)
	all.Wait()
	return answers
}

// TestTheSameAHundredTimesAtOnce is one order, one charge, and one effect of the gateway's message.
func TestTheSameAHundredTimesAtOnce(t *testing.T) { onEachLedger(t, repeatAll) }

func repeatAll(s *storm) {
	var messages <-chan message
	s.office, messages = postbox(s.T)
	s.open(10, "")
	s.client.Timeout = programLimit
	_, raw := s.insist(http.MethodPost, "/v1/events/"+s.event+"/holds", `{"best":{"count":2}}`,
		"Idempotency-Key", "a-hold-for-the-repeats")
	hold := parse[struct{ ID, Token string }](s.T, raw)
	answers := s.allAtOnce(http.StatusCreated, always("/v1/orders"),
		fmt.Sprintf(`{"hold":%q,"hold_token":%q,"buyer":{"name":"B","email":"b@example.org"}}`,
			hold.ID, hold.Token), "Idempotency-Key", "the-same-order-each-time")
	var order stormOrder
	var links [repeats]string
	for i, answer := range answers {
		// The link to the gateway's page is signed anew, and says in which second it ends.
		order = parse[stormOrder](s.T, answer)
		links[i] = order.Payment.URL
		answers[i] = bytes.Replace(answer, []byte(links[i]), nil, 1)
		if links[i] == "" || !bytes.Equal(answers[i], answers[0]) {
			s.Fatalf("one answer is %s, another %s", answers[0], answer)
		}
	}
	for _, answer := range s.allAtOnce(http.StatusOK, func(i int) string { return links[i] },
		"outcome=paid", "Content-Type", "application/x-www-form-urlencoded") {
		if said := parse[struct{ State string }](s.T, answer); said.State != "paid" {
			s.Errorf("the gateway says %s", answer)
		}
	}
	s.wantOrder(order.ID, "awaiting_payment", 0) // nobody has told us
	s.repeatMessage(messages)
	s.wantOrder(order.ID, "paid", 1)
	book := s.bankBook()
	if charges := book[order.ID]; len(book) != 1 || len(charges) != 1 ||
		charges[0].Amount != order.Total.Amount || charges[0].Refunded != 0 {
		s.Errorf("the gateway's book has %+v", book)
	}
	var sales struct{ Sold, Awaiting int }
	s.get("/v1/events/"+s.event+"/sales", &sales)
	if sales.Sold != 2 || sales.Awaiting != 0 {
		s.Errorf("the sales are %+v", sales)
	}
	var statement struct{ Currencies []struct{ Entries int } }
	s.get("/v1/events/"+s.event+"/statement", &statement)
	if len(statement.Currencies) != 1 || statement.Currencies[0].Entries != 1 {
		s.Errorf("the journal has %+v", statement)
	}
	s.audit()
}

// repeatMessage delivers what the gateway has said, which is one message, again and again.
func (s *storm) repeatMessage(messages <-chan message) {
	s.Helper()
	var news message
	select {
	case news = <-messages:
	case <-time.After(programLimit):
		s.Fatal("the gateway says nothing")
	}
	header := []string{"Content-Type", news.header.Get("Content-Type")}
	for name := range news.header {
		if strings.HasPrefix(name, "Webhook-") {
			header = append(header, name, news.header.Get(name))
		}
	}
	effects := 0
	for _, answer := range s.allAtOnce(http.StatusOK, always("/v1/webhooks/simpay"),
		string(news.body), header...) {
		switch said := parse[struct{ Result string }](s.T, answer); said.Result {
		case "paid":
			effects++
		case "known":
		default:
			s.Errorf("a message was answered with %s", answer)
		}
	}
	if more := len(messages); effects != 1 || more != 0 {
		s.Errorf("one message had %d effects; the gateway has sent %d more", effects, more)
	}
}

// wantOrder looks how an order stands, and how many payments there are for it.
func (s *storm) wantOrder(id, state string, payments int) {
	s.Helper()
	var money struct {
		State             string
		Payments, Refunds []any
	}
	s.get("/v1/orders/"+id+"/payments", &money)
	if money.State != state || len(money.Payments) != payments || len(money.Refunds) != 0 {
		s.Errorf("the order is %+v, want %s with %d payments", money, state, payments)
	}
}
