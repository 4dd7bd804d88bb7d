package stripe

import (
	"fmt"
	"maps"
	"net/url"
	"path"
	"slices"
	"strconv"
	"strings"
)

// session is a Checkout Session of the fake.
type session struct {
	id, key, status, paid string
	amount                int64
	currency              string
	intent                *intent
	metadata              map[string]string
}

type intent struct {
	id, status       string
	amount, received int64
	currency         string
	metadata         map[string]string
	disputed         bool
}

type refund struct {
	id, intent, status string
	amount             int64
	currency           string
	metadata           map[string]string
}

type dispute struct {
	id, intent, status string
	amount             int64
	currency           string
}

func (f *fake) id(prefix string) string {
	f.number++
	return fmt.Sprintf("%s_%04d", prefix, f.number)
}

var gone = failure("invalid_request_error", "resource_missing", "No such object")

// answer does what a request asks for. The fake is locked.
func (f *fake) answer(kind, where string, form url.Values) (int, any) {
	id := path.Base(where)
	switch kind {
	case "POST /v1/products":
		return f.makeProduct(form)
	case "GET /v1/products/*", "POST /v1/products/*":
		p := f.products[id]
		if p == nil {
			return 404, gone
		}
		maps.Copy(p["metadata"].(map[string]string), metadata(form, "metadata"))
		return 200, p
	case "POST /v1/checkout/sessions":
		return f.makeSession(form)
	case "GET /v1/checkout/sessions/*":
		if s := f.sessions[id]; s != nil {
			return 200, f.show(s, len(form["expand[0]"]) > 0)
		}
		return 404, gone
	case "POST /v1/checkout/sessions/*/expire":
		s := f.sessions[path.Base(path.Dir(where))]
		if s == nil || s.status != "open" {
			return 400, failure("invalid_request_error", "", "Only open sessions can be expired")
		}
		s.status = "expired"
		return 200, f.show(s, false)
	case "POST /v1/payment_intents/*/cancel":
		for _, i := range f.intents {
			if i.id == path.Base(path.Dir(where)) && i.status != "succeeded" &&
				i.status != "processing" {
				i.status = "canceled"
				return 200, f.showIntent(i)
			}
		}
		return 400, failure("invalid_request_error", "payment_intent_unexpected_state", "No")
	case "GET /v1/payment_intents/*":
		for _, i := range f.intents {
			if i.id == id {
				return 200, f.showIntent(i)
			}
		}
		return 404, gone
	case "GET /v1/payment_intents":
		return f.listIntents(form)
	case "POST /v1/refunds":
		return f.makeRefund(form)
	case "GET /v1/refunds":
		return 200, list("/v1/refunds", f.showRefunds(form.Get("payment_intent")))
	case "GET /v1/disputes":
		return 200, list("/v1/disputes", f.showDisputes(form.Get("payment_intent")))
	}
	f.t.Errorf("the fake doesn't know %s", kind)
	return 404, gone
}

func metadata(form url.Values, name string) map[string]string {
	m := map[string]string{}
	for field, values := range form {
		if rest, ok := strings.CutPrefix(field, name+"["); ok {
			m[strings.TrimSuffix(rest, "]")] = values[0]
		}
	}
	return m
}

func number(form url.Values, name string) int64 {
	n, _ := strconv.ParseInt(form.Get(name), 10, 64)
	return n
}

func (f *fake) makeProduct(form url.Values) (int, any) {
	id := form.Get("id")
	if f.products[id] != nil {
		return 400, failure("invalid_request_error", "resource_already_exists", "exists")
	}
	f.products[id] = map[string]any{"id": id, "object": "product", "livemode": f.live,
		"active": form.Get("active") == "true", "name": form.Get("name"),
		"metadata": metadata(form, "metadata")}
	return 200, f.products[id]
}

func (f *fake) makeSession(form url.Values) (int, any) {
	const price = "line_items[0][price_data]"
	s := &session{id: f.id("cs_test"), key: form.Get("client_reference_id"), status: "open",
		paid: "unpaid", amount: number(form, price+"[unit_amount]"),
		currency: form.Get(price + "[currency]"), metadata: metadata(form, "metadata")}
	if s.amount < 50 { // Stripe's least is about half a dollar
		return 400, failure("invalid_request_error", "amount_too_small", "Too small")
	}
	f.sessions[s.id] = s
	return 200, f.show(s, false)
}

func (f *fake) show(s *session, expanded bool) map[string]any {
	o := map[string]any{"id": s.id, "object": "checkout.session", "livemode": f.live,
		"mode": "payment", "status": s.status, "payment_status": s.paid, "url": nil,
		"amount_total": s.amount, "currency": s.currency, "client_reference_id": s.key,
		"metadata": s.metadata, "payment_intent": nil}
	if s.status == "open" {
		o["url"] = "https://checkout.stripe.com/c/pay/" + s.id
	}
	if s.intent != nil {
		if o["payment_intent"] = s.intent.id; expanded {
			o["payment_intent"] = f.showIntent(s.intent)
		}
	}
	return o
}

