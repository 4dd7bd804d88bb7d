package notify_test

import (
	"strings"
	"testing"

	"ticketflow/internal/app/command"
	"ticketflow/internal/app/notify"
	"ticketflow/internal/app/phrase"
	"ticketflow/internal/domain/booking"
)

// speaks checks that a mail and what hangs on it are in one language.
func speaks(t *testing.T, m notify.Message, language phrase.Language) {
	t.Helper()
	hello, file, doors := "Hello ", "event.ics", "Doors: "
	if language == phrase.German {
		hello, file, doors = "Guten Tag ", "termin.ics", "Einlass: "
	}
	has(t, m.Text, hello)
	has(t, m.HTML, hello, `<html lang="`+string(language)+`"`)
	if len(m.Files) != 2 {
		t.Fatalf("%d files", len(m.Files))
	}
	has(t, m.Files[0].Name, file)
	has(t, string(m.Files[0].Data), doors)
	has(t, string(m.Files[1].Data), "/Lang ("+string(language)+")")
}

// TestABuyerIsWrittenToInTheirLanguage, and who has none, or one that isn't spoken, in the house's.
func TestABuyerIsWrittenToInTheirLanguage(t *testing.T) {
	for _, house := range phrase.Languages {
		h, want := open(t, house), make(map[string]phrase.Language)
		for i, c := range []struct {
			chosen string
			want   phrase.Language
		}{
			{"de", phrase.German}, {"en", phrase.English}, {"", house}, {"fr", house},
			{"de-AT", phrase.German}, {"EN-us", phrase.English}, {"den", house},
		} {
			o := h.orderIn(c.chosen, 2*i, 1)
			h.pay(o)
			speaks(t, h.one(o.Buyer.Email), c.want)
			want[o.Buyer.Email] = c.want
		}
		h.check(h.office.CancelEvent(h.Context(), h.event))
		for _, m := range h.mails() {
			title, known := map[phrase.Language]string{phrase.English: "Cancelled",
				phrase.German: "Abgesagt"}[want[m.To.Email]]
			if delete(want, m.To.Email); !known || !strings.Contains(m.Subject, title) {
				t.Errorf("%s is told %q", m.To.Email, m.Subject)
			}
		}
		if len(want) != 0 {
			t.Errorf("not told of the cancelled event: %v", want)
		}
	}
}

// TestANewHolderIsWrittenToInTheLanguageOfWhoPassedItOn: without one, in the buyer's, and then the
// house's; the buyer stays with their own.
func TestANewHolderIsWrittenToInTheLanguageOfWhoPassedItOn(t *testing.T) {
	h := open(t, phrase.English)
	for i, c := range []struct {
		buyer, passer string
		want          phrase.Language
	}{
		{"de", "en", phrase.English}, {"en", "de", phrase.German}, {"de", "", phrase.German},
		{"", "de", phrase.German}, {"", "", phrase.English}, {"de", "fr", phrase.English},
	} {
		o := h.orderIn(c.buyer, i, 1)
		h.pay(o)
		h.mails()
		_, err := h.office.TransferTicket(h.Context(), command.TransferWish{
			Ticket: h.tickets(o)[0].ID, Staff: true, To: booking.Holder{Name: "Grace",
				Email: "grace@example.org", Language: c.passer},
			Idempotency: command.Idempotency{Key: "k"}})
		h.check(err)
		passed := "You have passed on a ticket"
		if c.buyer == "de" {
			passed = "Sie haben ein Ticket weitergegeben"
		}
		told := 0
		for _, m := range h.mails() {
			told++
			if m.To.Email == "grace@example.org" {
				speaks(t, m, c.want)
			} else {
				has(t, m.Subject, passed)
			}
		}
		if told != 2 {
			t.Errorf("%+v: %d mails", c, told)
		}
	}
}
