// Package planfile reads and writes seat plans: our own JSON, the seating-plan JSON of pretix, and
// the compact binary form that browsers load (docs/plan-format.md).
//
// Every reader checks the whole plan. What it refuses is a named failure of package errs; nothing
// that it is given makes it panic or take more memory than a multiple of its bounds.
package planfile

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"

	"ticketflow/internal/domain/errs"
)

// Bounds of what is read.
const (
	// MaxBodyBytes bounds a plan in JSON: 150,000 seats as pretix writes them are about 16 MB.
	MaxBodyBytes = 32 << 20
	// MaxWireBytes bounds a plan in the binary form.
	MaxWireBytes = 8 << 20

	maxNesting  = 16      // of arrays and objects
	maxElements = 450_000 // of all arrays together: more than a plan of MaxPlaces needs

	// Elements near the root become large structures: sections and shapes are two levels down,
	// rows and outlines four.
	maxOuterElements = 10_000
	maxRowElements   = 160_000
)

// Why a file is refused before it is looked at as a plan.
var (
	ErrBodyTooLarge = errs.New(errs.TooLarge, "plan_file_too_large",
		"The file of the seat plan is too large.")
	ErrBadJSON = errs.New(errs.Malformed, "bad_plan_json",
		"The seat plan isn't the JSON that was expected.")
	ErrBadWire = errs.New(errs.Malformed, "bad_plan_binary",
		"The seat plan isn't in the binary form that was expected.")
	ErrMissingGUID = errs.New(errs.Invalid, "missing_guid",
		"A seat of the plan has no GUID.")
	ErrMissingPosition = errs.New(errs.Invalid, "missing_position",
		"A seat of the plan has no position.")
)

// decode reads one JSON value into target, after a look at its size.
func decode(body []byte, target any, strict bool) error {
	if len(body) > MaxBodyBytes {
		return ErrBodyTooLarge.With(fmt.Sprintf("At most %d bytes are read.", MaxBodyBytes))
	}
	if err := measure(body); err != nil {
		return err
	}
	decoder := json.NewDecoder(bytes.NewReader(body))
	if strict {
		decoder.DisallowUnknownFields()
	}
	if err := decoder.Decode(target); err != nil {
		return ErrBadJSON.With(explain(err))
	}
	if _, err := decoder.Token(); !errors.Is(err, io.EOF) {
		return ErrBadJSON.With("Something follows the plan.")
	}
	return nil
}

// explain words a failure of the JSON decoder. Its own texts name Go types, which help nobody.
func explain(err error) string {
	var syntax *json.SyntaxError
	var wrong *json.UnmarshalTypeError
	switch {
	case errors.As(err, &syntax):
		return fmt.Sprintf("It breaks off or is misspelt at byte %d.", syntax.Offset)
	case errors.As(err, &wrong):
		return fmt.Sprintf("The field %q has the wrong type (%s) at byte %d.",
			wrong.Field, wrong.Value, wrong.Offset)
	case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF):
		return "It is empty or breaks off."
	default:
		return "It has a field that isn't known, or a value that can't be read."
	}
}

// measure bounds what the decoder would allocate: a body of a few megabytes can hold millions of
// empty elements, each of which would become a large structure.
func measure(body []byte) error {
	var inArray [maxNesting + 1]bool
	var atDepth [maxNesting + 1]int
	depth, elements := 0, 0
	quoted := false
	for i := 0; i < len(body); i++ {
		c := body[i]
		if quoted {
			switch c {
			case '\\':
				i++
			case '"':
				quoted = false
			}
			continue
		}
		switch c {
		case '"':
			quoted = true
		case '[', '{':
			if depth++; depth > maxNesting {
				return ErrBadJSON.With(fmt.Sprintf("It is nested deeper than %d.", maxNesting))
			}
			inArray[depth] = c == '['
			if c == '[' {
				elements++
				atDepth[depth]++
			}
		case ']', '}':
			depth = max(0, depth-1)
		case ',':
			if inArray[depth] {
				elements++
				atDepth[depth]++
			}
		}
		if elements > maxElements || atDepth[1]+atDepth[2] > maxOuterElements ||
			atDepth[3]+atDepth[4] > maxRowElements {
			return ErrBodyTooLarge.With("Its lists have too many elements.")
		}
	}
	return nil
}
