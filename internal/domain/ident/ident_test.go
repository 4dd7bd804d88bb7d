package ident_test

import (
	"bytes"
	"errors"
	"io"
	"math/rand/v2"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"pgregory.net/rapid"

	"ticketflow/internal/domain/ident"
)

func TestEncodeAndDecodeAreEachOthersInverse(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		raw := rapid.SliceOfN(rapid.Byte(), 0, 200).Draw(t, "raw")
		text := ident.Encode("abc", raw)
		back := make([]byte, len(raw))
		if err := ident.Decode("abc", text, back); err != nil || !bytes.Equal(raw, back) {
			t.Fatalf("%x → %q → %x, %v", raw, text, back, err)
		}
		if strings.ContainsAny(text[4:], "iloABCDEFGHIJKLMNOPQRSTUVWXYZu=") {
			t.Fatalf("%q has letters that are misread", text)
		}
		for _, size := range []int{len(raw) - 1, len(raw) + 1, len(raw) + 5} {
			other := make([]byte, max(0, size))
			if len(other) != len(raw) && ident.Decode("abc", text, other) == nil {
				t.Fatalf("%q is read as %d bytes", text, size)
			}
		}
	})
}

func TestOnlyTheCanonicalSpellingIsRead(t *testing.T) {
	raw := []byte{0xff, 0x00, 0x81, 0x7e, 0x10, 0x20, 0x30}
	text := ident.Encode("abc", raw)
	spellings := []string{
		strings.ToUpper(text), "ABC" + text[3:], text[3:], "abd" + text[3:], text[:3] + text[4:],
		"abc__" + text[5:], " " + text, text + " ", text + "=", text + "\n", text[:len(text)-1],
		text[:8] + "\n" + text[9:], text[:8] + "\r\n" + text[8:], "", "abc", "abc_", "_",
		text[:len(text)-1] + "i", text[:len(text)-1] + "é",
	}
	// The last character carries bits that aren't used: all but one of its values are wrong.
	for _, last := range "0123456789abcdefghjkmnpqrstvwxyz" {
		if other := text[:len(text)-1] + string(last); other != text {
			spellings = append(spellings, other)
		}
	}
	for _, s := range spellings {
		got := make([]byte, len(raw))
		err := ident.Decode("abc", s, got)
		if err == nil && ident.Encode("abc", got) != s {
			t.Errorf("%q is read as %x", s, got)
		}
		if err != nil && !errors.Is(err, ident.ErrFormat) {
			t.Errorf("%q: %v", s, err)
		}
	}
	got := make([]byte, len(raw))
	if err := ident.Decode("abc", text, got); err != nil || !bytes.Equal(got, raw) {
		t.Errorf("%q: %x, %v", text, got, err)
	}
}

func FuzzDecode(f *testing.F) {
	for _, s := range []string{"", "abc_", "abc_00000000000", "abc_zzzzzzzzzzz", "abc_0000000000\n",
		"abc_ABCDEFGHIJK"} {
		f.Add(s, uint8(7))
	}
	f.Fuzz(func(t *testing.T, s string, size uint8) {
		raw := make([]byte, size)
		if err := ident.Decode("abc", s, raw); err == nil && ident.Encode("abc", raw) != s {
			t.Errorf("%q is read as %x", s, raw)
		}
	})
}

func seeded(seed byte) io.Reader { return rand.NewChaCha8([32]byte{seed}) }

func TestKeysGrowEvenWhenTheClockDoesnt(t *testing.T) {
	now := time.Date(2026, 5, 1, 12, 0, 0, 0, time.UTC)
	steps := []time.Duration{0, 0, time.Millisecond, -time.Hour, 0, time.Second, 2 * time.Hour}
	i := 0
	source := ident.NewSource(func() time.Time { return now }, seeded(1))
	var keys []ident.Key
	for i < 700 {
		now = now.Add(steps[i%len(steps)])
		k, err := source.Next()
		if err != nil {
			t.Fatal(err)
		}
		keys = append(keys, k)
		i++
	}
	if !slices.IsSortedFunc(keys, func(a, b ident.Key) int { return bytes.Compare(a[:], b[:]) }) {
		t.Error("a later key is smaller")
	}
	for i, k := range keys[1:] {
		if k.Serial() <= keys[i].Serial() || k.Serial() < 0 {
			t.Fatalf("%d follows %d", k.Serial(), keys[i].Serial())
		}
	}
}

func TestKeysStartWithTheirTime(t *testing.T) {
	now := time.Date(2026, 5, 1, 12, 0, 0, 0, time.UTC)
	k, err := ident.NewSource(func() time.Time { return now }, seeded(1)).Next()
	if err != nil {
		t.Fatal(err)
	}
	if k.Serial()>>16 != now.UnixMilli() {
		t.Errorf("%d, want %d milliseconds", k.Serial()>>16, now.UnixMilli())
	}
	twin, err := ident.NewSource(func() time.Time { return now }, seeded(2)).Next()
	if err != nil || twin == k || twin.Serial() != k.Serial() {
		t.Errorf("another source's key is %x, %v; the first %x", twin, err, k)
	}
}

// locked makes a source of randomness safe for concurrent use, as crypto/rand is.
type locked struct {
	mu   sync.Mutex
	from io.Reader
}

func (l *locked) Read(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.from.Read(p)
}

func TestManyDrawDifferentKeys(t *testing.T) {
	const workers, each = 16, 200
	now := time.Date(2026, 5, 1, 12, 0, 0, 0, time.UTC)
	source := ident.NewSource(func() time.Time { return now }, &locked{from: seeded(3)})
	drawn := make([][]ident.Key, workers)
	var all sync.WaitGroup
	for w := range workers {
		all.Go(func() {
			for range each {
				k, err := source.Next()
				if err != nil {
					t.Error(err)
					return
				}
				drawn[w] = append(drawn[w], k)
			}
		})
	}
	all.Wait()
	serials := make(map[int64]bool)
	for _, keys := range drawn {
		for _, k := range keys {
			serials[k.Serial()] = true
		}
	}
	if len(serials) != workers*each {
		t.Errorf("%d different serial numbers of %d", len(serials), workers*each)
	}
}

func TestWithoutRandomnessThereIsNoKey(t *testing.T) {
	source := ident.NewSource(time.Now, bytes.NewReader([]byte{1, 2, 3}))
	if k, err := source.Next(); err == nil {
		t.Errorf("%x from three random bytes", k)
	}
}

func TestIdentifiersOfEverySizeAreRead(t *testing.T) {
	for size := range 200 {
		raw, back := bytes.Repeat([]byte{0xa7}, size), make([]byte, size)
		err := ident.Decode("abc", ident.Encode("abc", raw), back)
		if err != nil || !bytes.Equal(raw, back) {
			t.Fatalf("%d bytes: %x, %v", size, back, err)
		}
	}
}
