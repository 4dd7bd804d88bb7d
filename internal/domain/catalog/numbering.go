package catalog

import (
	"slices"
	"strconv"
	"strings"
)

// SeatOrder tells in which order the seats of a row get their numbers.
type SeatOrder uint8

// The orders. From is the start of the row and To its end.
const (
	// FromStart numbers from From to To.
	FromStart SeatOrder = iota
	// FromEnd numbers from To to From: the aisle is at To.
	FromEnd
	// CentreOut starts in the middle and goes outwards in turn: the first, third and fifth number
	// towards From, the others towards To. With Start 1 and Step 1 one half is odd, one even.
	CentreOut
	// AislesIn starts at both ends and goes inwards in turn: the first, third and fifth number from
	// From, the others from To.
	AislesIn

	lastSeatOrder = AislesIn
)

// Numbering is the scheme from which the labels of a row are derived. The zero value numbers
// 1, 2, 3 … from From to To.
type Numbering struct {
	Order  SeatOrder
	Start  int    // the first number; 0 means 1
	Step   int    // from number to number, 2 for only odd or even ones; 0 means 1
	Prefix string // written before each number, may be empty
	Skip   []int  // numbers that aren't used, rising
}

// Label is the label of seat i (0 is the seat at From) of a row of so many seats.
func (n Numbering) Label(i, seats int) string {
	number := strconv.Itoa(n.number(n.turn(i, seats)))
	if n.Prefix == "" {
		return number
	}
	return n.Prefix + number
}

// Index is the inverse of Label.
func (n Numbering) Index(label string, seats int) (int, bool) {
	digits, ok := strings.CutPrefix(label, n.Prefix)
	if !ok {
		return 0, false
	}
	number, err := strconv.Atoi(digits)
	if err != nil || number < n.start() || (number-n.start())%n.step() != 0 {
		return 0, false
	}
	turn := (number - n.start()) / n.step()
	for _, s := range n.Skip {
		if s == number {
			return 0, false
		}
		if s < number && n.counts(s) {
			turn--
		}
	}
	if turn >= seats {
		return 0, false
	}
	i := n.seat(turn, seats)
	// "07" and "+7" are numbers, but not labels.
	return i, n.Label(i, seats) == label
}

func (n Numbering) start() int {
	if n.Start == 0 {
		return 1
	}
	return n.Start
}

func (n Numbering) step() int {
	if n.Step == 0 {
		return 1
	}
	return n.Step
}

// counts tells whether the scheme would reach the number if it weren't skipped.
func (n Numbering) counts(number int) bool {
	return number >= n.start() && (number-n.start())%n.step() == 0
}

// number is what is written at the given turn (0 is the first).
func (n Numbering) number(turn int) int {
	number := n.start() + turn*n.step()
	for _, s := range n.Skip {
		if s <= number && n.counts(s) {
			number += n.step()
		}
	}
	return number
}

// turn tells when seat i gets its number; seat is its inverse.
func (n Numbering) turn(i, seats int) int {
	odd := (seats + 1) / 2 // as many seats get the first, third, fifth … number
	switch n.Order {
	case FromEnd:
		return seats - 1 - i
	case CentreOut:
		if i < odd {
			return 2 * (odd - 1 - i)
		}
		return 2*(i-odd) + 1
	case AislesIn:
		if i < odd {
			return 2 * i
		}
		return 2*(seats-1-i) + 1
	default:
		return i
	}
}

func (n Numbering) seat(turn, seats int) int {
	odd := (seats + 1) / 2
	switch {
	case n.Order == FromEnd:
		return seats - 1 - turn
	case n.Order == CentreOut && turn%2 == 0:
		return odd - 1 - turn/2
	case n.Order == CentreOut:
		return odd + turn/2
	case n.Order == AislesIn && turn%2 == 0:
		return turn / 2
	case n.Order == AislesIn:
		return seats - 1 - turn/2
	default:
		return turn
	}
}

func (n Numbering) equal(o Numbering) bool {
	return n.Order == o.Order && n.Start == o.Start && n.Step == o.Step &&
		n.Prefix == o.Prefix && slices.Equal(n.Skip, o.Skip)
}

// rowLetters leaves out I and O, which are taken for 1 and 0.
const rowLetters = "ABCDEFGHJKLMNPQRSTUVWXYZ"

// RowLetters is the label of row i (from 0) in letters: A to H, J to N, P to Z, then AA, AB and so
// on. A negative i has none.
func RowLetters(i int) string {
	if i < 0 {
		return ""
	}
	var out []byte
	for i++; i > 0; i = (i - 1) / len(rowLetters) {
		out = append(out, rowLetters[(i-1)%len(rowLetters)])
	}
	slices.Reverse(out)
	return string(out)
}
