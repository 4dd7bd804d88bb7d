package boot

import (
	"net/http"
	"slices"
	"testing"
)

func TestManyConnectionsMakeTheHeapLean(t *testing.T) {
	var percents []int
	tuner := heapTuner{set: func(percent int) { percents = append(percents, percent) }}
	change := func(n int, s http.ConnState) {
		for range n {
			tuner.state(nil, s)
		}
	}
	change(manyConnections-1, http.StateNew)
	change(10, http.StateActive)
	if len(percents) != 0 {
		t.Fatalf("too early: %v", percents)
	}
	change(5, http.StateNew)
	change(manyConnections-fewConnections+4, http.StateClosed)
	if !slices.Equal(percents, []int{leanHeapPercent}) {
		t.Fatalf("with many: %v", percents)
	}
	change(2, http.StateHijacked)
	if !slices.Equal(percents, []int{leanHeapPercent, usualHeapPercent}) {
		t.Fatalf("with few again: %v", percents)
	}
}
