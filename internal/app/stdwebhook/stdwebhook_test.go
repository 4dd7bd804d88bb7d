package stdwebhook

import (
	"bytes"
	"errors"
	"strconv"
	"strings"
	"testing"
	"time"
)

// The example of the specification's reference libraries.
const (
	exampleSecret    = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
	exampleID        = "msg_p5jXN8AQM9LWM0D4loKWxJek"
	exampleTime      = 1614265330
	exampleBody      = `{"test": 2432232314}`
	exampleSignature = "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="
)

func mustKey(t testing.TB, secret string) *Key {
	t.Helper()
	k, err := ParseKey(secret)
	if err != nil {
		t.Fatal(err)
	}
	return k
}

func mustVerifier(t testing.TB, keys ...*Key) *Verifier {
	t.Helper()
	v, err := NewVerifier(keys...)
	if err != nil {
		t.Fatal(err)
	}
	return v
}

func exampleHeaders() map[string][]string {
	return map[string][]string{
		HeaderID:        {exampleID},
		HeaderTimestamp: {strconv.Itoa(exampleTime)},
		HeaderSignature: {exampleSignature},
	}
}

func verify(v *Verifier, h map[string][]string, body string, now time.Time) error {
	headers, err := ReadHeaders(h)
	if err != nil {
		return err
	}
	return v.Verify(headers, []byte(body), now)
}

func TestPublishedExample(t *testing.T) {
	key := mustKey(t, exampleSecret)
	got := string(key.AppendSignature(nil, exampleID, exampleTime, []byte(exampleBody)))
	if got != exampleSignature {
		t.Errorf("%s, want %s", got, exampleSignature)
	}
	err := verify(mustVerifier(t, key), exampleHeaders(), exampleBody, time.Unix(exampleTime, 0))
	if err != nil {
		t.Error(err)
	}
}

func TestVerify(t *testing.T) {
	other := mustKey(t, FormatSecret(bytes.Repeat([]byte{5}, 32)))
	otherSignature := string(
		other.AppendSignature(nil, exampleID, exampleTime, []byte(exampleBody)))
	set := func(name string, values ...string) func(map[string][]string) {
		return func(h map[string][]string) { h[name] = values }
	}
	junk := strings.TrimSpace(strings.Repeat("v1,x ", maxSignatures))
	for _, tt := range []struct {
		name   string
		change func(map[string][]string)
		late   time.Duration
		want   error
	}{
		{"as it was sent", func(map[string][]string) {}, 0, nil},
		{"as old as allowed", func(map[string][]string) {}, Tolerance, nil},
		{"too old", func(map[string][]string) {}, Tolerance + time.Second, ErrStale},
		{"as early as allowed", func(map[string][]string) {}, -Tolerance, nil},
		{"from the future", func(map[string][]string) {}, -Tolerance - time.Second, ErrStale},
		{"second signature is ours", set(HeaderSignature, "v1,xyz "+exampleSignature), 0, nil},
		{"first signature is ours", set(HeaderSignature, exampleSignature+" v1a,xyz"), 0, nil},
		{"signed with the next secret too",
			set(HeaderSignature, otherSignature+" "+exampleSignature), 0, nil},
		{"only with another secret", set(HeaderSignature, otherSignature), 0, ErrSignature},
		{"another scheme", set(HeaderSignature, "v2"+exampleSignature[2:]), 0, ErrSignature},
		{"no scheme", set(HeaderSignature, exampleSignature[3:]), 0, ErrSignature},
		{"comma between", set(HeaderSignature, "v1,xyz,"+exampleSignature), 0, ErrSignature},
		{"behind too many", set(HeaderSignature, junk+" "+exampleSignature), 0, ErrSignature},
		{"another id", set(HeaderID, "msg_other"), 0, ErrSignature},
		{"another time", set(HeaderTimestamp, "1614265331"), 0, ErrSignature},
		{"no id", set(HeaderID), 0, ErrHeaders},
		{"empty id", set(HeaderID, ""), 0, ErrHeaders},
		{"long id", set(HeaderID, strings.Repeat("x", maxIDBytes+1)), 0, ErrHeaders},
		{"two ids", set(HeaderID, exampleID, exampleID), 0, ErrHeaders},
		{"control in the id", set(HeaderID, "msg\n1"), 0, ErrHeaders},
		{"no time", set(HeaderTimestamp), 0, ErrHeaders},
		{"signed time", set(HeaderTimestamp, "+1614265330"), 0, ErrHeaders},
		{"padded time", set(HeaderTimestamp, "01614265330"), 0, ErrHeaders},
		{"negative time", set(HeaderTimestamp, "-1"), 0, ErrHeaders},
		{"fraction", set(HeaderTimestamp, "1614265330.5"), 0, ErrHeaders},
		{"a time of ages to come", set(HeaderTimestamp, "999999999999"), 0, ErrStale},
		{"a huge time", set(HeaderTimestamp, "9223372036854775807"), 0, ErrHeaders},
		{"no signature", set(HeaderSignature), 0, ErrHeaders},
		{"huge signature", set(HeaderSignature, strings.Repeat("v1,x ", 1000)), 0, ErrHeaders},
	} {
		h := exampleHeaders()
		tt.change(h)
		v := mustVerifier(t, mustKey(t, exampleSecret))
		now := time.Unix(exampleTime, 0).Add(tt.late)
		if err := verify(v, h, exampleBody, now); !errors.Is(err, tt.want) {
			t.Errorf("%s: %v, want %v", tt.name, err, tt.want)
		}
	}
	v := mustVerifier(t, mustKey(t, exampleSecret))
	err := verify(v, exampleHeaders(), exampleBody+" ", time.Unix(exampleTime, 0))
	if !errors.Is(err, ErrSignature) {
		t.Errorf("another body: %v", err)
	}
}

