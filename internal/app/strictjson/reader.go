// Package strictjson reads small JSON bodies of a known shape, strictly and without reflection, and
// appends JSON.
//
// Strict means: a field that isn't known, a field that is there twice, a value of another type
// (null too) and anything behind the body are refused, each with the field's name. Since the shape
// is known, nothing can be nested deeper than it, and no value is read that nobody asked for.
package strictjson

import (
	"strconv"
	"strings"
	"unicode/utf8"

	"ticketflow/internal/domain/errs"
)

const (
	maxDepth  = 8  // of the shapes that are read
	maxFields = 32 // of one object: one bit each
)

// Failures of reading a body.
var (
	ErrSyntax = errs.New(errs.Malformed, "malformed_json",
		"The body is not the JSON that was expected.")
	ErrField = errs.New(errs.Invalid, "bad_field",
		"A field of the body is not as it should be.")
)

// Reader reads one body. The first failure is kept: after it every read returns nothing, so that a
// caller may look at Err once, at the end. It is used by one goroutine.
type Reader struct {
	data  []byte
	pos   int
	path  [maxDepth]string
	depth int
	err   error
}

// NewReader starts to read a body, which must not change meanwhile.
func NewReader(data []byte) Reader { return Reader{data: data} }

// Err is the first failure: ErrSyntax, or ErrField with the field "field".
func (r *Reader) Err() error { return r.err }

// End checks that nothing but white space follows, and returns the first failure.
func (r *Reader) End() error {
	if r.err == nil {
		if r.space(); r.pos < len(r.data) {
			r.syntax("Something follows the end of the body")
		}
	}
	return r.err
}

// Refuse makes the failure ErrField for the field that is being read.
func (r *Reader) Refuse(detail string) {
	if r.err == nil {
		r.err = fieldFailure(strings.Join(r.path[:r.depth], "."), detail)
	}
}

// RefuseField is the failure for one field by its full name.
func RefuseField(field, detail string) error { return fieldFailure(field, detail) }

func fieldFailure(field, detail string) error {
	if field == "" {
		return ErrField.With("The body " + detail)
	}
	return ErrField.With("The field "+field+" "+detail).WithField("field", field)
}

// Object reads an object whose fields are at most those named, each at most once. visit reads the
// value of field number i. It returns which fields were there, as bits.
func (r *Reader) Object(fields []string, visit func(i int)) (seen uint32) {
	if !r.open('{', "must be an object.") {
		return 0
	}
	if r.depth == maxDepth || len(fields) > maxFields {
		r.Refuse("is nested too deeply.")
		return 0
	}
	for first := true; !r.closed('}', first); first = false {
		name := r.key()
		if r.err != nil {
			return 0
		}
		r.path[r.depth] = name
		r.depth++
		i := index(fields, name)
		switch {
		case i < 0:
			r.Refuse("is not known.")
		case seen&(1<<i) != 0:
			r.Refuse("is there twice.")
		default:
			seen |= 1 << i
			visit(i)
		}
		if r.err != nil {
			return 0
		}
		r.depth--
	}
	return seen
}

func index(fields []string, name string) int {
	for i, f := range fields {
		if f == name {
			return i
		}
	}
	return -1
}

func (r *Reader) key() string {
	if r.space(); r.peek() != '"' {
		r.syntax("A field's name was expected")
		return ""
	}
	name := r.text()
	if r.space(); r.err == nil && r.peek() != ':' {
		r.syntax("A colon was expected")
	}
	r.pos++
	return name
}

// Array reads an array of at most limit elements; visit reads each.
func (r *Reader) Array(limit int, visit func()) {
	if !r.open('[', "must be an array.") {
		return
	}
	n := 0
	for first := true; !r.closed(']', first); first = false {
		if n++; n > limit {
			r.Refuse("has more than " + strconv.Itoa(limit) + " elements.")
			return
		}
		if visit(); r.err != nil {
			return
		}
	}
}

