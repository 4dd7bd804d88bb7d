package booking

import (
	"strings"

	"ticketflow/internal/domain/errs"
)

// ErrLanguage says that a text names no language.
var ErrLanguage = errs.New(errs.Malformed, "bad_language",
	"A language is a tag like de or pt-BR (BCP 47).").WithField("field", "language")

// Limits of a language tag, in bytes: RFC 5646 wants room for 35, and parts have at most 8.
const (
	maxLanguageBytes = 35
	maxSubtagBytes   = 8
)

// ParseLanguage checks that a text is formed like a BCP 47 tag; an empty one names no language.
// Whether the box office speaks it is asked only when something is said: it may learn more.
func ParseLanguage(tag string) (string, error) {
	if len(tag) > maxLanguageBytes {
		return "", ErrLanguage
	}
	if tag == "" {
		return "", nil
	}
	first := true
	for part := range strings.SplitSeq(tag, "-") {
		if part == "" || len(part) > maxSubtagBytes || !plain(part, !first) {
			return "", ErrLanguage
		}
		first = false
	}
	return tag, nil
}

// plain tells whether a text has nothing but the letters of ASCII, and digits if they are allowed.
func plain(s string, digits bool) bool {
	for i := range len(s) {
		letter := s[i] | 0x20
		if (letter < 'a' || letter > 'z') && (!digits || s[i] < '0' || s[i] > '9') {
			return false
		}
	}
	return true
}
