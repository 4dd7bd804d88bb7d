package main

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"time"

	"golang.org/x/time/rate"

	"ticketflow/internal/terminal"
)

type refundEventCommand struct {
	Event string  `help:"Identifier of the cancelled event (default: none, it must be given)." required:"" placeholder:"evt_1"`
	Rate  float64 `help:"Orders to refund in a second: what your gateway takes." default:"20" placeholder:"N"`
	Block bool    `help:"Keep the places off sale."`
	officeFlags
}

// Help implements kong.HelpProvider.
func (c *refundEventCommand) Help() string {
	return `Gives the buyers of a cancelled event their money back. Each order is refunded once,
however often you run it: after Ctrl-C, or a failure, run it again. Orders with used tickets are
left alone and listed. The organisers' key is read from TICKETFLOW_API_KEY. It ends with status
1 unless all orders were dealt with.

Examples:

    ticketflow refund-event --event evt_1
    ticketflow refund-event --event evt_1 --rate 5 --json`
}

const (
	maxRefundPage  = 200
	maxRefundRate  = 10_000
	patience       = 30 // times that a page is asked for again
	refundDuration = 2 * time.Minute
)

// refundReport is what came of refunding an event.
type refundReport struct {
	Event     string      `json:"event"`
	Finished  bool        `json:"finished"`
	Stopped   string      `json:"stopped,omitempty"` // why, unless it is finished
	Orders    int         `json:"refunded_orders"`
	Tickets   int         `json:"refunded_tickets"`
	Sums      []amount    `json:"refunded"`
	LeftAlone []leftOrder `json:"left_alone"`
	Failed    []leftOrder `json:"failed"`
	Seconds   float64     `json:"seconds"`
}

type leftOrder struct {
	Order   string `json:"order"`
	Tickets int    `json:"tickets"`
	Code    string `json:"code"`
	Text    string `json:"text"`
}

// refundPage is what became of one page of orders.
type refundPage struct {
	Done []struct {
		Order   string `json:"order"`
		Amount  amount `json:"amount"`
		Tickets int    `json:"tickets"`
	} `json:"done"`
	LeftAlone []leftOrder `json:"left_alone"`
	Failed    []leftOrder `json:"failed"`
	Next      string      `json:"next"`
}

// Run refunds, page by page.
func (c *refundEventCommand) Run(ctx context.Context, std streams) error {
	if c.Rate <= 0 || c.Rate > maxRefundRate {
		return fmt.Errorf("--rate must be more than 0, and %d at most", maxRefundRate)
	}
	office, err := c.connect()
	if err != nil {
		return err
	}
	var sales struct {
		Sold int `json:"sold"`
	}
	path := "/v1/events/" + url.PathEscape(c.Event)
	if err := office.ask(ctx, http.MethodGet, path+"/sales", nil, &sales); err != nil {
		return err
	}
	began := time.Now()
	run := &refundRun{refundEventCommand: c, office: office, path: path + "/refunds",
		std: std, live: terminal.IsLive(std.err), sold: sales.Sold,
		report: refundReport{Event: c.Event, Sums: []amount{}, LeftAlone: []leftOrder{},
			Failed: []leftOrder{}}}
	err = run.pages(ctx)
	r := &run.report
	r.Seconds = time.Since(began).Seconds()
	if err != nil && run.asked == 0 {
		return err // nothing was begun, so there is nothing to report
	}
	if err != nil {
		r.Stopped = err.Error()
	}
	r.Finished = err == nil
	if err := c.show(std, r, r.write); err != nil {
		return err
	}
	if !r.Finished || len(r.Failed) > 0 {
		return errBroken
	}
	return nil
}

// refundRun is one run of the command.
type refundRun struct {
	*refundEventCommand
	office *officeClient
	path   string
	std    streams
	live   bool
	sold   int // tickets of paid orders at the start
	asked  int // pages that were answered
	seen   int // tickets of orders that were dealt with
	report refundReport
}

var errInterrupted = errors.New("interrupted; run the same command again to go on")

