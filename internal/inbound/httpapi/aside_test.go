package httpapi

import (
	"errors"
	"testing"
)

func TestAside(t *testing.T) {
	var ran bool
	aside(func() { ran = true })
	if !ran {
		t.Error("it returned before the end")
	}
	wanted := errors.New("a panic of this test")
	defer func() {
		if got, _ := recover().(error); !errors.Is(got, wanted) {
			t.Errorf("the panic became %v", got)
		}
	}()
	aside(func() { panic(wanted) })
}
