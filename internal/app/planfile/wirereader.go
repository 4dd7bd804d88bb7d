package planfile

import (
	"encoding/binary"
	"fmt"
	"math"
	"unicode/utf8"
)

// wireReader reads what a wireWriter wrote. After a failure it reads zeros, and err is set.
type wireReader struct {
	rest  []byte
	texts []string
	err   error
}

func (r *wireReader) fail(why string) {
	if r.err == nil {
		r.err = ErrBadWire.With(why)
	}
	r.rest = nil
}

// uint reads a number from 0 to limit.
func (r *wireReader) uint(what string, limit int) int {
	v, n := binary.Uvarint(r.rest)
	if n <= 0 || v > uint64(limit) {
		r.fail(fmt.Sprintf("%s: a number is missing or above %d.", what, limit))
		return 0
	}
	r.rest = r.rest[n:]
	return int(v)
}

// count reads the length of a list. Each element takes at least one byte, which keeps a short file
// from asking for much memory.
func (r *wireReader) count(what string, limit int) int {
	return r.uint(what, min(limit, len(r.rest)))
}

// int reads a signed number of at most 33 bits: the difference of two 32-bit numbers.
func (r *wireReader) int(what string) int {
	v, n := binary.Varint(r.rest)
	if n <= 0 || v > 1<<33 || v < -1<<33 {
		r.fail(what + ": a number is missing or too large.")
		return 0
	}
	r.rest = r.rest[n:]
	return int(v)
}

// text reads the number of a text.
func (r *wireReader) text(what string) string {
	if n := r.uint(what, len(r.texts)-1); n < len(r.texts) {
		return r.texts[n]
	}
	return ""
}

func (r *wireReader) uints(what string, n, limit int) []int {
	out := make([]int, n)
	for i := range out {
		out[i] = r.uint(what, limit)
	}
	return out
}

// steps is the inverse of wireWriter.steps.
func (r *wireReader) steps(what string, n int) []int {
	out := make([]int, n)
	last := 0
	for i := range out {
		last = r.narrow(what, last+r.int(what))
		out[i] = last
	}
	return out
}

// bends is the inverse of wireWriter.bends.
func (r *wireReader) bends(what string, n int, starts func(i int) bool) []int {
	out := make([]int, n)
	var b bend
	for i := range out {
		out[i] = r.narrow(what, b.next(starts(i))+r.int(what))
		b.take(out[i])
	}
	return out
}

// narrow keeps sums from running away: every number of the format has at most 32 bits.
func (r *wireReader) narrow(what string, v int) int {
	if v < math.MinInt32 || v > math.MaxInt32 {
		r.fail(what + ": a number is too large.")
		return 0
	}
	return v
}

// table reads the texts.
func (r *wireReader) table() {
	const what = "Texts"
	lengths := r.uints(what, r.count(what, maxWireTexts), len(r.rest))
	r.texts = make([]string, len(lengths))
	for i, n := range lengths {
		if n > len(r.rest) {
			r.fail(what + ": they break off.")
			return
		}
		r.texts[i] = string(r.rest[:n])
		r.rest = r.rest[n:]
		if !utf8.ValidString(r.texts[i]) {
			r.fail(what + ": one isn't UTF-8.")
			return
		}
	}
	if len(r.texts) == 0 {
		r.fail(what + ": there are none.")
	}
}
