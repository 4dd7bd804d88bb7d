package postgres

import (
	"context"
	"errors"
	"runtime"
	"sync"
	"testing"
)

// TestReadsAreGathered lets many look at once: nobody gets another one's row, and they share
// queries.
func TestReadsAreGathered(t *testing.T) {
	const readers = 2_000
	var mu sync.Mutex
	queries, largest := 0, 0
	begun, goOn := make(chan struct{}, readers), make(chan struct{})
	g := gathered[int, int]{run: func(_ context.Context, keys []int, found func(int, int)) error {
		mu.Lock()
		queries, largest = queries+1, max(largest, len(keys))
		mu.Unlock()
		begun <- struct{}{}
		<-goOn
		for i, k := range keys {
			if k%3 != 0 {
				found(i, 10*k)
			}
		}
		return nil
	}}
	var all sync.WaitGroup
	var joined sync.WaitGroup
	joined.Add(readers)
	for k := range readers {
		all.Go(func() {
			q, i := g.join(t.Context(), k)
			joined.Done()
			<-q.done
			if q.found[i] != (k%3 != 0) || q.found[i] && q.values[i] != 10*k {
				t.Errorf("key %d: %d, %v", k, q.values[i], q.found[i])
			}
		})
	}
	joined.Wait()
	close(goOn)
	all.Wait()
	for idle := false; !idle; runtime.Gosched() { // the last query is told before its server ends
		g.mu.Lock()
		idle = g.running == 0
		g.mu.Unlock()
	}
	if queries > gatherQueries+readers/maxGatherKeys+2 || largest > maxGatherKeys {
		t.Errorf("%d queries, the largest for %d keys", queries, largest)
	}
	if len(g.waiting) != 0 {
		t.Errorf("%d wait at the end", len(g.waiting))
	}
}

// TestGatheredReadEndsWithItsContext shows that one who leaves doesn't take the others along.
func TestGatheredReadEndsWithItsContext(t *testing.T) {
	begun, goOn := make(chan struct{}), make(chan struct{})
	g := gathered[int, int]{run: func(ctx context.Context, _ []int, found func(int, int)) error {
		begun <- struct{}{}
		<-goOn
		found(0, 7)
		return ctx.Err()
	}}
	ctx, cancel := context.WithCancel(t.Context())
	left := make(chan error)
	go func() {
		_, _, err := g.get(ctx, 1)
		left <- err
	}()
	<-begun
	cancel()
	if err := <-left; !errors.Is(err, context.Canceled) {
		t.Errorf("who left was told %v", err)
	}
	stayed := make(chan int)
	go func() {
		v, _, err := g.get(t.Context(), 2)
		if err != nil {
			t.Error(err)
		}
		stayed <- v
	}()
	<-begun
	close(goOn)
	if v := <-stayed; v != 7 {
		t.Errorf("who stayed got %d", v)
	}
}
