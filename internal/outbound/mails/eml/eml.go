// Package eml writes mails in the form in which they travel (RFC 5322, MIME), for the adapters that
// send or keep them.
package eml

import (
	"bytes"
	"fmt"

	"github.com/wneessen/go-mail"

	"ticketflow/internal/app/notify"
)

// Write makes a mail of a message. from is the sender.
func Write(from notify.Address, m notify.Message) (*mail.Msg, error) {
	w := mail.NewMsg()
	if err := w.From(format(from)); err != nil {
		return nil, fmt.Errorf("the sender is no address: %w", notify.ErrRefused)
	}
	if err := w.To(format(m.To)); err != nil {
		// The library's own words would put the address into the log.
		return nil, fmt.Errorf("the receiver has no address that mail can be sent to: %w",
			notify.ErrRefused)
	}
	w.Subject(m.Subject)
	w.SetMessageIDWithValue(m.ID)
	w.SetDateWithValue(m.At)
	w.SetGenHeader("Auto-Submitted", "auto-generated") // RFC 3834: no holiday notes, please
	w.SetBodyString(mail.TypeTextPlain, m.Text)
	if m.HTML != "" {
		w.AddAlternativeString(mail.TypeTextHTML, m.HTML)
	}
	for _, f := range m.Files {
		err := w.AttachReader(f.Name, bytes.NewReader(f.Data),
			mail.WithFileContentType(mail.ContentType(f.Type)))
		if err != nil {
			return nil, fmt.Errorf("attach %s: %w", f.Name, err)
		}
	}
	return w, nil
}
