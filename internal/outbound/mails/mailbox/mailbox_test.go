package mailbox_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"ticketflow/internal/app/notify"
	"ticketflow/internal/outbound/contract"
	"ticketflow/internal/outbound/mails/mailbox"
)

func TestMailer(t *testing.T) {
	contract.Mailer(t, func(*testing.T) contract.PostOffice {
		box := mailbox.New(mailbox.Options{From: contract.Sender})
		return contract.PostOffice{Mailer: box, Arrived: func() (all [][]byte) {
			for _, k := range box.Mails() {
				all = append(all, k.Raw)
			}
			return all
		}}
	})
}

func message(n int) notify.Message {
	return notify.Message{ID: fmt.Sprint(n, "-buyer@../x"), Subject: fmt.Sprint("Mail ", n, " <b>"),
		Text: "text", To: notify.Address{Name: "Ada", Email: "ada@example.org"},
		Files: []notify.File{{Name: "tickets.pdf", Type: "application/pdf", Data: []byte("PDF")}}}
}

func TestTheLastMailsAreKept(t *testing.T) {
	folder := filepath.Join(t.TempDir(), "mails")
	box := mailbox.New(mailbox.Options{From: contract.Sender, Folder: folder})
	for n := range 103 {
		if err := box.Send(t.Context(), message(n)); err != nil {
			t.Fatal(err)
		}
	}
	kept := box.Mails()
	if len(kept) != 100 || kept[0].Subject != "Mail 102 <b>" || kept[99].Subject != "Mail 3 <b>" {
		t.Errorf("%d mails, from %q to %q", len(kept), kept[0].Subject, kept[len(kept)-1].Subject)
	}
	files, err := os.ReadDir(folder)
	if err != nil || len(files) != 103 {
		t.Errorf("%d files, %v", len(files), err)
	}
}

func TestThePage(t *testing.T) {
	box := mailbox.New(mailbox.Options{From: contract.Sender})
	m := message(1)
	m.ID = "1-buyer.evt_1@example.org"
	if err := box.Send(t.Context(), m); err != nil {
		t.Fatal(err)
	}
	get := func(path string) *httptest.ResponseRecorder {
		w := httptest.NewRecorder()
		box.Handler().ServeHTTP(w, httptest.NewRequest(http.MethodGet, path, nil))
		return w
	}
	if page := get("/mail"); !strings.Contains(page.Body.String(), "Mail 1 &lt;b&gt;") ||
		!strings.Contains(page.Header().Get("Content-Security-Policy"), "default-src 'none'") {
		t.Errorf("%s", page.Body)
	}
	if file := get("/mail/" + m.ID + "/0"); file.Body.String() != "PDF" {
		t.Errorf("%d %s", file.Code, file.Body)
	}
	raw := get("/mail/" + m.ID + "/raw")
	if !strings.Contains(raw.Body.String(), "Message-ID: <1-") {
		t.Errorf("%d %s", raw.Code, raw.Body)
	}
	for _, path := range []string{"/mail/" + m.ID + "/1", "/mail/" + m.ID + "/-1", "/mail/x/0"} {
		if w := get(path); w.Code != http.StatusNotFound {
			t.Errorf("%s: %d", path, w.Code)
		}
	}
}
