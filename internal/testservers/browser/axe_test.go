package browser

import (
	"crypto/sha256"
	"encoding/hex"
	"os"
	"strings"
	"testing"
)

// TestAxeIsThatOfTheRegistry compares the vendored file with the checksum beside it.
func TestAxeIsThatOfTheRegistry(t *testing.T) {
	readme, err := os.ReadFile("axe/README.md")
	if err != nil {
		t.Fatal(err)
	}
	text, err := axeCore()
	if err != nil {
		t.Fatal(err)
	}
	sum := sha256.Sum256([]byte(text))
	line := "| axe.min.js | " + hex.EncodeToString(sum[:]) + " |"
	if !strings.Contains(string(readme), line) {
		t.Errorf("the checksum of axe.min.js is not in axe/README.md: %s", line)
	}
}
