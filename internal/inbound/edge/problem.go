package edge

import (
	"context"
	"encoding/json"
	"errors"
	"log/slog"
	"maps"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"ticketflow/internal/app/strictjson"
	"ticketflow/internal/domain/catalog"
	"ticketflow/internal/domain/errs"
)

// ProblemType is the media type of a problem document (RFC 9457 §3).
const ProblemType = "application/problem+json"

// typePrefix and the code are the problem's type: a name, not an address (RFC 9457 §3.1.1).
const typePrefix = "urn:ticketflow:problem:"

// retryAfterSeconds is what 429 and 503 tell the client to wait.
const retryAfterSeconds = 1

// retryField is the member of a problem that says how many seconds to wait.
const retryField = "retry_after_seconds"

// Failures that every operation can meet before it begins.
var (
	ErrOverloaded = errs.New(errs.Unavailable, "overloaded",
		"Too many requests at this moment. Please try again in a second.")
	ErrBodyTooLarge = errs.New(errs.TooLarge, "body_too_large",
		"The body of the request is too large.")
	ErrBodyBroken = errs.New(errs.Malformed, "body_broken",
		"The body of the request could not be read.")
	ErrTimedOut = errs.New(errs.Unavailable, "timed_out",
		"The request took too long. Please repeat it with the same key.")
	errInternal = errs.New(errs.Internal, "internal",
		"Something went wrong on our side. It was recorded.")
)

// statuses is the one table from the kind of a failure to the status of the answer.
var statuses = [...]int{
	errs.Internal:        http.StatusInternalServerError,
	errs.Malformed:       http.StatusBadRequest,
	errs.Invalid:         http.StatusUnprocessableEntity,
	errs.Unauthenticated: http.StatusUnauthorized,
	errs.Forbidden:       http.StatusForbidden,
	errs.NotFound:        http.StatusNotFound,
	errs.Conflict:        http.StatusConflict,
	errs.Gone:            http.StatusGone,
	errs.TooLarge:        http.StatusRequestEntityTooLarge,
	errs.TooMany:         http.StatusTooManyRequests,
	errs.Unavailable:     http.StatusServiceUnavailable,
}

// StatusOf is the HTTP status of a kind of failure.
func StatusOf(k errs.Kind) int {
	if int(k) < len(statuses) {
		return statuses[k]
	}
	return http.StatusInternalServerError
}

// Problem is a problem document, ready to be sent.
type Problem struct {
	Status    int
	Code      string // stable, snake_case
	Title     string // of the code
	Detail    string // of this occasion, may be empty
	RequestID string
	Fields    map[string]any // extras of this occasion
}

// ProblemOf turns any failure into a problem. What is not meant for clients becomes opaque and is
// logged, once, with the request's id.
func ProblemOf(ctx context.Context, log *slog.Logger, requestID string, err error) Problem {
	var tooLarge *http.MaxBytesError
	e, known := errors.AsType[*errs.Error](err)
	switch {
	case known && e.Kind() != errs.Internal:
	case errors.As(err, &tooLarge):
		e = ErrBodyTooLarge
	case errors.Is(err, context.Canceled), errors.Is(err, context.DeadlineExceeded):
		e = ErrTimedOut
	default:
		log.ErrorContext(ctx, "request failed", "request_id", requestID, "error", err)
		e = errInternal
	}
	return Problem{Status: StatusOf(e.Kind()), Code: e.Code(), Title: e.Text(),
		Detail: e.Detail(), RequestID: requestID, Fields: e.Fields()}
}

// AppendJSON appends the document: the members of RFC 9457, then code and request_id, then the
// extras by name.
func (p Problem) AppendJSON(b []byte) []byte {
	b = append(append(b, `{"type":"`+typePrefix...), p.Code...)
	b = strictjson.AppendString(append(b, `","title":`...), p.Title)
	b = strconv.AppendInt(append(b, `,"status":`...), int64(p.Status), 10)
	if p.Detail != "" {
		b = strictjson.AppendString(append(b, `,"detail":`...), p.Detail)
	}
	b = strictjson.AppendString(append(b, `,"code":`...), p.Code)
	if p.RequestID != "" {
		b = strictjson.AppendString(append(b, `,"request_id":`...), p.RequestID)
	}
	for _, name := range slices.Sorted(maps.Keys(p.Fields)) {
		b = strictjson.AppendString(append(b, ','), name)
		b = appendField(append(b, ':'), p.Fields[name])
	}
	return append(b, '}')
}

// MarshalJSON implements json.Marshaler.
func (p Problem) MarshalJSON() ([]byte, error) { return p.AppendJSON(nil), nil }

// appendField writes one extra; the kinds that a rush is full of are written without reflection.
func appendField(b []byte, value any) []byte {
	switch v := value.(type) {
	case []catalog.PlaceNo:
		b = append(b, '[')
		for i, n := range v {
			if i > 0 {
				b = append(b, ',')
			}
			b = strconv.AppendUint(b, uint64(n), 10)
		}
		return append(b, ']')
	case json.RawMessage:
		return append(b, v...)
	case string:
		return strictjson.AppendString(b, v)
	case int:
		return strconv.AppendInt(b, int64(v), 10)
	case time.Time:
		return strictjson.AppendTime(b, v)
	}
	text, err := json.Marshal(value)
	if err != nil {
		return append(b, "null"...)
	}
	return append(b, text...)
}

// Fail answers with the problem of err.
func Fail(w http.ResponseWriter, r *http.Request, err error) {
	x := exchangeOf(w)
	if x == nil {
		WriteProblem(w, ProblemOf(r.Context(), slog.Default(), "", err))
		return
	}
	x.mux.write(w, r, ProblemOf(r.Context(), x.mux.log, x.id, err))
}

// apiPrefix is what programs ask for: they get problem documents whatever they accept.
const apiPrefix = "/v1/"

// write answers with a problem: as a page if a person's browser asks and there are pages.
func (m *Mux) write(w http.ResponseWriter, r *http.Request, p Problem) {
	if m.page == nil || strings.HasPrefix(r.URL.Path, apiPrefix) ||
		!strings.Contains(r.Header.Get("Accept"), "text/html") {
		WriteProblem(w, p)
		return
	}
	p.addHeaders(w.Header())
	m.page(w, r, p)
}

// WriteProblem sends a problem document.
func WriteProblem(w http.ResponseWriter, p Problem) {
	h := w.Header()
	h["Content-Type"] = problemType
	h["Cache-Control"] = noStore
	p.addHeaders(h)
	buf := buffers.Get().(*[]byte)
	defer buffers.Put(buf)
	*buf = p.AppendJSON((*buf)[:0])
	w.WriteHeader(p.Status)
	_, _ = w.Write(*buf) // who has gone can't be told
}

// addHeaders sets what goes with the status.
func (p Problem) addHeaders(h http.Header) {
	switch p.Status {
	case http.StatusTooManyRequests, http.StatusServiceUnavailable:
		h["Retry-After"] = retryAfter
		if seconds, ok := p.Fields[retryField].(int); ok {
			h["Retry-After"] = []string{strconv.Itoa(seconds)}
		}
	case http.StatusUnauthorized:
		h["Www-Authenticate"] = bearerChallenge
	}
}

// Headers are the headers that go with the status: Retry-After, WWW-Authenticate.
func (p Problem) Headers() http.Header {
	h := http.Header{}
	p.addHeaders(h)
	return h
}
