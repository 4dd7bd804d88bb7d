package httpapi_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"ticketflow/internal/inbound/httpapi"
)

// pricedEvent has an early-bird price, a group rate, fees and taxes.
const pricedEvent = `{"venue":"ven_1","plan":"pln_1","title":"Tosca","time_zone":"Europe/Vienna",` +
	`"starts_at":"2026-12-01T19:00:00+01:00","sale":{"opens_at":"2026-09-01T10:00:00Z",` +
	`"closes_at":"2026-12-01T18:00:00Z"},"tiers":[{"key":"a","name":"All",` +
	`"price":{"amount":4900,"currency":"EUR"}}],"rules":[{"tier":"a","categories":["Stalls"]}],` +
	`"pricing":{"ticket_fee":{"name":"Service fee","fixed":150,"basis_points":250},` +
	`"order_fee":{"name":"Order fee","fixed":200},"ticket_tax":{"code":"AT-13",` +
	`"basis_points":1300},"fee_tax":{"code":"AT-20","basis_points":2000,"added":true},` +
	`"early_birds":[{"tier":"a","amount":3900,"until":"2026-09-20T00:00:00+02:00"}],` +
	`"groups":[{"name":"Three or more","from":3,"basis_points":1000}]}}`

// priced publishes the event and tells how it is shown.
func (h *house) priced() (e httpapi.EventDetail) {
	h.tb.Helper()
	offer, err := h.offers.Get(h.tb.Context(), h.event)
	if err != nil {
		h.tb.Fatal(err)
	}
	body := strings.Replace(pricedEvent, "Stalls", offer.Plan().Categories()[0].Name, 1)
	r := h.asOrganiser(http.MethodPost, "/v1/events", body)
	r.want(http.StatusCreated, "")
	r.into(&e)
	h.asOrganiser(http.MethodPost, e.Links.Self+"/publish", "").want(http.StatusOK, "")
	return e
}

// holdOf holds the best n places of an event.
func (h *house) holdOf(e httpapi.EventDetail, n int) (made httpapi.Hold) {
	h.tb.Helper()
	r := h.call(http.MethodPost, e.Links.Holds, fmt.Sprintf(`{"best":{"count":%d}}`, n),
		"Idempotency-Key", key())
	r.want(http.StatusCreated, "")
	r.into(&made)
	return made
}

// orderWith tries to order with a voucher.
func (h *house) orderWith(made httpapi.Hold, voucher string) reply {
	h.tb.Helper()
	body := strings.TrimSuffix(orderBody(made), "}") + fmt.Sprintf(`,"voucher":%q}`, voucher)
	return h.call(http.MethodPost, "/v1/orders", body, "Idempotency-Key", key())
}

func (h *house) voucher(e httpapi.EventDetail, body string) (v httpapi.Voucher) {
	h.tb.Helper()
	r := h.asOrganiser(http.MethodPost, e.Links.Self+"/vouchers", body)
	r.want(http.StatusCreated, "")
	r.into(&v)
	return v
}

func TestEventTellsWhatABuyerPays(t *testing.T) {
	h := open(t)
	e := h.priced()
	tier := e.Tiers[0]
	// 39.00, a fee of 1.50 + 2.5 % (0.98) with 20 % (0.50), and for the order 2.00 with 0.40.
	if tier.Price.Amount != 3_900 || tier.BuyerPays.Amount != 4_198 || tier.OrderFee == nil ||
		tier.OrderFee.Amount != 240 || tier.UsualPrice == nil || tier.UsualPrice.Amount != 4_900 {
		t.Errorf("early: %+v", tier)
	}
	if p := e.Pricing; p == nil || p.TicketFee.PaidBy != "buyer" ||
		p.TicketTax.BasisPoints != 1_300 || len(p.EarlyBirds) != 1 || p.Groups[0].From != 3 {
		t.Errorf("the pricing is %+v", p)
	}
	one := h.holdOf(e, 1)
	if one.Total.Amount != tier.BuyerPays.Amount+tier.OrderFee.Amount {
		t.Errorf("one place costs %+v", one.Total)
	}
	h.clock.add(8 * 24 * time.Hour)
	var later, plain httpapi.EventDetail
	h.call(http.MethodGet, e.Links.Self, "").into(&later)
	if tier = later.Tiers[0]; tier.Price.Amount != 4_900 || tier.UsualPrice != nil {
		t.Errorf("later: %+v", tier)
	}
	h.call(http.MethodGet, "/v1/events/"+h.event.String(), "").into(&plain)
	if tier = plain.Tiers[0]; tier.BuyerPays != tier.Price || tier.OrderFee != nil {
		t.Errorf("without rules: %+v", tier)
	}
	if raw := h.call(http.MethodGet, "/v1/events/"+h.event.String(), "").body; strings.Contains(
		string(raw), "pricing") {
		t.Errorf("without rules: %s", raw)
	}
}