// closed looks for the end of an object or array, or for the comma before the next element.
func (r *Reader) closed(end byte, first bool) bool {
	if r.err != nil {
		return true
	}
	r.space()
	switch c := r.peek(); {
	case c == end:
		r.pos++
		return true
	case first:
		return false
	case c == ',':
		r.pos++
		return false
	}
	r.syntax("A comma or an end was expected")
	return true
}

// Text reads a string of at most limit bytes.
func (r *Reader) Text(limit int) string {
	if !r.want('"', "must be a string.") {
		return ""
	}
	s := r.text()
	if len(s) > limit {
		r.Refuse("is longer than " + strconv.Itoa(limit) + " bytes.")
		return ""
	}
	return s
}

// Bool reads true or false.
func (r *Reader) Bool() bool {
	if r.err != nil {
		return false
	}
	r.space()
	rest := r.data[r.pos:]
	switch {
	case strings.HasPrefix(string(rest[:min(4, len(rest))]), "true"):
		r.pos += 4
		return true
	case strings.HasPrefix(string(rest[:min(5, len(rest))]), "false"):
		r.pos += 5
	default:
		r.other("must be true or false.")
	}
	return false
}

// Uint reads a whole number from 0 to limit, without sign, point or exponent.
func (r *Reader) Uint(limit uint64) uint64 {
	if r.err != nil {
		return 0
	}
	r.space()
	start := r.pos
	for r.pos < len(r.data) && r.data[r.pos] >= '0' && r.data[r.pos] <= '9' {
		r.pos++
	}
	digits := r.data[start:r.pos]
	detail := "must be a whole number from 0 to " // written only where it is needed
	switch {
	case len(digits) == 0 && r.peek() != '-':
		r.other(detail + strconv.FormatUint(limit, 10) + ".")
		return 0
	case len(digits) > 1 && digits[0] == '0':
		r.syntax("A number starts with 0")
		return 0
	}
	n, err := strconv.ParseUint(string(digits), 10, 64)
	if c := r.peek(); err != nil || n > limit || c == '.' || c == 'e' || c == 'E' || c == '-' {
		r.Refuse(detail + strconv.FormatUint(limit, 10) + ".")
		return 0
	}
	return n
}

func (r *Reader) open(c byte, detail string) bool {
	if !r.want(c, detail) {
		return false
	}
	r.pos++
	return true
}

// want tells whether the next value starts with c; if it is another value, detail says what it
// should have been.
func (r *Reader) want(c byte, detail string) bool {
	if r.err != nil {
		return false
	}
	r.space()
	if r.peek() == c {
		return true
	}
	r.other(detail)
	return false
}

// other refuses what stands here: a value of another type, or no value.
func (r *Reader) other(detail string) {
	switch c := r.peek(); {
	case c == '"', c == '{', c == '[', c == '-', c == 't', c == 'f', c == 'n', c >= '0' && c <= '9':
		r.Refuse(detail)
	default:
		r.syntax("A value was expected")
	}
}

func (r *Reader) space() {
	for r.pos < len(r.data) {
		switch r.data[r.pos] {
		case ' ', '\t', '\r', '\n':
			r.pos++
		default:
			return
		}
	}
}

// peek is the next byte, 0 at the end.
func (r *Reader) peek() byte {
	if r.pos < len(r.data) {
		return r.data[r.pos]
	}
	return 0
}

func (r *Reader) syntax(detail string) {
	if r.err == nil {
		r.err = ErrSyntax.With(detail + " at byte " + strconv.Itoa(r.pos) + ".")
	}
}

// text reads a string; its opening quote is next.
func (r *Reader) text() string {
	r.pos++
	start := r.pos
	for ; r.pos < len(r.data); r.pos++ {
		switch c := r.data[r.pos]; {
		case c == '"':
			raw := r.data[start:r.pos]
			if !utf8.Valid(raw) {
				r.syntax("A string is not UTF-8")
				return ""
			}
			r.pos++
			return string(raw)
		case c == '\\':
			return r.escaped(start)
		case c < ' ':
			r.syntax("A string has a control character")
			return ""
		}
	}
	r.syntax("A string has no end")
	return ""
}
