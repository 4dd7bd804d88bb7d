package postgres

import (
	"context"
	"errors"
	"fmt"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"ticketflow/internal/domain/booking"
)

// batch is the memory that one transaction needs for its parameters. It serves one transaction
// after the other.
type batch struct {
	loaded  loaded
	rest    booking.Keys        // what wasn't remembered
	locking bool                // rows are locked as they are loaded
	params  map[string]*columns // by statement
	places  []placeChange
	scratch []byte
}

type placeChange = booking.Change[booking.PlaceRef, booking.Place]

func newBatch() *batch { return &batch{params: make(map[string]*columns)} }

// columns are the emptied parameters of a statement.
func (b *batch) columns(s *statement) (*columns, []column) {
	c, ok := b.params[s.name]
	if !ok {
		c = &columns{}
		b.params[s.name] = c
	}
	return c, c.reset(s.kinds)
}

// binaryFormat says that all parameters, or all columns of a result, are in binary.
var binaryFormat = []int16{pgx.BinaryFormatCode}

// pipe is one round trip: statements that are sent together and whose results are read in order.
type pipe struct {
	*pgconn.Pipeline
	sent   []sent
	lead   *statement // goes before the first one that is sent; may be nil
	failed string     // the statement whose failure was the first
}

// sent is a statement on its way, with what is to be done with its rows; row may be nil.
type sent struct {
	name string
	row  func(r row) error
}

// send queues a statement.
func (p *pipe) send(s *statement, c *columns, each func(r row) error) {
	if lead := p.lead; lead != nil {
		p.lead = nil
		p.send(lead, nil, nil)
	}
	var params [][]byte
	if c != nil {
		params = c.finish(s.counted)
	}
	p.SendQueryPrepared(s.name, params, binaryFormat, binaryFormat)
	p.sent = append(p.sent, sent{s.name, each})
}

// fetch queues a statement that loads, with its locks or without.
func (p *pipe) fetch(locking bool, s *statement, c *columns, each func(r row) error) {
	if locking {
		p.send(s, c, each)
		return
	}
	p.send(&statement{name: s.name + unlockedSuffix}, c, each)
}

// receive makes the round trip. After a failure of a statement nothing behind it has run.
func (p *pipe) receive() error {
	err := p.Sync()
	for _, s := range p.sent {
		if err != nil {
			break
		}
		if err = p.read(s); err != nil {
			p.failed = s.name
			err = fmt.Errorf("%s: %w", s.name, err)
		}
	}
	if failure := p.Close(); err == nil {
		err = failure // pgconn has told the first one already, and says it again
	}
	return err
}

func (p *pipe) read(s sent) error {
	results, err := p.GetResults()
	if err != nil {
		return err
	}
	reader, ok := results.(*pgconn.ResultReader)
	if !ok {
		return errProtocol
	}
	var unreadable error
	for reader.NextRow() {
		if s.row == nil || unreadable != nil {
			continue
		}
		if err := s.row(reader.Values()); err != nil {
			unreadable = errors.Join(errUnreadable, err)
		}
	}
	tag, err := reader.Close()
	switch {
	case err != nil:
		return err
	case s.name == stmtCommit.name && tag.String() != "COMMIT":
		return errRolledBack
	}
	return unreadable
}

var (
	errProtocol = errors.New("the server's answer makes no sense")
	// errRolledBack is a COMMIT that the server answered with ROLLBACK.
	errRolledBack = errors.New("the server rolled back instead of committing")
)

// prepare makes the statements of commands known to a new connection, in one round trip.
func prepare(ctx context.Context, conn *pgconn.PgConn, all []*statement) error {
	p := conn.StartPipeline(ctx)
	for _, s := range all {
		p.SendPrepare(s.name, s.sql, nil)
	}
	err := p.Sync()
	for _, s := range all {
		if err != nil {
			break
		}
		if _, err = p.GetResults(); err != nil {
			err = fmt.Errorf("prepare %s: %w", s.name, err)
		}
	}
	if failure := p.Close(); err == nil {
		err = failure
	}
	return err
}

// statements are all that a connection of commands prepares.
func statements() []*statement {
	all := []*statement{&stmtBegin, &stmtEvents, &stmtHolds, &stmtOrders, &stmtPlaces,
		&stmtBuyers, &stmtTickets, &stmtPayments, &stmtRefunds, &stmtNotices, &stmtPayOrders,
		&stmtAnswers, &stmtSetNotices, &stmtAddEntries,
		&stmtClock, &stmtCommit, &stmtSetEvents, &stmtSetPlaces, &stmtAddHolds, &stmtSetHolds,
		&stmtAddOrders, &stmtSetOrders, &stmtSetTickets, &stmtAddTickets, &stmtAddPayments,
		&stmtSetPayments, &stmtAddRefunds, &stmtSetRefunds, &stmtAddAnswers, &stmtAddBuyers,
		&stmtSetBuyers, &stmtAddNotices, &stmtAddFacts, &stmtVouchers, &stmtAddVouchers,
		&stmtSetVouchers, &stmtAmendHolds}
	for _, s := range all {
		if open, ok := s.unlocked(); ok {
			all = append(all, open)
		}
	}
	return all
}
