// Package mailbox keeps mails instead of sending them, for demos and development: the last ones in
// memory, with a page to read them, and all of them as files if a folder is given.
package mailbox

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"

	"ticketflow/internal/app/notify"
	"ticketflow/internal/outbound/mails/eml"
)

// keep is how many mails are in memory.
const keep = 100

const (
	folderMode = 0o700
	fileMode   = 0o600
)

// Options are what a Mailbox needs.
type Options struct {
	From   notify.Address
	Folder string // for .eml files, or empty
}

// Mailbox implements notify.Mailer. It is safe for concurrent use.
type Mailbox struct {
	options Options

	mu   sync.Mutex
	kept []Kept // the oldest first
}

// Kept is a mail and its form on the way.
type Kept struct {
	notify.Message
	Raw []byte
}

// New makes an empty mailbox.
func New(o Options) *Mailbox { return &Mailbox{options: o} }

// Send implements notify.Mailer. The same mail again takes the place of the first.
func (m *Mailbox) Send(_ context.Context, what notify.Message) error {
	letter, err := eml.Write(m.options.From, what)
	if err != nil {
		return err
	}
	var raw bytes.Buffer
	if _, err := letter.WriteTo(&raw); err != nil {
		return fmt.Errorf("write the mail: %w", err)
	}
	if err := m.store(what.ID, raw.Bytes()); err != nil {
		return err
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	m.kept = slices.DeleteFunc(m.kept, func(k Kept) bool { return k.ID == what.ID })
	if len(m.kept) == keep {
		m.kept = slices.Delete(m.kept, 0, 1)
	}
	m.kept = append(m.kept, Kept{what, raw.Bytes()})
	return nil
}

func (m *Mailbox) store(id string, raw []byte) error {
	if m.options.Folder == "" {
		return nil
	}
	if err := os.MkdirAll(m.options.Folder, folderMode); err != nil {
		return fmt.Errorf("create the folder of the mails: %w", err)
	}
	name := strings.Map(func(r rune) rune {
		if r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' || r == '-' ||
			r == '_' || r == '@' {
			return r
		}
		return '.'
	}, id)
	err := os.WriteFile(filepath.Join(m.options.Folder, "mail-"+name+".eml"), raw, fileMode)
	if err != nil {
		return fmt.Errorf("store the mail: %w", err)
	}
	return nil
}

// Mails are those that are kept, the newest first.
func (m *Mailbox) Mails() []Kept {
	m.mu.Lock()
	defer m.mu.Unlock()
	all := slices.Clone(m.kept)
	slices.Reverse(all)
	return all
}
