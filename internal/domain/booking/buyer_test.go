package booking

import (
	"errors"
	"strings"
	"testing"
	"unicode/utf8"

	"pgregory.net/rapid"

	"ticketflow/internal/domain/errs"
)

func asError(t *testing.T, err error) *errs.Error {
	t.Helper()
	e, ok := errors.AsType[*errs.Error](err)
	if !ok {
		t.Fatalf("%v is no failure of a rule", err)
	}
	return e
}

func TestNewBuyerTakesPeopleAsTheyAre(t *testing.T) {
	for _, c := range []struct{ name, email, wantName, wantEmail string }{
		{"Ada", "ada@example.org", "Ada", "ada@example.org"},
		{"  Ada L. ", "\tAda@Example.org\n", "Ada L.", "Ada@Example.org"},
		{"Seán O'Brien-Müller", "o'brien+rock@sub.example.org", "", ""},
		{"王小明", "小明@例え.jp", "", ""},
		{"نرگس\u200cزاده", "n@example.ir", "", ""},
		{"X", "a@b", "", ""},
		{"7", "!#$%&'*/=?^_`{|}~-@example.org", "", ""},
		{strings.Repeat("a", 200), strings.Repeat("b", 242) + "@example.org", "", ""},
	} {
		got, err := NewBuyer(c.name, c.email)
		if c.wantName == "" {
			c.wantName, c.wantEmail = c.name, c.email
		}
		if err != nil || got.Name != c.wantName || got.Email != c.wantEmail {
			t.Errorf("%q <%q>: %+v, %v", c.name, c.email, got, err)
		}
	}
}

func TestNewBuyerRefusesHostileInput(t *testing.T) {
	for _, name := range []string{
		"", "   ", "\x00", "a\x00b", "Ada\r\nBcc: all@example.org", "Ada\nX", "a\x1b[31mb",
		"a\u0085b", "a\u2028b", "a\u2029b", "a\u202eb", "a\u2066b", "a\x7fb", "\xff\xfe",
		"\u200b\u200d", "---", strings.Repeat("a", 201),
	} {
		if b, err := NewBuyer(name, "ada@example.org"); !errors.Is(err, ErrBuyer) {
			t.Errorf("the name %q is taken: %+v, %v", name, b, err)
		}
	}
	for _, email := range []string{
		"", "@", "a@", "@b", "ab", "a@b@c", "a b@c.org", "a@b c.org", "a@b.org\r\nBcc: x@y.org",
		"a\x00@b.org", "a@b\x00.org", "<a@b.org>", "a@b.org,c@d.org", "a@b.org;c@d.org",
		`"a b"@c.org`, `a\@b.org`, "a@b..org", "a@.org", "a@org.", "a@[127.0.0.1]", "a:b@c.org",
		"a\u00a0b@c.org", "a\u202e@b.org", "\xff@b.org", strings.Repeat("b", 243) + "@example.org",
	} {
		if b, err := NewBuyer("Ada", email); !errors.Is(err, ErrBuyer) {
			t.Errorf("the address %q is taken: %+v, %v", email, b, err)
		}
	}
}

func TestNewBuyerNeverLetsALineEndThrough(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		b, err := NewBuyer(rapid.String().Draw(t, "name"),
			rapid.String().Draw(t, "local")+"@"+rapid.String().Draw(t, "domain"))
		if err != nil {
			if b != (Buyer{}) || !errors.Is(err, ErrBuyer) {
				t.Fatalf("%+v, %v", b, err)
			}
			return
		}
		for _, s := range []string{b.Name, b.Email} {
			if !utf8.ValidString(s) || strings.ContainsAny(s, "\r\n\x00\u2028\u202e") {
				t.Fatalf("%q", s)
			}
		}
		again, err := NewBuyer(b.Name, b.Email)
		if err != nil || again != b {
			t.Fatalf("%+v becomes %+v, %v", b, again, err)
		}
		key := b.LimitKey()
		if (Buyer{Email: key}).LimitKey() != key || strings.Count(key, "@") != 1 {
			t.Fatalf("the key %q of %q isn't canonical", key, b.Email)
		}
	})
}

func TestLimitKeyMeetsTheSamePersonAgain(t *testing.T) {
	for _, c := range []struct{ email, want string }{
		{"ada@example.org", "ada@example.org"},
		{"Ada@Example.ORG", "ada@example.org"},
		{"ada+rock@example.org", "ada@example.org"},
		{"ada+@example.org", "ada@example.org"},
		{"ADA+a+b@example.org", "ada@example.org"},
		{"a.da@example.org", "a.da@example.org"}, // other people at many providers
		{"+label@example.org", "+label@example.org"},
		{"ada@sub+x.example.org", "ada@sub+x.example.org"},
		{"", "@"},
	} {
		if got := (Buyer{Email: c.email}).LimitKey(); got != c.want {
			t.Errorf("%q counts as %q, want %q", c.email, got, c.want)
		}
	}
}
