package httpapi_test

import (
	"encoding/json"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"testing"

	"ticketflow/internal/effort"
	"ticketflow/internal/inbound/edge"
)

// spoiled is a request that is not as it should be.
type spoiled struct {
	name    string
	request request
	status  int // 0: any refusal will do, and so will a yes
	refused bool
}

// brokenBodies can't be read as any operation's body.
var brokenBodies = map[string]string{
	"nothing": "", "half an object": "{", "half a string": `{"`, "an array": "[]",
	"null": "null", "a number": "1", "a string": `"x"`, "no JSON": "<xml/>",
	"an unknown field": `{"surprise":1}`, "something behind": `{}{}`, "a comment": "{/* */}",
	"a single quote": `{'a':1}`, "not UTF-8": "{\"\xff\":1}", "a bare word": "{a:1}",
	"a comma too much": `{"a":1,}`, "a byte order mark": "\ufeff{}", "a zero byte": "{}\x00",
	"deep":        strings.Repeat(`{"a":`, 5_000) + "1" + strings.Repeat("}", 5_000),
	"deep arrays": strings.Repeat("[", 20_000),
}

// oddValues take the place of each value of a good body in turn.
var oddValues = []any{
	nil, true, -1, 0, 1.5, 1e300, json.Number("9223372036854775808"),
	json.Number("-9223372036854775809"), json.Number("18446744073709551616"),
	json.Number("1e999"), "", "x", "\x00", strings.Repeat("x", 3_000), "\u202e'\"<script>",
	[]any{}, map[string]any{}, []any{nil}, []any{-1}, []any{1, 1}, []any{4294967295},
	map[string]any{"a": map[string]any{}},
}

// variants replaces each value within v by each odd value, adds an unknown member to each object
// and leaves out each member.
func variants(v any, yield func(name string, changed any)) {
	for i, odd := range oddValues {
		yield("odd value "+strconv.Itoa(i), odd)
	}
	switch v := v.(type) {
	case map[string]any:
		surprise := maps.Clone(v)
		surprise["surprise"] = 1
		yield("unknown member", surprise)
		for _, name := range slices.Sorted(maps.Keys(v)) {
			without := maps.Clone(v)
			delete(without, name)
			yield("without "+name, without)
			variants(v[name], func(inner string, changed any) {
				with := maps.Clone(v)
				with[name] = changed
				yield(name+": "+inner, with)
			})
		}
	case []any:
		if len(v) == 0 {
			return
		}
		variants(v[0], func(inner string, changed any) {
			with := slices.Clone(v)
			with[0] = changed
			yield("first: "+inner, with)
		})
	}
}

// zeroed puts a zero byte, which not every ledger takes, behind each string within v in turn.
func zeroed(v any, yield func(changed any)) {
	switch v := v.(type) {
	case string:
		yield(v + "\x00")
	case map[string]any:
		for name := range v {
			zeroed(v[name], func(changed any) {
				with := maps.Clone(v)
				with[name] = changed
				yield(with)
			})
		}
	case []any:
		for i := range v {
			zeroed(v[i], func(changed any) {
				with := slices.Clone(v)
				with[i] = changed
				yield(with)
			})
		}
	}
}

var oddIDs = []string{
	"x", "evt_0", "evt_01", "evt_-1", "evt_99999999999999999999", "evt_4294967296", "evt_+1",
	"hld_", "ord_" + strings.Repeat("0", 39), "tkt_" + strings.Repeat("z", 45), "%00", "%E2%80%AE",
	"evt_1%2F..", "' OR 1=1 --", strings.Repeat("a", 2_000), "evt_777777", "pln_777777",
	"hld_00000081m2agyg800005m4y7h0qf22at2f3rgbg", "ord_00000081m2agyg80000z22at2f3rgbqh15d17hr",
}

// spoilPath puts odd identifiers into the path. good is the path of a right request.
func spoilPath(op operation, good request) (all []spoiled) {
	template := strings.Split(op.path, "/")
	path, query, _ := strings.Cut(good.path, "?")
	parts := strings.Split(path, "/")
	for i, part := range template {
		if !strings.HasPrefix(part, "{") {
			continue
		}
		for _, odd := range oddIDs {
			changed := slices.Clone(parts)
			changed[i] = odd
			if !strings.Contains(odd, "%") {
				changed[i] = url.PathEscape(odd)
			}
			q := good
			q.path = strings.Join(changed, "/") + "?" + query
			all = append(all, spoiled{"path " + odd[:min(len(odd), 20)], q,
				http.StatusNotFound, true})
		}
	}
	return all
}

