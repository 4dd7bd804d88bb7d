package httpapi_test

import (
	"bytes"
	"compress/gzip"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"ticketflow/internal/app/demo"
	"ticketflow/internal/app/planfile"
	"ticketflow/internal/domain/catalog"
	"ticketflow/internal/inbound/httpapi"
)

// TestListPages walks the list of events page by page and narrows it.
func TestListPages(t *testing.T) {
	h := open(t)
	for i := range 7 {
		var made httpapi.EventDetail
		body := strings.ReplaceAll(newEvent, "Tosca", fmt.Sprintf("Tosca %d", i))
		h.asOrganiser(http.MethodPost, "/v1/events", body).into(&made)
		h.asOrganiser(http.MethodPost, "/v1/events/"+made.ID+"/publish", "").
			want(http.StatusOK, "")
	}
	seen := map[string]bool{}
	cursor, pages := "", 0
	for {
		var page httpapi.EventPage
		h.call(http.MethodGet, "/v1/events?limit=3&cursor="+cursor, "").into(&page)
		pages++
		for _, e := range page.Events {
			if seen[e.ID] || e.Status != "published" {
				t.Errorf("listed twice, or not published: %+v", e)
			}
			seen[e.ID] = true
		}
		if cursor = page.Next; cursor == "" {
			break
		}
	}
	if len(seen) != 8 || pages != 3 {
		t.Errorf("%d events on %d pages, want 8 on 3", len(seen), pages)
	}
	for query, want := range map[string]int{
		"q=tosca": 7, "q=TOSCA+3": 1, "q=nothing": 0, "place=graz": 8, "place=Wien": 0,
		"from=2026-11-01T00:00:00Z": 7, "to=2026-11-01T00:00:00%2B01:00": 1, "limit=100": 8,
		"q=" + url.QueryEscape("%"): 0, "q=" + url.QueryEscape("fan tutte & more"): 1,
	} {
		var page httpapi.EventPage
		h.call(http.MethodGet, "/v1/events?"+query, "").into(&page)
		if len(page.Events) != want {
			t.Errorf("%s: %d events, want %d", query, len(page.Events), want)
		}
	}
	var drafts httpapi.EventPage
	h.asOrganiser(http.MethodGet, "/v1/events", "").into(&drafts)
	if len(drafts.Events) != 9 {
		t.Errorf("an organiser sees %d events, want 9", len(drafts.Events))
	}
}

// TestDraftsAreHidden from everybody but organisers.
func TestDraftsAreHidden(t *testing.T) {
	h := open(t)
	for _, end := range []string{"", "/plan", "/plan.bin", "/availability", "/changes"} {
		path := "/v1/events/" + h.draft.String() + end
		h.call(http.MethodGet, path, "").want(http.StatusNotFound, "event_not_found")
		if end != "/changes" {
			h.asOrganiser(http.MethodGet, path, "").want(http.StatusOK, "")
		}
	}
}

func TestEventDetail(t *testing.T) {
	h := open(t)
	h.hold(2, "a")
	var e httpapi.EventDetail
	h.call(http.MethodGet, "/v1/events/"+h.event.String(), "").into(&e)
	if e.Places.Free != hallPlaces-2 || e.Places.Held != 2 || len(e.Tiers) != 1 ||
		e.Tiers[0].Places != e.Places || e.Venue.Name != "Hall <1>" || e.Sale.HoldSeconds != 600 {
		t.Errorf("the event is %+v", e)
	}
	for _, link := range []string{e.Links.Self, e.Links.Plan, e.Links.PlanJSON,
		e.Links.Availability} {
		h.call(http.MethodGet, link, "").want(http.StatusOK, "")
	}
}

// unzip undoes gzip.
func unzip(tb testing.TB, b []byte) []byte {
	tb.Helper()
	zip, err := gzip.NewReader(bytes.NewReader(b))
	if err != nil {
		tb.Fatal(err)
	}
	text, err := io.ReadAll(zip)
	if err != nil {
		tb.Fatal(err)
	}
	return text
}

