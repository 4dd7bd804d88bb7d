// Package smtpmail hands mails to a mail server (SMTP, RFC 5321).
package smtpmail

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"net/url"
	"slices"
	"strconv"
	"time"

	"github.com/wneessen/go-mail"

	"ticketflow/internal/app/notify"
	"ticketflow/internal/outbound/mails/eml"
)

// stepTimeout bounds the connection and each answer of the server.
const stepTimeout = 20 * time.Second

const (
	submissionPort = 587 // RFC 6409
	submissionsTLS = 465 // RFC 8314
)

// ErrURL says that an address of a mail server can't be used.
var ErrURL = errors.New("a mail server's address is like smtp://user:password@host:587 or " +
	"smtps://user:password@host:465; add ?tls=opportunistic for a server without TLS")

// Options are what a Mailer needs.
type Options struct {
	URL  string // may hold a password: it is never part of an error
	From notify.Address
	TLS  *tls.Config // nil: the machine's certificates
}

// Mailer sends each mail over a connection of its own. It is safe for concurrent use.
type Mailer struct {
	host    string
	from    notify.Address
	options []mail.Option
	secure  bool // from the first byte on
}

// New checks the options; it doesn't connect. The failure is ErrURL.
func New(o Options) (*Mailer, error) {
	u, err := url.Parse(o.URL)
	if err != nil || u.Hostname() == "" || u.Path != "" && u.Path != "/" {
		return nil, ErrURL
	}
	m := &Mailer{host: u.Hostname(), from: o.From}
	// What the server says after it took the mail must not have it sent again: no RSET, no NOOP.
	options := []mail.Option{mail.WithTimeout(stepTimeout), mail.WithoutNoop(),
		mail.WithoutRset()}
	port := submissionPort
	switch tlsMode := u.Query().Get("tls"); {
	case u.Scheme == "smtps" && tlsMode == "":
		options, port = append(options, mail.WithSSL()), submissionsTLS
		m.secure = true
	case u.Scheme == "smtp" && tlsMode == "opportunistic",
		u.Scheme == "smtp" && tlsMode == "" && loopback(u.Hostname()):
		options = append(options, mail.WithTLSPolicy(mail.TLSOpportunistic))
	case u.Scheme == "smtp" && (tlsMode == "" || tlsMode == "mandatory"):
		options = append(options, mail.WithTLSPolicy(mail.TLSMandatory))
	default:
		return nil, ErrURL
	}
	if text := u.Port(); text != "" {
		if port, err = strconv.Atoi(text); err != nil || port < 1 || port > 65535 {
			return nil, ErrURL
		}
	}
	options = append(options, mail.WithPort(port))
	if o.TLS != nil {
		options = append(options, mail.WithTLSConfig(o.TLS))
	}
	if name := u.User.Username(); name != "" {
		password, _ := u.User.Password()
		options = append(options, mail.WithUsername(name), mail.WithPassword(password),
			mail.WithSMTPAuth(mail.SMTPAuthAutoDiscover))
	}
	if _, err := mail.NewClient(u.Hostname(), options...); err != nil {
		return nil, ErrURL
	}
	m.options = options
	return m, nil
}

// loopback tells whether a server is on this machine, where nobody listens in between.
func loopback(host string) bool {
	ip := net.ParseIP(host)
	return host == "localhost" || ip != nil && ip.IsLoopback()
}

// Send implements notify.Mailer.
func (m *Mailer) Send(ctx context.Context, what notify.Message) error {
	letter, err := eml.Write(m.from, what)
	if err != nil {
		return err
	}
	options := slices.Clone(m.options)
	if !m.secure { // else the library must know by itself that the line is secure
		dial, stop := dialer(ctx)
		defer stop()
		options = append(options, mail.WithDialContextFunc(dial))
	}
	server, err := mail.NewClient(m.host, options...)
	if err != nil {
		return ErrURL
	}
	if err := server.DialWithContext(ctx); err != nil {
		return fmt.Errorf("connect to the mail server: %w", err)
	}
	sent := server.Send(letter)
	// The mail was taken or not by now, whatever becomes of the farewell.
	_ = server.Close()
	return translate(sent)
}

// dialer connects and cuts the line when ctx ends: the library looks at it only while it connects.
// stop must be called.
func dialer(ctx context.Context) (dial mail.DialContextFunc, stop func()) {
	uncut := func() bool { return true }
	return func(connecting context.Context, network, address string) (net.Conn, error) {
		conn, err := new(net.Dialer).DialContext(connecting, network, address)
		if err != nil {
			return nil, err
		}
		uncut = context.AfterFunc(ctx, func() { _ = conn.Close() })
		return conn, nil
	}, func() { uncut() }
}

// translate says what a server has refused, without the addresses that the library would name.
func translate(err error) error {
	if err == nil {
		return nil
	}
	said, ok := errors.AsType[*mail.SendError](err)
	if !ok {
		return errNotSent
	}
	const permanent = 500
	if code := said.ErrorCode(); code >= permanent && !said.IsTemp() {
		return fmt.Errorf("the mail server answers %d: %w", code, notify.ErrRefused)
	}
	return fmt.Errorf("the mail server answers %d: %w", said.ErrorCode(), errNotSent)
}

var errNotSent = errors.New("the mail could not be sent now")
