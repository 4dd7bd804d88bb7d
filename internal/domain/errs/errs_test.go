package errs_test

import (
	"errors"
	"fmt"
	"io"
	"reflect"
	"testing"

	"ticketflow/internal/domain/errs"
)

var (
	errFull  = errs.New(errs.Conflict, "full", "The house is full.")
	errTwins = errs.New(errs.Conflict, "full", "The house is full.")
)

func TestAFailureSaysWhatItIs(t *testing.T) {
	if errFull.Kind() != errs.Conflict || errFull.Code() != "full" ||
		errFull.Text() != "The house is full." || errFull.Detail() != "" ||
		errFull.Error() != "The house is full." || len(errFull.Fields()) != 0 {
		t.Errorf("%#v", errFull)
	}
}

func TestACopyIsStillItsRule(t *testing.T) {
	for name, err := range map[string]error{
		"itself":         errFull,
		"with a detail":  errFull.With("Only the hall."),
		"with a field":   errFull.WithField("left", 0),
		"a copy's copy":  errFull.With("a").WithField("left", 0).With("b"),
		"wrapped":        fmt.Errorf("sell: %w", errFull.With("a")),
		"among others":   errors.Join(io.EOF, errFull.WithField("left", 1)),
		"wrapped deeply": fmt.Errorf("a: %w", fmt.Errorf("b: %w", errFull)),
	} {
		if !errors.Is(err, errFull) || errs.KindOf(err) != errs.Conflict {
			t.Errorf("%s: is %v, kind %v", name, errors.Is(err, errFull), errs.KindOf(err))
		}
		if errors.Is(err, errTwins) {
			t.Errorf("%s is taken for another rule with the same code", name)
		}
		if errors.Is(err, io.ErrUnexpectedEOF) {
			t.Errorf("%s is everything", name)
		}
	}
	if !errors.Is(errFull, errFull.With("a")) {
		t.Error("a rule isn't its own copy")
	}
}

func TestCopiesDontChangeTheRule(t *testing.T) {
	a := errFull.With("Only the hall.").WithField("left", 2)
	b := a.WithField("left", 3).WithField("row", "A")
	if got := a.Error(); got != "The house is full. Only the hall." || a.Text() != errFull.Text() {
		t.Errorf("%q, %q", got, a.Text())
	}
	if !reflect.DeepEqual(a.Fields(), map[string]any{"left": 2}) ||
		!reflect.DeepEqual(b.Fields(), map[string]any{"left": 3, "row": "A"}) ||
		b.Detail() != a.Detail() {
		t.Errorf("%v and %v", a.Fields(), b.Fields())
	}
	if errFull.Detail() != "" || errFull.Fields() != nil {
		t.Errorf("the rule has become %#v", errFull)
	}
}

func TestWhatIsNoRuleIsInternal(t *testing.T) {
	for _, err := range []error{io.EOF, nil, errors.New("database: password=…")} {
		if errs.KindOf(err) != errs.Internal {
			t.Errorf("%v is %v", err, errs.KindOf(err))
		}
	}
}
