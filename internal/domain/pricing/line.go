package pricing

import (
	"math/bits"

	"ticketflow/internal/domain/money"
)

// Kind tells what a line of a quote is for.
type Kind uint8

// The kinds of lines, in the order in which they stand in a quote.
const (
	Tickets Kind = iota + 1
	GroupDiscount
	VoucherDiscount
	TicketTax // of all lines before, where a quote is told as charges
	TicketFee
	OrderFee
)

// String is the published name of the kind.
func (k Kind) String() string {
	switch k {
	case Tickets:
		return "tickets"
	case GroupDiscount:
		return "group_discount"
	case VoucherDiscount:
		return "voucher"
	case TicketTax:
		return "ticket_tax"
	case TicketFee:
		return "ticket_fee"
	case OrderFee:
		return "order_fee"
	}
	return "unknown"
}

// Line is one line of a quote. Amounts of discounts are negative.
type Line struct {
	Kind     Kind
	Name     string
	Tier     uint8 // whose places it is about, or AllTiers
	Quantity int   // places; 1 for an order fee
	Unit     int64 // the amount for one, if all are the same; otherwise 0
	Amount   int64 // without a tax that is added
	Rate     Tax   // zero if it isn't taxed
	Tax      int64 // contained in the amount, or added to it
	Absorbed bool  // the organiser bears it: nothing of it is in Total
	Total    int64 // what it adds to the price
}

// cost is the line's worth, whoever bears it.
func (l *Line) cost() int64 {
	if l.Rate.Added {
		return l.Amount + l.Tax
	}
	return l.Amount
}

// unit is the amount for one place, where all have the same.
func unit(amount int64, quantity int) int64 {
	if quantity == 0 || amount%int64(quantity) != 0 {
		return 0
	}
	return amount / int64(quantity)
}

// Quote is the price of places, line by line.
type Quote struct {
	Lines []Line
	Total int64 // the sum of the lines' totals
}

// Charges are the lines beyond the plain places, nil if there are none. The tax of the tickets,
// which places don't tell by themselves, has a line of its own for each line of tickets.
func (q *Quote) Charges() (charges []Line) {
	for _, l := range q.Lines {
		if l.Kind != Tickets {
			charges = append(charges, l)
			continue
		}
		if l.Rate == (Tax{}) {
			continue
		}
		charges = append(charges, Line{Kind: TicketTax, Name: l.Rate.Code, Tier: l.Tier,
			Quantity: l.Quantity, Rate: l.Rate, Tax: l.Tax, Total: l.Total - l.Amount})
	}
	return charges
}

// Sum is what charges add to the price of the places.
func Sum(charges []Line) (sum int64) {
	for i := range charges {
		sum += charges[i].Total
	}
	return sum
}

// Split is where the money of an order goes. The three add up to its total.
type Split struct {
	Revenue int64 // of the organiser
	Fees    int64 // for the service, without tax
	Tax     int64 // of tickets and fees
}

// SplitOf tells where a total goes that charges are a part of. Revenue is what is left for the
// organiser, who bears the absorbed fees.
func SplitOf(total int64, charges []Line) Split {
	s := Split{Revenue: total}
	for i := range charges {
		l := &charges[i]
		s.Tax += l.Tax
		if l.Kind == TicketFee || l.Kind == OrderFee {
			s.Fees += l.cost() - l.Tax
		}
	}
	s.Revenue -= s.Tax + s.Fees
	return s
}

// Worth is what each place has cost, with its part of discounts, fees and taxes: what goes back
// when it is returned. All places of a tier have cost the same, but for the units that can't be
// divided, which are the last places'. What is charged for the order as a whole is no place's.
func Worth(charges []Line, places []Place) []int64 {
	worth := make([]int64, len(places))
	for i, p := range places {
		sum, before, all := int64(0), int64(0), int64(0)
		for j, other := range places {
			if other.Tier != p.Tier {
				continue
			}
			sum += other.Price
			all++
			if j < i {
				before++
			}
		}
		for k := range charges {
			if charges[k].Tier == p.Tier {
				sum += charges[k].Total
			}
		}
		worth[i] = sum / all
		if before >= all-sum%all {
			worth[i]++
		}
	}
	return worth
}

// share is a times part, divided by whole, rounded half to even. None of them is negative.
func share(a, part, whole int64) int64 {
	if whole == 0 {
		return 0
	}
	high, low := bits.Mul64(uint64(a), uint64(part))
	n, rest := bits.Div64(high, low, uint64(whole))
	if twice := 2 * rest; twice > uint64(whole) || twice == uint64(whole) && n%2 == 1 {
		n++
	}
	return int64(n)
}

// within tells whether an amount may stand in a line or be a total.
func within(amount int64) bool { return amount >= 0 && amount <= money.MaxMinor }

// of is the tax of an amount, contained in it or on top of it.
func (t Tax) of(amount int64) int64 {
	if t.Added {
		return share(amount, int64(t.Rate), WholePercent)
	}
	return share(amount, int64(t.Rate), WholePercent+int64(t.Rate))
}
