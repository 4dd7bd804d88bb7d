package admission

import (
	"bytes"
	"crypto/ed25519"
	"encoding/hex"
	"errors"
	"math"
	"os"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"ticketflow/internal/effort"
)

func TestMain(m *testing.M) {
	effort.OfProperties()
	os.Exit(m.Run())
}

func testSigner(t testing.TB, id KeyID) *Signer {
	t.Helper()
	s, err := NewSigner(id, bytes.Repeat([]byte{byte(id) + 1}, ed25519.SeedSize))
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func testRing(t testing.TB, signers ...*Signer) *Keyring {
	t.Helper()
	var keys []PublicKey
	for _, s := range signers {
		keys = append(keys, s.Public())
	}
	r, err := NewKeyring(keys...)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func sample() Claims {
	return Claims{Key: 7, Event: 1200, Place: 79_999, Fence: 3,
		NotBefore: 496_000, NotAfter: 496_024,
		Secret: [SecretBytes]byte{1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16}}
}

// order is the claims of n tickets like c, each with a secret of its own.
func order(n int, c Claims) []Claims {
	all := make([]Claims, n)
	for i := range all {
		all[i] = c
		all[i].Secret[0] = byte(i)
	}
	return all
}

// sign gives the codes of an order.
func sign(t testing.TB, s *Signer, claims []Claims) []string {
	t.Helper()
	codes, err := s.SignAll(claims)
	if err != nil {
		t.Fatal(err)
	}
	return codes
}

func drawClaims(t *rapid.T) Claims {
	c := Claims{
		Key:   KeyID(rapid.Uint16().Draw(t, "key")),
		Event: rapid.Int64Range(1, math.MaxInt64).Draw(t, "event"),
		Place: rapid.Uint32().Draw(t, "place"),
		Fence: rapid.Uint32().Draw(t, "fence"),
	}
	copy(c.Secret[:], rapid.SliceOfN(rapid.Byte(), SecretBytes, SecretBytes).Draw(t, "secret"))
	if rapid.Bool().Draw(t, "from") {
		c.NotBefore = Hour(rapid.Uint32Range(1, math.MaxUint32-1).Draw(t, "not before"))
	}
	if rapid.Bool().Draw(t, "until") {
		c.NotAfter = Hour(rapid.Uint32Range(uint32(c.NotBefore)+1, math.MaxUint32).Draw(t, "end"))
	}
	return c
}

func TestRoundTrip(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		want := drawClaims(rt)
		s, err := NewSigner(want.Key, bytes.Repeat([]byte{9}, ed25519.SeedSize))
		if err != nil {
			rt.Fatal(err)
		}
		code, err := s.Sign(want)
		if err != nil {
			rt.Fatal(err)
		}
		if len(code) > MaxCodeChars || strings.TrimSpace(code) != code {
			rt.Fatalf("code %q: %d characters", code, len(code))
		}
		got, err := testRing(t, s).Verify(code)
		if err != nil {
			rt.Fatal(err)
		}
		if diff := cmp.Diff(want, got); diff != "" {
			rt.Fatal(diff)
		}
	})
}

func TestSizes(t *testing.T) {
	for _, tt := range []struct {
		name   string
		claims []Claims
		want   int
	}{
		{"smallest", order(1, Claims{Event: 1}), 136},
		{"one", order(1, sample()), 147},
		{"two", order(2, sample()), 171},
		{"eight", order(8, sample()), 219},
		{"fifty", order(50, sample()), 291},
		{"largest", order(MaxTickets, Claims{Event: math.MaxInt64, Place: math.MaxUint32,
			Fence: math.MaxUint32, NotBefore: math.MaxUint32 - 1, NotAfter: math.MaxUint32}),
			MaxCodeChars},
	} {
		id := KeyID(0)
		if tt.name == "largest" {
			id = math.MaxUint16
		}
		codes, err := testSigner(t, id).SignAll(tt.claims)
		if err != nil || len(codes) != len(tt.claims) || len(codes[0]) != tt.want {
			t.Errorf("%s: %d codes, the first is %q, want %d characters, error %v", tt.name,
				len(codes), codes[:min(1, len(codes))], tt.want, err)
		}
	}
}

// TestAnyChangeIsRefused looks at orders whose trees have all kinds of leaves: alone, left, right,
// promoted, and first in a tree whose form is that of a larger one.
func TestAnyChangeIsRefused(t *testing.T) {
	s := testSigner(t, 7)
	ring := testRing(t, s)
	type leaf struct{ leaves, index int }
	for _, tt := range effort.Of([]leaf{{1, 0}, {2, 1}, {3, 2}, {7, 0}, {7, 6}, {8, 5}},
		[]leaf{{1, 0}, {7, 6}}) {
		anyChangeIsRefused(t, ring, sign(t, s, order(tt.leaves, sample()))[tt.index])
	}
}

