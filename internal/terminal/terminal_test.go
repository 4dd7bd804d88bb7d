package terminal

import (
	"bytes"
	"os"
	"strings"
	"testing"
	"unicode/utf8"
)

func TestWhatIsATerminal(t *testing.T) {
	null, err := os.OpenFile(os.DevNull, os.O_WRONLY, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = null.Close() }()
	file, err := os.CreateTemp(t.TempDir(), "")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = file.Close() }()
	if IsLive(null) || IsLive(file) || IsLive(&bytes.Buffer{}) || IsLive(nil) {
		t.Error("a file is taken for a terminal")
	}
}

func TestBar(t *testing.T) {
	for share, full := range map[float64]int{-1: 0, 0: 0, 0.5: barWidth / 2, 1: barWidth,
		7: barWidth} {
		if got := strings.Count(Bar(true, share), "█"); got != full {
			t.Errorf("%v: %d of the bar is full, want %d", share, got, full)
		}
	}
	if got := Bar(false, 0.123); got != " 12 %" {
		t.Errorf("outside of a terminal it is %q", got)
	}
}

func TestLine(t *testing.T) {
	var live, plain bytes.Buffer
	for _, line := range []string{"one", "two"} {
		Line(&live, true, line)
		Line(&plain, false, line)
	}
	if live.String() != "\r\x1b[2Kone\r\x1b[2Ktwo" || plain.String() != "one\ntwo\n" {
		t.Errorf("on a terminal %q, elsewhere %q", live.String(), plain.String())
	}
}

func TestGrouped(t *testing.T) {
	for n, want := range map[int64]string{0: "0", 999: "999", 1000: "1,000", -1000: "-1,000",
		-999: "-999", 1234567: "1,234,567", -123456: "-123,456"} {
		if got := Grouped(n); got != want {
			t.Errorf("%d is written %s, want %s", n, got, want)
		}
	}
}

func TestAlign(t *testing.T) {
	var out strings.Builder
	Align(&out, [][]string{{"name", "n"}, {"Café", "1,000"}, {"longer", "7"}}, "lr")
	want := "  name        n\n  Café    1,000\n  longer      7\n"
	if out.String() != want || !utf8.ValidString(out.String()) {
		t.Errorf("got\n%swant\n%s", out.String(), want)
	}
}
