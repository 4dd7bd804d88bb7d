package main

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"ticketflow/internal/terminal"
)

type paymentsCommand struct {
	Reconcile reconcileCommand `cmd:"" help:"Compare a gateway's book with ours."`
	Open      openCommand      `cmd:"" help:"List the money that somebody must look at."`
	Replay    replayCommand    `cmd:"" help:"Apply a kept message of a gateway once more."`
	Return    returnCommand    `cmd:"" help:"Send a payment in quarantine back to the buyer."`
}

// Help implements kong.HelpProvider.
func (c *paymentsCommand) Help() string {
	return `Asks a running box office; the organisers' key is read from TICKETFLOW_API_KEY.

Examples:

    ticketflow payments open
    ticketflow payments reconcile simpay --server https://tickets.example.org
    ticketflow payments replay simpay msg_1`
}

type reconcileCommand struct {
	Provider string `arg:"" optional:"" help:"Name of the gateway (default: all that have a book)."`
	officeFlags
}

// reconciliation is both books side by side.
type reconciliation struct {
	Provider string `json:"provider"`
	Equal    bool   `json:"equal"`
	Repaired int    `json:"repaired"`
	Books    []struct {
		Currency string   `json:"currency"`
		Gateway  bookSums `json:"gateway"`
		Office   bookSums `json:"office"`
	} `json:"books"`
	Differing   int `json:"differing"`
	Differences []struct {
		Transaction string `json:"transaction"`
		Key         string `json:"key"`
		What        string `json:"what"`
	} `json:"differences"`
}

type bookSums struct {
	Payments int64 `json:"payments"`
	Captured int64 `json:"captured"`
	Refunded int64 `json:"refunded"`
	Disputed int64 `json:"disputed"`
}

// Run compares the books, and fails if they differ.
func (c *reconcileCommand) Run(ctx context.Context, std streams) error {
	office, err := c.connect()
	if err != nil {
		return err
	}
	names := []string{c.Provider}
	if c.Provider == "" {
		var open openMoney
		if err := office.ask(ctx, http.MethodGet, "/v1/payments/open", nil, &open); err != nil {
			return err
		}
		names = open.Providers
	}
	var all []reconciliation
	for _, name := range names {
		var r reconciliation
		path := "/v1/payments/" + url.PathEscape(name) + "/reconcile"
		err := office.ask(ctx, http.MethodPost, path, nil, &r)
		if told, ok := errors.AsType[*refusal](err); ok && told.Code == "no_statement" &&
			c.Provider == "" {
			continue
		}
		if err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
		all = append(all, r)
	}
	if len(all) == 0 {
		return errors.New("no gateway of this box office has a book to compare with")
	}
	err = c.show(std, all, func(out *strings.Builder) {
		for i := range all {
			all[i].write(out)
		}
	})
	if err == nil && slices.ContainsFunc(all, func(r reconciliation) bool { return !r.Equal }) {
		return errBroken
	}
	return err
}

// write writes both books as a table.
func (r *reconciliation) write(out *strings.Builder) {
	verdict := "the books are equal"
	if !r.Equal {
		verdict = "THE BOOKS DIFFER"
	}
	fmt.Fprintf(out, "%s: %s\n", r.Provider, verdict)
	for _, b := range r.Books {
		rows := [][]string{{b.Currency, "gateway", "box office", "difference"},
			{"payments", terminal.Grouped(b.Gateway.Payments),
				terminal.Grouped(b.Office.Payments),
				terminal.Grouped(b.Gateway.Payments - b.Office.Payments)}}
		for _, of := range []struct {
			name         string
			theirs, ours int64
		}{
			{"captured", b.Gateway.Captured, b.Office.Captured},
			{"refunded", b.Gateway.Refunded, b.Office.Refunded},
			{"disputed", b.Gateway.Disputed, b.Office.Disputed},
		} {
			rows = append(rows, []string{of.name, decimal(of.theirs, b.Currency),
				decimal(of.ours, b.Currency), decimal(of.theirs-of.ours, b.Currency)})
		}
		out.WriteByte('\n')
		terminal.Align(out, rows, "lrrr")
	}
	if r.Repaired > 0 {
		fmt.Fprintf(out, "\n%d payments or refunds were missing here and have been added.\n",
			r.Repaired)
	}
	if r.Differing > 0 {
		rows := [][]string{{"payment", "what differs"}}
		for _, d := range r.Differences {
			rows = append(rows, []string{legible(d.Transaction), legible(d.What)})
		}
		fmt.Fprintf(out, "\n%d payments differ", r.Differing)
		if r.Differing > len(r.Differences) {
			fmt.Fprintf(out, ", the first %d are", len(r.Differences))
		}
		out.WriteString(":\n")
		terminal.Align(out, rows, "ll")
	}
	out.WriteByte('\n')
}

type openCommand struct{ officeFlags }

