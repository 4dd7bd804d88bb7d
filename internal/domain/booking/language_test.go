package booking

import (
	"errors"
	"strings"
	"testing"

	"ticketflow/internal/domain/errs"
)

func TestParseLanguageTakesTags(t *testing.T) {
	longest := "abcdefgh-abcdefgh-12345678-abcdefgh"
	for _, tag := range []string{"", "de", "DE", "pt-BR", "zh-Hant-TW", "de-1996", "es-419",
		"sl-rozaj-biske", "x-house", "i-klingon", "xx", longest} {
		if got, err := ParseLanguage(tag); err != nil || got != tag {
			t.Errorf("%q: %q, %v", tag, got, err)
		}
	}
}

func TestParseLanguageRefusesTheRest(t *testing.T) {
	for _, tag := range []string{"-", "de-", "-de", "de--at", "de_AT", "d1", "419", "*", " de",
		"de ", "de,en", "de;q=1", "deutschland", "de-osterreich", "dé", "de\n", "de\x00", "\xff",
		"de-\u202e", "@@", "[[", "``", "{{", "de-:1", "de-/1",
		"abcdefgh-abcdefgh-12345678-abcdefgh-1", strings.Repeat("de-", 4_000) + "de"} {
		got, err := ParseLanguage(tag)
		if got != "" || !errors.Is(err, ErrLanguage) {
			t.Errorf("%.40q is taken: %q, %v", tag, got, err)
			continue
		}
		if e := asError(t, err); e.Kind() != errs.Malformed || e.Fields()["field"] != "language" {
			t.Errorf("%.40q is refused with %+v", tag, e)
		}
	}
}
