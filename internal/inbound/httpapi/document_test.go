package httpapi_test

import (
	"bytes"
	"encoding/json"
	"flag"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/danielgtaylor/huma/v2"
)

var update = flag.Bool("update", false, "write docs/openapi.json anew")

const documentPath = "../../../docs/openapi.json"

// operation is one operation of the document.
type operation struct {
	*huma.Operation
	method, path string
}

// spec is the document's text.
func (h *house) spec() []byte {
	h.tb.Helper()
	text, err := h.api.Spec()
	if err != nil {
		h.tb.Fatal(err)
	}
	return text
}

// operations are all of the document, in a fixed order.
func (h *house) operations() (all []operation) {
	for path, item := range h.api.OpenAPI().Paths {
		for method, op := range map[string]*huma.Operation{http.MethodGet: item.Get,
			http.MethodPost: item.Post, http.MethodDelete: item.Delete} {
			if op != nil {
				all = append(all, operation{op, method, path})
			}
		}
	}
	slices.SortFunc(all, func(a, b operation) int {
		return strings.Compare(a.OperationID, b.OperationID)
	})
	return all
}

func (o operation) guarded() bool {
	return len(o.Security) == 1 && o.Security[0]["organiserKey"] != nil
}

func TestDocumentIsValid(t *testing.T) {
	h := open(t)
	newJudge(t, h.spec()).checkDocument(t)
	r := h.call(http.MethodGet, "/openapi.json", "")
	if r.want(http.StatusOK, ""); !bytes.Equal(r.body, h.spec()) {
		t.Error("/openapi.json is not the description")
	}
}

func TestDocumentIsCurrent(t *testing.T) {
	h := open(t)
	want := append(bytes.Clone(h.spec()), '\n')
	if *update {
		if err := os.WriteFile(filepath.FromSlash(documentPath), want, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	got, err := os.ReadFile(filepath.FromSlash(documentPath))
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(got, want) {
		t.Error("docs/openapi.json is stale: " +
			"go test ./internal/inbound/httpapi -run Current -update")
	}
}

func TestEveryOperationIsDescribed(t *testing.T) {
	h := open(t)
	for _, op := range h.operations() {
		t.Run(op.OperationID, func(t *testing.T) {
			if op.Summary == "" || op.Description == "" || len(op.Tags) != 1 {
				t.Errorf("no words: %q %q %v", op.Summary, op.Description, op.Tags)
			}
			if op.RequestBody != nil {
				for media, m := range op.RequestBody.Content {
					if m.Example == nil || m.Schema == nil {
						t.Errorf("the request has no example of %s", media)
					}
				}
			}
			problems := 0
			for status, answer := range op.Responses {
				problem := answer.Content["application/problem+json"]
				if problem != nil {
					problems++
				}
				for media, m := range answer.Content {
					if m.Schema == nil ||
						problem == nil && m.Example == nil && len(answer.Content) == 1 {
						t.Errorf("the answer %s has no schema or example of %s", status, media)
					}
				}
			}
			if problems < 3 {
				t.Errorf("only %d problems are described", problems)
			}
			for _, p := range op.Parameters {
				if p.Description == "" || p.Schema == nil {
					t.Errorf("the parameter %s has no words", p.Name)
				}
			}
		})
	}
}

// TestExamplesFitTheirSchemas validates each example by the schema beside it.
func TestExamplesFitTheirSchemas(t *testing.T) {
	h := open(t)
	registry := h.api.OpenAPI().Components.Schemas
	check := func(t *testing.T, where string, m *huma.MediaType, mode huma.ValidateMode) {
		t.Helper()
		text, err := json.Marshal(m.Example)
		if err != nil {
			t.Fatal(err)
		}
		var value any
		if err := json.Unmarshal(text, &value); err != nil {
			t.Fatal(err)
		}
		result := &huma.ValidateResult{}
		path := huma.NewPathBuffer([]byte{}, 0)
		if huma.Validate(registry, m.Schema, path, mode, value, result); len(result.Errors) > 0 {
			t.Errorf("%s: the example %s doesn't fit: %v", where, text, result.Errors)
		}
	}
	for _, op := range h.operations() {
		t.Run(op.OperationID, func(t *testing.T) {
			if op.RequestBody != nil && op.OperationID != "receiveNotice" {
				check(t, "request", op.RequestBody.Content["application/json"],
					huma.ModeWriteToServer)
			}
			for status, answer := range op.Responses {
				if m := answer.Content["application/json"]; m != nil && m.Example != nil {
					check(t, status, m, huma.ModeReadFromServer)
				}
			}
		})
	}
}