// openMoney is what somebody has to look at.
type openMoney struct {
	Providers []string `json:"providers"`
	Notices   []struct {
		Provider string    `json:"provider"`
		Notice   string    `json:"notice"`
		Event    string    `json:"event,omitempty"`
		At       time.Time `json:"at"`
		Why      string    `json:"why"`
		Message  string    `json:"message"`
		Next     string    `json:"next"`
	} `json:"notices"`
	Quarantined []struct {
		Provider    string    `json:"provider"`
		Transaction string    `json:"transaction"`
		Order       string    `json:"order"`
		Amount      amount    `json:"amount"`
		CapturedAt  time.Time `json:"captured_at"`
		Next        string    `json:"next"`
	} `json:"quarantined"`
	Failed  []openRefund `json:"failed"`
	Waiting []openRefund `json:"waiting"`
	More    bool         `json:"more"`
}

type openRefund struct {
	ID          string    `json:"id"`
	Order       string    `json:"order"`
	Amount      amount    `json:"amount"`
	Reason      string    `json:"reason"`
	State       string    `json:"state"`
	Provider    string    `json:"provider"`
	Retries     int       `json:"retries,omitempty"`
	RequestedAt time.Time `json:"requested_at"`
	Next        string    `json:"next"`
}

// Run lists what is open. It is no failure that there is something.
func (c *openCommand) Run(ctx context.Context, std streams) error {
	office, err := c.connect()
	if err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(ctx, officeTimeout)
	defer cancel()
	var open openMoney
	if err := office.ask(ctx, http.MethodGet, "/v1/payments/open", nil, &open); err != nil {
		return err
	}
	return c.show(std, open, open.write)
}

func (o *openMoney) write(out *strings.Builder) {
	list := func(title string, of int, row func(i int) (what, amount string, at time.Time,
		next string)) {
		if of == 0 {
			return
		}
		fmt.Fprintf(out, "%s: %d\n", title, of)
		for i := range of {
			what, amount, at, next := row(i)
			fmt.Fprintf(out, "  %s  %s  %s\n      %s\n", at.UTC().Format(time.DateTime),
				legible(what), amount, legible(next))
		}
		out.WriteByte('\n')
	}
	list("messages that can't be applied", len(o.Notices),
		func(i int) (string, string, time.Time, string) {
			n := o.Notices[i]
			return n.Provider + " " + n.Notice, n.Why, n.At, n.Next
		})
	list("payments in quarantine", len(o.Quarantined),
		func(i int) (string, string, time.Time, string) {
			p := o.Quarantined[i]
			return p.Provider + " " + p.Transaction + " for " + p.Order, p.Amount.String(),
				p.CapturedAt, p.Next
		})
	ofRefunds := func(refunds []openRefund) func(int) (string, string, time.Time, string) {
		return func(i int) (string, string, time.Time, string) {
			r := refunds[i]
			return r.ID, r.Amount.String(), r.RequestedAt, r.Next
		}
	}
	list("refunds that have failed", len(o.Failed), ofRefunds(o.Failed))
	list("refunds that wait for long", len(o.Waiting), ofRefunds(o.Waiting))
	switch {
	case out.Len() == 0:
		out.WriteString("Nothing is open.\n")
	case o.More:
		out.WriteString("There is more of a kind than is listed here.\n")
	}
}

type replayCommand struct {
	Provider string `arg:"" help:"Name of the gateway."`
	Notice   string `arg:"" help:"The gateway's name of the message."`
	officeFlags
}

// Run replays a message, and fails if it still can't be applied.
func (c *replayCommand) Run(ctx context.Context, std streams) error {
	office, err := c.connect()
	if err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(ctx, officeTimeout)
	defer cancel()
	var taken struct {
		Result string `json:"result"`
	}
	path := "/v1/notices/" + url.PathEscape(c.Provider) + "/" + url.PathEscape(c.Notice) +
		"/replay"
	if err := office.ask(ctx, http.MethodPost, path, nil, &taken); err != nil {
		return err
	}
	err = c.show(std, taken, func(out *strings.Builder) {
		text := "The message was applied: " + taken.Result + "."
		switch taken.Result {
		case "kept":
			text = "The message still can't be applied; it is kept."
		case "known":
			text = "The message was applied before; nothing has changed."
		}
		out.WriteString(text + "\n")
	})
	if err == nil && taken.Result == "kept" {
		return errBroken
	}
	return err
}

type returnCommand struct {
	Provider    string `arg:"" help:"Name of the gateway."`
	Transaction string `arg:"" help:"The gateway's name of the payment."`
	officeFlags
}

// Run returns a payment.
func (c *returnCommand) Run(ctx context.Context, std streams) error {
	office, err := c.connect()
	if err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(ctx, officeTimeout)
	defer cancel()
	var back struct {
		Provider    string `json:"provider"`
		Transaction string `json:"transaction"`
		Use         string `json:"use"`
		Amount      amount `json:"amount"`
		Refunded    amount `json:"refunded"`
	}
	path := "/v1/payments/" + url.PathEscape(c.Provider) + "/" + url.PathEscape(c.Transaction) +
		"/return"
	if err := office.ask(ctx, http.MethodPost, path, nil, &back); err != nil {
		return err
	}
	return c.show(std, back, func(out *strings.Builder) {
		fmt.Fprintf(out, "%s goes back to the buyer.\n", back.Refunded)
	})
}
