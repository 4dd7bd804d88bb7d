// Package notify tells buyers by mail what has become of their orders.
//
// Facts become letters: the planner reads the fact log and puts a row for each mail into a queue of
// the ledger, together with how far it has read, in one transaction. The postman takes what is due
// from the queue, writes the mail from the ledger as it is then, and hands it to a mail server. So
// no mail is forgotten, nothing waits for a mail server, and one that is down only delays mails. A
// crash between the server's yes and the queue's note sends a mail once more, with the same
// Message-ID.
package notify

import (
	"context"
	"errors"
	"time"

	"ticketflow/internal/domain/catalog"
	"ticketflow/internal/domain/fact"
	"ticketflow/internal/domain/ident"
	"ticketflow/internal/domain/money"
)

// ErrRefused says that a mail server will never take this mail: trying again is useless.
var ErrRefused = errors.New("the mail server refuses the mail for good")

// Mailer hands mails to who delivers them.
type Mailer interface {
	// Send returns without error when somebody has promised to deliver the mail. It fails with
	// ErrRefused if trying again is useless. After any other error the mail may have been taken.
	Send(ctx context.Context, m Message) error
}

// Message is a mail. ID and To are well-formed; the texts are the buyers', so an adapter encodes
// them.
type Message struct {
	ID      string // for the Message-ID, the same each time the mail is sent; without < and >
	At      time.Time
	To      Address
	Subject string
	Text    string
	HTML    string
	Files   []File
}

// Address is a person with an e-mail address.
type Address struct{ Name, Email string }

// File is attached to a mail.
type File struct {
	Name, Type string
	Data       []byte
}

// Role is who of those that a fact concerns a letter is for.
type Role uint8

// The roles.
const (
	ToBuyer  Role = iota + 1
	ToHolder      // who a ticket was passed on to
)

// Letter is a mail that is to be written: what it is about, not what it says.
type Letter struct {
	Key    string // unique; the Message-ID is made of it
	Kind   fact.Kind
	To     Role
	Event  catalog.EventID
	Order  ident.Key
	Place  catalog.PlaceNo // with Fence: the ticket that it is about
	Fence  uint32
	Amount money.Money
	At     time.Time // of the fact
	Tries  int       // begun so far
}

// State is how far a letter is.
type State uint8

// The states of a letter. Waiting is the only one that isn't final.
const (
	Waiting State = iota + 1
	Sent
	Failed // given up: an operator is told
	Moot   // there was nothing left to say
)

// Backlog is what an operator watches.
type Backlog struct {
	Waiting, Failed int64
	Oldest          time.Time // of those that wait; zero if none does
}

// Queue keeps letters in the ledger.
type Queue interface {
	// Plan adds those letters that aren't there yet, and moves a subscriber's cursor, which never
	// goes back, in one transaction.
	Plan(ctx context.Context, letters []Letter, subscriber string, upTo int64) error
	// Claim takes letters that are due at now, those that are due for the longest first. They are
	// due again at until unless they are settled. Nobody else gets them before.
	Claim(ctx context.Context, now, until time.Time, limit int) ([]Letter, error)
	// Settle notes what became of a letter. One that goes on waiting is due at next. why is for
	// operators; it must not name a person.
	Settle(ctx context.Context, key string, state State, next time.Time, why string) error
	// Backlog counts.
	Backlog(ctx context.Context) (Backlog, error)
}
