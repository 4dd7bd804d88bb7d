package httpapi

import (
	"bytes"
	"encoding/csv"
	"net/http"
	"strconv"
	"strings"
	"time"

	"ticketflow/internal/app/query"
	"ticketflow/internal/domain/booking"
	"ticketflow/internal/domain/catalog"
	"ticketflow/internal/domain/ident"
	"ticketflow/internal/inbound/edge"
)

// journalPage is how many entries are in memory at once.
const journalPage = 500

const csvMedia = "text/csv; charset=utf-8"

var journalHead = []string{"entry", "at", "kind", "order", "reference", "provider", "ref",
	"currency", "clearing", "receivable", "revenue", "fees", "tax", "refunds", "chargebacks"}

// exportJournal answers GET /v1/events/{event}/journal.csv. It reads a page, writes it and waits
// until the client has taken it, so that a slow client costs no memory and none at all once gone.
func (s *Server) exportJournal(w http.ResponseWriter, r *http.Request) {
	id, err := catalog.ParseEventID(r.PathValue("event"))
	if err == nil {
		_, err = s.offers.Get(r.Context(), id)
	}
	if err != nil {
		edge.Fail(w, r, err)
		return
	}
	page, err := s.journal.Entries(r.Context(), id, 0, journalPage)
	if err != nil {
		edge.Fail(w, r, err)
		return
	}
	w.Header().Set("Content-Type", csvMedia)
	w.Header().Set("Content-Disposition", `attachment; filename="journal-`+id.String()+`.csv"`)
	var text bytes.Buffer
	out, stream := csv.NewWriter(&text), edge.OpenStream(w)
	row := append([]string(nil), journalHead...)
	_ = out.Write(row) // a buffer takes everything
	for {
		for i := range page {
			_ = out.Write(appendEntry(row[:0], &page[i]))
		}
		out.Flush()
		if err := stream.Send(text.Bytes()); err != nil {
			return // the client has gone
		}
		if len(page) < journalPage {
			return
		}
		text.Reset()
		after := page[len(page)-1].Number
		if page, err = s.journal.Entries(r.Context(), id, after, journalPage); err != nil {
			// Half a journal must not look like a whole one.
			if r.Context().Err() == nil {
				s.log.ErrorContext(r.Context(), "a journal was cut off", "event", id.String(),
					"error", err)
			}
			panic(http.ErrAbortHandler)
		}
	}
}

// appendEntry writes one entry as cells. Amounts are in minor units, debits positive.
func appendEntry(cells []string, e *query.JournalEntry) []string {
	var order, reference string
	if e.Order != (ident.Key{}) {
		id := booking.OrderID{Event: e.Event, Key: e.Order}
		order, reference = id.String(), id.Reference()
	}
	cells = append(cells, strconv.FormatInt(e.Number, 10), e.At.UTC().Format(time.RFC3339Nano),
		string(e.Kind), order, reference, harmless(e.Provider), harmless(e.Ref),
		e.Currency.String())
	for _, minor := range []int64{e.Clearing, e.Receivable, e.Revenue, e.Fees, e.Tax, e.Refunds,
		e.Chargebacks} {
		cells = append(cells, strconv.FormatInt(minor, 10))
	}
	return cells
}

// harmless keeps a spreadsheet from taking a gateway's text for a formula.
func harmless(cell string) string {
	if cell != "" && strings.ContainsRune("=+-@\t\r\n", rune(cell[0])) {
		return "'" + cell
	}
	return cell
}