// adds checks that the places and the charges make the total.
func adds(t *testing.T, places []httpapi.Place, charges []httpapi.Charge, total httpapi.Money) {
	t.Helper()
	sum := int64(0)
	for _, p := range places {
		sum += p.Price.Amount
	}
	for _, c := range charges {
		sum += c.Total
	}
	if sum != total.Amount {
		t.Errorf("%d is the total of %d: %+v", total.Amount, sum, charges)
	}
}

// TestQuoteIsFrozenAndShown: the hold, the quote and the order show the same lines, and the gateway
// is asked for their total.
func TestQuoteIsFrozenAndShown(t *testing.T) {
	h := open(t)
	e := h.priced()
	h.voucher(e, `{"code":"Five-off","amount":500}`)
	made := h.holdOf(e, 3)
	adds(t, made.Places, made.Charges, made.Total)
	kinds := func(charges []httpapi.Charge) (list []string) {
		for _, c := range charges {
			list = append(list, c.Kind)
		}
		return list
	}
	want := []string{"ticket_tax", "group_discount", "ticket_fee", "order_fee"}
	if got := kinds(made.Charges); !slices.Equal(got, want) {
		t.Errorf("the hold has %v", got)
	}
	var read httpapi.Hold
	h.call(http.MethodGet, "/v1/holds/"+made.ID, "", "Hold-Token", made.Token).into(&read)
	if !reflect.DeepEqual(read.Charges, made.Charges) || read.Total != made.Total {
		t.Errorf("the hold is read as %+v", read)
	}
	var plain, with httpapi.Quote
	path := "/v1/holds/" + made.ID + "/quote"
	h.call(http.MethodGet, path, "", "Hold-Token", made.Token).into(&plain)
	h.call(http.MethodGet, path+"?voucher=five-OFF", "", "Hold-Token", made.Token).into(&with)
	if plain.Total != made.Total || plain.Saved.Amount != 0 || with.Voucher != "FIVE-OFF" ||
		with.Saved.Amount != 515 || with.Total.Amount != made.Total.Amount-515 { // with its fee
		t.Errorf("%+v\n%+v", plain, with)
	}
	adds(t, with.Places, with.Charges, with.Total)
	h.call(http.MethodGet, path, "", "Hold-Token", "tok_wrong").
		want(http.StatusNotFound, "not_found")

	var placed httpapi.Order
	r := h.orderWith(made, " five-off ")
	r.want(http.StatusCreated, "")
	r.into(&placed)
	if !reflect.DeepEqual(placed.Charges, with.Charges) || placed.Total != with.Total {
		t.Errorf("the order is %+v", placed)
	}
	h.pay(placed, "with-voucher").want(http.StatusOK, "")
	if all := h.tickets(placed); all.State != "paid" || len(all.Tickets) != 3 {
		t.Errorf("the tickets are %+v", all)
	}
}