func anyChangeIsRefused(t *testing.T, ring *Keyring, code string) {
	t.Helper()
	if _, err := ring.Verify(code); err != nil {
		t.Fatal(err)
	}
	raw, _ := decodeBase45(nil, code[len(prefix):])
	for bit := range len(raw) * 8 {
		raw[bit/8] ^= 1 << (bit % 8)
		if _, err := ring.Verify(prefix + string(appendBase45(nil, raw))); err == nil {
			t.Errorf("bit %d flipped is accepted", bit)
		}
		raw[bit/8] ^= 1 << (bit % 8)
	}
	for i := range len(code) {
		for bit := range 8 {
			changed := []byte(code)
			changed[i] ^= 1 << bit
			if _, err := ring.Verify(string(changed)); err == nil {
				t.Errorf("character %d, bit %d flipped is accepted", i, bit)
			}
		}
		for _, changed := range []string{code[:i], code[:i] + code[i+1:],
			code[:i] + " " + code[i:]} {
			if _, err := ring.Verify(changed); err == nil {
				t.Errorf("%q is accepted", changed)
			}
		}
	}
}

// signRaw signs any claim bytes, as an adversary without the key could not: it shows that the form
// is refused on its own, not by the signature.
func signRaw(s *Signer, claims []byte) string {
	message := appendMessage(nil, s.id, 1, leafOf(claims))
	raw := append(append([]byte{}, claims...), 0, 1)
	return prefix + string(appendBase45(nil, append(raw, ed25519.Sign(s.private, message)...)))
}

