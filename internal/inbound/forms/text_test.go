package forms

import (
	"strings"
	"testing"
)

func TestFilter(t *testing.T) {
	long := strings.Repeat("é", MaxFilterRunes)
	for text, want := range map[string]string{
		"": "", "Così fan tutte": "Così fan tutte", "\xff": "", "a\xc3": "a", "\x00": "",
		"fi\x00ga\xff\xferos\u0085": "figaros", "日本\xe2\x82語": "日本語", "a\nb\u007f": "ab",
		long: long, long + "é": long, "\x00" + long: long, long[:len(long)-1]: long[:len(long)-2],
	} {
		if got := Filter(text); got != want {
			t.Errorf("%q: %q, want %q", text, got, want)
		}
		if got := Filter(text); !Plain(got) {
			t.Errorf("%q: %q is not plain", text, got)
		}
	}
}

func TestPlain(t *testing.T) {
	for name, want := range map[string]bool{
		"": true, "spt_1": true, "日本": true, "\ufffd": true, "\x00": false, "a\x00b": false,
		"\xff": false, "a\xc3": false, "\xed\xa0\x80": false,
	} {
		if Plain(name) != want {
			t.Errorf("%q is plain: %v", name, !want)
		}
	}
}
