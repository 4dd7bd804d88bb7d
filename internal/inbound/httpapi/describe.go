package httpapi

import (
	"bytes"
	"context"
	"encoding/json"
	"net/http"
	"reflect"
	"regexp"
	"strconv"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humago"

	"ticketflow/internal/inbound/edge"
)

// access tells who may call an operation.
type access uint8

const (
	anybody access = iota
	withHoldToken
	withOrderToken // or the organiser's key
	withTicketToken
	organisers
)

// schemes are the names of the security schemes in the document, for each access.
var schemes = map[access][]string{
	withHoldToken:   {"holdToken"},
	withOrderToken:  {"orderToken", "orderTokenInQuery", "organiserKey"},
	withTicketToken: {"orderToken", "ticketToken", "organiserKey"},
	organisers:      {"organiserKey"},
}

// operation is one row of the page of routes.
type operation struct {
	method, path string
	class        edge.Class
	access       access
	bodyBytes    int64
}

func get(path string, class edge.Class, who access) operation {
	return operation{method: http.MethodGet, path: path, class: class, access: who}
}

func post(path string, class edge.Class, who access) operation {
	return operation{http.MethodPost, path, class, who, edge.MaxBodyBytes}
}

func remove(path string, class edge.Class, who access) operation {
	return operation{method: http.MethodDelete, path: path, class: class, access: who}
}

// upTo lets an operation take a larger body.
func (o operation) upTo(bytes int64) operation { o.bodyBytes = bytes; return o }

// words describe an operation.
type words struct {
	id, tag, summary, text string
	request                any    // example of the body; nil if there is none
	answer                 any    // example of the answer; nil if it has no body
	status                 int    // of the answer
	media                  string // of the answer, if it isn't JSON
	also                   string // another media type of the answer
	params                 []*huma.Param
	fails                  []int // statuses of problems, besides those of all operations
}

// everyFailure is what each operation may answer.
var everyFailure = []int{http.StatusTooManyRequests, http.StatusInternalServerError,
	http.StatusServiceUnavailable}

const jsonMedia = "application/json"

func (o operation) describe(w words) huma.Operation {
	d := huma.Operation{Method: o.method, Path: o.path, OperationID: w.id, Tags: []string{w.tag},
		Summary: w.summary, Description: w.text, DefaultStatus: w.status,
		MaxBodyBytes: o.bodyBytes + 1, // huma counts the limit itself as too much
		Errors:       append(append([]int(nil), w.fails...), everyFailure...),
		Metadata:     map[string]any{rowKey: o}, Parameters: w.params}
	for _, scheme := range schemes[o.access] {
		d.Security = append(d.Security, map[string][]string{scheme: {}})
	}
	if o.access == organisers {
		d.Errors = append(d.Errors, http.StatusUnauthorized)
	}
	return d
}

// rowKey finds the operation's row in its metadata.
const rowKey = "row"

func (s *Server) route(o operation, handle http.HandlerFunc) {
	r := edge.Route{Pattern: o.method + " " + o.path, Class: o.class, MaxBodyBytes: o.bodyBytes,
		Handler: handle}
	if o.access == organisers {
		r.Guard = s.guard
	}
	s.mux.Add(r)
}

// adapter lets huma add its operations to the same mux as the plain handlers.
type adapter struct{ server *Server }

// Handle implements huma.Adapter.
func (a adapter) Handle(op *huma.Operation, handle func(huma.Context)) {
	row, ok := op.Metadata[rowKey].(operation)
	if !ok {
		row = operation{method: op.Method, path: op.Path}
	}
	a.server.route(row, func(w http.ResponseWriter, r *http.Request) {
		ctx := edge.WithRequestID(r.Context(), w)
		r = r.WithContext(context.WithValue(ctx, requestKey{}, r))
		handle(humago.NewContext(op, r, w))
	})
}

// ServeHTTP implements huma.Adapter.
func (a adapter) ServeHTTP(w http.ResponseWriter, r *http.Request) { a.server.ServeHTTP(w, r) }

type requestKey struct{}

// requestIn is the request that a typed handler answers.
func requestIn(ctx context.Context) *http.Request {
	r, _ := ctx.Value(requestKey{}).(*http.Request)
	return r
}

// typed adds an operation that huma reads and writes.
func typed[I, O any](
	s *Server, o operation, w words, handle func(context.Context, *I) (*O, error),
) {
	d := o.describe(w)
	huma.Register(s.api, d, func(ctx context.Context, in *I) (*O, error) {
		out, err := handle(ctx, in)
		if err != nil {
			return nil, s.refusal(ctx, err)
		}
		return out, nil
	})
	added := operationAt(s.api.OpenAPI().Paths[o.path], o.method)
	if w.request != nil && added.RequestBody != nil {
		added.RequestBody.Content[jsonMedia].Example = plainValue(w.request)
	}
	if answer := added.Responses[strconv.Itoa(w.status)]; answer != nil && w.answer != nil {
		answer.Content[jsonMedia].Example = plainValue(w.answer)
	}
}

