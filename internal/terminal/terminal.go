// Package terminal is how commands show what they do and what came of it: a bar that moves, tables,
// and numbers that one can read.
package terminal

import (
	"fmt"
	"io"
	"os"
	"strconv"
	"strings"
	"unicode/utf8"
)

const barWidth = 30

// IsLive tells whether w is a character device, other than the one that swallows everything.
func IsLive(w io.Writer) bool {
	file, ok := w.(*os.File)
	if !ok || file.Name() == os.DevNull {
		return false
	}
	info, err := file.Stat()
	return err == nil && info.Mode()&os.ModeCharDevice != 0 && os.Getenv("TERM") != "dumb"
}

// Bar is a bar on a terminal, and its number anywhere else.
func Bar(live bool, share float64) string {
	share = min(max(share, 0), 1)
	if !live {
		return fmt.Sprintf("%3.0f %%", 100*share)
	}
	full := int(share * barWidth)
	return fmt.Sprintf("%s%s %3.0f %%", strings.Repeat("█", full),
		strings.Repeat("░", barWidth-full), 100*share)
}

// Line writes a line over the one before on a terminal, and below it anywhere else. What can't be
// shown is no reason to stop.
func Line(w io.Writer, live bool, line string) {
	if live {
		_, _ = fmt.Fprintf(w, "\r\x1b[2K%s", line)
		return
	}
	_, _ = fmt.Fprintln(w, line)
}

// Grouped writes a whole number with commas between the thousands.
func Grouped(n int64) string {
	text := strconv.FormatInt(n, 10)
	for at := len(text) - 3; at > 0 && text[at-1] != '-'; at -= 3 {
		text = text[:at] + "," + text[at:]
	}
	return text
}

// Align writes rows in columns; kinds has an l or an r for each of them.
func Align(out *strings.Builder, rows [][]string, kinds string) {
	widths := make([]int, len(kinds))
	for _, row := range rows {
		for i, cell := range row {
			widths[i] = max(widths[i], utf8.RuneCountInString(cell))
		}
	}
	for _, row := range rows {
		var line strings.Builder
		for i, cell := range row {
			pad := strings.Repeat(" ", widths[i]-utf8.RuneCountInString(cell))
			if kinds[i] == 'r' {
				line.WriteString("  " + pad + cell)
			} else {
				line.WriteString("  " + cell + pad)
			}
		}
		out.WriteString(strings.TrimRight(line.String(), " ") + "\n")
	}
}