func (f *fake) showIntent(i *intent) map[string]any {
	var returned int64
	for _, r := range f.refunds {
		if r.intent == i.id && r.status != "failed" && r.status != "canceled" {
			returned += r.amount
		}
	}
	return map[string]any{"id": i.id, "object": "payment_intent", "livemode": f.live,
		"status": i.status, "amount": i.amount, "amount_received": i.received,
		"currency": i.currency, "metadata": i.metadata,
		"latest_charge": map[string]any{"id": "ch_" + i.id, "object": "charge",
			"amount_refunded": returned, "disputed": i.disputed,
			"refunds": list("/v1/charges/ch_"+i.id+"/refunds", f.showRefunds(i.id))}}
}

func list(where string, data []any) map[string]any {
	return map[string]any{"object": "list", "url": where, "has_more": false, "data": data}
}

func (f *fake) listIntents(form url.Values) (int, any) {
	data := []any{}
	begun, more := form.Get("starting_after") == "", false
	for _, i := range slices.Backward(f.intents) {
		if int64(len(data)) == number(form, "limit") {
			more = true
			break
		}
		if begun {
			data = append(data, f.showIntent(i))
		}
		begun = begun || i.id == form.Get("starting_after")
	}
	answer := list("/v1/payment_intents", data)
	answer["has_more"] = more
	return 200, answer
}

func (f *fake) makeRefund(form url.Values) (int, any) {
	for _, i := range f.intents {
		if i.id != form.Get("payment_intent") {
			continue
		}
		left := i.received
		for _, r := range f.refunds {
			if r.intent == i.id && r.status != "failed" && r.status != "canceled" {
				left -= r.amount
			}
		}
		if number(form, "amount") > left {
			return 400, failure("invalid_request_error", "", "Refund amount is greater than left")
		}
		r := &refund{id: f.id("re"), intent: i.id, status: "succeeded", currency: i.currency,
			amount: number(form, "amount"), metadata: metadata(form, "metadata")}
		if f.refunding != "" {
			r.status = f.refunding
		}
		f.refunds = append(f.refunds, r)
		return 200, showRefund(r)
	}
	return 404, gone
}

func showRefund(r *refund) map[string]any {
	return map[string]any{"id": r.id, "object": "refund", "payment_intent": r.intent,
		"status": r.status, "amount": r.amount, "currency": r.currency, "metadata": r.metadata}
}

func (f *fake) showRefunds(of string) []any {
	data := []any{}
	for _, r := range slices.Backward(f.refunds) {
		if r.intent == of {
			data = append(data, showRefund(r))
		}
	}
	return data
}

func (f *fake) showDisputes(of string) []any {
	data := []any{}
	for _, d := range slices.Backward(f.disputes) {
		if d.intent == of {
			data = append(data, f.showDispute(d))
		}
	}
	return data
}

func (f *fake) showDispute(d *dispute) map[string]any {
	return map[string]any{"id": d.id, "object": "dispute", "payment_intent": d.intent,
		"status": d.status, "amount": d.amount, "currency": d.currency, "livemode": f.live}
}

// find gives the session of a key.
func (f *fake) find(key string) *session {
	f.t.Helper()
	for _, s := range f.sessions {
		if s.key == key {
			return s
		}
	}
	f.t.Fatalf("no session of %s", key)
	return nil
}

// tries has the buyer try to pay; the intent is then in the given status, and the session complete
// unless the page still waits for the buyer.
func (f *fake) tries(key, status string) *intent {
	f.t.Helper()
	f.mu.Lock()
	defer f.mu.Unlock()
	s := f.find(key)
	if s.status != "open" {
		f.t.Fatalf("the page of %s is %s", key, s.status)
	}
	f.attempt(s, status)
	return s.intent
}

// attempt is one try to pay a session. The fake is locked.
func (f *fake) attempt(s *session, status string) {
	if s.intent == nil {
		s.intent = &intent{id: f.id("pi"), amount: s.amount, currency: s.currency,
			metadata: s.metadata}
		f.intents = append(f.intents, s.intent)
	}
	switch s.intent.status = status; status {
	case "succeeded":
		s.intent.received, s.status, s.paid = s.amount, "complete", "paid"
	case "processing":
		s.status = "complete"
	}
}

// becomes changes an intent behind the page.
func (f *fake) becomes(i *intent, status string) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if i.status = status; status == "succeeded" {
		i.received = i.amount
	}
}
