// Package qrimage draws the QR of a ticket code as PNG and SVG.
//
// The symbol has error correction M (15 %), a quiet zone of four modules (ISO/IEC 18004 §9.1), is
// dark on white in every colour scheme (many scanners can't read it inverted), and uses the
// alphanumeric mode, which keeps it a third smaller than bytes would be.
package qrimage

import (
	"fmt"
	"strconv"
	"strings"

	"rsc.io/qr"

	"ticketflow/internal/domain/errs"
)

const (
	// MaxScale bounds the pixels of one module in a PNG.
	MaxScale = 16
	// MaxChars is what version 11 holds in alphanumeric mode with error correction M: the least
	// that holds every ticket code.
	MaxChars = 366

	quietModules = 4
	alphanumeric = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ $%*+-./:"
)

// Failures of drawing.
var (
	ErrText = errs.New(errs.Internal, "qr_text_unfit",
		"The text doesn't fit a QR code in alphanumeric mode.")
	ErrScale = errs.New(errs.Invalid, "bad_qr_scale",
		fmt.Sprintf("The scale of a QR code is 1 to %d pixels a module.", MaxScale))
)

// Symbol is one QR code, ready to be drawn. It is immutable and safe for concurrent use.
type Symbol struct {
	code *qr.Code
}

// Encode makes the symbol of a ticket code: 1 to MaxChars characters of the alphanumeric alphabet.
// The failure is ErrText.
func Encode(text string) (Symbol, error) {
	if text == "" || len(text) > MaxChars {
		return Symbol{}, ErrText
	}
	for i := range len(text) {
		if strings.IndexByte(alphanumeric, text[i]) < 0 {
			return Symbol{}, ErrText
		}
	}
	code, err := qr.Encode(text, qr.M)
	if err != nil {
		return Symbol{}, ErrText
	}
	return Symbol{code: code}, nil
}

// Modules is the width and height of the picture in modules, with the quiet zone.
func (s Symbol) Modules() int { return s.code.Size + 2*quietModules }

// SVG draws the dark modules as one path over a white square, one unit a module.
func (s Symbol) SVG() []byte {
	side := strconv.Itoa(s.Modules())
	out := make([]byte, 0, 8<<10)
	out = append(out, `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 `+side+" "+side+
		`" shape-rendering="crispEdges"><rect width="`+side+`" height="`+side+
		`" fill="#fff"/><path fill="#000" d="`...)
	for y := range s.code.Size {
		for x := 0; x < s.code.Size; x++ {
			start := x
			for x < s.code.Size && s.code.Black(x, y) {
				x++
			}
			if x > start {
				out = appendRun(out, start+quietModules, y+quietModules, x-start)
			}
		}
	}
	return append(out, `"/></svg>`...)
}

// appendRun draws n dark modules beside each other as one rectangle.
func appendRun(out []byte, x, y, n int) []byte {
	out = strconv.AppendInt(append(out, 'M'), int64(x), 10)
	out = strconv.AppendInt(append(out, ' '), int64(y), 10)
	out = strconv.AppendInt(append(out, 'h'), int64(n), 10)
	out = strconv.AppendInt(append(out, "v1h-"...), int64(n), 10)
	return append(out, 'z')
}
