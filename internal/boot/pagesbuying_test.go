package boot_test

import (
	"net/http"
	"strings"
	"testing"

	"ticketflow/internal/boot"
	"ticketflow/internal/testservers/visitor"
)

// pages starts a box office with the demo's events.
func pages(t *testing.T) *boot.App {
	t.Helper()
	c := settings(t.TempDir())
	c.Demo = true
	return start(t, c)
}

// atCheckout is a visitor who holds places and has gone on.
func atCheckout(t *testing.T, app *boot.App) *visitor.Visitor {
	t.Helper()
	v := visitor.Open(t, app.URL+"/events/evt_1/list")
	v.Press("Hold the best", "best", "2", "tier", "cat3")
	v.Sees(http.StatusOK, "Held for you until", "CHF 98.00")
	v.Follow("Continue")
	v.Sees(http.StatusOK, "Checkout", "2 × CHF 49.00", "CHF 98.00")
	return v
}

const (
	ada     = "Ada Lovelace"
	adaMail = "ada@example.org"
)

// TestBuyTheBestWithoutScripts goes the whole way by links and forms.
func TestBuyTheBestWithoutScripts(t *testing.T) {
	app := pages(t)
	v := atCheckout(t, app)
	v.Press("Pay CHF 98.00", "name", ada, "email", adaMail)
	v.Sees(http.StatusOK, "Rehearsal")
	v.Press("Pay")
	v.Sees(http.StatusOK, "Paid. Your tickets are ready", adaMail, "CHF 98.00")
	if !strings.HasPrefix(v.At.Path, "/orders/ord_") || v.At.RawQuery != "" {
		t.Errorf("the buyer is at %s", v.At)
	}
	order := v.At.Path
	v.Follow("Show tickets")
	v.Sees(http.StatusOK, "1 of 2", "2 of 2", "Entrance", "The Winter Lanterns")
	picture := v.Find("img", "")
	v.Open(visitor.Attribute(picture, "src"))
	if v.Status != http.StatusOK || !strings.HasPrefix(v.Text, "<svg") {
		t.Errorf("the code is %d %.40s", v.Status, v.Text)
	}
	v.Open("/orders")
	v.Sees(http.StatusOK, "The Winter Lanterns", "paid", "2 places")
	visitor.Open(t, app.URL+order).Sees(http.StatusNotFound) // another browser
}

// TestBuyFromTheList takes a run of seats with one press, and single seats by their boxes.
func TestBuyFromTheList(t *testing.T) {
	app := pages(t)
	v := visitor.Open(t, app.URL+"/events/evt_1/list")
	v.Follow("Stalls centre")
	v.Sees(http.StatusOK, "Entrance", "Row")
	v.Press("Show", "n", "3")
	v.Press("Take ")
	v.Sees(http.StatusOK, "Your places", "Remove")
	if n := strings.Count(v.Text, `name="remove"`); n != 3 {
		t.Fatalf("%d places are held", n)
	}
	v.Press("Remove")
	if n := strings.Count(v.Text, `name="remove"`); n != 2 {
		t.Fatalf("%d places are held after one was removed", n)
	}
	v.Follow("Choose single seats")
	add := v.Values("add")
	if len(add) == 0 {
		t.Fatal("an open row has no boxes")
	}
	v.Press("Hold the chosen seats", "add", add[len(add)/2])
	v.Sees(http.StatusOK, "Total")
	if n := strings.Count(v.Text, `name="remove"`); n != 3 {
		t.Fatalf("%d places are held after one was added: %s", n, v.Said())
	}
	for range 3 {
		v.Press("Remove")
	}
	v.Sees(http.StatusOK, "Nothing is chosen yet")
}

// TestStandingPlaces are chosen by their number.
func TestStandingPlaces(t *testing.T) {
	v := visitor.Open(t, pages(t).URL+"/events/evt_2/list")
	v.Follow("Floor")
	v.Press("Hold the chosen seats", "best", "4")
	v.Sees(http.StatusOK, "standing", "Total")
	if n := strings.Count(v.Text, `name="remove"`); n != 4 {
		t.Fatalf("%d places are held", n)
	}
}
