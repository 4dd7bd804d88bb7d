// Package errs names the ways in which TicketFlow can say no.
//
// A business failure is a package variable beside its rule, made with New: it carries a Kind (which
// the edge turns into a status), a stable code for programs and a text that is fit for a buyer.
// Anything that is not an *Error is an internal failure and its text never leaves the process.
package errs

import (
	"errors"
	"maps"
)

// Kind classifies a failure by who can do something about it.
type Kind uint8

// The kinds of failure. The edge holds the one table from Kind to HTTP status.
const (
	Internal        Kind = iota // a defect or an outage inside; the text is never shown
	Malformed                   // the request can't be read (400)
	Invalid                     // the request can be read but asks for something impossible (422)
	Unauthenticated             // nobody proved who they are (401)
	Forbidden                   // known, but not allowed (403)
	NotFound                    // there is no such thing, or it is not yours to see (404)
	Conflict                    // the state of the world says no (409)
	Gone                        // it was there and has ended (410)
	TooLarge                    // the body is over its limit (413)
	TooMany                     // a limit of rate or number was reached (429)
	Unavailable                 // try again soon; the outcome may be unknown (503)
)

// Error is a failure that may be shown. It is immutable and safe for concurrent use.
type Error struct {
	kind   Kind
	code   string
	text   string
	detail string
	fields map[string]any
	origin *Error
}

// New makes the failure of one rule: code is stable and snake_case, text is a sentence for people.
func New(kind Kind, code, text string) *Error {
	return &Error{kind: kind, code: code, text: text}
}

// Error returns the text, with the detail where there is one.
func (e *Error) Error() string {
	if e.detail == "" {
		return e.text
	}
	return e.text + " " + e.detail
}

// Kind tells the class of the failure.
func (e *Error) Kind() Kind { return e.kind }

// Code is the stable name that programs branch on.
func (e *Error) Code() string { return e.code }

// Text is the sentence of the rule, without the detail of one occasion.
func (e *Error) Text() string { return e.text }

// Detail is the sentence about this occasion, or empty.
func (e *Error) Detail() string { return e.detail }

// Fields are the machine-readable extras of this occasion (for instance which places were taken).
// The map must not be changed.
func (e *Error) Fields() map[string]any { return e.fields }

// With returns a copy with a detail for this occasion. errors.Is still finds the rule.
func (e *Error) With(detail string) *Error {
	c := *e
	c.detail = detail
	c.origin = e.rule()
	return &c
}

// WithField returns a copy with one more machine-readable extra.
func (e *Error) WithField(name string, value any) *Error {
	c := *e
	c.fields = make(map[string]any, len(e.fields)+1)
	maps.Copy(c.fields, e.fields)
	c.fields[name] = value
	c.origin = e.rule()
	return &c
}

// Is makes errors.Is(err, ErrRule) true for every copy of ErrRule.
func (e *Error) Is(target error) bool {
	t, ok := target.(*Error)
	return ok && e.rule() == t.rule()
}

func (e *Error) rule() *Error {
	if e.origin != nil {
		return e.origin
	}
	return e
}

// KindOf classifies any error; what is not an *Error is Internal.
func KindOf(err error) Kind {
	if e, ok := errors.AsType[*Error](err); ok {
		return e.kind
	}
	return Internal
}
