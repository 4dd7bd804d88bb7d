package simpay

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"net/url"
	"os"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// tell asks the simulator's own API and wants a status.
func (r *rig) tell(method, path, body string, want int) []byte {
	r.t.Helper()
	q, err := http.NewRequestWithContext(r.t.Context(), method, r.web.URL+path,
		strings.NewReader(body))
	if err != nil {
		r.t.Fatal(err)
	}
	q.Header.Set("Authorization", "Bearer "+r.secrets.bearer)
	resp, err := r.client.Do(q)
	if err != nil {
		r.t.Fatal(err)
	}
	defer resp.Body.Close()
	answer, err := io.ReadAll(resp.Body)
	if err != nil || resp.StatusCode != want {
		r.t.Errorf("%s %s %s: %d, want %d, %v: %s", method, path, body, resp.StatusCode, want, err,
			answer)
	}
	return answer
}

// turn sets knobs of a payment, or of all if key is empty: "decline=1,action=0.5".
func (r *rig) turn(key, settings string) {
	r.t.Helper()
	k, err := ParseKnobs(settings)
	if err != nil {
		r.t.Fatal(err)
	}
	named := map[string]any{}
	for at := range numberOfKnobs {
		if k.given&(1<<at) != 0 {
			named[knobTable[at].name] = k.text(at)
		}
	}
	body, err := json.Marshal(named)
	if err != nil {
		r.t.Fatal(err)
	}
	r.tell(http.MethodPatch, strings.TrimSuffix("/simpay/v1/knobs/"+key, "/"), string(body), 200)
}

func TestParseKnobs(t *testing.T) {
	for text, want := range map[string]string{
		"":                                "",
		" decline=0.5, action = 1 ,":      "decline=0.5,action=1",
		"webhook_late_time=2m,latency=0":  "latency=0,webhook_late_time=2m0s",
		"webhook_again_times=7,decline=0": "decline=0,webhook_again_times=7",
		"decline=1e-3,decline=0.25":       "decline=0.25",
	} {
		k, err := ParseKnobs(text)
		if err != nil || k.String() != want {
			t.Errorf("%q: %q, %v, want %q", text, k, err, want)
		}
		again, err := ParseKnobs(k.String())
		if err != nil || again != k {
			t.Errorf("%q isn't read as it was written: %v, %v", k, again, err)
		}
	}
	for _, text := range []string{"decline", "decline=", "decline=1.01", "decline=-0.1",
		"decline=NaN", "weather=1", "=1", "latency_time=5", "latency_time=-1s", "latency_time=25h",
		"webhook_again_times=0", "webhook_again_times=1.5", "webhook_again_times=101",
		"decline=yes"} {
		if k, err := ParseKnobs(text); !errors.Is(err, ErrKnob) {
			t.Errorf("%q was read as %q, %v", text, k, err)
		}
	}
}

func FuzzParseKnobs(f *testing.F) {
	f.Add("decline=0.5,webhook_late_time=2m,webhook_again_times=3")
	f.Fuzz(func(t *testing.T, text string) {
		k, err := ParseKnobs(text)
		if err != nil {
			return
		}
		for at := range numberOfKnobs {
			if v := k.get(at); !(v >= 0) || knobTable[at].measure == chance && v > 1 {
				t.Errorf("%q: %s is %v", text, knobTable[at].name, v)
			}
		}
		if again, err := ParseKnobs(k.String()); err != nil || again != k {
			t.Errorf("%q was read as %q, and that as %q, %v", text, k, again, err)
		}
	})
}

// What is drawn follows from the seed alone, about as often as was told, and one knob doesn't
// change what another one does.
func TestDrawsAreRepeatable(t *testing.T) {
	const draws = 10_000
	run := func(seed uint64, settings string) (struck []bool, n int) {
		k, err := ParseKnobs(settings)
		if err != nil {
			t.Fatal(err)
		}
		f := newFates(seed, k)
		for range draws {
			yes := f.draw("ord_1:1").strikes(webhookLost)
			if struck = append(struck, yes); yes {
				n++
			}
		}
		return struck, n
	}
	first, n := run(7, "webhook_lost=0.2")
	if n < draws*19/100 || n > draws*21/100 {
		t.Errorf("%d of %d at 0.2", n, draws)
	}
	if again, _ := run(7, "webhook_lost=0.2,decline=0.5,latency=1"); !slices.Equal(first, again) {
		t.Error("other knobs change the draws")
	}
	if other, _ := run(8, "webhook_lost=0.2"); slices.Equal(first, other) {
		t.Error("another seed draws the same")
	}
	if _, n := run(7, "webhook_lost=1"); n != draws {
		t.Errorf("%d of %d at 1", n, draws)
	}
	if f := newFates(7, Knobs{}); f.draw("ord_1:1") != nil {
		t.Error("something goes wrong with all knobs off")
	}
}

