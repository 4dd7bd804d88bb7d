package rush

import (
	"math"
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"
)

// spread durations draw evenly over the orders of magnitude.
func durations() *rapid.Generator[time.Duration] {
	return rapid.Custom(func(t *rapid.T) time.Duration {
		exponent := rapid.Float64Range(0, 12).Draw(t, "exponent")
		return time.Duration(math.Pow(10, exponent))
	})
}

func TestHistogramQuantilesAreCloseAndNeverFlatter(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		values := rapid.SliceOfN(durations(), 1, 200).Draw(t, "values")
		q := rapid.Float64Range(0, 1).Draw(t, "q")
		var h Histogram
		for _, v := range values {
			h.Record(v)
		}
		slices.Sort(values)
		rank := min(max(int(math.Ceil(q*float64(len(values)))), 1), len(values))
		exact := values[rank-1].Truncate(time.Microsecond)
		got := h.Quantile(q)
		if got < exact || got > exact+exact/mantissas {
			t.Fatalf("quantile %v: got %v, exact %v", q, got, exact)
		}
		if h.Max() != values[len(values)-1].Truncate(time.Microsecond) ||
			h.Count() != uint64(len(values)) {
			t.Fatalf("max %v, count %d", h.Max(), h.Count())
		}
	})
}

func TestHistogramsAddUp(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		values := rapid.SliceOf(durations()).Draw(t, "values")
		cut := rapid.IntRange(0, len(values)).Draw(t, "cut")
		var whole, a, b Histogram
		for i, v := range values {
			whole.Record(v)
			if i < cut {
				a.Record(v)
			} else {
				b.Record(v)
			}
		}
		a.Add(&b)
		if a != whole {
			t.Fatal("two halves make another whole")
		}
	})
}

func TestHistogramBucketsTileTheRange(t *testing.T) {
	t.Parallel()
	for bucket := range bucketsCount {
		top := bucketTop(bucket)
		if bucketOf(top) != bucket {
			t.Fatalf("the top %d of bucket %d lies in %d", top, bucket, bucketOf(top))
		}
		if top < math.MaxUint32 && bucketOf(top+1) != bucket+1 {
			t.Fatalf("after bucket %d comes %d", bucket, bucketOf(top+1))
		}
	}
	if top := bucketTop(bucketsCount - 1); top != math.MaxUint32 {
		t.Errorf("the last bucket ends at %d", top)
	}
}

func TestHistogramBounds(t *testing.T) {
	var h Histogram
	if h.Quantile(0.5) != 0 {
		t.Error("an empty histogram has a median")
	}
	h.Record(-time.Second)
	h.Record(math.MaxInt64)
	if h.Quantile(0) != 0 || h.Max() != math.MaxUint32*time.Microsecond {
		t.Errorf("min %v, max %v", h.Quantile(0), h.Max())
	}
	if n := testing.AllocsPerRun(100, func() { h.Record(time.Millisecond) }); n != 0 {
		t.Errorf("recording allocates %v times", n)
	}
}
