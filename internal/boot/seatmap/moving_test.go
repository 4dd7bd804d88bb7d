package seatmap_test

import (
	"fmt"
	"math"
	"testing"

	"ticketflow/internal/testservers/browser"
)

func close3(a, b float64) bool { return math.Abs(a-b) < 3 }

// TestTheMouseMovesTheMap: the wheel zooms about the pointer, dragging pans, buttons do the same.
func TestTheMouseMovesTheMap(t *testing.T) {
	s := open(t).look(stadium, browser.Setup{})
	before, at := s.debug(), s.at(freeSeat)
	for range 6 {
		s.Wheel(at, 0, -200)
	}
	s.rest()
	after, now := s.debug(), s.at(freeSeat)
	if after.View.K < 3*before.View.K || !close3(at.X, now.X) || !close3(at.Y, now.Y) {
		t.Errorf("the wheel at %v led from %+v to %+v, the seat is at %v", at, before, after, now)
	}
	s.Drag(browser.Point{X: 700, Y: 400}, browser.Point{X: 600, Y: 350})
	s.rest()
	if end := s.at(freeSeat); end.X > now.X-90 || end.Y > now.Y-45 {
		t.Errorf("dragged from %v to %v", now, end)
	}
	s.Click(".map-zoom button >> Zoom in")
	s.rest()
	if d := s.debug(); d.View.K < after.View.K*1.5 {
		t.Errorf("the button zoomed from %v to %v", after.View.K, d.View.K)
	}
	s.Click(".map-crumb button")
	s.rest()
	if d := s.debug(); d.View.K != before.View.K || d.View.X != before.View.X {
		t.Errorf("home is %+v, it was %+v", d.View, before.View)
	}
}

// TestFingersMoveTheMap: a pinch keeps what is between the fingers, and a tap leads to a section.
func TestFingersMoveTheMap(t *testing.T) {
	s := open(t).look(stadium, browser.Setup{Device: browser.Phone})
	before, at := s.debug(), s.at(freeSeat)
	s.Pinch(browser.Point{X: 200, Y: at.Y}, 3)
	s.rest()
	if d := s.debug(); d.View.K < 2.5*before.View.K || d.Level != 1 {
		t.Errorf("pinched from %+v to %+v", before, d)
	}
	if now := s.at(freeSeat); !close3(now.Y, at.Y) {
		t.Errorf("what was at %v is at %v", at, now)
	}
	moved := s.at(freeSeat)
	s.Drag(browser.Point{X: 300, Y: 400}, browser.Point{X: 200, Y: 400})
	s.rest()
	if now := s.at(freeSeat); now.X > moved.X-90 {
		t.Errorf("dragged from %v to %v", moved, now)
	}
	s.Eval("map.home(0), 0", nil)
	s.rest()
	s.Touch(s.at(freeSeat))
	s.rest()
	if d, now := s.debug(), s.at(freeSeat); d.Level != 2 || now.X < 0 || now.X > 390 {
		t.Errorf("a tap led to %+v, the seat is at %v", d, now)
	}
	s.Eval("map.home(0), 0", nil)
	s.rest()
	stage := browser.Point{X: 195, Y: 380}
	s.Eval(fmt.Sprintf("globalThis.k = map.view.k, map.twice = 0, %v", stage.X), nil)
	s.Touch(stage)
	s.Touch(stage)
	s.WaitFor("map.view.k > k * 1.5")
	s.rest()
}

// TestWhoWantsNoMotionGetsNone: what else flies is there at once.
func TestWhoWantsNoMotionGetsNone(t *testing.T) {
	h := open(t)
	const goes = `(() => {
		const k = map.view.k;
		map.zoomTo("120");
		return [map.view.k > k, !!map.flight];
	})()`
	for _, still := range []bool{false, true} {
		var there [2]bool
		s := h.look(stadium, browser.Setup{Still: still})
		if s.Eval(goes, &there); there[0] != still || there[1] == still {
			t.Errorf("still %v: there at once %v, flies %v", still, there[0], there[1])
		}
		s.rest()
		s.Eval(fmt.Sprintf("map.refuse(%d), 0", freeSeat), nil)
		var shakes bool
		if s.Eval("map.painter.moving.size > 0", &shakes); shakes == still {
			t.Errorf("still %v: a seat shakes: %v", still, shakes)
		}
	}
}