// The log names the storm and its seed each time the knobs of all are turned, not those of one.
func TestTurningIsLogged(t *testing.T) {
	r := newRig(t, WallClock{})
	_ = r.sim.Close()
	var log bytes.Buffer
	o := r.options()
	o.Seed, o.Log = 7, slog.New(slog.NewTextHandler(&log, nil))
	var err error
	if r.sim, err = Open(o); err != nil {
		t.Fatal(err)
	}
	if log.Len() > 0 {
		t.Errorf("with all knobs off: %s", log.String())
	}
	r.turn("ord_1:1", "decline=1")
	r.turn("", "decline=0.5")
	r.tell(http.MethodDelete, "/simpay/v1/knobs", "", 200)
	lines := strings.Split(strings.TrimSpace(log.String()), "\n")
	if len(lines) != 2 || !strings.Contains(lines[0], `knobs="decline=0.5" seed=7`) ||
		!strings.Contains(lines[1], `knobs="" seed=7`) {
		t.Errorf("%q", lines)
	}
}

// A payment's own knobs win over those of all, whichever way they are set, and go again.
func TestKnobsOfOnePayment(t *testing.T) {
	r := newRig(t, WallClock{})
	r.turn("", "decline=1,latency_time=1s")
	r.turn("ord_1:1", "decline=0")
	if _, answer := r.decide(r.begin("ord_1:1", 100), "paid"); answer["state"] != "paid" {
		t.Errorf("by the API: %v", answer)
	}
	_, answer := r.decide(r.begin("ord_2:1", 100), "paid&decline=0&webhook_again=0")
	if answer["state"] != "paid" {
		t.Errorf("by the form: %v", answer)
	}
	if _, answer := r.decide(r.begin("ord_3:1", 100), "paid"); answer["state"] != "declined" {
		t.Errorf("another payment: %v", answer)
	}
	var shown map[string]any
	if err := json.Unmarshal(r.tell(http.MethodGet, "/simpay/v1/knobs/ord_1:1", "", 200),
		&shown); err != nil || shown["decline"] != 0.0 || shown["latency_time"] != "1s" ||
		len(shown) != int(numberOfKnobs) {
		t.Errorf("%v, %v", shown, err)
	}
	r.tell(http.MethodDelete, "/simpay/v1/knobs/ord_4:1", "", 200)
	r.turn("ord_4:1", "decline=0")
	r.tell(http.MethodDelete, "/simpay/v1/knobs/ord_4:1", "", 200)
	if _, answer := r.decide(r.begin("ord_4:1", 100), "paid"); answer["state"] != "declined" {
		t.Errorf("forgotten: %v", answer)
	}
	r.tell(http.MethodDelete, "/simpay/v1/knobs", "", 200)
	if _, answer := r.decide(r.begin("ord_5:1", 100), "paid"); answer["state"] != "paid" {
		t.Errorf("all off: %v", answer)
	}
}

func TestBadKnobsAreRefused(t *testing.T) {
	r := newRig(t, WallClock{})
	for body, want := range map[string]int{`{"weather":1}`: 422, `{"decline":2}`: 422,
		`{"decline":null}`: 422, `{"decline":[1]}`: 422, `[]`: 422, `{`: 400} {
		r.tell(http.MethodPatch, "/simpay/v1/knobs", body, want)
	}
	r.tell(http.MethodPatch, "/simpay/v1/knobs/ord%201", `{"decline":1}`, 400)
	page := r.begin("ord_1:1", 100)
	for _, form := range []string{"paid&weather=1", "paid&decline=2", "paid&decline=0&decline=1"} {
		if status, answer := r.decide(page, form); status != 422 ||
			answer["code"] != ErrKnob.Code() {
			t.Errorf("%s: %d %v", form, status, answer)
		}
	}
	other := *r
	other.secrets.bearer = "wrong"
	for _, path := range []string{"/simpay/v1/knobs", "/simpay/v1/knobs/ord_1:1"} {
		for _, method := range []string{http.MethodGet, http.MethodPatch, http.MethodDelete} {
			other.tell(method, path, `{"decline":1}`, 401)
		}
	}
	other.tell(http.MethodPost, "/simpay/v1/payments/ord_1:1/events", `{"event":"dispute"}`, 401)
	other.tell(http.MethodGet, "/simpay/v1/payments", "", 401)
	if _, answer := r.decide(page, "paid"); answer["state"] != "paid" {
		t.Errorf("a refused knob has turned: %v", answer)
	}
}