// TestPlanIsKeptForEver at the address that names it, in both forms, compressed or not.
func TestPlanIsKeptForEver(t *testing.T) {
	h := open(t)
	for form, read := range map[string]func([]byte) (*catalog.Plan, error){
		"plan.bin": planfile.DecodeWire, "plan": planfile.DecodeJSON} {
		path := "/v1/events/" + h.event.String() + "/" + form + "?plan=pln_1"
		plain := h.call(http.MethodGet, path, "", "Accept-Encoding", "identity")
		zipped := h.call(http.MethodGet, path, "", "Accept-Encoding", "br, gzip;q=0.5")
		if zipped.header.Get("Content-Encoding") != "gzip" ||
			!bytes.Equal(unzip(t, zipped.body), plain.body) {
			t.Errorf("%s: the compressed form is another one", form)
		}
		refused := h.call(http.MethodGet, path, "", "Accept-Encoding", "gzip;q=0")
		if !bytes.Equal(refused.body, plain.body) {
			t.Errorf("%s: compressed for somebody who refuses that", form)
		}
		plan, err := read(plain.body)
		if err != nil || plan.Places() != hallPlaces {
			t.Errorf("%s can't be read: %v", form, err)
		}
		if c := plain.header.Get("Cache-Control"); !strings.Contains(c, "immutable") {
			t.Errorf("%s: Cache-Control %q", form, c)
		}
		tag := plain.header.Get("Etag")
		again := h.call(http.MethodGet, path, "", "If-None-Match", `"other", W/`+tag)
		if again.want(http.StatusNotModified, ""); len(again.body) > 0 {
			t.Errorf("%s: 304 with a body", form)
		}
		other := h.call(http.MethodGet, strings.TrimSuffix(path, "1")+"2", "")
		if c := other.header.Get("Cache-Control"); c != "no-cache" {
			t.Errorf("%s at another plan's address: Cache-Control %q", form, c)
		}
	}
}

// TestSnapshot reads the binary form as its documentation says.
func TestSnapshot(t *testing.T) {
	h := open(t)
	made := h.hold(3, "a")
	path := "/v1/events/" + h.event.String() + "/availability"
	h.clock.add(time.Second)
	r := h.call(http.MethodGet, path, "", "Accept-Encoding", "identity")
	r.want(http.StatusOK, "")
	if string(r.body[:4]) != "TFS1" || binary.BigEndian.Uint32(r.body[4:]) != hallPlaces ||
		len(r.body) != 16+hallPlaces/4 {
		t.Fatalf("the head is %q", r.body[:16])
	}
	if tag := fmt.Sprintf("%q", fmt.Sprint(binary.BigEndian.Uint64(r.body[8:]))); tag !=
		r.header.Get("Etag") {
		t.Errorf("the version is %s, the ETag %s", tag, r.header.Get("Etag"))
	}
	held := map[uint32]bool{}
	for p := range uint32(hallPlaces) {
		if state := r.body[16+p/4] >> (p % 4 * 2) & 3; state == 1 {
			held[p] = true
		}
	}
	for _, p := range made.Places {
		if !held[p.Place] || len(held) != 3 {
			t.Errorf("held are %v, want %+v", held, made.Places)
		}
	}
	h.call(http.MethodGet, path, "", "If-None-Match", r.header.Get("Etag")).
		want(http.StatusNotModified, "")
	zipped := h.call(http.MethodGet, path, "", "Accept-Encoding", "gzip")
	if !bytes.Equal(unzip(t, zipped.body), r.body) {
		t.Error("the compressed snapshot is another one")
	}
	var sum httpapi.Availability
	h.call(http.MethodGet, path, "", "Accept", "application/json").into(&sum)
	if sum.Total.Held != 3 || sum.Tiers[0].Places.Held != 3 || len(sum.Sections) == 0 {
		t.Errorf("the summary is %+v", sum)
	}
}

// TestStadiumIsSmallOnTheWire: 2 bits a place, and geometry within its goal.
func TestStadiumIsSmallOnTheWire(t *testing.T) {
	h := open(t)
	plan, err := catalog.NewPlan(demo.Stadium())
	if err != nil {
		t.Fatal(err)
	}
	text, err := planfile.EncodeJSON(plan)
	if err != nil {
		t.Fatal(err)
	}
	var made httpapi.PlanMade
	h.asOrganiser(http.MethodPost, "/v1/plans?venue=ven_1", string(text)).into(&made)
	body := strings.Replace(newEvent, "pln_1", made.ID, 1)
	var e httpapi.EventDetail
	h.asOrganiser(http.MethodPost, "/v1/events", body).into(&e)
	h.asOrganiser(http.MethodPost, e.Links.Self+"/publish", "").want(http.StatusOK, "")
	geometry := h.call(http.MethodGet, e.Links.Plan, "", "Accept-Encoding", "gzip")
	state := h.call(http.MethodGet, e.Links.Availability, "", "Accept-Encoding", "identity")
	if len(geometry.body) > 45<<10 || len(state.body) > 20_500 || made.Places != 80_000 {
		t.Errorf("%d places: geometry %d bytes, state %d bytes", made.Places, len(geometry.body),
			len(state.body))
	}
}