func TestStrictForm(t *testing.T) {
	s := testSigner(t, 7)
	ring := testRing(t, s)
	secret := bytes.Repeat([]byte{1}, SecretBytes)
	max9 := []byte{0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0x01}
	for name, head := range map[string][]byte{
		"long zero":         {7, 1, 0x80, 0, 1, 0, 0},
		"long key":          {0x87, 0, 1, 1, 1, 0, 0},
		"key too large":     {0x80, 0x80, 4, 1, 1, 1, 0, 0},
		"no event":          {7, 0, 1, 1, 0, 0},
		"event above int64": append(append([]byte{7}, max9...), 1, 1, 0, 0),
		"place too large":   {7, 1, 0x80, 0x80, 0x80, 0x80, 0x10, 1, 0, 0},
		"window backwards":  {7, 1, 1, 1, 9, 8},
		"window empty":      {7, 1, 1, 1, 9, 9},
		"a field missing":   {7, 1, 1, 1, 0},
		"a field too many":  {7, 1, 1, 1, 0, 0, 0},
	} {
		_, err := ring.Verify(signRaw(s, append(head, secret...)))
		if !errors.Is(err, ErrMalformed) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, err := ring.Verify(signRaw(s, append([]byte{7, 1, 1, 1, 0, 0}, secret...))); err != nil {
		t.Errorf("the control is refused: %v", err)
	}
	for _, code := range []string{"", "TF1:", "TF2:" + strings.Repeat("0", 141), "tf1:AAAA",
		prefix + strings.Repeat(":", 141), prefix + strings.Repeat("0", MaxCodeChars),
		strings.Repeat("A", 1<<20)} {
		if _, err := ring.Verify(code); !errors.Is(err, ErrMalformed) {
			t.Errorf("%.20q: %v", code, err)
		}
	}
}

func TestRotation(t *testing.T) {
	old, fresh, foreign := testSigner(t, 1), testSigner(t, 2), testSigner(t, 3)
	ring := testRing(t, old, fresh)
	for _, s := range []*Signer{old, fresh} {
		code, _ := s.Sign(sample())
		if c, err := ring.Verify(code); err != nil || c.Key != s.id {
			t.Errorf("key %d: %v", s.id, err)
		}
	}
	code, _ := foreign.Sign(sample())
	if _, err := ring.Verify(code); !errors.Is(err, ErrUnknownKey) {
		t.Errorf("foreign key: %v", err)
	}
	impostor, _ := NewSigner(1, bytes.Repeat([]byte{99}, ed25519.SeedSize))
	code, _ = impostor.Sign(sample())
	if _, err := ring.Verify(code); !errors.Is(err, ErrBadSignature) {
		t.Errorf("impostor: %v", err)
	}
}

func TestKeysAreChecked(t *testing.T) {
	if _, err := NewSigner(1, make([]byte, 31)); !errors.Is(err, ErrKey) {
		t.Error(err)
	}
	good := testSigner(t, 1).Public()
	for name, keys := range map[string][]PublicKey{
		"none":  nil,
		"twice": {good, good},
		"short": {{ID: 1, Key: good.Key[:31]}},
		"many":  make([]PublicKey, MaxKeys+1),
	} {
		if _, err := NewKeyring(keys...); !errors.Is(err, ErrKey) {
			t.Errorf("%s: %v", name, err)
		}
	}
	for _, c := range []Claims{{}, {Event: -1}, {Event: 1, NotBefore: 5, NotAfter: 5}} {
		if _, err := testSigner(t, 1).Sign(c); !errors.Is(err, ErrClaims) {
			t.Errorf("%+v: %v", c, err)
		}
	}
}

func TestWindow(t *testing.T) {
	start := time.Date(2026, 8, 1, 18, 0, 0, 0, time.UTC)
	c := Claims{Event: 1, NotBefore: HourFloor(start.Add(59 * time.Minute)),
		NotAfter: HourCeil(start.Add(3*time.Hour + time.Second))}
	for _, tt := range []struct {
		after time.Duration
		want  error
	}{
		{-time.Nanosecond, ErrTooEarly}, {0, nil},
		{4*time.Hour - 1, nil}, {4 * time.Hour, ErrExpired},
	} {
		if err := c.Within(start.Add(tt.after)); !errors.Is(err, tt.want) {
			t.Errorf("%v: %v, want %v", tt.after, err, tt.want)
		}
	}
	if err := (Claims{Event: 1}).Within(start); err != nil {
		t.Errorf("no window: %v", err)
	}
	if HourCeil(start) != HourFloor(start) || HourFloor(time.Unix(-1, 0)) != 0 {
		t.Error("rounding of hours")
	}
}

// The examples are those of RFC 9285 §4.3.
func TestBase45Examples(t *testing.T) {
	for plain, want := range map[string]string{
		"AB": "BB8", "Hello!!": "%69 VD92EX0", "base-45": "UJCLQE7W581", "ietf!": "QED8WEX0",
	} {
		if got := string(appendBase45(nil, []byte(plain))); got != want {
			t.Errorf("%q: %q, want %q", plain, got, want)
		}
		if got, ok := decodeBase45(nil, want); !ok || string(got) != plain {
			t.Errorf("%q: %q", want, got)
		}
	}
	for _, bad := range []string{"GGW", ":::", "6", "BB86", "V5", "bb8", "\xff\xff\xff"} {
		if got, ok := decodeBase45(nil, bad); ok {
			t.Errorf("%q: %s", bad, hex.EncodeToString(got))
		}
	}
}

// FuzzVerify: nothing is accepted but what was signed.
func FuzzVerify(f *testing.F) {
	s := testSigner(f, 7)
	ring := testRing(f, s)
	signed := map[string]bool{}
	for _, n := range []int{1, 2, 7, MaxTickets} {
		for _, code := range sign(f, s, order(n, sample())) {
			signed[code] = true
		}
		f.Add(sign(f, s, order(n, sample()))[n-1])
	}
	f.Add(prefix + strings.Repeat("0", 141))
	f.Add(signRaw(s, []byte{7, 1, 0x80, 0, 1, 0, 0}))
	f.Fuzz(func(t *testing.T, code string) {
		if _, err := ring.Verify(code); err == nil && !signed[code] {
			t.Errorf("%q is accepted and was never signed", code)
		}
	})
}

// FuzzForm looks behind the signature: whatever is read is written the same way.
func FuzzForm(f *testing.F) {
	for _, n := range []int{1, 3, MaxTickets} {
		raw, _ := decodeBase45(nil, sign(f, testSigner(f, 7), order(n, sample()))[0][len(prefix):])
		f.Add(raw)
	}
	f.Fuzz(func(t *testing.T, raw []byte) {
		p, err := readParts(raw)
		if err == nil {
			again := append(appendClaims(nil, p.claims), byte(p.index), byte(p.leaves))
			again = append(append(again, p.path...), p.signature...)
			if !bytes.Equal(again, raw) || len(raw) > maxRawBytes || len(raw) < minRawBytes {
				t.Errorf("%x is another form of %x", raw, again)
			}
		}
		text := string(appendBase45(nil, raw))
		if back, ok := decodeBase45(nil, text); !ok || !bytes.Equal(back, raw) {
			t.Errorf("%x became %q and %x", raw, text, back)
		}
		if plain, ok := decodeBase45(nil, string(raw)); ok &&
			string(appendBase45(nil, plain)) != string(raw) {
			t.Errorf("%q is another spelling of %x", raw, plain)
		}
	})
}

func BenchmarkSign(b *testing.B) {
	s := testSigner(b, 7)
	for _, n := range []int{1, 2, 8} {
		b.Run(strconv.Itoa(n), func(b *testing.B) {
			claims := order(n, sample())
			b.ReportAllocs()
			for b.Loop() {
				if _, err := s.SignAll(claims); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

func BenchmarkVerify(b *testing.B) {
	s := testSigner(b, 7)
	ring := testRing(b, s)
	for _, n := range []int{1, 8} {
		b.Run(strconv.Itoa(n), func(b *testing.B) {
			code := sign(b, s, order(n, sample()))[0]
			b.ReportAllocs()
			for b.Loop() {
				if _, err := ring.Verify(code); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