func TestOwnKnobsAreBounded(t *testing.T) {
	f := newFates(1, Knobs{})
	for i := range maxOwnKnobs {
		f.own[strconv.Itoa(i)] = Knobs{}
	}
	if err := f.adjust("one more", Knobs{}); !errors.Is(err, errOwnKnobs) {
		t.Error(err)
	}
}

// The operator's page shows and sets all knobs, in a demo only, and not for another site.
func TestKnobsPage(t *testing.T) {
	r := newRig(t, WallClock{})
	if status, _, _ := r.page(r.web.URL + "/simpay/knobs"); status != http.StatusNotFound {
		t.Errorf("outside a demo: %d", status)
	}
	_ = r.sim.Close()
	o := r.options()
	o.KnobsPage = true
	var err error
	if r.sim, err = Open(o); err != nil {
		t.Fatal(err)
	}
	r.turn("", "decline=0.25,latency_time=3s")
	status, header, body := r.page(r.web.URL + "/simpay/knobs")
	if status != http.StatusOK || !strings.Contains(body, `name="decline" value="0.25"`) ||
		!strings.Contains(body, `name="latency_time" value="3s"`) ||
		!strings.Contains(header.Get("Content-Security-Policy"), "form-action 'self';") {
		t.Errorf("%d %v %s", status, header, body)
	}
	form := url.Values{}
	for _, field := range regexp.MustCompile(`name="(\w+)" value="([^"]+)"`).
		FindAllStringSubmatch(body, -1) {
		form.Set(field[1], field[2])
	}
	post := func(site string) int {
		q, err := http.NewRequestWithContext(t.Context(), http.MethodPost,
			r.web.URL+"/simpay/knobs", strings.NewReader(form.Encode()))
		if err != nil {
			t.Fatal(err)
		}
		q.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		q.Header.Set("Sec-Fetch-Site", site)
		resp, err := r.client.Do(q)
		if err != nil {
			t.Fatal(err)
		}
		_ = resp.Body.Close()
		return resp.StatusCode
	}
	form.Set("decline", "1")
	if status := post("cross-site"); status != http.StatusForbidden {
		t.Errorf("from another site: %d", status)
	}
	if status := post("same-origin"); status != http.StatusSeeOther {
		t.Errorf("from the page: %d", status)
	}
	want, err := ParseKnobs("decline=1,latency_time=3s")
	if err != nil {
		t.Fatal(err)
	}
	got := r.sim.fates.knobs("")
	for at := range numberOfKnobs {
		if got.get(at) != want.get(at) {
			t.Errorf("%s is %s, want %s", knobTable[at].name, got.text(at), want.text(at))
		}
	}
	form.Set("decline", "often")
	if status := post("same-origin"); status != http.StatusUnprocessableEntity {
		t.Errorf("no number: %d", status)
	}
}

// The operator's document lists exactly the knobs that there are, with what they are at first.
func TestKnobsAreDocumented(t *testing.T) {
	text, err := os.ReadFile("../../../docs/simpay.md")
	if err != nil {
		t.Fatal(err)
	}
	var off Knobs
	rows := regexp.MustCompile("(?m)^\\| `(\\w+)` \\| ([^|]+) \\| (.+) \\|$").
		FindAllStringSubmatch(string(text), -1)
	for at := range numberOfKnobs {
		row := knobTable[at]
		if int(at) >= len(rows) || rows[at][1] != row.name || rows[at][2] != off.text(at) ||
			!strings.HasPrefix(rows[at][3], row.help) {
			t.Errorf("| `%s` | %s | %s |", row.name, off.text(at), row.help)
		}
	}
	if len(rows) != int(numberOfKnobs) {
		t.Errorf("%d rows, %d knobs", len(rows), numberOfKnobs)
	}
}