func TestVouchersOfAnEvent(t *testing.T) {
	h := open(t)
	e := h.priced()
	path := e.Links.Self + "/vouchers"
	one := h.voucher(e, `{"code":"once","basis_points":10000,"max_uses":1}`)
	if one.Code != "ONCE" || one.Used != 0 || one.Disabled {
		t.Errorf("%+v", one)
	}
	h.voucher(e, `{"code":"ONCE","basis_points":10000,"max_uses":1}`)
	h.asOrganiser(http.MethodPost, path, `{"code":"once","amount":1}`).
		want(http.StatusConflict, "voucher_exists")
	for body, code := range map[string]string{
		`{"code":"two","amount":1,"basis_points":1}`: "bad_voucher",
		`{"code":"two"}`: "bad_voucher",
		`{"code":"two","amount":1,"tiers":["x"]}`: "bad_voucher",
		`{"code":"a b","amount":1}`:               "invalid_request",
		`{"code":"two","amount":1,"valid_from":"2026-10-01T00:00:00Z",` +
			`"valid_until":"2026-10-01T00:00:00Z"}`: "bad_voucher",
		`{"code":"two","amount":1,"valid_from":"0001-01-01T00:00:00Z"}`: "bad_voucher",
	} {
		h.asOrganiser(http.MethodPost, path, body).want(http.StatusUnprocessableEntity, code)
	}
	var placed httpapi.Order
	h.orderWith(h.holdOf(e, 2), "Once").into(&placed)
	if placed.State != "paid" || placed.Total.Amount != 0 || placed.Payment.State != "paid" {
		t.Errorf("a fully discounted order is %+v", placed)
	}
	next := h.holdOf(e, 1)
	h.orderWith(next, "once").want(http.StatusConflict, "voucher_used_up")
	h.orderWith(next, "never").want(http.StatusUnprocessableEntity, "voucher_unknown")
	h.orderWith(next, "?").want(http.StatusUnprocessableEntity, "bad_voucher_code")
	h.call(http.MethodGet, "/v1/holds/"+next.ID+"/quote?voucher=once", "", "Hold-Token",
		next.Token).want(http.StatusConflict, "voucher_used_up")

	h.voucher(e, `{"code":"later","amount":1,"valid_from":"2026-10-01T00:00:00Z"}`)
	h.orderWith(next, "later").want(http.StatusConflict, "voucher_not_now")
	h.voucher(e, `{"code":"off","amount":1}`)
	h.asOrganiser(http.MethodPost, path+"/Off/disable", "").want(http.StatusOK, "")
	h.orderWith(next, "off").want(http.StatusUnprocessableEntity, "voucher_unknown")
	h.asOrganiser(http.MethodPost, path+"/other/disable", "").
		want(http.StatusNotFound, "voucher_not_found")

	var page, rest httpapi.VoucherPage
	h.asOrganiser(http.MethodGet, path+"?limit=2", "").into(&page)
	h.asOrganiser(http.MethodGet, path+"?limit=2&cursor="+page.Next, "").into(&rest)
	text, err := json.Marshal(append(page.Vouchers, rest.Vouchers...))
	if err != nil || len(page.Vouchers) != 2 || page.Next != "OFF" || rest.Next != "" ||
		string(text) != `[{"code":"LATER","amount":1,"valid_from":"2026-10-01T00:00:00Z",`+
			`"used":0,"disabled":false},{"code":"OFF","amount":1,"used":0,"disabled":true},`+
			`{"code":"ONCE","basis_points":10000,"max_uses":1,"used":1,"disabled":false}]` {
		t.Errorf("the vouchers are %s, %v", text, err)
	}
}

func TestBadPricing(t *testing.T) {
	h := open(t)
	for part, want := range map[string]string{
		`"ticket_fee":{"name":"x"}`:                                        "bad_fee",
		`"order_fee":{"name":" x","fixed":1}`:                              "bad_fee",
		`"order_fee":{"name":"x","fixed":1,"paid_by":"me"}`:                "invalid_request",
		`"ticket_tax":{"code":"AT 13","basis_points":1}`:                   "invalid_request",
		`"early_birds":[{"tier":"x","amount":1,"until":` + aYear("2026"):   "bad_early_bird",
		`"early_birds":[{"tier":"a","amount":1,"until":` + aYear("9999"):   "bad_early_bird",
		`"groups":[{"name":"g","from":2}]`:                                 "bad_group_rate",
		`"groups":[{"name":"g","from":2,"each":1,"basis_points":1}]`:       "bad_group_rate",
		`"groups":[{"name":"g","from":1,"each":1}]`:                        "invalid_request",
		`"ticket_fee":{"name":"x","fixed":1,"basis_points":10001}`:         "invalid_request",
		`"ticket_tax":{"code":"a.b-C1","basis_points":10000,"added":true}`: "",
	} {
		body := strings.TrimSuffix(newEvent, "}") + `,"pricing":{` + part + `}}`
		r := h.asOrganiser(http.MethodPost, "/v1/events", body)
		if want == "" {
			r.want(http.StatusCreated, "")
			continue
		}
		r.want(http.StatusUnprocessableEntity, want)
	}
}

// aYear is the end of an early-bird price, and of its list.
func aYear(year string) string { return `"` + year + `-11-01T00:00:00Z"}]` }
