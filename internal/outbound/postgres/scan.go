package postgres

import (
	"encoding/binary"
	"errors"
	"math"
	"strconv"
	"time"

	"ticketflow/internal/app/planfile"
	"ticketflow/internal/domain/booking"
	"ticketflow/internal/domain/catalog"
	"ticketflow/internal/domain/ident"
	"ticketflow/internal/domain/money"
)

// errUnreadable says that a row doesn't hold what this package writes.
var errUnreadable = errors.New("a row can't be read")

// row is a result row in PostgreSQL's binary format; it is valid until the next one is read.
type row [][]byte

func (r row) int(col int) int64 {
	switch v := r[col]; len(v) {
	case 1: // boolean
		return int64(v[0])
	case 2:
		return int64(int16(binary.BigEndian.Uint16(v)))
	case 4:
		return int64(int32(binary.BigEndian.Uint32(v)))
	case 8:
		return int64(binary.BigEndian.Uint64(v))
	default:
		return 0
	}
}

func (r row) text(col int) string    { return string(r[col]) }
func (r row) time(col int) time.Time { return fromMillis(r.int(col)) }

func (r row) duration(col int) time.Duration {
	return time.Duration(r.int(col)) * time.Millisecond
}

func (r row) event(col int) catalog.EventID { return catalog.EventID(r.int(col)) }

func (r row) key(col int) (k ident.Key) {
	copy(k[:], r[col])
	return k
}

func (r row) fingerprint(col int) (f booking.Fingerprint) {
	copy(f[:], r[col])
	return f
}

func (r row) money(amount, currency int) (money.Money, error) {
	c, err := money.ParseCurrency(r.text(currency))
	if err != nil {
		return money.Money{}, err
	}
	return money.New(r.int(amount), c)
}

// lineNumbers is how many numbers stand for one line: place, fence, tier and price.
const lineNumbers = 4

// appendLines writes lines as the text of a bigint[].
func appendLines(out []byte, lines []booking.Line) []byte {
	out = append(out, '{')
	for i, l := range lines {
		if i > 0 {
			out = append(out, ',')
		}
		out = strconv.AppendUint(out, uint64(l.Place), 10)
		out = append(out, ',')
		out = strconv.AppendUint(out, uint64(l.Fence), 10)
		out = append(out, ',')
		out = strconv.AppendUint(out, uint64(l.Tier), 10)
		out = append(out, ',')
		out = strconv.AppendInt(out, l.Price, 10)
	}
	return append(out, '}')
}

var errLines = errors.New("the lines of a row can't be read")

// arrayElement is the length before each element, and a bigint.
const arrayElement = 4 + 8

// lines reads a bigint[] of whole lines, strictly.
func (r row) lines(col int) ([]booking.Line, error) {
	v := r[col]
	if len(v) == 12 && binary.BigEndian.Uint32(v) == 0 {
		return nil, nil
	}
	if len(v) < arrayHeader || binary.BigEndian.Uint32(v) != 1 ||
		binary.BigEndian.Uint32(v[8:]) != oidInt8 {
		return nil, errLines
	}
	n := int(binary.BigEndian.Uint32(v[12:]))
	v = v[arrayHeader:]
	if n%lineNumbers != 0 || len(v) != n*arrayElement {
		return nil, errLines
	}
	lines := make([]booking.Line, n/lineNumbers)
	for i := range lines {
		var numbers [lineNumbers]int64
		for f := range numbers {
			if binary.BigEndian.Uint32(v) != 8 {
				return nil, errLines
			}
			numbers[f] = int64(binary.BigEndian.Uint64(v[4:]))
			v = v[arrayElement:]
		}
		if !inRange(numbers) {
			return nil, errLines
		}
		lines[i] = booking.Line{Place: catalog.PlaceNo(numbers[0]), Fence: uint32(numbers[1]),
			Tier: uint8(numbers[2]), Price: numbers[3]}
	}
	return lines, nil
}

func inRange(n [lineNumbers]int64) bool {
	for i, most := range [lineNumbers]int64{math.MaxUint32, math.MaxUint32, math.MaxUint8,
		money.MaxMinor} {
		if n[i] < 0 || n[i] > most {
			return false
		}
	}
	return true
}

// The scan functions read the columns of statements.go's lists. The event comes first.

func scanSale(r row) booking.Sale {
	return booking.Sale{
		Status:   catalog.Status(r.int(1)),
		Revision: r.int(2),
		Terms: catalog.Terms{
			OpensAt:       r.time(3),
			ClosesAt:      r.time(4),
			MaxPerOrder:   int(r.int(5)),
			MaxPerBuyer:   int(r.int(6)),
			HoldTime:      r.duration(7),
			PayTime:       r.duration(8),
			MaxExtensions: int(r.int(9)),
		},
	}
}

