// Package web is the pages that buyers see: written on the server, whole without scripts, better
// with them.
//
// All routes stand on one page (routes.go); each page has a file, with its template beside it.
// Pages read what app/query has and change through app/command, like the API; what they say is in
// words, in each language.
package web

import (
	"bytes"
	"compress/gzip"
	"context"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"strings"
	"sync"
	"time"

	"ticketflow/internal/app/board"
	"ticketflow/internal/app/command"
	"ticketflow/internal/app/payment"
	"ticketflow/internal/app/policy"
	"ticketflow/internal/app/query"
	"ticketflow/internal/app/sheet"
	"ticketflow/internal/domain/admission"
	"ticketflow/internal/inbound/edge"
	"ticketflow/internal/inbound/web/assets"
	"ticketflow/internal/inbound/web/brand"
	"ticketflow/internal/inbound/web/words"
)

// Config is what a Site is made of. Every field without "or" in its comment is needed.
type Config struct {
	Office   *command.Office
	Offers   *query.Offers
	Boards   *board.Boards
	Bookings query.Bookings
	Shelf    query.Shelf
	Kinds    query.KindList
	Glances  *query.Glances
	Vouchers query.Vouchers
	Books    *query.FewReads
	Gateways *payment.Providers
	Cashier  *policy.Cashier
	Requests query.RefundRequests
	Signer   *admission.Signer
	Printer  sheet.Printer
	Look     sheet.Look // of what is printed
	Clock    func() time.Time
	Random   io.Reader // crypto/rand
	Log      *slog.Logger

	Brand       *brand.Brand
	PublicURL   string   // where buyers reach the site, without a slash at its end
	Mails       bool     // buyers get mails
	Mailbox     string   // path of the page with all mails, or empty: a demo has one
	FormTargets []string // origins that forms lead to, or none: of payment pages elsewhere

	EmbedOrigins []string // that may show an event within their pages, or none
}

// Site is the pages. It is safe for concurrent use.
type Site struct {
	office   *command.Office
	offers   *query.Offers
	boards   *board.Boards
	bookings query.Bookings
	shelf    query.Shelf
	kinds    query.KindList
	glances  *query.Glances
	vouchers query.Vouchers
	books    *query.FewReads
	gateways *payment.Providers
	cashier  *policy.Cashier
	requests query.RefundRequests
	signer   *admission.Signer
	printer  sheet.Printer
	paper    sheet.Look
	mails    bool
	mailbox  string
	clock    func() time.Time
	random   io.Reader
	log      *slog.Logger
	brand    *brand.Brand
	public   string

	written shelved

	assets *assets.Set
	policy []string // Content-Security-Policy of every page, but of those within other sites'

	embedders    []string // origins of those sites
	framedPolicy []string
	origin       *http.CrossOriginProtection
}

// New makes the pages.
func New(c Config) (*Site, error) {
	files, err := assets.New(c.Brand.Files())
	if err != nil {
		return nil, fmt.Errorf("prepare the pages: %w", err)
	}
	policy := strings.Join(append([]string{"default-src 'none'; script-src 'self'; " +
		"style-src 'self'; img-src 'self' data:; connect-src 'self'; font-src 'self'; " +
		"manifest-src 'self'; base-uri 'none'; form-action 'self'"}, c.FormTargets...), " ")
	return &Site{office: c.Office, offers: c.Offers, boards: c.Boards, bookings: c.Bookings,
		shelf: c.Shelf, kinds: c.Kinds, glances: c.Glances, vouchers: c.Vouchers,
		books: c.Books, gateways: c.Gateways, cashier: c.Cashier, requests: c.Requests,
		signer:  c.Signer,
		printer: c.Printer, paper: c.Look, mails: c.Mails, mailbox: c.Mailbox,
		clock: c.Clock, random: c.Random,
		log: c.Log, brand: c.Brand, public: c.PublicURL,
		assets: files, policy: []string{policy + "; frame-ancestors 'none'"},
		embedders: c.EmbedOrigins,
		framedPolicy: []string{
			policy + "; frame-ancestors " + strings.Join(c.EmbedOrigins, " "),
		},
		origin: http.NewCrossOriginProtection()}, nil
}

// visit is one request for a page: who writes it needs the language and the addresses.
type visit struct {
	*words.Book
	site    *Site
	request *http.Request
	now     time.Time
	notice  *notice // what the page says on top of it, or nil
}

const (
	langCookie     = "lang"
	langCookieTime = 365 * 24 * time.Hour
)

