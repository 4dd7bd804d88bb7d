package planfile

import "encoding/binary"

// wireWriter appends to a buffer and collects the texts that are written by number.
type wireWriter struct {
	buf     []byte
	texts   []string
	numbers map[string]int
}

func newWireWriter() *wireWriter { return &wireWriter{numbers: map[string]int{}} }

// uint writes an unsigned number in 7-bit groups, the lowest first.
func (w *wireWriter) uint(v int) { w.buf = binary.AppendUvarint(w.buf, uint64(v)) }

// int writes a signed number, zigzag.
func (w *wireWriter) int(v int) { w.buf = binary.AppendVarint(w.buf, int64(v)) }

// text gives a text its number in the table.
func (w *wireWriter) text(s string) int {
	n, known := w.numbers[s]
	if !known {
		n = len(w.texts)
		w.numbers[s] = n
		w.texts = append(w.texts, s)
	}
	return n
}

// uints writes a column of unsigned numbers.
func (w *wireWriter) uints(n int, value func(i int) int) {
	for i := range n {
		w.uint(value(i))
	}
}

// steps writes a column of signed numbers as the differences from one to the next.
func (w *wireWriter) steps(n int, value func(i int) int) {
	last := 0
	for i := range n {
		v := value(i)
		w.int(v - last)
		last = v
	}
}

// bends writes a column of signed numbers in groups: each as the difference from a straight
// continuation of the two before it, the second of a group from the first, the first from the
// first of the last group.
func (w *wireWriter) bends(n int, starts func(i int) bool, value func(i int) int) {
	var b bend
	for i := range n {
		v := value(i)
		w.int(v - b.next(starts(i)))
		b.take(v)
	}
}

// bend predicts the next number of a column; writer and reader run the same one.
type bend struct {
	first, last, step int
	count             int // of numbers in this group
}

func (b *bend) next(starts bool) int {
	if starts {
		b.count = 0
		return b.first
	}
	if b.count == 1 {
		return b.last
	}
	return b.last + b.step
}

func (b *bend) take(v int) {
	if b.count == 0 {
		b.first = v
	} else {
		b.step = v - b.last
	}
	b.last = v
	b.count++
}