func scanPlace(r row) (booking.PlaceRef, booking.Place) {
	ref := booking.PlaceRef{Event: r.event(0), Place: catalog.PlaceNo(r.int(1))}
	return ref, booking.Place{State: booking.PlaceState(r.int(2)), Holder: r.key(3),
		Fence: uint32(r.int(4)), Until: r.time(5)}
}

func scanHold(r row) (booking.Hold, error) {
	h := booking.Hold{
		ID:         booking.HoldID{Event: r.event(0), Key: r.key(1)},
		State:      booking.HoldState(r.int(2)),
		CreatedAt:  r.time(3),
		ExpiresAt:  r.time(4),
		Extensions: int(r.int(5)),
		Order:      r.key(9),
		Amendments: int(r.int(11)),
	}
	var err error
	if h.Total, err = r.money(6, 7); err != nil {
		return h, err
	}
	if h.Lines, err = r.lines(8); err != nil {
		return h, err
	}
	h.Charges, err = planfile.DecodeCharges(r.text(10))
	return h, err
}

func scanOrder(r row) (booking.Order, error) {
	o := booking.Order{
		ID:          booking.OrderID{Event: r.event(0), Key: r.key(1)},
		Hold:        r.key(2),
		State:       booking.OrderState(r.int(3)),
		PlacedAt:    r.time(4),
		ExpiresAt:   r.time(5),
		PaidAt:      r.time(6),
		Buyer:       booking.Buyer{Name: r.text(10), Email: r.text(11), Language: r.text(19)},
		BuyerHash:   r.fingerprint(12),
		ReturnURL:   r.text(13),
		Provider:    r.text(14),
		Transaction: r.text(15),
		Declined:    int(r.int(16)),
		Voucher:     r.text(18),
	}
	var err error
	if o.Total, err = r.money(7, 8); err != nil {
		return o, err
	}
	if o.Lines, err = r.lines(9); err != nil {
		return o, err
	}
	o.Charges, err = planfile.DecodeCharges(r.text(17))
	return o, err
}

func scanTicket(r row) booking.Ticket {
	t := booking.Ticket{
		ID: booking.TicketID{Event: r.event(0), Place: catalog.PlaceNo(r.int(1)),
			Fence: uint32(r.int(2))},
		Order:  r.key(4),
		State:  booking.TicketState(r.int(5)),
		UsedAt: r.time(6),
		Gate:   r.text(7),

		Transfers: int(r.int(8)),
		Holder:    booking.Holder{Name: r.text(9), Email: r.text(10), Language: r.text(11)},
	}
	copy(t.ID.Secret[:], r[3])
	return t
}

func scanPayment(r row) (booking.Payment, error) {
	p := booking.Payment{
		Ref: booking.PaymentRef{Event: r.event(0), Provider: r.text(1),
			Transaction: r.text(2)},
		Order:      r.key(3),
		CapturedAt: r.time(6),
		Use:        booking.Use(r.int(7)),
		Attempt:    r.text(9),
	}
	var err error
	if p.Amount, err = r.money(4, 5); err != nil {
		return p, err
	}
	p.Refunded, err = money.New(r.int(8), p.Amount.Currency())
	return p, err
}

func scanRefund(r row) (booking.Refund, error) {
	refund := booking.Refund{
		Ref: booking.RefundRef{Event: r.event(0), Key: r.text(1)},
		Payment: booking.PaymentRef{Event: r.event(0), Provider: r.text(2),
			Transaction: r.text(3)},
		Order:       r.key(4),
		Reason:      booking.RefundReason(r.text(7)),
		State:       booking.RefundState(r.int(8)),
		RequestedAt: r.time(9),
		DoneAt:      r.time(10),
		GatewayRef:  r.text(11),
		Retries:     int(r.int(12)),
	}
	var err error
	if refund.Places, err = planfile.DecodePlaces(r.text(13)); err != nil {
		return refund, err
	}
	refund.Amount, err = r.money(5, 6)
	return refund, err
}

func scanNotice(r row) (booking.NoticeRef, booking.Notice) {
	return booking.NoticeRef{Event: r.event(0), Provider: r.text(1), Notice: r.text(2)},
		booking.Notice{State: booking.NoticeState(r.int(3)), At: r.time(4), Payload: r.text(5),
			Why: r.text(6)}
}
