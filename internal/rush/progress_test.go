package rush

import (
	"bytes"
	"strings"
	"testing"
	"time"
)

// watched is the progress of a run of 10 s in which a place is sold each second.
func watched(p *progress) string {
	var out bytes.Buffer
	p.to = &out
	p.cfg.Places = 10
	p.press.Store(1)
	for now := time.Duration(0); now <= 10*time.Second; now += 10 * time.Millisecond {
		p.sold.Store(int64(now / time.Second))
		p.show(now)
	}
	return out.String()
}

// TestProgressInAFileIsAFewPlainLines: no bar, nothing that only a terminal understands.
func TestProgressInAFileIsAFewPlainLines(t *testing.T) {
	p := newProgress(newVirtual(steadyCrowd(1)).shared, 1)
	p.cfg.Scenario = Stampede
	text := watched(p)
	lines := strings.Split(strings.TrimSuffix(text, "\n"), "\n")
	if len(lines) != 1+int(10*time.Second/lineEvery) {
		t.Errorf("%d lines in 10 s:\n%s", len(lines), text)
	}
	if i := strings.IndexFunc(text, func(r rune) bool {
		return r > '~' || r < ' ' && r != '\n'
	}); i >= 0 {
		t.Errorf("something of a terminal at %d: %q", i, text)
	}
	if last := lines[len(lines)-1]; !strings.Contains(last, "90 %") ||
		!strings.Contains(last, "sold 9 of 10") {
		t.Errorf("the last line says %q", last)
	}
}

func TestProgressOnATerminalIsABar(t *testing.T) {
	p := newProgress(newVirtual(steadyCrowd(1)).shared, 1)
	p.cfg.Scenario, p.live = Stampede, true
	text := watched(p)
	redraws := 1 + int(10*time.Second/barEvery)
	if strings.Contains(text, "\n") || strings.Count(text, "\r") != redraws ||
		!strings.Contains(text, "█") {
		t.Errorf("%d redraws", strings.Count(text, "\r"))
	}
}
