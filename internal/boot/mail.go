package boot

import (
	"crypto/rand"
	"net/http"
	"net/mail"
	"strings"
	"time"

	"ticketflow/internal/app/notify"
	"ticketflow/internal/app/phrase"
	"ticketflow/internal/config"
	"ticketflow/internal/outbound/mails/mailbox"
	"ticketflow/internal/outbound/mails/smtpmail"
)

// demoSender is who a demo's mails come from if nobody is named.
var demoSender = notify.Address{Name: "TicketFlow demo", Email: "demo@localhost.localdomain"}

// buildMail prepares the mails to buyers, if there is a way to send them.
func (a *App) buildMail(c config.Serve, k keys, m *metrics) error {
	mailer, err := a.mailer(c)
	if err != nil || mailer == nil {
		return err
	}
	a.mails = true
	language, _ := phrase.Parse(c.MailLanguage)
	writer := notify.NewWriter(notify.WriterConfig{Bookings: a.store, Offers: a.offers,
		Tokens: a.office, Signer: k.signer, Printer: a.printer, Look: lookOf(a.brand),
		Site:     publicURL(a, c),
		Language: language, Clock: a.clock})
	planner := notify.NewPlanner(notify.PlannerConfig{Log: a.store, Queue: a.store, Paid: a.store,
		Leases: a.store.leases, Owner: instanceName() + "-" + rand.Text(), Clock: a.clock,
		Logger: a.logger})
	postman := notify.NewPostman(a.store, mailer, writer.Write, a.clock, a.logger)
	a.jobs = append(a.jobs, planner.Run, postman.Run)
	m.mails(planner, postman, a.clock)
	return nil
}

// mailer is a mail server, the mailbox of a demo, or nil.
func (a *App) mailer(c config.Serve) (notify.Mailer, error) {
	from := demoSender
	if c.MailFrom != "" {
		parsed, err := mail.ParseAddress(c.MailFrom)
		if err != nil {
			return nil, err
		}
		from = notify.Address{Name: parsed.Name, Email: parsed.Address}
	}
	switch {
	case c.SMTPURL != "":
		return smtpmail.New(smtpmail.Options{URL: string(c.SMTPURL), From: from})
	case c.Demo:
		box := mailbox.New(mailbox.Options{From: from, Folder: c.MailFolder})
		a.mailbox = box.Handler()
		a.Mails = publicURL(a, c) + mailbox.Path
		return box, nil
	}
	return nil, nil //nolint:nilnil // nobody is written to
}

// isMailbox tells whether a request is for the mailbox of a demo.
func (a *App) isMailbox(r *http.Request) bool {
	return a.mailbox != nil &&
		(r.URL.Path == mailbox.Path || strings.HasPrefix(r.URL.Path, mailbox.Path+"/"))
}

func (m *metrics) mails(plan *notify.Planner, p *notify.Postman, clock func() time.Time) {
	m.counter("mail_facts_given_up_total",
		"Facts that nobody is written to about, because planning that panicked: a defect each.",
		func() float64 { return float64(plan.GivenUp()) })
	m.counter("mails_sent_total", "Mails that a mail server has taken.",
		func() float64 { return float64(p.Sent()) })
	m.counter("mails_delayed_total", "Tries to send a mail that have failed for now.",
		func() float64 { return float64(p.Delayed()) })
	m.counter("mails_given_up_total", "Mails that this instance has given up: see to them.",
		func() float64 { return float64(p.GivenUp()) })
	m.gauge("mails_waiting", "Mails that wait to be sent.",
		func() float64 { return float64(p.Backlog().Waiting) })
	m.gauge("mails_failed", "Mails that were given up, of all instances.",
		func() float64 { return float64(p.Backlog().Failed) })
	m.gauge("mails_waiting_seconds", "Age of the oldest mail that waits.", func() float64 {
		oldest := p.Backlog().Oldest
		if oldest.IsZero() {
			return 0
		}
		return clock().Sub(oldest).Seconds()
	})
}