// pages refunds one page after the other. An interruption waits for the page under way, so that
// the report tells all that was done.
func (r *refundRun) pages(ctx context.Context) error {
	size := min(max(int(r.Rate), 1), maxRefundPage)
	limiter := rate.NewLimiter(rate.Limit(r.Rate), size)
	after := ""
	defer func() {
		if r.live && r.asked > 0 {
			_, _ = fmt.Fprintln(r.std.err)
		}
	}()
	for {
		if limiter.WaitN(ctx, size) != nil || ctx.Err() != nil {
			return errInterrupted
		}
		page, err := r.page(ctx, size, after)
		if err != nil {
			return err
		}
		r.asked++
		r.take(page)
		if page.Next == "" {
			return nil
		}
		after = page.Next
	}
}

// page asks for one page, and again while the trouble may pass: no order is refunded twice.
func (r *refundRun) page(ctx context.Context, size int, after string) (*refundPage, error) {
	body := map[string]any{"limit": size, "block": r.Block}
	if after != "" {
		body["after"] = after
	}
	for tries := 1; ; tries++ {
		limited, cancel := context.WithTimeout(context.WithoutCancel(ctx), refundDuration)
		var page refundPage
		err := r.office.ask(limited, http.MethodPost, r.path, body, &page)
		cancel()
		if err == nil {
			return &page, nil
		}
		wait := time.Second
		if told, ok := errors.AsType[*refusal](err); ok {
			wait = told.after
		}
		if wait == 0 || tries == patience {
			return nil, err
		}
		again := time.NewTimer(wait)
		select {
		case <-ctx.Done():
			again.Stop()
			return nil, errInterrupted
		case <-again.C:
		}
	}
}

func (r *refundRun) take(page *refundPage) {
	to := &r.report
	for _, o := range page.Done {
		to.Orders++
		to.Tickets += o.Tickets
		r.seen += o.Tickets
		to.add(o.Amount)
	}
	for _, o := range append(page.LeftAlone, page.Failed...) {
		r.seen += o.Tickets
	}
	to.LeftAlone = append(to.LeftAlone, page.LeftAlone...)
	to.Failed = append(to.Failed, page.Failed...)
	share := 1.0
	if page.Next != "" {
		share = float64(r.seen) / float64(max(r.sold, 1))
	}
	terminal.Line(r.std.err, r.live, fmt.Sprintf("%s   %d orders, %d tickets refunded   "+
		"left alone %d   failed %d", terminal.Bar(r.live, share), to.Orders, to.Tickets,
		len(to.LeftAlone), len(to.Failed)))
}

func (r *refundReport) add(a amount) {
	for i := range r.Sums {
		if r.Sums[i].Currency == a.Currency {
			r.Sums[i].Amount += a.Amount
			return
		}
	}
	r.Sums = append(r.Sums, a)
}

func (r *refundReport) write(out *strings.Builder) {
	ended := "finished"
	if !r.Finished {
		ended = "NOT FINISHED: " + legible(r.Stopped)
	}
	rows := [][]string{{"event", legible(r.Event)},
		{"refunded orders", terminal.Grouped(int64(r.Orders))},
		{"refunded tickets", terminal.Grouped(int64(r.Tickets))}}
	for _, sum := range r.Sums {
		rows = append(rows, []string{"sum", sum.String()})
	}
	rows = append(rows, []string{"left alone", terminal.Grouped(int64(len(r.LeftAlone)))},
		[]string{"failed", terminal.Grouped(int64(len(r.Failed)))}, []string{"ended", ended})
	terminal.Align(out, rows, "ll")
	for _, list := range []struct {
		title  string
		orders []leftOrder
	}{{"left alone", r.LeftAlone}, {"failed", r.Failed}} {
		if len(list.orders) == 0 {
			continue
		}
		rows := [][]string{{list.title, "tickets", "why"}}
		for _, o := range list.orders {
			rows = append(rows, []string{legible(o.Order), terminal.Grouped(int64(o.Tickets)),
				legible(o.Text)})
		}
		out.WriteByte('\n')
		terminal.Align(out, rows, "lrl")
	}
}
