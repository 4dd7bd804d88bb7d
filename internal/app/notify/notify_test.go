package notify_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"testing"
	"time"

	"ticketflow/internal/app/command"
	"ticketflow/internal/app/notify"
	"ticketflow/internal/app/phrase"
	"ticketflow/internal/domain/booking"
)

// one is the only mail that arrived, and is to this address.
func (h *house) one(to string) notify.Message {
	h.Helper()
	all := h.mails()
	if len(all) != 1 || all[0].To.Email != to {
		h.Fatalf("%d mails: %+v", len(all), all)
	}
	return all[0]
}

func has(t *testing.T, text string, wanted ...string) {
	t.Helper()
	for _, want := range wanted {
		if !strings.Contains(text, want) {
			t.Errorf("no %q in %q", want, text)
		}
	}
}

func TestPaidOrdersGetTheirTickets(t *testing.T) {
	for language, wanted := range map[phrase.Language][]string{
		phrase.English: {"Hello Łucja {link},", "50.00 EUR", "Thursday, 12 March 2026, 10:00"},
		phrase.German: {"Guten Tag Łucja {link},", "50,00 EUR",
			"Donnerstag, 12. März 2026, 10:00 Uhr"},
	} {
		h := open(t, language)
		o := h.order(0, 2)
		h.pay(o)
		m := h.one("b0@example.org")
		link := "https://tickets.example.org/orders/" + o.ID.String() + "?token=" +
			h.office.OrderToken(o.ID).String()
		has(t, m.Text, append(wanted, link, o.ID.Reference(), "Opernhaus, Ring 1, Graz",
			"Oper Graz", "Tosca <live>")...)
		has(t, m.HTML, `<a href="`+link+`">`, "Tosca &lt;live&gt;", `lang="`+string(language)+`"`)
		has(t, m.Subject, "Tosca <live>")
		if len(m.Files) != 2 || m.Files[0].Type != "text/calendar; charset=utf-8" ||
			!strings.HasPrefix(string(m.Files[1].Data), "%PDF-") {
			t.Errorf("%d files: %.40q", len(m.Files), fmt.Sprint(m.Files))
		}
		if again := h.mails(); len(again) != 0 {
			t.Errorf("sent again: %+v", again)
		}
	}
}

func TestExpiredCancelledAndRefunded(t *testing.T) {
	h := open(t, phrase.English)
	lost, paid := h.order(0, 1), h.order(1, 1)
	h.pay(paid)
	has(t, h.one("b1@example.org").Subject, "Your tickets")
	h.check(h.office.RecordDecline(h.Context(), lost.ID, 1, lost.Total, booking.News{}))
	h.later = 10 * time.Minute
	h.check(h.office.ExpireOrder(h.Context(), lost.ID))
	has(t, h.one("b0@example.org").Subject, "has expired")
	h.take(0) // somebody else has the place before the money comes
	h.pay(lost)
	has(t, h.one("b0@example.org").Text, "We give all of it back", "25.00 EUR")
	ref := booking.RefundRef{Event: h.event,
		Key: "late_payment:bank:t " + lost.ID.String()}
	h.check(h.office.RecordRefund(h.Context(), booking.RecordRefund{Refund: ref}))
	has(t, h.one("b0@example.org").Text, "25.00 EUR of order "+lost.ID.Reference())
}

// TestNobodyIsWrittenToForAnOrderThatWasOnlyPlaced: the address may be anybody's. Where money comes
// after all, it is told what becomes of it.
func TestNobodyIsWrittenToForAnOrderThatWasOnlyPlaced(t *testing.T) {
	h := open(t, phrase.English)
	first, second := h.order(0, 1), h.order(1, 1)
	h.later = 10 * time.Minute
	h.check(h.office.ExpireOrder(h.Context(), first.ID))
	h.check(h.office.ExpireOrder(h.Context(), second.ID))
	if all := h.mails(); len(all) != 0 {
		t.Errorf("%+v", all)
	}
	if b := h.postman.Backlog(); b != (notify.Backlog{}) {
		t.Errorf("%+v", b)
	}
	h.take(0)
	h.pay(first)
	has(t, h.one("b0@example.org").Text, "We give all of it back")
	h.pay(second)
	has(t, h.one("b1@example.org").Subject, "Your tickets")
}

