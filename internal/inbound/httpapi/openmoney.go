package httpapi

import (
	"context"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"ticketflow/internal/app/policy"
	"ticketflow/internal/app/query"
	"ticketflow/internal/domain/booking"
	"ticketflow/internal/inbound/forms"
)

// KeptNotice is a gateway's message that couldn't be applied.
type KeptNotice struct {
	Provider string    `json:"provider" example:"simpay"`
	Notice   string    `json:"notice" example:"msg_1" doc:"The gateway's name of the message"`
	Event    string    `json:"event,omitempty" example:"evt_1" doc:"Absent if its order is none of ours"`
	At       time.Time `json:"at"`
	Why      string    `json:"why" example:"payment_not_found" doc:"Code of the failure"`
	Message  string    `json:"message" example:"{\"notice\":\"msg_1\"}" doc:"What it says, cut off after 4,000 characters"`
	Next     string    `json:"next" doc:"What to do"`
}

// OpenPayment is a payment in quarantine.
type OpenPayment struct {
	Captured
	Next string `json:"next" doc:"What to do"`
}

// OpenRefund is a refund that somebody should look after.
type OpenRefund struct {
	Refund
	Next string `json:"next" doc:"What to do"`
}

// OpenMoney is the money that somebody has to look at, the oldest first.
type OpenMoney struct {
	Providers   []string      `json:"providers" nullable:"false" example:"[\"simpay\"]" doc:"Names of the gateways that payments are taken through"`
	Notices     []KeptNotice  `json:"notices" nullable:"false" doc:"Messages that couldn't be applied"`
	Quarantined []OpenPayment `json:"quarantined" nullable:"false" doc:"Payments that aren't what was ordered"`
	Failed      []OpenRefund  `json:"failed" nullable:"false" doc:"Refunds that a gateway has refused for certain"`
	Waiting     []OpenRefund  `json:"waiting" nullable:"false" doc:"Refunds that have been on their way for an hour or more, and those that staff pay out"`
	More        bool          `json:"more" doc:"There is more of a kind than the 100 that are listed"`
}

// Limits of the list of open money.
const (
	maxOpen         = 100
	maxRequested    = 1_000 // refunds on their way, among which those that wait are looked for
	maxShownMessage = 4_000
)

type openMoneyOutput struct{ Body OpenMoney }

// readOpenMoney answers GET /v1/payments/open.
func (s *Server) readOpenMoney(ctx context.Context, _ *struct{}) (*openMoneyOutput, error) {
	shown := OpenMoney{Providers: s.gateways.Names(), Notices: []KeptNotice{},
		Quarantined: []OpenPayment{}}
	kept, err := s.open.KeptNotices(ctx, time.Time{}, maxOpen+1)
	if err != nil {
		return nil, err
	}
	for i := range cut(&shown.More, kept) {
		shown.Notices = append(shown.Notices, noticeOf(&kept[i]))
	}
	doubtful, err := s.open.DoubtfulPayments(ctx, maxOpen+1)
	if err != nil {
		return nil, err
	}
	for i := range cut(&shown.More, doubtful) {
		p := capturedOf(&doubtful[i], true)
		shown.Quarantined = append(shown.Quarantined, OpenPayment{p, "Compare it with the " +
			"order. If it isn't the buyer's debt, give it back: " +
			action("/v1/payments", p.Provider, p.Transaction, "return")})
	}
	now := s.clock()
	failed, err := s.open.OpenRefunds(ctx, booking.RefundFailed, now.Add(time.Second), maxOpen+1)
	if err != nil {
		return nil, err
	}
	shown.Failed = openRefundsOf(cut(&shown.More, failed))
	waiting, err := s.open.OpenRefunds(ctx, booking.RefundRequested, now.Add(time.Second),
		maxRequested)
	if err != nil {
		return nil, err
	}
	shown.More = shown.More || len(waiting) == maxRequested
	waiting = slices.DeleteFunc(waiting, func(r booking.Refund) bool {
		return r.Payment.Provider != booking.StaffProvider &&
			now.Sub(r.RequestedAt) < policy.LongRefund
	})
	shown.Waiting = openRefundsOf(cut(&shown.More, waiting))
	return &openMoneyOutput{shown}, nil
}

