package main

import (
	"fmt"
	"os"
	"testing"

	"ticketflow/internal/rush"
)

// crowdVariable names another crowd for the sales into whose middle a fault falls: what they do,
// how many they are and how many places there are, for instance "stampede 10000 80000".
const crowdVariable = "TICKETFLOW_TEST_CROWD"

// crowd is a small sale, or what the environment says.
func crowd(t *testing.T) rush.Config {
	t.Helper()
	sale, text := small, os.Getenv(crowdVariable)
	if text == "" {
		return sale
	}
	if _, err := fmt.Sscan(text, &sale.Scenario, &sale.Buyers, &sale.Places); err != nil {
		t.Fatalf("%s: %v", crowdVariable, err)
	}
	return sale
}

// aWhile is how many orders a sale has when something happens to it.
func aWhile(sale rush.Config) int { return sale.Places / 8 }