func TestTransfersAreToldToBoth(t *testing.T) {
	h := open(t, phrase.English)
	o := h.order(0, 2)
	h.pay(o)
	h.mails()
	ticket := h.tickets(o)[0]
	made, err := h.office.TransferTicket(h.Context(), command.TransferWish{Ticket: ticket.ID,
		Token:       h.office.OrderToken(o.ID).String(),
		To:          booking.Holder{Name: "Grace", Email: "grace@example.org"},
		Idempotency: command.Idempotency{Key: "k"}})
	h.check(err)
	all := h.mails()
	if len(all) != 2 {
		t.Fatalf("%d mails: %+v", len(all), all)
	}
	for _, m := range all {
		switch m.To.Email {
		case "b0@example.org":
			has(t, m.Text, "Section Parkett, Row 7, Seat 1", "belongs to Grace",
				"/orders/"+o.ID.String())
			if strings.Contains(m.Text+m.HTML, made.Ticket.String()) || len(m.Files) != 0 {
				t.Error("the buyer gets the new ticket")
			}
		case "grace@example.org":
			has(t, m.Text, "https://tickets.example.org/tickets/"+made.Ticket.String()+
				"?token="+made.Token.String(), "Łucja {link} has passed a ticket on")
			if strings.Contains(m.Text, h.office.OrderToken(o.ID).String()) || len(m.Files) != 2 {
				t.Errorf("the holder gets %d files, or the order", len(m.Files))
			}
		default:
			t.Errorf("to %s", m.To.Email)
		}
	}
	h.check(h.office.CancelEvent(h.Context(), h.event))
	to := make(map[string]int)
	for _, m := range h.mails() {
		has(t, m.Subject, "Cancelled: Tosca")
		to[m.To.Email]++
	}
	if len(to) != 2 || to["b0@example.org"] != 1 || to["grace@example.org"] != 1 {
		t.Errorf("told of the cancelled event: %v", to)
	}
}

// TestAMailServerThatIsDown delays mails, and loses none.
func TestAMailServerThatIsDown(t *testing.T) {
	h := open(t, phrase.English)
	h.server.fails = []error{errors.New("down"), errors.New("down")}
	h.pay(h.order(0, 1))
	if all := h.mails(); len(all) != 0 {
		t.Fatalf("%+v", all)
	}
	h.later += 29 * time.Second
	if all := h.mails(); len(all) != 0 || h.postman.Delayed() != 1 {
		t.Errorf("too early: %+v after %d tries", all, h.postman.Delayed())
	}
	h.later += time.Second
	h.mails()
	if b := h.postman.Backlog(); b.Waiting != 1 || b.Oldest.IsZero() || b.Failed != 0 {
		t.Errorf("%+v", b)
	}
	h.later += time.Minute
	h.one("b0@example.org")
	if b := h.postman.Backlog(); b != (notify.Backlog{}) || h.postman.Sent() != 1 {
		t.Errorf("%+v, %d were sent", b, h.postman.Sent())
	}
}

func TestAMailIsGivenUp(t *testing.T) {
	h := open(t, phrase.English)
	h.server.fails = []error{fmt.Errorf("no such user: %w", notify.ErrRefused)}
	h.pay(h.order(0, 1))
	if all := h.mails(); len(all) != 0 || h.postman.GivenUp() != 1 {
		t.Errorf("%+v, given up %d", all, h.postman.GivenUp())
	}
	for range 40 { // and one that fails each time
		h.server.fails = append(h.server.fails, errors.New("down"))
	}
	h.pay(h.order(1, 1))
	for range 45 {
		h.mails()
		h.later += time.Hour
	}
	if b := h.postman.Backlog(); b.Failed != 2 || b.Waiting != 0 {
		t.Errorf("%+v", b)
	}
	if left := len(h.server.fails); left != 10 {
		t.Errorf("tried %d times", 40-left)
	}
}