// cut leaves what one list shows.
func cut[T any](more *bool, rows []T) []T {
	if len(rows) > maxOpen {
		*more = true
		return rows[:maxOpen]
	}
	return rows
}

func openRefundsOf(rows []booking.Refund) []OpenRefund {
	list := make([]OpenRefund, len(rows))
	for i := range rows {
		list[i] = openRefundOf(&rows[i])
	}
	return list
}

func openRefundOf(r *booking.Refund) OpenRefund {
	shown := OpenRefund{Refund: refundOf(r, true)}
	settle := "pay it out in another way and say so: " + action("/v1/refunds", shown.ID, "settle")
	switch {
	case r.Payment.Provider == booking.StaffProvider:
		shown.Next = "Staff took this money: " + settle
	case r.State == booking.RefundFailed:
		shown.Next = "Try it again: " + action("/v1/refunds", shown.ID, "retry") + ", or " + settle
	default:
		shown.Next = "It is asked for again by itself. Look it up at the gateway if it stays."
	}
	return shown
}

func noticeOf(k *query.KeptNotice) KeptNotice {
	shown := KeptNotice{Provider: k.Ref.Provider, Notice: k.Ref.Notice, At: k.At, Why: k.Why,
		Message: k.Payload[:min(len(k.Payload), maxShownMessage)],
		Next: "Find out why it can't be applied, put that right, and replay it: " +
			action("/v1/notices", k.Ref.Provider, k.Ref.Notice, "replay")}
	if k.Ref.Event != 0 {
		shown.Event = k.Ref.Event.String()
	}
	return shown
}

// action names an operation on something.
func action(base string, names ...string) string {
	for i, name := range names {
		names[i] = url.PathEscape(name)
	}
	return http.MethodPost + " " + base + "/" + strings.Join(names, "/")
}

type paymentInput struct {
	Provider    string `path:"provider" example:"simpay" doc:"Name of the payment provider"`
	Transaction string `path:"transaction" example:"spt_1" doc:"The gateway's name of the payment"`
}

type capturedOutput struct{ Body Captured }

// returnPayment answers POST /v1/payments/{provider}/{transaction}/return.
func (s *Server) returnPayment(ctx context.Context, in *paymentInput) (*capturedOutput, error) {
	if !forms.Plain(in.Provider) || !forms.Plain(in.Transaction) {
		return nil, booking.ErrPaymentNotFound
	}
	p, _, err := s.money.Payment(ctx, in.Provider, in.Transaction)
	if err != nil {
		return nil, err
	}
	if err := s.office.ReturnPayment(ctx, p.Ref); err != nil {
		return nil, err
	}
	if p, _, err = s.money.Payment(ctx, in.Provider, in.Transaction); err != nil {
		return nil, err
	}
	return &capturedOutput{capturedOf(&p, true)}, nil
}

type noticeInput struct {
	Provider string `path:"provider" example:"simpay" doc:"Name of the payment provider"`
	Notice   string `path:"notice" example:"msg_1" doc:"The gateway's name of the message"`
}

type takenOutput struct{ Body NoticeTaken }

// replayNotice answers POST /v1/notices/{provider}/{notice}/replay.
func (s *Server) replayNotice(ctx context.Context, in *noticeInput) (*takenOutput, error) {
	if !forms.Plain(in.Provider) || !forms.Plain(in.Notice) {
		return nil, booking.ErrNoticeNotFound
	}
	taken, err := s.cashier.Replay(ctx, in.Provider, in.Notice)
	return &takenOutput{NoticeTaken{string(taken)}}, err
}
