package simpay

import (
	"bytes"
	"crypto/sha256"
	_ "embed" // the page's template and style
	"encoding/base64"
	"html/template"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"ticketflow/internal/app/payment"
	"ticketflow/internal/domain/money"
)

//go:embed page.html
var pageSource string

//go:embed page.css
var pageStyle string

var (
	pageTemplate = template.Must(template.New("page").Parse(pageSource))
	pageStyleCSP = func() string {
		sum := sha256.Sum256([]byte(pageStyle))
		return "'sha256-" + base64.StdEncoding.EncodeToString(sum[:]) + "'"
	}()
)

const noBreakSpace = "\u00a0"

// pageView is what the template shows.
type pageView struct {
	Style     template.CSS
	State     string // open, pending, paid, declined, cancelled or a failure
	Title     string
	Lead      string
	Amount    string
	Reference string
	Payment   string
	ReturnURL string
	Host      string // of the return address
}

// showPage shows an open payment with its two buttons, or what became of it.
func (s *Simulator) showPage(w http.ResponseWriter, r *http.Request) {
	v, err := s.sealer.open(r.PathValue("link"))
	if err != nil {
		s.failPage(w, invoice{}, err)
		return
	}
	st, known := s.book.lookUp(v.Key)
	switch {
	case known:
		s.writePage(w, http.StatusOK, v, settledView(st))
	case v.expired(s.clock.Now()):
		s.failPage(w, v, ErrExpired)
	default:
		s.writePage(w, http.StatusOK, v, pageView{State: "open", Title: "Pay " + v.Reference,
			Lead: "Choose how this rehearsed payment ends."})
	}
}

func settledView(st statement) pageView {
	view := pageView{State: "paid", Title: "Paid", Payment: st.Transaction,
		Lead: "The payment went through, in the rehearsal. No real money moved."}
	switch {
	case st.Cancelled:
		view.State, view.Title, view.Lead = "cancelled", "Closed", ErrCancelled.Text()
	case st.State == payment.Pending:
		view.State, view.Title = "pending", "One more step"
		view.Lead = "The bank wants you to confirm this rehearsed payment."
	case st.State == payment.Declined:
		view.State, view.Title = "declined", "Declined"
		view.Lead = "The payment was declined. Nothing was charged."
	case st.State == payment.Disputed:
		view.Title = "Paid and taken back"
		view.Lead = "Paid in the rehearsal; the bank has taken " +
			formatAmount(st.Disputed, st.Amount.Currency()) + " of it back."
	case st.Refunded > 0:
		view.Title = "Paid and refunded"
		view.Lead = "Paid in the rehearsal; " +
			formatAmount(st.Refunded, st.Amount.Currency()) + " of it was returned."
	}
	return view
}

// choice is what the buyer's form says.
type choice struct {
	outcome payment.State // Paid or Declined
	second  bool          // it is about the second step
	knobs   Knobs         // for this payment
}

// decide takes the buyer's choice: the outcome in a form. The first choice for a key stands and
// every further one is answered with it. The answer comes when the box office has acknowledged
// the webhook, or after maxAckWait.
func (s *Simulator) decide(w http.ResponseWriter, r *http.Request) {
	v, err := s.sealer.open(r.PathValue("link"))
	if err != nil {
		s.refuse(w, r, v, err)
		return
	}
	body, err := readBody(w, r)
	if err != nil {
		s.refuse(w, r, v, errRequest)
		return
	}
	c, err := parseChoice(body)
	if err == nil && c.knobs.given != 0 {
		err = s.fates.adjust(v.Key, c.knobs)
	}
	if err != nil {
		s.refuse(w, r, v, err)
		return
	}
	d := s.fates.draw(v.Key)
	if s.before(w, r, d) {
		return
	}
	e, state, err := s.take(r, v, c, d)
	if d != nil && s.after(w, r, d) {
		return
	}
	if err != nil {
		s.refuse(w, r, v, err)
		return
	}
	if wantsJSON(r) {
		writeDecision(w, e, state)
		return
	}
	target := v.ReturnURL
	if target == "" || state == payment.Pending {
		target = r.URL.EscapedPath()
	}
	w.Header().Set("Cache-Control", "no-store")
	//nolint:gosec // the link is signed: the address is the one that the box office gave
	http.Redirect(w, r, target, http.StatusSeeOther)
}

// take records a choice and has the box office told.
func (s *Simulator) take(r *http.Request, v invoice, c choice, d *fate) (e *entry,
	state payment.State, err error,
) {
	began := s.clock.Now()
	var p parcel
	var fresh bool
	if c.second {
		p, state, fresh, err = s.book.finish(v, c.outcome, began)
	} else {
		if c.outcome == payment.Paid && d.strikes(action) {
			c.outcome = payment.Pending
		}
		if c.outcome != payment.Declined && d.strikes(decline) {
			c.outcome = payment.Declined
		}
		p.entry, state, fresh, err = s.book.settle(v, c.outcome, began)
	}
	if err != nil {
		return nil, payment.Unknown, err
	}
	if fresh {
		s.courier.first(p, d.manner())
		if state == payment.Paid {
			s.aftermath(v.Key, d)
		}
	}
	s.await(r, p, began)
	return p.entry, state, nil
}

