package rush

import (
	"math"
	"math/bits"
	"time"
)

// A Histogram counts durations in buckets that grow with the value: exact below 32 µs, and 32
// buckets for each doubling above, so a bucket is at most 1/32 (3.1 %) wide. It covers up to 71
// minutes in 3.5 KB, and recording costs no allocation. The zero value is ready. Not safe for
// concurrent use.
//
// The layout is that of the HDR histogram (Gil Tene): a linear mantissa under a binary exponent.
type Histogram struct {
	counts [bucketsCount]uint32
	total  uint64
	max    uint32 // µs
}

const (
	mantissaBits = 5
	mantissas    = 1 << mantissaBits
	bucketsCount = (32 - mantissaBits + 1) * mantissas
)

// bucketOf maps microseconds to a bucket.
func bucketOf(us uint32) int {
	if us < mantissas {
		return int(us)
	}
	shift := bits.Len32(us) - 1 - mantissaBits
	return (shift+1)*mantissas + int(us>>shift) - mantissas
}

// bucketTop is the largest number of microseconds in a bucket.
func bucketTop(bucket int) uint32 {
	if bucket < mantissas {
		return uint32(bucket)
	}
	shift := bucket/mantissas - 1
	low := uint64(bucket%mantissas+mantissas) << shift
	return uint32(low + 1<<shift - 1)
}

// Record counts one duration. Negative ones count as 0, those over 71 minutes as 71 minutes.
func (h *Histogram) Record(d time.Duration) {
	us := uint32(min(max(int64(d), 0)/1000, math.MaxUint32))
	h.counts[bucketOf(us)]++
	h.total++
	h.max = max(h.max, us)
}

// Count is how many durations were recorded.
func (h *Histogram) Count() uint64 { return h.total }

// Max is the longest duration, exact to the microsecond.
func (h *Histogram) Max() time.Duration { return time.Duration(h.max) * time.Microsecond }

// Quantile is the duration that a share q (0 to 1) of the recorded ones do not exceed, by the
// nearest-rank rule. It is the top of its bucket, so it never flatters: at least the true value,
// and at most 1/32 over it. It is 0 if nothing was recorded.
func (h *Histogram) Quantile(q float64) time.Duration {
	if h.total == 0 {
		return 0
	}
	rank := min(max(uint64(math.Ceil(q*float64(h.total))), 1), h.total)
	var seen uint64
	for bucket := range h.counts {
		seen += uint64(h.counts[bucket])
		if seen >= rank {
			return time.Duration(min(bucketTop(bucket), h.max)) * time.Microsecond
		}
	}
	return h.Max()
}

// Add puts the durations of other into h.
func (h *Histogram) Add(other *Histogram) {
	if other.total == 0 {
		return
	}
	for bucket, n := range other.counts {
		h.counts[bucket] += n
	}
	h.total += other.total
	h.max = max(h.max, other.max)
}
