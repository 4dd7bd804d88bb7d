package forms

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"strconv"
	"strings"
	"time"

	"ticketflow/internal/domain/catalog"
	"ticketflow/internal/domain/errs"
)

// ErrCursor says that a text is no cursor.
var ErrCursor = errs.New(errs.Invalid, "bad_cursor", "This is no cursor of this list.").
	WithField("field", "cursor")

// Cursor names the last event of a page, for the next page to start behind it. Clients must not
// look into it.
func Cursor(start time.Time, id catalog.EventID) string {
	text := strconv.FormatInt(start.UnixMilli(), 10) + "." + strconv.FormatInt(int64(id), 10)
	return base64.RawURLEncoding.EncodeToString([]byte(text))
}

// ParseCursor reads what Cursor wrote. An empty text is the first page.
func ParseCursor(s string) (time.Time, catalog.EventID, error) {
	if s == "" {
		return time.Time{}, 0, nil
	}
	text, err := base64.RawURLEncoding.DecodeString(s)
	if err != nil {
		return time.Time{}, 0, ErrCursor
	}
	start, number, _ := strings.Cut(string(text), ".")
	ms, err := strconv.ParseInt(start, 10, 64)
	if err != nil {
		return time.Time{}, 0, ErrCursor
	}
	id, err := catalog.ParseEventID("evt_" + number)
	if err != nil {
		return time.Time{}, 0, ErrCursor
	}
	return time.UnixMilli(ms), id, nil
}

// The formats of seat plans.
const (
	OwnPlan    = "ticketflow"
	PretixPlan = "pretix"
)

// PlanFormat tells the formats apart: only plans of pretix have zones. It reads no further than to
// the first member that decides; what it can't read it takes for our own.
func PlanFormat(body []byte) string {
	d := json.NewDecoder(bytes.NewReader(body))
	if _, err := d.Token(); err != nil {
		return OwnPlan
	}
	for d.More() {
		name, err := d.Token()
		if err != nil || name == "sections" {
			break
		}
		if name == "zones" {
			return PretixPlan
		}
		var skipped json.RawMessage
		if d.Decode(&skipped) != nil {
			break
		}
	}
	return OwnPlan
}