// visit chooses the language: the one that was asked for now, the one chosen before, the browser's.
func (s *Site) visit(w http.ResponseWriter, r *http.Request) *visit {
	v := &visit{site: s, request: r, now: s.clock()}
	if book := words.Named(r.URL.Query().Get("lang")); book != nil {
		v.Book = book
		s.setCookie(w, langCookie, book.Lang, langCookieTime)
		return v
	}
	if cookie, err := r.Cookie(langCookie); err == nil {
		v.Book = words.Named(cookie.Value)
	}
	if v.Book == nil {
		v.Book = words.Accepted(r.Header.Get("Accept-Language"))
	}
	return v
}

// setCookie sets a cookie for the whole site that scripts can't read and other sites' forms don't
// send. A time that isn't positive takes it away. Without TLS, as on a developer's machine, it
// isn't marked Secure: a browser would drop it.
func (s *Site) setCookie(w http.ResponseWriter, name, value string, keep time.Duration) {
	maxAge := int(keep / time.Second)
	if maxAge <= 0 {
		maxAge = -1
	}
	//nolint:gosec // Secure follows from the address that buyers have
	http.SetCookie(w, &http.Cookie{Name: name, Value: value, Path: "/", MaxAge: maxAge,
		HttpOnly: true, SameSite: http.SameSiteLaxMode, Secure: s.secure()})
}

// secure tells whether buyers come through TLS.
func (s *Site) secure() bool { return strings.HasPrefix(s.public, "https:") }

// either is what is said where mails are sent, or what is said where none are.
func (v *visit) either(mailed, other string) string {
	if v.site.mails {
		return mailed
	}
	return other
}

// asset is the address of a style sheet or script.
func (v *visit) asset(name string) string { return v.site.assets.Path(name) }

// inLang is the address of this page in another language.
func (v *visit) inLang(lang string) string {
	q := v.request.URL.Query()
	q.Set("lang", lang)
	return v.request.URL.Path + "?" + q.Encode()
}

// absolute is the address of a page as other sites have to name it; lang may be empty.
func (v *visit) absolute(path, lang string) string {
	if lang != "" {
		lang = "?lang=" + lang
	}
	return v.site.public + path + lang
}

// asked is the language if the address names one.
func (v *visit) asked() string {
	if v.request.URL.Query().Has("lang") {
		return v.Lang
	}
	return ""
}

var (
	htmlType  = []string{"text/html; charset=utf-8"}
	sameSite  = []string{"same-origin"}
	noStore   = []string{"no-store"}
	varyWords = []string{"Accept-Language, Accept-Encoding, Cookie"}

	bodies = sync.Pool{New: func() any { return new(bytes.Buffer) }}
	zips   = sync.Pool{New: func() any { return gzip.NewWriter(io.Discard) }}
)

// minZipBytes is from where on compressing saves a packet.
const minZipBytes = 1_300

// addHeaders sets what all pages have.
func (s *Site) addHeaders(h http.Header, r *http.Request) {
	h["Content-Type"] = htmlType
	h["Content-Security-Policy"] = s.policyFor(r)
	h["Referrer-Policy"] = sameSite
	h["Cache-Control"] = noStore
	h["Vary"] = varyWords
}

// send writes a page. What fails while it is written fails before a byte is sent.
func (s *Site) send(w http.ResponseWriter, r *http.Request, status int, page component) {
	if kept, ok := page.(*written); ok {
		s.addHeaders(w.Header(), r)
		sendWritten(w, r, status, kept)
		return
	}
	if err := s.write(w, r, status, page); err != nil {
		edge.Fail(w, r, err)
	}
}

// write is send for who says by themselves what has failed. A page is in memory before it is sent,
// so that it is written to its end for who has gone, too: templates refuse what has ended.
func (s *Site) write(w http.ResponseWriter, r *http.Request, status int, page component) error {
	body := bodies.Get().(*bytes.Buffer)
	defer bodies.Put(body)
	body.Reset()
	if err := page.Render(context.WithoutCancel(r.Context()), body); err != nil {
		return fmt.Errorf("write a page: %w", err)
	}
	h := w.Header()
	s.addHeaders(h, r)
	if body.Len() < minZipBytes || !strings.Contains(r.Header.Get("Accept-Encoding"), "gzip") {
		w.WriteHeader(status)
		_, _ = body.WriteTo(w) // who has gone can't be told
		return nil
	}
	h.Set("Content-Encoding", "gzip")
	w.WriteHeader(status)
	zip := zips.Get().(*gzip.Writer)
	defer zips.Put(zip)
	zip.Reset(w)
	_, _ = body.WriteTo(zip)
	_ = zip.Close()
	return nil
}
