package simpay

import (
	"math"
	"slices"
	"strconv"
	"time"

	"ticketflow/internal/app/payment"
	"ticketflow/internal/app/stdwebhook"
	"ticketflow/internal/app/strictjson"
	"ticketflow/internal/domain/ident"
	"ticketflow/internal/domain/money"
)

const maxNoticeBytes = 4096

// noticeID is the webhook's id: the same in every repetition, another one for each change.
func (p parcel) appendNoticeID(dst []byte) []byte {
	dst = append(dst, "msg_"...)
	dst = append(dst, p.entry.transaction()[len("spy_"):]...)
	dst = append(dst, '_')
	return strconv.AppendInt(dst, int64(p.number()), 10)
}

// appendBody writes the webhook's JSON. Nothing in it needs quoting: validKey saw to that.
func (p parcel) appendBody(dst []byte) []byte {
	amount, at := p.entry.amount.Minor(), p.entry.at
	if p.change != nil {
		amount, at = p.change.amount, p.change.at
	}
	kind := noticeKinds[p.kind()]
	dst = append(append(dst, `{"type":"`...), kind.name...)
	dst = append(dst, `","timestamp":"`...)
	dst = time.UnixMilli(at).UTC().AppendFormat(dst, "2006-01-02T15:04:05.000Z")
	dst = append(append(dst, `","data":{"payment":"`...), p.entry.transaction()...)
	dst = append(append(dst, `","key":"`...), p.entry.key...)
	dst = strconv.AppendInt(append(dst, `","amount":`...), amount, 10)
	currency := p.entry.amount.Currency()
	dst = append(append(dst, `,"currency":"`...), currency[:]...)
	switch kind.subject {
	case payment.OfRefund:
		r := p.change.refund
		dst = append(append(dst, `","refund":"`...), p.entry.refundID(r.number)...)
		if r.key != "" {
			dst = append(append(dst, `","refund_key":"`...), r.key...)
		}
	case payment.OfDispute:
		dst = append(append(dst, `","refund":"`...), p.entry.disputeID(p.change.dispute.number)...)
	case payment.OfPayment:
	}
	return append(dst, `"}}`...)
}

// readNotice verifies a webhook and reads it. The failure is payment.ErrNotice.
func readNotice(v *stdwebhook.Verifier, header map[string][]string, body []byte, now time.Time) (
	payment.Notice, error,
) {
	if len(body) > maxNoticeBytes {
		return payment.Notice{}, payment.ErrNotice.With("It is too long.")
	}
	h, err := stdwebhook.ReadHeaders(header)
	if err != nil {
		return payment.Notice{}, payment.ErrNotice.With(err.Error())
	}
	if err := v.Verify(h, body, now); err != nil {
		return payment.Notice{}, payment.ErrNotice.With(err.Error())
	}
	n, ok := parseNotice(body)
	if !ok {
		return payment.Notice{}, payment.ErrNotice.With("Its content can't be read.")
	}
	n.Provider, n.NoticeID = Provider, h.ID
	return n, nil
}

// slip is a webhook's body, read.
type slip struct {
	kind, payment, key, currency, refund, refundKey string

	amount int64
	at     time.Time
}

var (
	slipFields = []string{"type", "timestamp", "data"}
	dataFields = []string{"amount", "payment", "key", "currency", "refund", "refund_key"}
)

// The members that every body has, as bits: all of the slip's, and the first four of its data's.
const slipNeeds, dataNeeds = 1<<3 - 1, 1<<4 - 1

// readSlip reads a body as appendBody writes it.
func readSlip(body []byte) (s slip, ok bool) {
	r := strictjson.NewReader(body)
	texts := [...]*string{&s.payment, &s.key, &s.currency, &s.refund, &s.refundKey}
	var data uint32
	seen := r.Object(slipFields, func(field int) {
		switch field {
		case 0:
			s.kind = r.Text(maxNoticeBytes)
		case 1:
			var err error
			if s.at, err = time.Parse(time.RFC3339, r.Text(maxNoticeBytes)); err != nil {
				r.Refuse("must be a time.")
			}
		case 2:
			data = r.Object(dataFields, func(field int) {
				if field == 0 {
					s.amount = int64(r.Uint(math.MaxInt64))
					return
				}
				*texts[field-1] = r.Text(maxNoticeBytes)
			})
		}
	})
	return s, r.End() == nil && seen == slipNeeds && data&dataNeeds == dataNeeds
}

func parseNotice(body []byte) (n payment.Notice, ok bool) {
	doc, ok := readSlip(body)
	if !ok {
		return n, false
	}
	kind := slices.IndexFunc(noticeKinds[:], func(k noticeText) bool { return k.name == doc.kind })
	if kind < 0 {
		return n, false
	}
	n.Subject, n.State = noticeKinds[kind].subject, noticeKinds[kind].state
	currency, err := money.ParseCurrency(doc.currency)
	if err != nil {
		return n, false
	}
	if n.Amount, err = money.New(doc.amount, currency); err != nil {
		return n, false
	}
	var id [transactionBytes]byte
	if ident.Decode("spy", doc.payment, id[:]) != nil || !validKey(doc.key) ||
		(n.Subject == payment.OfPayment) != (doc.refund == "") ||
		doc.refundKey != "" &&
			(n.Subject != payment.OfRefund || !validKey(doc.refundKey)) {
		return n, false
	}
	n.Transaction, n.Key = doc.payment, doc.key
	n.Refund, n.RefundKey = doc.refund, doc.refundKey
	n.At = doc.at
	return n, true
}
