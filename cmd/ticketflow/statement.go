package main

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"unicode"

	"ticketflow/internal/domain/money"
	"ticketflow/internal/terminal"
)

type statementCommand struct {
	Event string `arg:"" help:"Identifier of the event, for instance evt_1."`
	officeFlags
}

// Help implements kong.HelpProvider.
func (c *statementCommand) Help() string {
	return `What an event has earned, from the journal of money, what the gateways have of it, and
what is owed to buyers. The organisers' key is read from TICKETFLOW_API_KEY. It ends with status
1 if the journal doesn't balance, which would be a defect.

Examples:

    ticketflow statement evt_1
    ticketflow statement evt_1 --json --server https://tickets.example.org`
}

// statement is an event's money.
type statement struct {
	Event      string           `json:"event"`
	Currencies []statementLines `json:"currencies"`
}

type statementLines struct {
	Currency    string `json:"currency"`
	Entries     int64  `json:"entries"`
	Sales       int64  `json:"sales"`
	Fees        int64  `json:"fees"`
	Tax         int64  `json:"tax"`
	Refunds     int64  `json:"refunds"`
	Chargebacks int64  `json:"chargebacks"`
	Result      int64  `json:"result"`
	AtGateways  int64  `json:"at_gateways"`
	OwedBuyers  int64  `json:"owed_to_buyers"`
	Balanced    bool   `json:"balanced"`
}

// Run prints a statement.
func (c *statementCommand) Run(ctx context.Context, std streams) error {
	office, err := c.connect()
	if err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(ctx, officeTimeout)
	defer cancel()
	var s statement
	path := "/v1/events/" + url.PathEscape(c.Event) + "/statement"
	if err := office.ask(ctx, http.MethodGet, path, nil, &s); err != nil {
		return err
	}
	err = c.show(std, s, s.write)
	if err == nil && slices.ContainsFunc(s.Currencies,
		func(l statementLines) bool { return !l.Balanced }) {
		return errBroken
	}
	return err
}

func (s *statement) write(out *strings.Builder) {
	if len(s.Currencies) == 0 {
		fmt.Fprintf(out, "%s has taken no money.\n", s.Event)
	}
	for i, l := range s.Currencies {
		if i > 0 {
			out.WriteByte('\n')
		}
		verdict := "balanced"
		if !l.Balanced {
			verdict = "NOT BALANCED"
		}
		rows := [][]string{{s.Event, l.Currency}}
		for _, line := range []struct {
			name  string
			minor int64
		}{
			{"sales", l.Sales}, {"fees", l.Fees}, {"tax", l.Tax}, {"refunds", -l.Refunds},
			{"chargebacks", -l.Chargebacks}, {"result", l.Result},
			{"at the gateways", l.AtGateways}, {"owed to buyers", l.OwedBuyers},
		} {
			rows = append(rows, []string{line.name, decimal(line.minor, l.Currency)})
		}
		rows = append(rows, []string{terminal.Grouped(l.Entries) + " entries", verdict})
		terminal.Align(out, rows, "lr")
	}
}

// amount is an amount in minor units, as the API has it.
type amount struct {
	Amount   int64  `json:"amount"`
	Currency string `json:"currency"`
}

// String is for people: 49.00 EUR.
func (a amount) String() string { return decimal(a.Amount, a.Currency) + " " + a.Currency }

// decimal writes minor units in the unit that people use.
func decimal(minor int64, currency string) string {
	code, err := money.ParseCurrency(currency)
	if err != nil {
		return terminal.Grouped(minor)
	}
	digits := code.Digits()
	unit := int64(1)
	for range digits {
		unit *= 10
	}
	sign := ""
	if minor < 0 {
		sign, minor = "-", -minor
	}
	text := sign + terminal.Grouped(minor/unit)
	if digits > 0 {
		text += fmt.Sprintf(".%0*d", digits, minor%unit)
	}
	return text
}

// legible keeps a text from elsewhere from moving the cursor, or worse.
func legible(text string) string {
	return strings.Map(func(r rune) rune {
		if !unicode.IsPrint(r) {
			return unicode.ReplacementChar
		}
		return r
	}, text)
}
