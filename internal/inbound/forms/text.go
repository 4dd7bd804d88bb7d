package forms

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// MaxFilterRunes bounds a text that a list is searched for.
const MaxFilterRunes = 200

// Filter is a text to search for as every ledger takes it: of what was asked for, the first
// MaxFilterRunes characters, without bytes that are no character and without control characters.
// It comes from address bars and old links, so what is wrong with it is left out and not refused.
func Filter(text string) string {
	n := 0
	return strings.Map(func(r rune) rune {
		if n == MaxFilterRunes || r == utf8.RuneError || unicode.IsControl(r) {
			return -1
		}
		n++
		return r
	}, text)
}

// Plain tells whether a ledger can be asked for a name: not all take a zero byte or what isn't
// UTF-8.
func Plain(name string) bool {
	return utf8.ValidString(name) && !strings.ContainsRune(name, 0)
}