// TestAPanicIsOneLettersOwn: the others are sent, and that one is tried again.
func TestAPanicIsOneLettersOwn(t *testing.T) {
	h := open(t, phrase.English)
	var log bytes.Buffer
	bad, defect := h.order(0, 1), true
	h.postman = notify.NewPostman(h.store, h.server,
		func(ctx context.Context, l notify.Letter) (notify.Message, error) {
			if defect && l.Order == bad.ID.Key {
				panic("no ink for Łucja")
			}
			return h.writer.Write(ctx, l)
		}, h.now, slog.New(slog.NewTextHandler(&log, nil)))
	h.pay(bad)
	h.pay(h.order(1, 1))
	h.one("b1@example.org")
	has(t, log.String(), "kind=order_paid", "no ink", "notify_test.go")
	if b := h.postman.Backlog(); b.Waiting != 1 || b.Failed != 0 {
		t.Errorf("%+v", b)
	}
	defect, h.later = false, time.Minute
	h.one("b0@example.org")
}

// brokenList panics when it is asked who has to hear of a cancelled event.
type brokenList struct{ list }

type list = notify.PaidOrders

// TestAPanicWhilePlanningIsOneFactsOwn: that fact is given up, and what comes after it is told.
func TestAPanicWhilePlanningIsOneFactsOwn(t *testing.T) {
	h := open(t, phrase.English)
	var log bytes.Buffer
	late := h.order(1, 1)
	h.pay(h.order(0, 1))
	h.one("b0@example.org")
	h.check(h.office.CancelEvent(h.Context(), h.event))
	h.pay(late)
	h.planner.Paid, h.planner.Logger = brokenList{}, slog.New(slog.NewTextHandler(&log, nil))
	for range 2 {
		if _, err := h.planner.Plan(h.Context()); err != nil || h.planner.GivenUp() != 1 {
			t.Errorf("%v, %d facts given up", err, h.planner.GivenUp())
		}
	}
	has(t, log.String(), "level=ERROR", "kind=event_cancelled", "position=", "nil pointer")
	has(t, h.one("b1@example.org").Text, "We give all of it back")
}

// TestWhatIsNoLongerSoIsNotSaid: tickets of an order that was cancelled meanwhile aren't sent.
func TestWhatIsNoLongerSoIsNotSaid(t *testing.T) {
	h := open(t, phrase.English)
	o := h.order(0, 1)
	h.pay(o)
	h.check(h.office.CancelOrder(h.Context(), o.ID))
	if all := h.mails(); len(all) != 0 {
		t.Errorf("%+v", all)
	}
	if b := h.postman.Backlog(); b != (notify.Backlog{}) {
		t.Errorf("%+v", b)
	}
}

// TestOldFactsAreNotTold: who switches mail on doesn't write to the buyers of last year.
func TestOldFactsAreNotTold(t *testing.T) {
	h := open(t, phrase.English)
	h.pay(h.order(0, 1))
	h.later = 49 * time.Hour
	if all := h.mails(); len(all) != 0 {
		t.Errorf("%+v", all)
	}
	h.pay(h.order(1, 1))
	h.one("b1@example.org")
}

// TestTheSameMailKeepsItsName: after a crash between the server's yes and the note of it, the mail
// is sent once more under the same Message-ID.
func TestTheSameMailKeepsItsName(t *testing.T) {
	h := open(t, phrase.English)
	h.pay(h.order(0, 1))
	_, err := h.planner.Plan(h.Context())
	h.check(err)
	claimed, err := h.store.Claim(h.Context(), h.now(), h.now().Add(time.Minute), 10)
	if err != nil || len(claimed) != 1 {
		t.Fatalf("%+v, %v", claimed, err)
	}
	h.later = time.Minute // who has claimed it has crashed
	m := h.one("b0@example.org")
	if m.ID != claimed[0].Key+"."+h.event.String()+"@tickets.example.org" {
		t.Errorf("the mail is %q", m.ID)
	}
}
