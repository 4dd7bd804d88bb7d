package query_test

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"ticketflow/internal/app/query"
	"ticketflow/internal/domain/booking"
	"ticketflow/internal/domain/catalog"
	"ticketflow/internal/domain/money"
)

var (
	start   = time.Date(2026, 5, 1, 12, 0, 0, 0, time.UTC)
	errDown = errors.New("the shelf is down")
)

// gatedShelf reads events only when the test lets it: each read waits for a step, and reads what is
// there when it goes on.
type gatedShelf struct {
	query.Shelf
	begun    chan struct{} // a read of an event has begun; nil lets all pass
	step     chan struct{} // let one read go on
	revision int64
	err      error
	events   int
	plans    int
}

func (s *gatedShelf) Event(
	_ context.Context, id catalog.EventID,
) (catalog.Event, int64, error) {
	s.events++
	revision, err := s.revision, s.err
	if s.begun != nil {
		s.begun <- struct{}{}
		<-s.step
	}
	return concert(id), revision, err
}

func (s *gatedShelf) Venue(context.Context, catalog.VenueID) (catalog.Venue, error) {
	return catalog.Venue{ID: 1, Name: "Hall", City: "Graz", TimeZone: "UTC"}, nil
}

func (s *gatedShelf) PlanDocument(context.Context, catalog.PlanID) ([]byte, error) {
	s.plans++
	return []byte("plan"), nil
}

func concert(id catalog.EventID) catalog.Event {
	price, err := money.New(1_000, money.Currency{'E', 'U', 'R'})
	if err != nil {
		panic(err)
	}
	return catalog.Event{ID: id, Venue: 1, Plan: 1, Title: "Concert", TimeZone: "UTC",
		StartsAt: start, Terms: catalog.Terms{OpensAt: start.Add(-time.Hour), ClosesAt: start,
			MaxPerOrder: 8, HoldTime: time.Minute, PayTime: time.Minute},
		Tiers: []catalog.Tier{{Key: "a", Name: "A", Price: price}},
		Rules: []catalog.Rule{{Tier: "a", Sections: []string{"Floor"}}}}
}

func readPlan([]byte) (*catalog.Plan, error) {
	return catalog.NewPlan(catalog.PlanSpec{Name: "Hall",
		Categories: []catalog.Category{{Name: "All"}},
		Sections: []catalog.SectionSpec{{Name: "Floor", Category: "All", Standing: 5,
			Outline: []catalog.Point{{X: 0, Y: 0}, {X: 100, Y: 0}, {X: 100, Y: 100}}}}})
}

// ask asks in the background; the answer comes through the channel.
func ask(ctx context.Context, o *query.Offers) <-chan answer {
	c := make(chan answer, 1)
	go func() {
		offer, err := o.Get(ctx, 7)
		c <- answer{offer, err}
	}()
	return c
}

type answer struct {
	offer *query.Offer
	err   error
}

func gated() *gatedShelf {
	return &gatedShelf{begun: make(chan struct{}), step: make(chan struct{}), revision: 1}
}

func TestManyWhoAskAtOnceWaitForOneLoad(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := gated()
		o := query.NewOffers(s, readPlan)
		answers := make([]<-chan answer, 64)
		for i := range answers {
			answers[i] = ask(t.Context(), o)
		}
		<-s.begun
		synctest.Wait() // everybody waits now
		s.step <- struct{}{}
		first := <-answers[0]
		for _, c := range answers[1:] {
			if got := <-c; got.err != nil || got.offer != first.offer {
				t.Fatalf("%+v, and somebody else got %+v", got, first)
			}
		}
		if s.events != 1 || s.plans != 1 || first.offer.Places() != 5 {
			t.Errorf("%d events and %d plans were read", s.events, s.plans)
		}
	})
}

func TestAnOfferThatIsForgottenWhileItIsLoadedIsLoadedAgain(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := gated()
		o := query.NewOffers(s, readPlan)
		early := ask(t.Context(), o)
		<-s.begun // it has read the first revision
		synctest.Wait()
		s.revision = 2
		o.Forget(7)
		late := ask(t.Context(), o)
		<-s.begun
		synctest.Wait()
		s.step <- struct{}{}
		s.step <- struct{}{} // whichever goes on first
		if got := <-late; got.err != nil || got.offer.Revision != 2 {
			t.Errorf("who asks after the change gets %+v", got)
		}
		if got := <-early; got.err != nil || got.offer.Revision != 1 {
			t.Errorf("who asked before the change gets %+v", got)
		}
		if got, err := o.Get(t.Context(), 7); err != nil || got.Revision != 2 {
			t.Errorf("the stale one was kept: %+v, %v", got, err)
		}
	})
}

func TestAFailureIsNotKept(t *testing.T) {
	s := &gatedShelf{err: errDown}
	o := query.NewOffers(s, readPlan)
	for range 2 {
		if got, err := o.Get(t.Context(), 7); !errors.Is(err, errDown) || got != nil {
			t.Fatalf("%v, %v", got, err)
		}
	}
	s.err = nil
	for range 2 {
		if _, err := o.Get(t.Context(), 7); err != nil {
			t.Fatal(err)
		}
	}
	if s.events != 3 {
		t.Errorf("%d reads of two failures and a success", s.events)
	}
	broken := query.NewOffers(&gatedShelf{}, func([]byte) (*catalog.Plan, error) {
		return nil, errDown
	})
	if _, err := broken.Plan(t.Context(), 1); !errors.Is(err, errDown) {
		t.Errorf("a broken plan: %v", err)
	}
	if _, err := broken.Offer(t.Context(), 7); !errors.Is(err, errDown) {
		t.Errorf("an offer on a broken plan: %v", err)
	}
}

func TestALoadOutlivesTheFirstWhoAsked(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := gated()
		o := query.NewOffers(s, readPlan)
		ctx, leave := context.WithCancel(t.Context())
		first := ask(ctx, o)
		<-s.begun
		second := ask(t.Context(), o)
		leave()
		if got := <-first; !errors.Is(got.err, context.Canceled) {
			t.Errorf("who has gone gets %+v", got)
		}
		s.step <- struct{}{}
		if got := <-second; got.err != nil || s.events != 1 {
			t.Errorf("who stayed gets %+v after %d reads", got, s.events)
		}
		// What is there is there for somebody in a hurry, too.
		if _, err := o.Get(ctx, 7); err != nil {
			t.Error(err)
		}
	})
}

// oneTicket has a single ticket.
type oneTicket struct {
	query.Bookings
	ticket booking.Ticket
	err    error
}

func (b oneTicket) Ticket(context.Context, booking.TicketID) (booking.Ticket, error) {
	return b.ticket, b.err
}

func TestATicketIsFoundOnlyWithItsSecret(t *testing.T) {
	id := booking.TicketID{Event: 1, Place: 2, Fence: 3, Secret: [booking.SecretBytes]byte{4}}
	from := oneTicket{ticket: booking.Ticket{ID: id, State: booking.TicketValid}}
	if got, err := query.Ticket(t.Context(), from, id); err != nil || got != from.ticket {
		t.Errorf("%+v, %v", got, err)
	}
	guessed := id
	guessed.Secret[15]++
	got, err := query.Ticket(t.Context(), from, guessed)
	if !errors.Is(err, booking.ErrTicketNotFound) || got != (booking.Ticket{}) {
		t.Errorf("a guess: %+v, %v", got, err)
	}
	if _, err := query.Ticket(t.Context(), oneTicket{err: errDown}, id); !errors.Is(err, errDown) {
		t.Errorf("%v", err)
	}
}
