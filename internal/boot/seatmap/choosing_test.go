package seatmap_test

import (
	"fmt"
	"net/url"
	"slices"
	"strings"
	"testing"

	"ticketflow/internal/testservers/browser"
)

// said is an event that the page has heard.
type said struct {
	Name, Tier, Section string
	Place, Count        int
	Places              []int
	Label               struct{ Text, Section, Row, Seat string }
	Price               struct {
		Amount   int
		Currency string
	}
}

func (s sheet) heard() (all []said) {
	s.tb.Helper()
	s.Eval("heard.splice(0)", &all)
	return all
}

// own tells what the map shows of a place of the buyer: "", "mine" or "pending".
func (s sheet) own(place int) (state string) {
	s.tb.Helper()
	s.Eval(fmt.Sprintf(`!map.own.has(%[1]d) ? "" : map.own.get(%[1]d) ? "pending" : "mine"`, place),
		&state)
	return state
}

// TestASmallSeatIsChosenOnItsCard, which is not under the finger.
func TestASmallSeatIsChosenOnItsCard(t *testing.T) {
	h := open(t)
	s := h.look(theatre, browser.Setup{Device: browser.Phone})
	const place = 100
	s.near(place, 20)
	at := s.at(place)
	s.Touch(browser.Point{X: at.X + 4, Y: at.Y + 5})
	s.WaitSelector(".map-card.map-pinned:not([hidden])")
	if got := s.heard(); len(got) > 0 || s.own(place) != "" {
		t.Errorf("the first tap says %+v", got)
	}
	var under bool
	s.Eval(fmt.Sprintf("!!document.elementFromPoint(%v, %v).closest('.map-card')", at.X, at.Y),
		&under)
	card := s.Text(".map-card")
	for _, part := range []string{"Section Stalls", "Row ", "CHF", "Choose"} {
		if under || !strings.Contains(card, part) {
			t.Errorf("the card, under the finger %v, says %q", under, card)
		}
	}
	// Late enough for a click, and for the next tap not to be the second half of this one.
	s.WaitFor("performance.now() - map.chooser.card.opened > 500")
	s.Click(".map-choose")
	got := s.heard()
	if len(got) != 1 || got[0].Name != "choose" || got[0].Place != place || got[0].Tier == "" ||
		got[0].Price.Currency != "CHF" || got[0].Label.Row == "" || got[0].Label.Seat == "" {
		t.Fatalf("choosing says %+v", got)
	}
	if s.own(place) != "pending" {
		t.Error("it isn't shown as the buyer's at once")
	}
	s.Eval(fmt.Sprintf("map.mine([%d]), 0", place), nil)
	s.Touch(at)
	s.WaitText(".map-card", "Remove")
	s.WaitFor("performance.now() - map.chooser.card.opened > 250")
	s.Click(".map-drop")
	if got := s.heard(); len(got) != 1 || got[0].Name != "drop" || got[0].Place != place {
		t.Errorf("dropping says %+v", got)
	}
}

// TestAClickMeantForWhatWasThereBeforeIsIgnored.
func TestAClickMeantForWhatWasThereBeforeIsIgnored(t *testing.T) {
	s := open(t).look(theatre, browser.Setup{})
	s.near(100, 20)
	s.Eval(`map.chooser.card.seat(100, true, 0, 0, true),
		document.querySelector(".map-choose").click(), 0`, nil)
	if got := s.heard(); len(got) > 0 {
		t.Errorf("a click at once says %+v", got)
	}
}

// TestALargeSeatIsChosenAtOnce, and one that is taken only shakes.
func TestALargeSeatIsChosenAtOnce(t *testing.T) {
	h := open(t)
	h.hold(theatre, 101)
	s := h.look(theatre, browser.Setup{})
	s.near(100, 40)
	s.Touch(s.at(100))
	if got := s.heard(); len(got) != 1 || got[0].Place != 100 {
		t.Errorf("a click on a large seat says %+v", got)
	}
	s.Touch(s.at(101))
	s.WaitText(".map-tip", "taken")
	if got := s.heard(); len(got) > 0 || s.own(101) != "" {
		t.Errorf("a click on a taken seat says %+v", got)
	}
	s.Eval(`map.refuse(100, "held"), 0`, nil)
	s.WaitText(".map-tip", "Just taken by somebody else")
	if s.own(100) != "" {
		t.Error("a refused seat is still the buyer's")
	}
	s.Touch(s.at(100))
	if got := s.heard(); len(got) > 0 {
		t.Errorf("a click on a refused seat says %+v", got)
	}
}

