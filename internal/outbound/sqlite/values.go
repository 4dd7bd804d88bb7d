package sqlite

import (
	"errors"
	"math"
	"strconv"
	"time"

	"zombiezen.com/go/sqlite"

	"ticketflow/internal/domain/booking"
	"ticketflow/internal/domain/catalog"
	"ticketflow/internal/domain/ident"
	"ticketflow/internal/domain/money"
)

// binder sets a statement's parameters from left to right.
type binder struct {
	stmt *sqlite.Stmt
	n    int
}

func (b *binder) int(v int64) *binder {
	b.n++
	b.stmt.BindInt64(b.n, v)
	return b
}

func (b *binder) bytes(v []byte) *binder {
	b.n++
	b.stmt.BindBytes(b.n, v)
	return b
}

func (b *binder) text(v string) *binder {
	b.n++
	b.stmt.BindText(b.n, v)
	return b
}

func (b *binder) bool(v bool) *binder {
	b.n++
	b.stmt.BindBool(b.n, v)
	return b
}

func (b *binder) time(t time.Time) *binder { return b.int(millis(t)) }

// key binds a key, or NULL for the zero key.
func (b *binder) key(k ident.Key) *binder {
	if k == (ident.Key{}) {
		b.n++
		b.stmt.BindNull(b.n)
		return b
	}
	return b.bytes(k[:])
}

// bind starts to set the parameters of a statement.
func bind(stmt *sqlite.Stmt) *binder { return &binder{stmt: stmt} }

// run executes a statement that returns no rows and makes it ready for its next use.
func (b *binder) run() error {
	_, err := b.stmt.Step()
	return errors.Join(err, b.stmt.Reset())
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

func columnTime(stmt *sqlite.Stmt, col int) time.Time { return fromMillis(stmt.ColumnInt64(col)) }

func columnKey(stmt *sqlite.Stmt, col int) (k ident.Key) {
	stmt.ColumnBytes(col, k[:])
	return k
}

func columnFingerprint(stmt *sqlite.Stmt, col int) (f booking.Fingerprint) {
	stmt.ColumnBytes(col, f[:])
	return f
}

func columnMoney(stmt *sqlite.Stmt, amount, currency int) (money.Money, error) {
	c, err := money.ParseCurrency(stmt.ColumnText(currency))
	if err != nil {
		return money.Money{}, err
	}
	return money.New(stmt.ColumnInt64(amount), c)
}

// appendLines writes lines as [[place,fence,tier,price],…], which SQL's JSON functions can read.
func appendLines(out []byte, lines []booking.Line) []byte {
	out = append(out, '[')
	for i, l := range lines {
		if i > 0 {
			out = append(out, ',')
		}
		out = append(out, '[')
		out = strconv.AppendUint(out, uint64(l.Place), 10)
		out = append(out, ',')
		out = strconv.AppendUint(out, uint64(l.Fence), 10)
		out = append(out, ',')
		out = strconv.AppendUint(out, uint64(l.Tier), 10)
		out = append(out, ',')
		out = strconv.AppendInt(out, l.Price, 10)
		out = append(out, ']')
	}
	return append(out, ']')
}

var errLines = errors.New("the lines of a row can't be read")

// parseLines is the inverse of appendLines, strict.
func parseLines(s string) ([]booking.Line, error) {
	if len(s) < 2 || s[0] != '[' || s[len(s)-1] != ']' {
		return nil, errLines
	}
	if s == "[]" {
		return nil, nil
	}
	lines := make([]booking.Line, 0, 4)
	for rest := s[1 : len(s)-1]; ; {
		var l booking.Line
		var n [4]int64
		var err error
		if rest, err = parseLine(rest, &n); err != nil {
			return nil, err
		}
		if n[0] > math.MaxUint32 || n[1] > math.MaxUint32 || n[2] > math.MaxUint8 ||
			n[3] > money.MaxMinor {
			return nil, errLines
		}
		l.Place, l.Fence = catalog.PlaceNo(n[0]), uint32(n[1])
		l.Tier, l.Price = uint8(n[2]), n[3]
		lines = append(lines, l)
		if rest == "" {
			return lines, nil
		}
		if rest[0] != ',' {
			return nil, errLines
		}
		rest = rest[1:]
	}
}

func parseLine(s string, n *[4]int64) (rest string, err error) {
	if s == "" || s[0] != '[' {
		return "", errLines
	}
	i := 1
	for f := range n {
		start := i
		for i < len(s) && s[i] >= '0' && s[i] <= '9' {
			n[f] = n[f]*10 + int64(s[i]-'0')
			i++
		}
		want := byte(',')
		if f == len(n)-1 {
			want = ']'
		}
		if i == start || i-start > 18 || i >= len(s) || s[i] != want {
			return "", errLines
		}
		i++
	}
	return s[i:], nil
}

func columnDuration(stmt *sqlite.Stmt, col int) time.Duration {
	return time.Duration(stmt.ColumnInt64(col)) * time.Millisecond
}

// placeKey is the integer key of the places table.
func placeKey(ref booking.PlaceRef) int64 { return int64(ref.Event)<<32 | int64(ref.Place) }

// bindKey binds the three parameters by which holds and orders are found.
func bindKey(stmt *sqlite.Stmt, event catalog.EventID, key ident.Key) *binder {
	return bind(stmt).int(key.Serial()).bytes(key[:]).int(int64(event))
}
