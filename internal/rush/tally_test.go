package rush

import (
	"fmt"
	"slices"
	"sync"
	"testing"
	"time"

	"pgregory.net/rapid"
)

func TestTimelineFoldsWithoutLoss(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		ats := rapid.SliceOfN(durations(), 1, 60).Draw(t, "ats")
		line := newTimeline()
		for _, at := range ats {
			s := line.at(at)
			s.sold++
			s.steps[stepPay].Record(at)
		}
		var sold uint64
		var h Histogram
		for i := range line.used {
			slot := &line.slots[i]
			for _, at := range ats {
				if int(at/line.width) == i {
					sold++
				}
			}
			if slot.sold != slot.steps[stepPay].Count() {
				t.Fatalf("slot %d: %d sold, %d recorded", i, slot.sold, slot.steps[stepPay].Count())
			}
			h.Add(&slot.steps[stepPay])
		}
		if sold != uint64(len(ats)) || h.Count() != sold || h.Max() > slices.Max(ats) {
			t.Fatalf("%d of %d kept in %d slots of %v", sold, len(ats), line.used, line.width)
		}
	})
}

func TestTalliesMergeByMeaning(t *testing.T) {
	t.Parallel()
	a, b := &tally{series: newTimeline()}, &tally{series: newTimeline()}
	a.answered(stepHold, a.verdicts.number(201, nil), time.Millisecond, 0)
	b.answered(stepHold, b.verdicts.number(409, []byte("place_taken")), time.Millisecond, 0)
	b.answered(stepHold, b.verdicts.number(201, nil), time.Millisecond, time.Hour)
	b.delivered(2, time.Hour)
	a.merge(b)
	answers := a.timeSeries().Answers
	got := fmt.Sprint(answers["201"][0], answers["409 place_taken"][0])
	if got != "1 1" || a.series.width != b.series.width || a.checkouts != 1 ||
		a.lastTicket != time.Hour || a.steps[stepHold].Count() != 3 {
		t.Errorf("got %s, %+v", got, a.timeSeries().Answers)
	}
}

func TestVerdictsAreBounded(t *testing.T) {
	t.Parallel()
	var v verdicts
	for i := range 100 {
		n := v.number(400, fmt.Appendf(nil, "code_%d", i))
		if n != min(i, maxVerdictsCount-1) {
			t.Fatalf("code %d has number %d", i, n)
		}
	}
	if v.number(400, []byte("code_3")) != 3 || v.number(404, []byte("code_3")) == 3 {
		t.Error("verdicts are mixed up")
	}
}

func TestTimersComeInOrder(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		want := rapid.SliceOf(durations()).Draw(t, "times")
		var q timers
		for i, at := range want {
			q.push(at, int32(i))
		}
		slices.Sort(want)
		for _, at := range want {
			if next, got := q.next(), q.pop(); got.at != at || next != at {
				t.Fatalf("got %v, want %v", got.at, at)
			}
		}
		if q.next() != never {
			t.Fatal("something is left")
		}
	})
}

func TestBitmapHasOneFirst(t *testing.T) {
	t.Parallel()
	m := newBitmap(100)
	var firsts, workers = make(chan int, 800), sync.WaitGroup{}
	for range 8 {
		workers.Go(func() {
			n := 0
			for place := range uint32(100) {
				if !m.set(place) {
					n++
				}
			}
			firsts <- n
		})
	}
	workers.Wait()
	close(firsts)
	sum := 0
	for n := range firsts {
		sum += n
	}
	if sum != 100 {
		t.Errorf("%d firsts of 100 places", sum)
	}
	m.clear(7)
	if m.has(7) || !m.has(8) || m.free(7, 2) || !m.free(7, 1) || m.set(1000) || m.has(1000) {
		t.Error("the set is wrong")
	}
}
