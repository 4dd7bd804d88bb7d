package simpay

import (
	"encoding/json"
	"slices"
	"strconv"
	"time"

	"ticketflow/internal/app/payment"
	"ticketflow/internal/app/stdwebhook"
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

func parseNotice(body []byte) (n payment.Notice, ok bool) {
	var doc struct {
		Type      string    `json:"type"`
		Timestamp time.Time `json:"timestamp"`
		Data      struct {
			Payment   string `json:"payment"`
			Key       string `json:"key"`
			Amount    int64  `json:"amount"`
			Currency  string `json:"currency"`
			Refund    string `json:"refund"`
			RefundKey string `json:"refund_key"`
		} `json:"data"`
	}
	if json.Unmarshal(body, &doc) != nil {
		return n, false
	}
	kind := slices.IndexFunc(noticeKinds[:], func(k noticeText) bool { return k.name == doc.Type })
	if kind < 0 {
		return n, false
	}
	n.Subject, n.State = noticeKinds[kind].subject, noticeKinds[kind].state
	currency, err := money.ParseCurrency(doc.Data.Currency)
	if err != nil {
		return n, false
	}
	if n.Amount, err = money.New(doc.Data.Amount, currency); err != nil {
		return n, false
	}
	var id [transactionBytes]byte
	if ident.Decode("spy", doc.Data.Payment, id[:]) != nil || !validKey(doc.Data.Key) ||
		(n.Subject == payment.OfPayment) != (doc.Data.Refund == "") ||
		doc.Data.RefundKey != "" &&
			(n.Subject != payment.OfRefund || !validKey(doc.Data.RefundKey)) {
		return n, false
	}
	n.Transaction, n.Key = doc.Data.Payment, doc.Data.Key
	n.Refund, n.RefundKey = doc.Data.Refund, doc.Data.RefundKey
	n.At = doc.Timestamp
	return n, true
}
