package terminal

import (
	"bytes"
	"errors"
	"io/fs"
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
	device, err := os.OpenFile("/dev/zero", os.O_WRONLY, 0)
	if errors.Is(err, fs.ErrNotExist) {
		return // not on this system; a terminal would do as well
	}
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = device.Close() }()
	for name, live := range map[string]bool{"xterm": true, "": true, "dumb": false} {
		t.Setenv("TERM", name)
		if IsLive(device) != live {
			t.Errorf("a device that calls itself %q: %t, want %t", name, !live, live)
		}
	}
}

func TestBar(t *testing.T) {
	for share, full := range map[float64]int{-1: 0, 0: 0, 0.5: barWidth / 2, 1: barWidth,
		7: barWidth} {
		bar := Bar(true, share)
		if got := strings.Count(bar, "█"); got != full ||
			strings.Count(bar, "░") != barWidth-full {
			t.Errorf("%v: %d of the bar is full, want %d: %s", share, got, full, bar)
		}
	}
	if bar := Bar(true, 0.5); !strings.HasSuffix(bar, "░  50 %") {
		t.Errorf("half of it is %s", bar)
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
	out.Reset()
	Align(&out, [][]string{{"Größe", "x", ""}, {"n", "longer", "y"}}, "lll")
	if want := "  Größe  x\n  n      longer  y\n"; out.String() != want {
		t.Errorf("got\n%qwant\n%q", out.String(), want)
	}
}
