package redis

import "ticketflow/internal/domain/ident"

// maxLockNumber bounds what a server may say, so that a ledger that counts on from there stays
// within 32 bits, signed ones too: nobody takes a billion locks of one event.
const maxLockNumber = 1 << 30

// vote is what one master says to a request for a lock.
type vote struct {
	number  int64 // of the lock that it has given; 0 is a refusal
	claims  []claim
	unknown bool // no answer
}

// claim says whose a place is, on one master. index is the place's in the request.
type claim struct {
	index  int
	holder ident.Key
}

// verdict is what the masters say together. Its zero value is that they can't tell.
type verdict struct {
	number uint32 // of the lock, if it is given
	taken  []int  // indices of places that somebody else has
}

// count makes a verdict of the masters' votes. A lock is given by most of the masters, and its
// number is the largest of theirs. A place is taken if most of the masters name the same holder:
// if several came at the same instant and each got some of the masters, nobody has it, and the
// ledger decides.
func count(votes []vote) verdict {
	quorum := len(votes)/2 + 1
	given, number := 0, int64(0)
	names := make(map[claim]int)
	for _, v := range votes {
		switch {
		case v.unknown:
		case v.number > 0:
			given++
			number = max(number, v.number)
		default:
			for _, c := range v.claims {
				names[c]++
			}
		}
	}
	if given >= quorum {
		if number > maxLockNumber {
			return verdict{}
		}
		return verdict{number: uint32(number)}
	}
	var taken []int
	for c, n := range names {
		if n >= quorum {
			taken = append(taken, c.index)
		}
	}
	return verdict{taken: taken}
}