// TestPlansComeAndGo: our own form and that of pretix, told apart by content, and back.
func TestPlansComeAndGo(t *testing.T) {
	h := open(t)
	own := hallFile(t)
	plan, err := planfile.DecodeJSON([]byte(own))
	if err != nil {
		t.Fatal(err)
	}
	pretix, err := planfile.ExportPretix(plan)
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct{ query, body string }{
		{"", own}, {"&format=ticketflow", own}, {"", string(pretix)},
		{"&format=pretix", string(pretix)},
	} {
		var made httpapi.PlanMade
		h.asOrganiser(http.MethodPost, "/v1/plans?venue=ven_1"+c.query, c.body).into(&made)
		if made.Places != 40 || made.Venue != "ven_1" || len(made.Categories) != 3 {
			t.Errorf("%s made %+v", c.query, made)
		}
		back := h.asOrganiser(http.MethodGet, "/v1/plans/"+made.ID+"/export", "")
		if again, err := planfile.ImportPretix(back.body); err != nil || again.Places() != 40 {
			t.Errorf("%s: the export can't be read again: %v", c.query, err)
		}
		back = h.asOrganiser(http.MethodGet, "/v1/plans/"+made.ID+"/export?format=ticketflow", "")
		if again, err := planfile.DecodeJSON(back.body); err != nil || again.Places() != 40 {
			t.Errorf("%s: our own export can't be read again: %v", c.query, err)
		}
	}
}

// TestBrokenPlans are refused with the reason, and nothing is stored.
func TestBrokenPlans(t *testing.T) {
	h := open(t)
	var sound planfile.Document
	if err := json.Unmarshal([]byte(hallFile(t)), &sound); err != nil {
		t.Fatal(err)
	}
	listed := func(labels ...string) []planfile.DocumentSeat {
		var seats []planfile.DocumentSeat
		for i, label := range labels {
			seats = append(seats, planfile.DocumentSeat{Label: label,
				At: planfile.DocumentPoint{X: int32(50 * i)}})
		}
		return seats
	}
	for name, c := range map[string]struct {
		spoil func(*planfile.Document)
		code  string
	}{
		"no places": {func(d *planfile.Document) { d.Sections = nil }, "empty_plan"},
		"two sections": {func(d *planfile.Document) {
			d.Sections = append(d.Sections, d.Sections[0])
		}, "duplicate_section"},
		"no such category": {func(d *planfile.Document) { d.Sections[0].Category = "Moon" },
			"unknown_category"},
		"no categories": {func(d *planfile.Document) { d.Categories = nil }, "unknown_category"},
		"two seats": {func(d *planfile.Document) {
			d.Sections[0].Rows = []planfile.DocumentRow{{Label: "1", Explicit: listed("1", "1")}}
		}, "duplicate_seat"},
		"two rows": {func(d *planfile.Document) {
			d.Sections[0].Rows = append(d.Sections[0].Rows, d.Sections[0].Rows[0])
		}, "duplicate_row"},
		"200,000 places": {func(d *planfile.Document) {
			d.Sections[0].Rows, d.Sections[0].Standing = nil, 200_000
			d.Sections[0].Outline = []planfile.DocumentPoint{{}, {X: 100}, {X: 100, Y: 100}}
		}, "too_many_places"},
		"a negative number": {func(d *planfile.Document) { d.Sections[0].Rows[0].Seats = -5 }, ""},
	} {
		d := sound
		d.Sections = append([]planfile.DocumentSection(nil), sound.Sections...)
		d.Sections[0].Rows = append([]planfile.DocumentRow(nil), sound.Sections[0].Rows...)
		c.spoil(&d)
		text, err := json.Marshal(d)
		if err != nil {
			t.Fatal(err)
		}
		r := h.asOrganiser(http.MethodPost, "/v1/plans?venue=ven_1", string(text))
		var p problem
		if r.into(&p); r.status != 422 || c.code != "" && p.Code != c.code {
			t.Errorf("%s: got %d %s, want %s", name, r.status, r.body, c.code)
		}
	}
	if _, err := h.store.PlanDocument(t.Context(), 2); err == nil {
		t.Error("a refused plan was stored")
	}
	huge := strings.Repeat(" ", 16<<20+1)
	h.asOrganiser(http.MethodPost, "/v1/plans?venue=ven_1", huge).
		want(http.StatusRequestEntityTooLarge, "body_too_large")
}