func TestRotation(t *testing.T) {
	old, next := mustKey(t, exampleSecret), mustKey(t, FormatSecret(bytes.Repeat([]byte{5}, 32)))
	both := mustVerifier(t, old, next)
	for name, key := range map[string]*Key{"old": old, "next": next} {
		h := exampleHeaders()
		h[HeaderSignature] = []string{
			string(key.AppendSignature(nil, exampleID, exampleTime, []byte(exampleBody)))}
		if err := verify(both, h, exampleBody, time.Unix(exampleTime, 0)); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
	for _, keys := range [][]*Key{nil, {old, old, old, old, old}} {
		if _, err := NewVerifier(keys...); !errors.Is(err, ErrSecret) {
			t.Errorf("%d keys: %v", len(keys), err)
		}
	}
}

func TestSecrets(t *testing.T) {
	for _, bad := range []string{"", "whsec_", exampleSecret[6:], "whsec_!!", "whsec_AAAA",
		"WHSEC_" + exampleSecret[6:], exampleSecret + "\n",
		FormatSecret(make([]byte, minSecretBytes-1)),
		FormatSecret(make([]byte, maxSecretBytes+1))} {
		_, err := ParseKey(bad)
		if !errors.Is(err, ErrSecret) {
			t.Errorf("%q: %v", bad, err)
		} else if len(bad) > 10 && strings.Contains(err.Error(), bad[6:]) {
			t.Errorf("the failure repeats the secret: %v", err)
		}
	}
	if _, err := ParseKey(FormatSecret(make([]byte, maxSecretBytes))); err != nil {
		t.Error(err)
	}
}

func FuzzReadHeaders(f *testing.F) {
	f.Add(exampleID, "1614265330", exampleSignature)
	f.Add("", "-0", " ")
	v := mustVerifier(f, mustKey(f, exampleSecret))
	f.Fuzz(func(t *testing.T, id, at, signature string) {
		h := map[string][]string{
			HeaderID: {id}, HeaderTimestamp: {at}, HeaderSignature: {signature}}
		headers, err := ReadHeaders(h)
		if err != nil {
			return
		}
		if strconv.FormatInt(headers.Timestamp, 10) != at {
			t.Errorf("time %q was read as %d", at, headers.Timestamp)
		}
		err = v.Verify(headers, []byte(exampleBody), time.Unix(headers.Timestamp, 0))
		if err == nil && (id != exampleID || at != strconv.Itoa(exampleTime) ||
			!strings.Contains(signature, exampleSignature)) {
			t.Errorf("accepted %q %q %q", id, at, signature)
		}
	})
}

func BenchmarkSign(b *testing.B) {
	key := mustKey(b, exampleSecret)
	body := bytes.Repeat([]byte("x"), 200)
	var buf [64]byte
	b.ReportAllocs()
	for b.Loop() {
		key.AppendSignature(buf[:0], exampleID, exampleTime, body)
	}
}

func BenchmarkVerify(b *testing.B) {
	v := mustVerifier(b, mustKey(b, exampleSecret))
	h := exampleHeaders()
	b.ReportAllocs()
	for b.Loop() {
		if err := verify(v, h, exampleBody, time.Unix(exampleTime, 0)); err != nil {
			b.Fatal(err)
		}
	}
}
