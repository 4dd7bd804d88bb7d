package policy

import "sync/atomic"

// AllTaken are all results of news.
var AllTaken = []Taken{TakenPaid, TakenLate, TakenBack, TakenKnown, TakenNoted, TakenDoubtful,
	TakenKept, TakenIgnored}

// counts counts news by what became of them.
type counts struct {
	paid, late, back, known, noted, doubtful, kept, ignored, failed atomic.Int64
}

// Count is how many news had a result, since the start.
func (c *Cashier) Count(t Taken) int64 { return c.counts.of(t).Load() }

func (c *Cashier) count(t Taken) Taken {
	c.counts.of(t).Add(1)
	return t
}

func (n *counts) of(t Taken) *atomic.Int64 {
	switch t {
	case TakenPaid:
		return &n.paid
	case TakenLate:
		return &n.late
	case TakenBack:
		return &n.back
	case TakenKnown:
		return &n.known
	case TakenNoted:
		return &n.noted
	case TakenDoubtful:
		return &n.doubtful
	case TakenKept:
		return &n.kept
	case TakenIgnored:
		return &n.ignored
	}
	return &n.failed
}
