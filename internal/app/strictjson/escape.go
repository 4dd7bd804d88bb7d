package strictjson

import (
	"strconv"
	"unicode/utf16"
	"unicode/utf8"
)

// escaped reads a string that has escapes; the first one is next.
func (r *Reader) escaped(start int) string {
	out := append([]byte(nil), r.data[start:r.pos]...)
	for r.pos < len(r.data) {
		c := r.data[r.pos]
		switch {
		case c == '"':
			r.pos++
			if !utf8.Valid(out) {
				r.syntax("A string is not UTF-8")
				return ""
			}
			return string(out)
		case c < ' ':
			r.syntax("A string has a control character")
			return ""
		case c == '\\':
			if out = r.escape(out); r.err != nil {
				return ""
			}
		default:
			out = append(out, c)
			r.pos++
		}
	}
	r.syntax("A string has no end")
	return ""
}

// escape reads one escape and appends what it stands for.
func (r *Reader) escape(out []byte) []byte {
	r.pos++
	c := r.peek()
	r.pos++
	switch c {
	case '"', '\\', '/':
		return append(out, c)
	case 'b':
		return append(out, '\b')
	case 'f':
		return append(out, '\f')
	case 'n':
		return append(out, '\n')
	case 'r':
		return append(out, '\r')
	case 't':
		return append(out, '\t')
	case 'u':
		return utf8.AppendRune(out, r.codePoint())
	}
	r.pos--
	r.syntax("An escape is not known")
	return out
}

// codePoint reads the digits of \u, and of its second half where one half needs another.
func (r *Reader) codePoint() rune {
	first := r.hex4()
	if !utf16.IsSurrogate(first) {
		return first
	}
	if r.err == nil && r.pos+1 < len(r.data) && r.data[r.pos] == '\\' && r.data[r.pos+1] == 'u' {
		r.pos += 2
		if both := utf16.DecodeRune(first, r.hex4()); both != utf8.RuneError {
			return both
		}
	}
	r.syntax("Half a character stands alone")
	return utf8.RuneError
}

func (r *Reader) hex4() rune {
	if r.pos+4 > len(r.data) {
		r.syntax("An escape breaks off")
		return 0
	}
	n, err := strconv.ParseUint(string(r.data[r.pos:r.pos+4]), 16, 16)
	if err != nil {
		r.syntax("An escape is not known")
		return 0
	}
	r.pos += 4
	return rune(n)
}
