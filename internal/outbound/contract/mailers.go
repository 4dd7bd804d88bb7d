package contract

import (
	"bytes"
	"encoding/base64"
	"io"
	"mime"
	"mime/multipart"
	"mime/quotedprintable"
	"net/mail"
	"strings"
	"testing"
	"time"

	"ticketflow/internal/app/notify"
)

// PostOffice is a Mailer and a look at what arrives behind it.
type PostOffice struct {
	Mailer notify.Mailer
	// Arrived are the mails that were taken, the oldest first, in the form in which they travel.
	Arrived func() [][]byte
}

// Sender is who the mails of the suite come from.
var Sender = notify.Address{Name: "Großes Haus", Email: "tickets@example.org"}

func sampleMail(id string) notify.Message {
	return notify.Message{ID: id, At: time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC),
		To:      notify.Address{Name: "Łucja Ňová, \"Lu\"", Email: "lucja@example.org"},
		Subject: "Ihre Tickets: Così fan tutte — Αθήνα",
		Text:    "Hello Łucja,\n\n.a line that begins with a dot\n" + strings.Repeat("x", 2_000),
		HTML:    "<p>Hello Łucja</p>",
		Files: []notify.File{{Name: "tickets.pdf", Type: "application/pdf",
			Data: bytes.Repeat([]byte{0, 1, 0xff, '\n', '.', '\r'}, 20_000)}}}
}

// Mailer runs the promises of the port against one adapter.
func Mailer(t *testing.T, open func(t *testing.T) PostOffice) {
	t.Helper()
	t.Run("a mail arrives as it was written", func(t *testing.T) {
		office := open(t)
		want := sampleMail("1-buyer.evt_1@example.org")
		send(t, office, want)
		got := read(t, office.Arrived(), 1)
		same(t, "id", got.header.Get("Message-Id"), "<"+want.ID+">")
		same(t, "subject", decode(t, got.header.Get("Subject")), want.Subject)
		to, err := got.header.AddressList("To")
		if err != nil || len(to) != 1 || to[0].Name != want.To.Name ||
			to[0].Address != want.To.Email {
			t.Errorf("to %v, %v", to, err)
		}
		from, err := got.header.AddressList("From")
		if err != nil || len(from) != 1 || from[0].Name != Sender.Name {
			t.Errorf("from %v, %v", from, err)
		}
		at, err := got.header.Date()
		if err != nil || !at.Equal(want.At) {
			t.Errorf("date %v, %v", at, err)
		}
		same(t, "text", strings.TrimRight(got.parts["text/plain"], "\n"), want.Text)
		same(t, "page", strings.TrimRight(got.parts["text/html"], "\n"), want.HTML)
		same(t, "file", got.parts["application/pdf"], string(want.Files[0].Data))
	})
	t.Run("again under the same id", func(t *testing.T) {
		office := open(t)
		m := sampleMail("2-buyer.evt_1@example.org")
		send(t, office, m)
		send(t, office, m)
		for _, raw := range office.Arrived() {
			same(t, "id", parse(t, raw).header.Get("Message-Id"), "<"+m.ID+">")
		}
	})
	t.Run("no text breaks out of its header", func(t *testing.T) {
		office := open(t)
		m := sampleMail("3-buyer.evt_1@example.org")
		m.Subject = "a\r\nBcc: everybody@example.org\r\n\r\nb"
		m.To.Name = "x\r\nBcc: everybody@example.org"
		// Refusing it is as good as encoding it.
		if err := office.Mailer.Send(t.Context(), m); err == nil {
			got := read(t, office.Arrived(), 1)
			same(t, "Bcc", got.header.Get("Bcc"), "")
			same(t, "file", got.parts["application/pdf"], string(m.Files[0].Data))
		}
	})
	t.Run("no address", func(t *testing.T) {
		office := open(t)
		m := sampleMail("4-buyer.evt_1@example.org")
		m.To.Email = "nobody"
		err := office.Mailer.Send(t.Context(), m)
		if err == nil || strings.Contains(err.Error(), m.To.Email) {
			t.Errorf("sent to nobody: %v", err)
		}
		same(t, "mails", len(office.Arrived()), 0)
	})
}

func send(t *testing.T, office PostOffice, m notify.Message) {
	t.Helper()
	if err := office.Mailer.Send(t.Context(), m); err != nil {
		t.Fatalf("send: %v", err)
	}
}

// arrived is a mail taken apart: its header, and its parts by type.
type arrived struct {
	header mail.Header
	parts  map[string]string
}

func read(t *testing.T, all [][]byte, want int) arrived {
	t.Helper()
	if len(all) != want {
		t.Fatalf("%d mails arrived, want %d", len(all), want)
	}
	return parse(t, all[want-1])
}

func parse(t *testing.T, raw []byte) arrived {
	t.Helper()
	m, err := mail.ReadMessage(bytes.NewReader(raw))
	if err != nil {
		t.Fatalf("read the mail: %v", err)
	}
	got := arrived{m.Header, make(map[string]string)}
	got.take(t, m.Header.Get("Content-Type"), m.Header.Get("Content-Transfer-Encoding"), m.Body)
	return got
}

func (a arrived) take(t *testing.T, kind, encoding string, body io.Reader) {
	t.Helper()
	media, params, err := mime.ParseMediaType(kind)
	if err != nil {
		t.Fatalf("a part of type %q: %v", kind, err)
	}
	if strings.HasPrefix(media, "multipart/") {
		parts := multipart.NewReader(body, params["boundary"])
		for {
			part, err := parts.NextRawPart()
			if err != nil {
				return
			}
			a.take(t, part.Header.Get("Content-Type"),
				part.Header.Get("Content-Transfer-Encoding"), part)
		}
	}
	switch strings.ToLower(encoding) {
	case "base64":
		body = base64.NewDecoder(base64.StdEncoding, body)
	case "quoted-printable":
		body = quotedprintable.NewReader(body)
	}
	data, err := io.ReadAll(body)
	if err != nil {
		t.Fatalf("read a part of type %s: %v", media, err)
	}
	text := string(data)
	if strings.HasPrefix(media, "text/") {
		text = strings.ReplaceAll(text, "\r\n", "\n")
	}
	a.parts[media] = text
}

func decode(t *testing.T, header string) string {
	t.Helper()
	text, err := new(mime.WordDecoder).DecodeHeader(header)
	if err != nil {
		t.Fatalf("decode %q: %v", header, err)
	}
	return text
}