// spoilQuery gives odd values to each parameter of the query.
func spoilQuery(op operation, good request) (all []spoiled) {
	path, _, _ := strings.Cut(good.path, "?")
	for _, p := range op.Parameters {
		if p.In != "query" {
			continue
		}
		for _, odd := range []string{"", "-1", "0", "101", "x", "%FF", "%00", "1e9",
			"99999999999999999999", strings.Repeat("x", 2_000), "0001-01-01T00:00:00Z",
			"9999-12-31T23:59:59Z", "2026-01-01", "LTE", "MS4x", "';--"} {
			q := good
			q.path = path + "?" + p.Name + "=" + strings.ReplaceAll(odd, ";", "%3B")
			all = append(all, spoiled{name: "query " + p.Name + "=" + odd[:min(len(odd), 20)],
				request: q})
		}
	}
	return all
}

// spoilHeaders leaves out, and blows up, each header that the document wants.
func spoilHeaders(op operation, good request) (all []spoiled) {
	for _, p := range op.Parameters {
		if p.In != "header" || !p.Required {
			continue
		}
		for _, odd := range []string{"", strings.Repeat("k", 256), strings.Repeat("k", 5_000)} {
			q := good
			q.header = maps.Clone(good.header)
			q.header[p.Name] = odd
			all = append(all, spoiled{name: "header " + p.Name, request: q, refused: true})
		}
	}
	return all
}

// spoilBody breaks the body in every way that comes to mind.
func spoilBody(op operation, good request) (all []spoiled) {
	if op.RequestBody == nil {
		return nil
	}
	with := func(name, body string, status int, refused bool) {
		q := good
		q.body = body
		all = append(all, spoiled{"body " + name, q, status, refused})
	}
	for name, body := range brokenBodies {
		with(name, body, 0, name != "nothing" || op.RequestBody.Required)
	}
	limit := edge.MaxBodyBytes
	switch op.OperationID {
	case "createPlan":
		limit = edge.MaxPlanBodyBytes
	case "createEvent":
		limit = 1 << 20
	}
	with("huge", `{"x":"`+strings.Repeat("x", limit)+`"}`, http.StatusRequestEntityTooLarge, true)
	var value any
	if json.Unmarshal([]byte(good.body), &value) != nil {
		return all
	}
	variants(value, func(name string, changed any) {
		text, err := json.Marshal(changed)
		if err == nil {
			with(name, string(text), 0, false)
		}
	})
	zeroed(value, func(changed any) {
		if text, err := json.Marshal(changed); err == nil {
			with("with a zero byte", string(text), 0, true)
		}
	})
	return all
}

// TestBadInput spoils a right request of each operation of the document in every part. Whatever
// comes, the answer is a clear problem that the document describes, nothing has changed, and it is
// never a 500.
func TestBadInput(t *testing.T) {
	h := open(t)
	j := newJudge(t, h.spec())
	table := rows()
	total := 0
	for _, op := range h.operations() {
		row := table[op.OperationID]
		if row.stream && len(op.Parameters) == 0 {
			continue
		}
		t.Run(op.OperationID, func(t *testing.T) {
			prepare(h, op.OperationID)
			good := row.make(h)
			if good.header == nil {
				good.header = map[string]string{}
			}
			cases := slices.Concat(spoilPath(op, good), spoilHeaders(op, good),
				spoilBody(op, good))
			if !row.stream {
				cases = append(cases, spoilQuery(op, good)...)
			}
			cases = effort.Some(cases, 6)
			total += len(cases)
			before := h.state()
			for _, c := range cases {
				if judgeBad(t, h, j, op, c) {
					before = h.state() // it was accepted after all
				}
			}
			if now := h.state(); now != before {
				t.Errorf("a refused request has changed something: %s became %s", before, now)
			}
		})
	}
	t.Logf("%d spoiled requests", total)
}

// judgeBad sends a spoiled request; it tells whether it was accepted.
func judgeBad(t *testing.T, h *house, j judge, op operation, c spoiled) (accepted bool) {
	t.Helper()
	req := c.request.build(t, h, op.method)
	r := h.send(req)
	switch {
	case r.status >= 500:
		t.Errorf("%s: %s %.300q got %d %s", c.name, c.request.path, c.request.body, r.status,
			r.body)
	case r.status < 400 && c.refused:
		t.Errorf("%s: %s %.300q was accepted: %d %s", c.name, c.request.path, c.request.body,
			r.status, r.body)
	case r.status < 400:
		j.check(t, op, r)
		return true
	case c.status != 0 && r.status != c.status:
		t.Errorf("%s: %s got %d %s, want %d", c.name, c.request.path, r.status, r.body, c.status)
	default:
		var p problem
		r.into(&p)
		if p.Code == "" || p.Title == "" || p.Status != r.status || p.RequestID == "" {
			t.Errorf("%s: no clear problem: %s", c.name, r.body)
		}
		if _, known := op.Responses[strconv.Itoa(r.status)]; !known {
			t.Errorf("%s: the document doesn't know the status %d: %s", c.name, r.status, r.body)
			return false
		}
		j.check(t, op, r)
	}
	return false
}