// plain adds an operation that is written by hand, and describes it.
func (s *Server) plain(o operation, w words, handle http.HandlerFunc) {
	s.route(o, handle)
	d := o.describe(w)
	registry := s.api.OpenAPI().Components.Schemas
	for _, name := range pathNames.FindAllStringSubmatch(o.path, -1) {
		d.Parameters = append(d.Parameters, pathParam(name[1]))
	}
	if w.request != nil {
		d.RequestBody = &huma.RequestBody{Required: true, Content: map[string]*huma.MediaType{
			jsonMedia: {Schema: schemaOf(registry, w.request), Example: plainValue(w.request)}}}
	}
	d.Responses = map[string]*huma.Response{}
	answer := &huma.Response{Description: http.StatusText(w.status)}
	switch {
	case w.media != "":
		answer.Content = map[string]*huma.MediaType{w.media: {
			Schema: &huma.Schema{Type: huma.TypeString}, Example: w.answer}}
	case w.answer != nil:
		answer.Content = map[string]*huma.MediaType{jsonMedia: {
			Schema: schemaOf(registry, w.answer), Example: plainValue(w.answer)}}
	}
	if w.also != "" {
		answer.Content[w.also] = &huma.MediaType{Schema: &huma.Schema{Type: huma.TypeString}}
	}
	d.Responses[strconv.Itoa(w.status)] = answer
	problem := huma.SchemaFromType(registry, reflect.TypeFor[Failure]())
	for _, status := range d.Errors {
		d.Responses[strconv.Itoa(status)] = &huma.Response{Description: http.StatusText(status),
			Content: map[string]*huma.MediaType{edge.ProblemType: {Schema: problem}}}
	}
	s.api.OpenAPI().AddOperation(&d)
}

func schemaOf(registry huma.Registry, example any) *huma.Schema {
	return registry.Schema(reflect.TypeOf(example), true, "")
}

// plainValue turns an example into what its JSON says, so that the document's encoder, which sorts
// by Go's names, doesn't see the struct.
func plainValue(example any) any {
	text, err := json.Marshal(example)
	if err != nil {
		return nil
	}
	return json.RawMessage(text)
}

var pathNames = regexp.MustCompile(`\{(\w+)\}`)

// pathWords describe the parameters in paths.
var pathWords = map[string][2]string{
	"event":    {"evt_1", "Identifier of an event"},
	"venue":    {"ven_1", "Identifier of a venue"},
	"plan":     {"pln_1", "Identifier of a seat plan"},
	"hold":     {exampleHold, "Identifier of a hold"},
	"order":    {exampleOrder, "Identifier of an order"},
	"ticket":   {exampleTicket, "Identifier of a ticket: a secret"},
	"provider": {"simpay", "Name of the payment provider"},
}

func pathParam(name string) *huma.Param {
	w := pathWords[name]
	return &huma.Param{Name: name, In: "path", Required: true, Description: w[1], Example: w[0],
		Schema: &huma.Schema{Type: huma.TypeString}}
}

func param(in, name, text string, example any, required bool) *huma.Param {
	kind := huma.TypeString
	if _, number := example.(int); number {
		kind = huma.TypeInteger
	}
	return &huma.Param{Name: name, In: in, Required: required, Description: text,
		Example: example, Schema: &huma.Schema{Type: kind}}
}

// keyParam is the header of every operation that creates or moves money or places.
var keyParam = &huma.Param{Name: "Idempotency-Key", In: "header", Required: true,
	Description: "Made by the client before it sends, 1 to 255 characters (16 or more for a " +
		"hold: best a UUID). The same key with the same body gets the same answer; with " +
		"another body 422.",
	Example: "4f9a1f0e-5d0b-4c7e-9a51-6b1f5d9d1c11",
	Schema:  &huma.Schema{Type: huma.TypeString, MinLength: new(1), MaxLength: new(255)}}

func operationAt(item *huma.PathItem, method string) *huma.Operation {
	switch method {
	case http.MethodGet:
		return item.Get
	case http.MethodDelete:
		return item.Delete
	default:
		return item.Post
	}
}

func encodeSpec(doc *huma.OpenAPI) (document, error) {
	text, err := json.Marshal(doc)
	if err != nil {
		return document{}, err
	}
	var out bytes.Buffer
	if err := json.Indent(&out, text, "", "  "); err != nil {
		return document{}, err
	}
	return newDocument(out.Bytes(), jsonMedia)
}
