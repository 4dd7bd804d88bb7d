package simpay

import (
	"crypto/rand"
	"testing"
)

func openTestBook(t testing.TB, path string) *book {
	t.Helper()
	b, err := openBook(path, rand.Reader, maxPayments)
	if err != nil {
		t.Fatal(err)
	}
	return b
}
