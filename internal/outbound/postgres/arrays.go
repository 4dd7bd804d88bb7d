package postgres

import (
	"encoding/binary"
	"time"

	"ticketflow/internal/domain/ident"
)

// Object identifiers of the elements of arrays, as PostgreSQL has built them in.
const (
	oidBytea = 17
	oidInt8  = 20
	oidText  = 25
)

// arrayHeader is dimensions, has-null flag, element type, length, and lower bound.
const arrayHeader = 20

// column is an array parameter in PostgreSQL's binary format, written element by element into
// memory that serves one batch after the other: a set-wise statement has one for each column.
type column struct {
	buf []byte
	n   int
}

func (c *column) reset(oid uint32) {
	if cap(c.buf) < arrayHeader {
		c.buf = make([]byte, arrayHeader, 4<<10)
	}
	c.buf, c.n = c.buf[:arrayHeader], 0
	binary.BigEndian.PutUint32(c.buf[8:], oid)
}

// bytes are the finished parameter.
func (c *column) bytes() []byte {
	h := c.buf
	dimensions := uint32(1)
	if c.n == 0 {
		dimensions = 0
	}
	binary.BigEndian.PutUint32(h, dimensions)
	binary.BigEndian.PutUint32(h[4:], 0)
	binary.BigEndian.PutUint32(h[12:], uint32(c.n))
	binary.BigEndian.PutUint32(h[16:], 1)
	if c.n == 0 {
		return h[:12]
	}
	return h
}

func (c *column) int(v int64) {
	c.n++
	c.buf = binary.BigEndian.AppendUint32(c.buf, 8)
	c.buf = binary.BigEndian.AppendUint64(c.buf, uint64(v))
}

func (c *column) raw(v []byte) {
	c.n++
	c.buf = binary.BigEndian.AppendUint32(c.buf, uint32(len(v)))
	c.buf = append(c.buf, v...)
}

func (c *column) text(v string) {
	c.n++
	c.buf = binary.BigEndian.AppendUint32(c.buf, uint32(len(v)))
	c.buf = append(c.buf, v...)
}

// key is a key, or an empty one for none: the statements turn it into NULL.
func (c *column) key(k ident.Key) {
	if k == (ident.Key{}) {
		c.raw(nil)
		return
	}
	c.raw(k[:])
}

func (c *column) bool(v bool) {
	n := int64(0)
	if v {
		n = 1
	}
	c.int(n)
}

func (c *column) time(t time.Time) { c.int(millis(t)) }

// columns are the parameters of one statement.
type columns struct {
	cols   []column
	params [][]byte
}

// kinds of columns, one letter each: i for bigint, b for bytea, t for text.
func (c *columns) reset(kinds string) []column {
	for len(c.cols) < len(kinds) {
		c.cols = append(c.cols, column{})
	}
	c.cols = c.cols[:len(kinds)]
	for i := range c.cols {
		switch kinds[i] {
		case 'b':
			c.cols[i].reset(oidBytea)
		case 't':
			c.cols[i].reset(oidText)
		default:
			c.cols[i].reset(oidInt8)
		}
	}
	return c.cols
}

// rows is the number of rows that were written.
func (c *columns) rows() int { return c.cols[0].n }

// finish returns the parameters; count is added as the last one if the statement wants it.
func (c *columns) finish(count bool) [][]byte {
	c.params = c.params[:0]
	for i := range c.cols {
		c.params = append(c.params, c.cols[i].bytes())
	}
	if count {
		var n [8]byte
		binary.BigEndian.PutUint64(n[:], uint64(c.rows()))
		c.params = append(c.params, n[:])
	}
	return c.params
}

// millis is a time as it is stored; the zero time is 0.
func millis(t time.Time) int64 {
	if t.IsZero() {
		return 0
	}
	return t.UnixMilli()
}

func fromMillis(ms int64) time.Time {
	if ms == 0 {
		return time.Time{}
	}
	return time.UnixMilli(ms).UTC()
}
