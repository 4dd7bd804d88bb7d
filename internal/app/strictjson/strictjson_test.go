package strictjson

import (
	"encoding/json"
	"errors"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"pgregory.net/rapid"

	"ticketflow/internal/domain/errs"
)

var fields = []string{"n", "s", "b", "list", "in"}

// thing is the shape that the tests read.
type thing struct {
	N    uint64   `json:"n"`
	S    string   `json:"s"`
	B    bool     `json:"b"`
	List []uint64 `json:"list"`
	In   *thing   `json:"in"`
}

func read(r *Reader) *thing {
	v := &thing{}
	r.Object(fields, func(field int) {
		switch field {
		case 0:
			v.N = r.Uint(1 << 40)
		case 1:
			v.S = r.Text(20)
		case 2:
			v.B = r.Bool()
		case 3:
			v.List = []uint64{}
			r.Array(3, func() { v.List = append(v.List, r.Uint(1000)) })
		case 4:
			v.In = read(r)
		}
	})
	return v
}

func TestReads(t *testing.T) {
	r := NewReader([]byte(" {\"n\" : 1099511627776,\t\"s\":\"a\\u00e9\\ud83c\\udfad\\/\"," +
		"\"b\":true,\r\n\"list\":[1,0,1000],\"in\":{\"b\":false}} \n"))
	v := read(&r)
	if err := r.End(); err != nil {
		t.Fatal(err)
	}
	if v.N != 1<<40 || v.S != "aé🎭/" || !v.B || len(v.List) != 3 || v.In == nil || v.In.B {
		t.Errorf("got %+v", v)
	}
}

