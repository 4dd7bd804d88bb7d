package redis

import (
	"context"
	"errors"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

func newCache(t *testing.T, servers ...*server) *Cache {
	t.Helper()
	c := NewCache(connect(t, servers...))
	t.Cleanup(c.Close)
	return c
}

func says(text string) func(context.Context) ([]byte, error) {
	return func(context.Context) ([]byte, error) { return []byte(text), nil }
}

func (c *Cache) want(t *testing.T, key, loaded, want string) {
	t.Helper()
	got, err := c.Get(t.Context(), "events", key, time.Minute, says(loaded))
	if err != nil || string(got) != want {
		t.Errorf("%s: %q, %v; want %q", key, got, err, want)
	}
}

func TestCacheIsShared(t *testing.T) {
	s := startServer(t)
	a, b := newCache(t, s), newCache(t, s)
	a.want(t, "page 1", "one", "one")
	b.want(t, "page 1", "two", "one")
	b.want(t, "page 2", "three", "three")
	if a.Stats().Misses.Load() != 1 || b.Stats().Hits.Load() != 1 || b.Stats().Misses.Load() != 1 {
		t.Errorf("%d misses, %d hits", a.Stats().Misses.Load(), b.Stats().Hits.Load())
	}
	b.Forget("events")
	eventually(t, "the group is forgotten", func() bool { return len(s.keys("*:events")) == 1 })
	a.want(t, "page 1", "new", "new")
	for _, key := range s.keys("*") {
		if left, err := s.do("PTTL", key).AsInt64(); err != nil || left <= 0 {
			t.Errorf("%s never ends: %d, %v", key, left, err)
		}
	}
}

// TestOneLoadsForAll: of many who ask at once at several instances.
func TestOneLoadsForAll(t *testing.T) {
	s := startServer(t)
	caches := []*Cache{newCache(t, s), newCache(t, s), newCache(t, s)}
	var loads, asked atomic.Int32
	var all sync.WaitGroup
	for i := range 30 {
		all.Go(func() {
			asked.Add(1)
			got, err := caches[i%3].Get(t.Context(), "events", "page", time.Minute,
				func(context.Context) ([]byte, error) {
					loads.Add(1)
					eventually(t, "all have asked", func() bool { return asked.Load() == 30 })
					return []byte("page"), nil
				})
			if err != nil || string(got) != "page" {
				t.Errorf("%q, %v", got, err)
			}
		})
	}
	all.Wait()
	if n := loads.Load(); n != 1 {
		t.Errorf("%d loads", n)
	}
}

// TestForgottenWhileLoaded: what was read before the change and is stored after it isn't found.
func TestForgottenWhileLoaded(t *testing.T) {
	s := startServer(t)
	a, b := newCache(t, s), newCache(t, s)
	got, err := a.Get(t.Context(), "events", "page", time.Minute,
		func(context.Context) ([]byte, error) {
			b.forget("events")
			return []byte("old"), nil
		})
	if err != nil || string(got) != "old" {
		t.Errorf("%q, %v", got, err)
	}
	b.want(t, "page", "new", "new")
}

func TestCacheFailuresAreNotKept(t *testing.T) {
	c := newCache(t, startServer(t))
	down := errors.New("down")
	_, err := c.Get(t.Context(), "events", "page", time.Minute,
		func(context.Context) ([]byte, error) { return nil, down })
	if !errors.Is(err, down) {
		t.Errorf("%v", err)
	}
	c.want(t, "page", "up", "up")
}

func TestWithoutCacheEachOneLoads(t *testing.T) {
	servers := startServers(t, 2)
	c := newCache(t, servers...)
	c.want(t, "page", "one", "one")
	servers[0].kill()
	c.want(t, "page", "two", "two") // the next server has its own
	c.want(t, "page", "three", "two")
	servers[1].kill()
	c.want(t, "page", "four", "four")
	c.Forget("events")
	c.want(t, "page", "five", "five")
}
