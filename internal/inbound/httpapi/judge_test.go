package httpapi_test

import (
	"bytes"
	"mime"
	"net/http"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v6"
)

// The standard's own schema of documents, from https://spec.openapis.org/oas/3.1/schema/2022-10-07.
const (
	standardPath = "testdata/openapi-3.1.schema.json"
	standardURL  = "https://spec.openapis.org/oas/3.1/schema/2022-10-07"
	documentURL  = "https://ticketflow.invalid/openapi.json"
)

// judge compares answers with the document as its readers have it: by the text, not by what the
// program made it from.
type judge struct {
	compiler *jsonschema.Compiler
	document any
	schemas  map[string]*jsonschema.Schema // by where they are in the document
}

func newJudge(tb testing.TB, spec []byte) judge {
	tb.Helper()
	j := judge{compiler: jsonschema.NewCompiler(), schemas: map[string]*jsonschema.Schema{}}
	j.compiler.AssertFormat()
	standard, err := os.ReadFile(filepath.FromSlash(standardPath))
	if err != nil {
		tb.Fatal(err)
	}
	for url, text := range map[string][]byte{standardURL: standard, documentURL: spec} {
		resource, err := jsonschema.UnmarshalJSON(bytes.NewReader(text))
		if err != nil {
			tb.Fatal(err)
		}
		if err := j.compiler.AddResource(url, resource); err != nil {
			tb.Fatal(err)
		}
		if url == documentURL {
			j.document = resource
		}
	}
	return j
}

// schema finds a schema by its address.
func (j judge) schema(tb testing.TB, address string) *jsonschema.Schema {
	tb.Helper()
	if s, ok := j.schemas[address]; ok {
		return s
	}
	s, err := j.compiler.Compile(address)
	if err != nil {
		tb.Fatal(err)
	}
	j.schemas[address] = s
	return s
}

// checkDocument wants the document to be what the standard calls one, and each schema in it to be a
// schema.
func (j judge) checkDocument(tb testing.TB) {
	tb.Helper()
	if err := j.schema(tb, standardURL).Validate(j.document); err != nil {
		tb.Error(err)
	}
	components, _ := j.document.(map[string]any)["components"].(map[string]any)
	schemas, _ := components["schemas"].(map[string]any)
	if len(schemas) == 0 {
		tb.Error("the document has no schemas")
	}
	for name := range schemas {
		j.schema(tb, pointer("components", "schemas", name))
	}
}

// pointer is the address of a part of the document (RFC 6901).
func pointer(path ...string) string {
	escape := strings.NewReplacer("~", "~0", "/", "~1")
	address := documentURL + "#"
	for _, part := range path {
		address += "/" + escape.Replace(part)
	}
	return address
}

// check says what the document doesn't promise about an operation's answer.
func (j judge) check(tb testing.TB, op operation, r reply) {
	tb.Helper()
	status := strconv.Itoa(r.status)
	promised := op.Responses[status]
	if promised == nil {
		tb.Errorf("%s: the document doesn't know the status %s", op.OperationID, status)
		return
	}
	if len(promised.Content) == 0 {
		if len(r.body) > 0 {
			tb.Errorf("%s: %s has a body: %.300q", op.OperationID, status, r.body)
		}
		return
	}
	media, _, err := mime.ParseMediaType(r.header.Get("Content-Type"))
	if err != nil || promised.Content[media] == nil {
		tb.Errorf("%s: %s is %q: %v", op.OperationID, status, media, err)
		return
	}
	if media != "application/json" && !strings.HasSuffix(media, "+json") {
		return
	}
	body, err := jsonschema.UnmarshalJSON(bytes.NewReader(r.body))
	if err != nil {
		tb.Errorf("%s: %s %.300q: %v", op.OperationID, status, r.body, err)
		return
	}
	err = j.schema(tb, pointer("paths", op.path, strings.ToLower(op.method), "responses", status,
		"content", media, "schema")).Validate(body)
	if err != nil {
		tb.Errorf("%s: %s %.300q: %v", op.OperationID, status, r.body, err)
	}
}

// failures counts what a judge says.
type failures struct {
	testing.TB
	n int
}

func (f *failures) Helper()               {}
func (f *failures) Error(...any)          { f.n++ }
func (f *failures) Errorf(string, ...any) { f.n++ }

// TestJudgeTurnsRed shows the judge answers that the document doesn't promise, and a document that
// isn't one.
func TestJudgeTurnsRed(t *testing.T) {
	h := open(t)
	j := newJudge(t, h.spec())
	right := h.call(http.MethodGet, "/v1/events", "")
	var list operation
	for _, op := range h.operations() {
		if op.path == "/v1/events" && op.method == http.MethodGet {
			list = op
		}
	}
	for name, spoil := range map[string]func(*reply){
		"nothing":    func(*reply) {},
		"the status": func(r *reply) { r.status = http.StatusTeapot },
		"the media":  func(r *reply) { r.header.Set("Content-Type", "text/html") },
		"the syntax": func(r *reply) { r.body = r.body[1:] },
		"a field": func(r *reply) {
			r.body = bytes.Replace(r.body, []byte(`"id"`), []byte(`"no"`), 1)
		},
		"a format": func(r *reply) {
			r.body = bytes.Replace(r.body, []byte(`"starts_at":"2`), []byte(`"starts_at":"x`), 1)
		},
	} {
		r := right
		r.header, r.body = right.header.Clone(), bytes.Clone(right.body)
		spoil(&r)
		said := &failures{TB: t}
		if j.check(said, list, r); (said.n == 0) != (name == "nothing") {
			t.Errorf("%s is spoilt: %d findings", name, said.n)
		}
	}
	bad := bytes.Replace(h.spec(), []byte(`"responses"`), []byte(`"answers"`), 1)
	said := &failures{TB: t}
	if newJudge(t, bad).checkDocument(said); said.n == 0 {
		t.Error("a document without the answers of an operation was accepted")
	}
}
