package boot_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"golang.org/x/net/html"

	"ticketflow/internal/boot"
	"ticketflow/internal/testservers/visitor"
)

// TestMailsSpeakTheBuyersLanguage, in a house that speaks English: who has read the pages in German
// and who has said so to the API are written to in German, with German tickets and dates.
func TestMailsSpeakTheBuyersLanguage(t *testing.T) {
	app := pages(t)
	v := visitor.OpenIn(t, app.URL+"/events/evt_1/list", "de")
	v.Press("Die besten reservieren", "best", "1", "tier", "cat3")
	v.Follow("Weiter")
	v.Press("bezahlen", "name", ada, "email", "pages@example.org")
	v.Press("Pay") // the gateway's page
	v.Sees(http.StatusOK, "Bezahlt. Ihre Karten sind da")
	buyOverAPI(t, app, "api@example.org", `"de-AT"`)
	buyOverAPI(t, app, "unspoken@example.org", `"fr"`)
	buyOverAPI(t, app, "none@example.org", `""`)

	for address, german := range map[string]bool{"pages@example.org": true,
		"api@example.org": true, "unspoken@example.org": false, "none@example.org": false} {
		wanted := []string{"Hello ", "event.ics", "Doors: ", "/Lang (en)"}
		if german {
			wanted = []string{"Guten Tag ", "termin.ics", "Einlass: ", "/Lang (de)"}
		}
		mail := mailTo(t, app, address)
		for _, want := range wanted {
			if !strings.Contains(mail, want) {
				t.Errorf("the mail to %s has no %q", address, want)
			}
		}
	}
}

// buyOverAPI orders a place in a language, and pays.
func buyOverAPI(t *testing.T, app *boot.App, address, language string) {
	t.Helper()
	hold := ask(t, http.MethodPost, app.URL+"/v1/events/evt_1/holds", `{"best":{"count":1}}`,
		http.StatusCreated, "Idempotency-Key", "hold for "+address)
	order := ask(t, http.MethodPost, app.URL+"/v1/orders", fmt.Sprintf(`{"hold":%q,
		"hold_token":%q,"buyer":{"name":"A","email":%q},"language":%s}`, hold["id"],
		hold["token"], address, language), http.StatusCreated, "Idempotency-Key", address)
	visitor.Open(t, fmt.Sprint(paymentOf(order)["url"])).Press("Pay")
}

// mailTo is the mail to an address, when it has come, with its files.
func mailTo(t *testing.T, app *boot.App, address string) (all string) {
	t.Helper()
	v := visitor.Open(t, app.URL+"/mail")
	tries, late := time.NewTicker(50*time.Millisecond), time.After(patience)
	defer tries.Stop()
	for v.Find("summary", address) == nil {
		select {
		case <-tries.C:
			v.Open("/mail")
		case <-late:
			t.Fatalf("no mail to %s has come: %s", address, v.Said())
		}
	}
	mail := v.Find("details", address)
	var files []string
	visitor.Each(mail, func(n *html.Node) bool {
		if n.Data == "a" {
			files = append(files, visitor.Attribute(n, "href"))
		}
		return true
	})
	if len(files) != 3 { // dates, tickets, and the whole mail
		t.Fatalf("the mail to %s has the files %v", address, files)
	}
	all = visitor.Text(mail)
	for _, file := range files[:2] {
		v.Open(file)
		all += v.Text
	}
	return all
}
