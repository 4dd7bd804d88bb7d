package query

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"ticketflow/internal/domain/booking"
	"ticketflow/internal/domain/catalog"
)

// countingShelf counts what is read, and waits a moment for each.
type countingShelf struct {
	Shelf
	KindList
	Sales
	mu    sync.Mutex
	title string
	reads int
	err   error
}

func (s *countingShelf) Events(context.Context, EventFilter) ([]EventRow, error) {
	s.mu.Lock()
	s.reads++
	rows, err := []EventRow{{ID: 1, Title: s.title, StartsAt: time.Unix(9, 0).UTC()}}, s.err
	s.mu.Unlock()
	<-time.After(10 * time.Millisecond)
	return rows, err
}

func (s *countingShelf) Kinds(context.Context, time.Time) ([]string, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.reads++
	return []string{s.title}, s.err
}

func (s *countingShelf) TierSales(context.Context, catalog.EventID) ([]TierSale, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.reads++
	return nil, s.err
}

func (s *countingShelf) set(title string, err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.title, s.err = title, err
}

func (s *countingShelf) count() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.reads
}

// mapCache is a shared cache without end.
type mapCache struct {
	mu    sync.Mutex
	texts map[string][]byte
}

func (c *mapCache) Get(
	ctx context.Context, group, key string, _ time.Duration,
	load func(context.Context) ([]byte, error),
) ([]byte, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if text, ok := c.texts[group+key]; ok {
		return text, nil
	}
	text, err := load(ctx)
	if err == nil {
		c.texts[group+key] = text
	}
	return text, err
}

func (c *mapCache) Forget(string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	clear(c.texts)
}

func titles(t *testing.T, v *Views, text string) string {
	t.Helper()
	rows, err := v.Events(t.Context(), EventFilter{Text: text})
	if err != nil || len(rows) != 1 || !rows[0].StartsAt.Equal(time.Unix(9, 0)) {
		t.Fatalf("%v, %v", rows, err)
	}
	return rows[0].Title
}

func TestAStampedeReadsOnceASecond(t *testing.T) {
	for name, cache := range map[string]Cache{"alone": nil,
		"shared": &mapCache{texts: make(map[string][]byte)}} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				shelf := &countingShelf{title: "Concert"}
				v := NewViews(shelf, shelf, shelf, cache, time.Now)
				began := time.Now()
				var all sync.WaitGroup
				for range 20 {
					all.Go(func() {
						for time.Since(began) < 5*time.Second {
							titles(t, v, "")
							if _, err := v.TierSales(t.Context(), 1); err != nil {
								t.Error(err)
							}
							<-time.After(7 * time.Millisecond)
						}
					})
				}
				all.Wait()
				if n := shelf.count(); n > 10 {
					t.Errorf("%d reads in 5 seconds", n)
				}
			})
		})
	}
}

func publishing(t *testing.T) *booking.Book {
	t.Helper()
	book := booking.NewBook(time.Unix(1, 0), 1)
	book.LoadEvent(1, booking.Sale{Status: catalog.Draft})
	change := &booking.SetStatus{Event: 1, Status: catalog.Published}
	if err := book.Try(change.Decide); err != nil {
		t.Fatal(err)
	}
	return book
}

// TestAChangeIsSeenAtOnce: by who has made it, and by who is told of it, although the cache of all
// still has the old.
func TestAChangeIsSeenAtOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		shelf := &countingShelf{title: "old"}
		cache := &mapCache{texts: make(map[string][]byte)}
		a := NewViews(shelf, shelf, shelf, cache, time.Now)
		b := NewViews(shelf, shelf, shelf, cache, time.Now)
		if titles(t, a, "") != "old" || titles(t, b, "") != "old" || shelf.count() != 1 {
			t.Fatalf("%d reads for two instances", shelf.count())
		}
		shelf.set("new", nil)
		if titles(t, a, "") != "old" {
			t.Error("nothing is kept")
		}
		b.ForgetLists()
		if got := titles(t, b, ""); got != "new" {
			t.Errorf("who was told sees %s", got)
		}
		a.Changed(booking.NewBook(time.Unix(1, 0), 1))
		if titles(t, a, "") != "old" {
			t.Error("a batch without events drops the lists")
		}
		a.Changed(publishing(t))
		if got := titles(t, a, ""); got != "new" {
			t.Errorf("who has changed it sees %s", got)
		}
		<-time.After(distrustTime + viewTime)
		if titles(t, a, "") != "new" || titles(t, b, "") != "new" {
			t.Error("the old came back")
		}
	})
}

func TestFailuresAreNotKept(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		shelf := &countingShelf{title: "Concert", err: errors.New("down")}
		v := NewViews(shelf, shelf, shelf, nil, time.Now)
		if _, err := v.Events(t.Context(), EventFilter{}); err == nil {
			t.Error("no failure")
		}
		shelf.set("Concert", nil)
		titles(t, v, "")
	})
}

func TestDraftsAreAlwaysRead(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		shelf := &countingShelf{title: "Concert"}
		v := NewViews(shelf, shelf, shelf, nil, time.Now)
		for range 3 {
			if _, err := v.Events(t.Context(), EventFilter{Drafts: true}); err != nil {
				t.Error(err)
			}
		}
		if shelf.count() != 3 {
			t.Errorf("%d reads", shelf.count())
		}
	})
}

func TestViewsAreBounded(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		shelf := &countingShelf{title: "Concert"}
		v := NewViews(shelf, shelf, shelf, nil, time.Now)
		for i := range maxViews + 300 {
			titles(t, v, fmt.Sprint(i))
		}
		if n := len(v.lists.rows); n > maxViews {
			t.Errorf("%d pages are kept", n)
		}
	})
}

func TestKindsAreReadOnceASecond(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		shelf := &countingShelf{title: "opera"}
		v := NewViews(shelf, shelf, shelf, nil, time.Now)
		for range 3 {
			kinds, err := v.Kinds(t.Context(), time.Now())
			if err != nil || len(kinds) != 1 || kinds[0] != "opera" {
				t.Fatalf("the kinds are %v, %v", kinds, err)
			}
		}
		if shelf.reads != 1 {
			t.Errorf("they were read %d times", shelf.reads)
		}
		<-time.After(2 * time.Second)
		shelf.set("concert", nil)
		if kinds, err := v.Kinds(t.Context(), time.Now()); err != nil || kinds[0] != "concert" {
			t.Errorf("a second later the kinds are %v, %v", kinds, err)
		}
	})
}