func TestRefuses(t *testing.T) {
	for body, want := range map[string]struct {
		kind  errs.Kind
		field string
	}{
		``:                                {errs.Malformed, ""},
		`   `:                             {errs.Malformed, ""},
		`{`:                               {errs.Malformed, ""},
		`{"n"`:                            {errs.Malformed, ""},
		`{"n":`:                           {errs.Malformed, ""},
		`{"n":1`:                          {errs.Malformed, ""},
		`{"n":1,}`:                        {errs.Malformed, ""},
		`{,}`:                             {errs.Malformed, ""},
		`{"n" 1}`:                         {errs.Malformed, ""},
		`{"n":1}{}`:                       {errs.Malformed, ""},
		`{"n":1} x`:                       {errs.Malformed, ""},
		`{n:1}`:                           {errs.Malformed, ""},
		`{"n":01}`:                        {errs.Malformed, ""},
		`{"s":"` + "\xff" + `"}`:          {errs.Malformed, ""},
		`{"s":"\u00e9` + "\xff" + `"}`:    {errs.Malformed, ""},
		`{"s":"` + "\n" + `"}`:            {errs.Malformed, ""},
		`{"s":"\n` + "\n" + `"}`:          {errs.Malformed, ""},
		`{"s":"\x"}`:                      {errs.Malformed, ""},
		`{"s":"\u12"}`:                    {errs.Malformed, ""},
		`{"s":"\u12`:                      {errs.Malformed, ""},
		`{"s":"\u00zz"}`:                  {errs.Malformed, ""},
		`{"s":"\ud83c"}`:                  {errs.Malformed, ""},
		`{"s":"\ud83c\u0041"}`:            {errs.Malformed, ""},
		`{"s":"\udfad"}`:                  {errs.Malformed, ""},
		`{"s":"a`:                         {errs.Malformed, ""},
		`{"s":"\n`:                        {errs.Malformed, ""},
		`{"s":"\`:                         {errs.Malformed, ""},
		`{"b":tru}`:                       {errs.Invalid, "b"},
		`{"b":1}`:                         {errs.Invalid, "b"},
		`{"b":null}`:                      {errs.Invalid, "b"},
		`null`:                            {errs.Invalid, ""},
		`[]`:                              {errs.Invalid, ""},
		`1`:                               {errs.Invalid, ""},
		`{"x":1}`:                         {errs.Invalid, "x"},
		`{"N":1}`:                         {errs.Invalid, "N"},
		`{"n":1,"n":1}`:                   {errs.Invalid, "n"},
		`{"n":"1"}`:                       {errs.Invalid, "n"},
		`{"n":-1}`:                        {errs.Invalid, "n"},
		`{"n":-}`:                         {errs.Invalid, "n"},
		`{"n":1.0}`:                       {errs.Invalid, "n"},
		`{"n":1e2}`:                       {errs.Invalid, "n"},
		`{"n":1099511627777}`:             {errs.Invalid, "n"},
		`{"n":99999999999999999999}`:      {errs.Invalid, "n"},
		`{"s":1}`:                         {errs.Invalid, "s"},
		`{"s":"012345678901234567890"}`:   {errs.Invalid, "s"},
		`{"list":1}`:                      {errs.Invalid, "list"},
		`{"list":[1,2,3,4]}`:              {errs.Invalid, "list"},
		`{"list":[1001]}`:                 {errs.Invalid, "list"},
		`{"list":[1 2]}`:                  {errs.Malformed, ""},
		`{"list":[1,]}`:                   {errs.Malformed, ""},
		`{"in":{"in":{"x":1}}}`:           {errs.Invalid, "in.in.x"},
		strings.Repeat(`{"in":`, 100_000): {errs.Invalid, "in.in.in.in.in.in.in.in"},
	} {
		refuses(t, body, want.kind, want.field)
	}
}

func refuses(t *testing.T, body string, kind errs.Kind, field string) {
	t.Helper()
	r := NewReader([]byte(body))
	read(&r)
	err := r.End()
	e, ok := errors.AsType[*errs.Error](err)
	if !ok || e.Kind() != kind {
		t.Errorf("%.60q: got %v, want kind %d", body, err, kind)
		return
	}
	if got, _ := e.Fields()["field"].(string); got != field {
		t.Errorf("%.60q: the field is %q, want %q", body, got, field)
	}
	if e.Detail() == "" {
		t.Errorf("%.60q: no detail", body)
	}
}

func TestFirstFailureIsKept(t *testing.T) {
	r := NewReader([]byte(`{"n":-1,"s":2}`))
	read(&r)
	first := r.Err()
	r.Refuse("is something else.")
	r.Array(1, func() {})
	if r.Uint(1) != 0 || r.Bool() || r.Text(1) != "" || r.Object(fields, func(int) {}) != 0 ||
		r.End() != first || first == nil { //nolint:errorlint // the very same
		t.Errorf("after %v came %v", first, r.End())
	}
	if err := RefuseField("a.b", "is odd."); !errors.Is(err, ErrField) {
		t.Errorf("got %v", err)
	}
}

// FuzzReader: what it takes, encoding/json takes too, and reads the same.
func FuzzReader(f *testing.F) {
	f.Add([]byte(`{"n":1,"s":"\ud83c\udfad","b":true,"list":[1],"in":{"in":{}}}`))
	f.Add([]byte(`{"s":"\u0000\\\"","list":[]}`))
	f.Fuzz(func(t *testing.T, body []byte) {
		r := NewReader(body)
		v := read(&r)
		if err := r.End(); err != nil {
			if _, ok := errors.AsType[*errs.Error](err); !ok {
				t.Fatalf("%q: %v", body, err)
			}
			return
		}
		var want thing
		if err := json.Unmarshal(body, &want); err != nil {
			t.Fatalf("%q was taken, encoding/json says %v", body, err)
		}
		got, err := json.Marshal(v)
		if err != nil {
			t.Fatal(err)
		}
		if text, err := json.Marshal(want); err != nil || string(text) != string(got) {
			t.Fatalf("%q was read as %s, by encoding/json as %s (%v)", body, got, text, err)
		}
	})
}

// FuzzAppendString: exactly as encoding/json writes it.
func FuzzAppendString(f *testing.F) {
	f.Add("plain")
	f.Add("<a href=\"x\">&'\\\u2028\u2029\x00\x1f\x7f\b\f\n\r\té🎭\xff\xc3(")
	f.Fuzz(func(t *testing.T, s string) {
		want, err := json.Marshal(s)
		if err != nil {
			t.Fatal(err)
		}
		if got := AppendString(nil, s); string(got) != string(want) {
			t.Fatalf("%q: got %s, want %s", s, got, want)
		}
		if utf8.ValidString(s) {
			r := NewReader(want)
			if back := r.Text(len(s)); back != s || r.End() != nil {
				t.Fatalf("%q came back as %q", s, back)
			}
		}
	})
}

func TestAppendTime(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		at := time.Unix(rapid.Int64Range(0, 250_000_000_000).Draw(t, "s"),
			rapid.Int64Range(0, 999_999_999).Draw(t, "ns")).UTC()
		want, err := json.Marshal(at)
		if err != nil {
			t.Fatal(err)
		}
		if got := AppendTime(nil, at); string(got) != string(want) {
			t.Fatalf("got %s, want %s", got, want)
		}
	})
	if string(AppendBool(AppendBool(nil, true), false)) != "truefalse" {
		t.Error("AppendBool is wrong")
	}
}