// writeDecision is the hot answer, so it is written by hand. Nothing in it needs quoting.
func writeDecision(w http.ResponseWriter, e *entry, state payment.State) {
	b := append(make([]byte, 0, 96), `{"payment":"`...)
	b = append(b, e.transaction()...)
	b = append(append(b, `","state":"`...), state.String()...)
	b = append(b, "\"}\n"...)
	w.Header()["Content-Type"] = jsonType
	w.Header()["Cache-Control"] = noStore
	w.Header()["Content-Length"] = []string{strconv.Itoa(len(b))}
	_, _ = w.Write(b)
}

var (
	jsonType = []string{"application/json"}
	noStore  = []string{"no-store"}
)

// await returns when the webhook is acknowledged, maxAckWait has passed or the buyer has gone.
func (s *Simulator) await(r *http.Request, p parcel, began time.Time) {
	done := s.book.awaited(p)
	left := maxAckWait - s.clock.Now().Sub(began)
	if done == nil || left <= 0 {
		return
	}
	fired, stop := s.clock.After(left)
	defer stop()
	select {
	case <-done:
	case <-fired:
	case <-s.courier.stop:
	case <-r.Context().Done():
	}
}

// parseChoice reads the form of the page's buttons; further fields are knobs for this payment.
func parseChoice(body []byte) (c choice, err error) {
	form, err := url.ParseQuery(string(body))
	if err != nil || len(form["outcome"]) != 1 {
		return choice{}, errRequest
	}
	c.outcome = payment.Paid
	switch form["outcome"][0] {
	case "paid":
	case "declined":
		c.outcome = payment.Declined
	case "confirmed":
		c.second = true
	case "refused":
		c.second, c.outcome = true, payment.Declined
	default:
		return choice{}, errRequest
	}
	if len(form) > 1 {
		delete(form, "outcome")
		c.knobs, err = readForm(form)
	}
	return c, err
}

func wantsJSON(r *http.Request) bool {
	return strings.Contains(r.Header.Get("Accept"), "application/json")
}

// refuse answers a post in the language of who asked.
func (s *Simulator) refuse(w http.ResponseWriter, r *http.Request, v invoice, err error) {
	if wantsJSON(r) {
		s.writeProblem(w, err)
		return
	}
	s.failPage(w, v, err)
}

func (s *Simulator) failPage(w http.ResponseWriter, v invoice, err error) {
	e := s.failure(err)
	s.writePage(w, statusOf(e.Kind()), v, pageView{State: "failed",
		Title: "This payment can't go on", Lead: e.Error()})
}

func (s *Simulator) writePage(w http.ResponseWriter, status int, v invoice, view pageView) {
	view.Style = template.CSS(pageStyle) //nolint:gosec // our own file, not input
	if v.Key != "" {
		view.Reference = v.Reference
		view.Amount = formatAmount(v.Amount.Minor(), v.Amount.Currency())
	}
	form := "'self'"
	if back := parseReturn(v.ReturnURL); back != nil {
		view.ReturnURL, view.Host = v.ReturnURL, back.Host
		// Browsers hold the redirect after a form to form-action too.
		form += " " + returnOrigin(v.ReturnURL)
	}
	var page bytes.Buffer
	if err := pageTemplate.Execute(&page, view); err != nil {
		s.writeProblem(w, err)
		return
	}
	writeHTML(w, status, form, page.Bytes())
}

// writeHTML answers with a page that may send its form to the given origins only.
func writeHTML(w http.ResponseWriter, status int, form string, page []byte) {
	h := w.Header()
	h.Set("Content-Type", "text/html; charset=utf-8")
	h.Set("Content-Security-Policy", "default-src 'none'; style-src "+pageStyleCSP+
		"; form-action "+form+"; frame-ancestors 'none'; base-uri 'none'")
	h.Set("Cache-Control", "no-store")
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("X-Robots-Tag", "noindex")
	// The link is a secret of this origin, but the form must still name its origin.
	h.Set("Referrer-Policy", "same-origin")
	w.WriteHeader(status)
	_, _ = w.Write(page)
}

// formatAmount writes minor units as people do: the digits that ISO 4217 gives the currency, and
// thousands apart by a space that doesn't break (ISO 80000-1 §7.3.1).
func formatAmount(minor int64, currency money.Currency) string {
	digits := currency.Digits()
	text := strconv.FormatInt(minor, 10)
	for len(text) <= digits {
		text = "0" + text
	}
	whole, fraction := text[:len(text)-digits], text[len(text)-digits:]
	for i := len(whole) - 3; i > 0; i -= 3 {
		whole = whole[:i] + noBreakSpace + whole[i:]
	}
	if digits > 0 {
		whole += "." + fraction
	}
	return currency.String() + noBreakSpace + whole
}