// TestTakenWhileLooking is said at once, and the card offers it no more.
func TestTakenWhileLooking(t *testing.T) {
	h := open(t)
	s := h.look(theatre, browser.Setup{})
	s.near(100, 20)
	s.Touch(s.at(100))
	s.WaitSelector(".map-choose")
	id, token := h.hold(theatre, 100)
	s.WaitText(".map-card", "held by somebody")
	if n := s.Count(".map-choose"); n > 0 || s.Text(".map-tip") == "" {
		t.Errorf("it can still be chosen: %d", n)
	}
	if said := s.Text(".map-live"); !strings.Contains(said, "Just taken by somebody else") ||
		!strings.Contains(said, "Row") {
		t.Errorf("a screen reader hears %q", said)
	}
	h.release(id, token)
	s.WaitSelector(".map-choose")
}

// TestStandingPlacesAreCounted, not pointed at.
func TestStandingPlacesAreCounted(t *testing.T) {
	s := open(t).look(stadium, browser.Setup{})
	s.Touch(s.at(100)) // a place on the pitch stands for its section
	s.WaitText(".map-card", "3,000 left")
	s.Click(".map-step >> One more")
	s.Click(".map-step >> One more")
	s.WaitText(".map-count", "3")
	// Late enough for a click, and for the next tap not to be the second half of this one.
	s.WaitFor("performance.now() - map.chooser.card.opened > 500")
	s.Click(".map-choose")
	got := s.heard()
	if len(got) != 1 || got[0].Count != 3 || got[0].Section != "Pitch North" ||
		got[0].Tier != "cat1" {
		t.Fatalf("choosing says %+v", got)
	}
	slices.Sort(got[0].Places)
	if p := slices.Compact(got[0].Places); len(p) != 3 || p[0] < 0 || p[2] >= 3_000 {
		t.Errorf("chosen are %v, of the 3,000 of the section", p)
	}
}

// TestTheKeyboardAloneChooses: in, along the row, to the next row, choose, and out again.
func TestTheKeyboardAloneChooses(t *testing.T) {
	s := open(t).look(theatre, browser.Setup{})
	s.Eval(`document.querySelector(".map-here").focus()`, nil)
	if f := s.Focused(); !strings.Contains(f, "Press Enter to go closer") {
		t.Errorf("the focus is at %q", f)
	}
	s.Press("Enter")
	s.rest()
	first := s.Focused()
	if d := s.debug(); d.Level != 2 || !strings.Contains(first, "Seat ") {
		t.Fatalf("Enter led to %q on level %d", first, d.Level)
	}
	seen := map[string]bool{first: true}
	for _, key := range []string{"ArrowRight", "ArrowDown", "ArrowLeft"} {
		s.Press(key)
		now := s.Focused()
		if seen[now] || !strings.Contains(now, "CHF") {
			t.Errorf("%s led to %q, seen were %v", key, now, seen)
		}
		seen[now] = true
	}
	s.rest()
	s.Press("Enter")
	if got := s.heard(); len(got) != 1 || got[0].Name != "choose" {
		t.Errorf("Enter says %+v", got)
	}
	if f := s.Focused(); !strings.Contains(f, "being held") {
		t.Errorf("the chosen seat is called %q", f)
	}
	s.Press("Escape", "Escape")
	s.rest()
	if d := s.debug(); d.Level == 2 {
		t.Errorf("Escape led to level %d", d.Level)
	}
	var picture string
	s.Eval("map.canvas.ariaLabel", &picture)
	if !strings.Contains(picture, "sections, ") || !strings.Contains(picture, "CHF") {
		t.Errorf("the picture is called %q", picture)
	}
}

// TestWhatASeatIsSaid: its kind, why its view is restricted, in the page's words.
func TestWhatASeatIsSaid(t *testing.T) {
	h := open(t)
	s := h.look(theatre+"?words="+url.QueryEscape(`{"restricted":"Sicht","choose":"Wählen"}`),
		browser.Setup{})
	var sentence string
	s.Eval("map.chooser.card.sentence(map.model.plan.flags.findIndex(f => f & 4))", &sentence)
	if !strings.Contains(sentence, "Sicht: The far left of the stage is hidden") {
		t.Errorf("a restricted view is called %q", sentence)
	}
	s.Eval("map.chooser.card.sentence(map.model.plan.flags.findIndex(f => f & 1))", &sentence)
	if !strings.Contains(sentence, "Wheelchair space") {
		t.Errorf("a wheelchair space is called %q", sentence)
	}
	s.near(100, 20)
	s.Touch(s.at(100))
	s.WaitText(".map-card", "Wählen")
}
