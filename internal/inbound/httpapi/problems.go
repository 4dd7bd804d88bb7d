package httpapi

import (
	"context"
	"errors"
	"net/http"
	"strings"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humago"

	"ticketflow/internal/inbound/edge"
)

// maxProblemErrors bounds how many defects of a body one problem lists.
const maxProblemErrors = 20

// Failure is a problem document (RFC 9457) as huma sends it: the edge's, with the status that huma
// asks for.
//
//nolint:errname // a failure, as everywhere in this code, and no error to compare with
type Failure struct{ edge.Problem }

// Defect is one thing that is wrong with a request.
type Defect struct {
	Location string `json:"location" example:"body.title" doc:"Where it is: path, query, header or body"`
	Message  string `json:"message" example:"expected string"`
}

var (
	_ huma.StatusError       = (*Failure)(nil)
	_ huma.HeadersError      = (*Failure)(nil)
	_ huma.ContentTypeFilter = (*Failure)(nil)
	_ huma.SchemaProvider    = (*Failure)(nil)
)

// Error implements error.
func (f *Failure) Error() string { return f.Title }

// GetStatus implements huma.StatusError.
func (f *Failure) GetStatus() int { return f.Status }

// GetHeaders implements huma.HeadersError.
func (f *Failure) GetHeaders() http.Header { return f.Problem.Headers() }

// ContentType implements huma.ContentTypeFilter.
func (f *Failure) ContentType(string) string { return edge.ProblemType }

// Schema implements huma.SchemaProvider: one schema that all operations refer to.
func (f *Failure) Schema(r huma.Registry) *huma.Schema {
	const name = "Problem"
	if r.Map()[name] == nil {
		r.Map()[name] = &huma.Schema{} // it is being made
		r.Map()[name] = problemSchema(r)
	}
	return &huma.Schema{Ref: schemaPrefix + name}
}

// problemSchema is the members of each problem; a code may add its own.
func problemSchema(r huma.Registry) *huma.Schema {
	text := func(description, example string) *huma.Schema {
		return &huma.Schema{Type: huma.TypeString, Description: description,
			Examples: []any{example}}
	}
	place, lost := schemaOf(r, Place{}), schemaOf(r, LostPlace{})
	s := &huma.Schema{
		Type:  huma.TypeObject,
		Title: "Problem",
		Description: "A problem document (RFC 9457). Programs branch on code; some codes add " +
			"members of their own.",
		Required:             []string{"type", "title", "status", "code"},
		AdditionalProperties: true,
		Properties: map[string]*huma.Schema{
			"type":  text("Name of the kind of problem", "urn:ticketflow:problem:place_taken"),
			"title": text("A sentence for people", "Somebody else has one of these places."),
			"status": {Type: huma.TypeInteger, Description: "The HTTP status",
				Examples: []any{http.StatusConflict}},
			"detail":     text("What is special about this occasion", "The field best.count …"),
			"code":       text("Stable name, for programs", "place_taken"),
			"request_id": text("Tell it to the support", "0f2a6c1d9e8b7a6f5c4d"),
			"field":      text("The field that is not as it should be", "best.count"),
			"taken": {Type: huma.TypeArray, Items: &huma.Schema{Type: huma.TypeInteger},
				Description: "place_taken: the places that somebody else has"},
			"lost": {Type: huma.TypeArray, Items: lost,
				Description: "place_taken: the same places with their labels and states"},
			"alone": {Type: huma.TypeArray, Items: lost,
				Description: "orphan_seat: the free seats that would stay alone"},
			"instead": {Type: huma.TypeArray, Items: place,
				Description: "place_taken and orphan_seat: what to ask for in place of what was " +
					"asked for, as many places of the same price; empty if there are none"},
			"errors": {Type: huma.TypeArray, Items: schemaOf(r, Defect{}),
				Description: "invalid_request: everything that is wrong with it"},
		},
	}
	s.PrecomputeMessages()
	return s
}

// refusal turns a handler's failure into what huma sends.
func (s *Server) refusal(ctx context.Context, err error) error {
	if already, ok := errors.AsType[*Failure](err); ok {
		return already
	}
	return &Failure{edge.ProblemOf(ctx, s.log, edge.RequestIDIn(ctx), err)}
}

// huma finds its words for defects of a request in package variables. They are set here, before
// anything else runs, and never again.
func init() {
	huma.NewError = func(status int, text string, found ...error) huma.StatusError {
		return invalid("", status, text, found)
	}
	huma.NewErrorWithContext = func(
		ctx huma.Context, status int, text string, found ...error,
	) huma.StatusError {
		_, w := humago.Unwrap(ctx)
		return invalid(edge.RequestID(w), status, text, found)
	}
}

// invalid is the problem of a request that huma refuses. It doesn't repeat what was sent.
func invalid(requestID string, status int, text string, found []error) *Failure {
	p := edge.Problem{Status: status, RequestID: requestID, Code: "invalid_request",
		Title: "The request is not as it should be."}
	switch {
	case status == http.StatusRequestEntityTooLarge || tooLarge(found):
		p.Status, p.Code = http.StatusRequestEntityTooLarge, edge.ErrBodyTooLarge.Code()
		p.Title = edge.ErrBodyTooLarge.Text()
		return &Failure{p}
	case status == http.StatusInternalServerError && strings.HasPrefix(text, "cannot read"):
		p.Status, p.Code = http.StatusBadRequest, edge.ErrBodyBroken.Code()
		p.Title = edge.ErrBodyBroken.Text()
		return &Failure{p}
	case status == http.StatusBadRequest:
		p.Code, p.Title = "malformed_request", "The request can't be read."
	case status == http.StatusUnsupportedMediaType:
		p.Status, p.Code, p.Title = http.StatusBadRequest, errNotJSON.Code(), errNotJSON.Text()
	}
	var defects []Defect
	for _, err := range found[:min(len(found), maxProblemErrors)] {
		if d, ok := errors.AsType[*huma.ErrorDetail](err); ok {
			defects = append(defects, Defect{Location: d.Location, Message: d.Message})
		}
	}
	if len(defects) > 0 {
		p.Fields = map[string]any{"errors": defects}
		p.Detail = defects[0].Location + ": " + defects[0].Message
	}
	return &Failure{p}
}

func tooLarge(found []error) bool {
	for _, err := range found {
		if _, ok := errors.AsType[*http.MaxBytesError](err); ok {
			return true
		}
	}
	return false
}
