package simpay

import (
	"encoding/json"
	"strconv"
	"time"

	"ticketflow/internal/app/payment"
	"ticketflow/internal/app/stdwebhook"
	"ticketflow/internal/domain/ident"
	"ticketflow/internal/domain/money"
)

// The types of webhooks.
const (
	typeSucceeded = "payment.succeeded"
	typeDeclined  = "payment.declined"
	typeRefunded  = "refund.succeeded"

	maxNoticeBytes = 4096
)

// noticeID is the webhook's id: the same in every repetition, another one for each change.
func (p parcel) appendNoticeID(dst []byte) []byte {
	dst = append(dst, "msg_"...)
	dst = append(dst, p.entry.transaction()[len("spy_"):]...)
	dst = append(dst, '_')
	return strconv.AppendInt(dst, int64(p.number()), 10)
}

// appendBody writes the webhook's JSON. Nothing in it needs quoting: validKey saw to that.
func (p parcel) appendBody(dst []byte) []byte {
	kind, amount, at := typeSucceeded, p.entry.amount.Minor(), p.entry.at
	if p.entry.state == payment.Declined {
		kind = typeDeclined
	}
	if p.refund != nil {
		kind, amount, at = typeRefunded, p.refund.amount, p.refund.at
	}
	dst = append(append(dst, `{"type":"`...), kind...)
	dst = append(dst, `","timestamp":"`...)
	dst = time.UnixMilli(at).UTC().AppendFormat(dst, "2006-01-02T15:04:05.000Z")
	dst = append(append(dst, `","data":{"payment":"`...), p.entry.transaction()...)
	dst = append(append(dst, `","key":"`...), p.entry.key...)
	dst = strconv.AppendInt(append(dst, `","amount":`...), amount, 10)
	currency := p.entry.amount.Currency()
	dst = append(append(dst, `,"currency":"`...), currency[:]...)
	if p.refund != nil {
		dst = append(append(dst, `","refund":"`...), p.entry.refundID(p.refund.number)...)
		dst = append(append(dst, `","refund_key":"`...), p.refund.key...)
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
	switch doc.Type {
	case typeSucceeded:
		n.State = payment.Paid
	case typeDeclined:
		n.State = payment.Declined
	case typeRefunded:
		n.Subject, n.State = payment.OfRefund, payment.Refunded
	default:
		return n, false
	}
	currency, err := money.ParseCurrency(doc.Data.Currency)
	if err != nil {
		return n, false
	}
	if n.Amount, err = money.New(doc.Data.Amount, currency); err != nil {
		return n, false
	}
	var id [transactionBytes]byte
	if ident.Decode("spy", doc.Data.Payment, id[:]) != nil || !validKey(doc.Data.Key) ||
		(n.Subject == payment.OfRefund) != (doc.Data.RefundKey != "") ||
		(n.Subject == payment.OfRefund) != (doc.Data.Refund != "") {
		return n, false
	}
	n.Transaction, n.Key = doc.Data.Payment, doc.Data.Key
	n.Refund, n.RefundKey = doc.Data.Refund, doc.Data.RefundKey
	n.At = doc.Timestamp
	return n, true
}
