package seatmap_test

import (
	"fmt"
	"maps"
	"slices"
	"testing"

	"ticketflow/internal/effort"
	"ticketflow/internal/testservers/browser"
)

// Seats of the stadium, of one row.
const (
	freeSeat = 40_000 + iota
	heldSeat
	soldSeat
	ownSeat
)

// colour is the pixel in the middle of a place, or of a point beside it.
func (s sheet) colour(place int, dx, dy float64) (rgb [3]int) {
	s.tb.Helper()
	s.Eval(fmt.Sprintf(`(() => {
		const { x, y } = map.at(%d), box = map.canvas.getBoundingClientRect();
		map.draw(performance.now());
		const { dpr } = map.painter;
		return [...map.painter.ctx.getImageData(Math.round((x - box.left + %v) * dpr),
			Math.round((y - box.top + %v) * dpr), 1, 1).data].slice(0, 3);
	})()`, place, dx, dy), &rgb)
	return rgb
}

// apart is how far two colours are from each other.
func apart(a, b [3]int) (sum int) {
	for i := range a {
		sum += max(a[i]-b[i], b[i]-a[i])
	}
	return sum
}

const visible = 20 // of 765: a step that is seen

// wantApart wants colours that are seen to differ from each other.
func wantApart(t *testing.T, level string, colours map[string][3]int) {
	t.Helper()
	for a, x := range colours {
		for b, y := range colours {
			if a < b && apart(x, y) < visible {
				t.Errorf("%s: %s %v looks like %s %v", level, a, x, b, y)
			}
		}
	}
}

// TestTheWholeStadiumIsDrawn, and each state is seen on each level. A blank canvas is fast too.
func TestTheWholeStadiumIsDrawn(t *testing.T) {
	h := open(t)
	h.hold(stadium, heldSeat)
	setups := map[string]browser.Setup{
		"light": {}, "dark": {Dark: true}, "contrast": {HighContrast: true},
		"phone": {Device: browser.Phone},
	}
	for _, name := range effort.Some(slices.Sorted(maps.Keys(setups)), len(setups)) {
		t.Run(name, func(t *testing.T) {
			setup := setups[name]
			h.tb = t
			s := h.look(stadium, setup)
			d := s.debug()
			if d.Seats != 80_000 || d.Frames == 0 || d.Version == 0 {
				t.Errorf("the map says %+v", d)
			}
			if setup.Device.Touch != (d.Level == 0) || d.Level == 1 && d.Drawn != 68_000 {
				t.Errorf("at home it draws %d seats on level %d", d.Drawn, d.Level)
			}
			s.Eval(fmt.Sprintf("map.refuse(%d, 'sold'), map.mine([%d]), 0", soldSeat, ownSeat), nil)
			for px, rim := range map[float64]float64{6: 0, 20: 0.38, 40: 0.38} {
				if px == 6 && setup.Device.Touch {
					rim = 0.3 // with so many pixels a held one is hollow
				}
				s.near(freeSeat, px)
				wantApart(t, fmt.Sprint(name, px), map[string][3]int{
					"ground": s.colour(freeSeat, 0.8*px, 0), // between two rows
					"free":   s.colour(freeSeat, -px/4, 0),
					"held":   s.colour(heldSeat, px*rim, 0),
					"own":    s.colour(ownSeat, px/4, 0),
				})
				sold, free := s.colour(soldSeat, 0, 0), s.colour(freeSeat, -px/4, 0)
				if apart(sold, free) < visible {
					t.Errorf("at %v px a sold seat looks like a free one: %v", px, sold)
				}
			}
		})
	}
}

// TestSectionsAreColouredByWhatIsLeft, far away on a phone.
func TestSectionsAreColouredByWhatIsLeft(t *testing.T) {
	s := open(t).look(stadium, browser.Setup{Device: browser.Phone})
	section := func() [3]int {
		t.Helper()
		var rgb [3]int
		s.Eval(`(() => {
			const i = map.model.plan.sections.findIndex(s => s.name === "215");
			const a = map.model.plan.sections[i];
			map.draw(performance.now());
			const [x, y] = map.painter.at(a.x + 250, a.y + 250);
			const { data } = map.painter.ctx.getImageData(Math.round(x), Math.round(y), 1, 1);
			return [...data].slice(0, 3);
		})()`, &rgb)
		return rgb
	}
	take := func(share float64) {
		t.Helper()
		s.Eval(fmt.Sprintf(`(() => {
			const p = map.model.plan.sections.find(s => s.name === "215");
			for (let i = 0; i < p.places * %v; i++) map.model.set(p.first + i, 2);
			map.renew();
		})()`, share), nil)
	}
	free := section()
	take(0.7)
	few := section()
	take(1)
	wantApart(t, "sections", map[string][3]int{"free": free, "few": few, "none": section()})
}

// TestFiltersMakePale what a buyer doesn't want, and leave the rest.
func TestFiltersMakePale(t *testing.T) {
	s := open(t).look(theatre, browser.Setup{})
	var space, seat, other int
	s.Eval("map.model.plan.flags.findIndex(f => f === 1)", &space)
	s.Eval("map.model.plan.flags.findIndex((f, p) => !f && map.model.tier[p] === 0)", &seat)
	s.Eval("map.model.plan.flags.findIndex((f, p) => !f && map.model.tier[p] === 1)", &other)
	colours := func() (all [][3]int) {
		t.Helper()
		for _, p := range []int{space, seat, other} {
			s.near(p, 20)
			all = append(all, s.colour(p, -6, 0))
		}
		return all
	}
	before := colours()
	pale := func(want ...bool) {
		t.Helper()
		ground := [3]int{255, 255, 255} // the floor under the seats
		for i, now := range colours() {
			// A quarter of the colour is left over the floor.
			quarter := apart(before[i], ground) / 4
			is := apart(now, ground)
			if want[i] && (is < quarter-12 || is > quarter+12) || !want[i] && now != before[i] {
				t.Errorf("seat %d: %v became %v, pale %v", i, before[i], now, want[i])
			}
		}
	}
	s.Click(".map-chip >> Premium")
	pale(true, false, true)
	s.Click(".map-chip >> Category 1")
	pale(true, false, false)
	s.Eval("map.filter({tiers: null, stepFree: true}), 0", nil)
	pale(false, true, true)
	var pressed []string
	s.Eval(`[...document.querySelectorAll(".map-chip[aria-pressed=true]")].map(c => c.innerText)`,
		&pressed)
	if !slices.Equal(pressed, []string{"Step-free"}) {
		t.Errorf("pressed are %q", pressed)
	}
	var drawn [2]int
	s.Eval(`map.filter({stepFree: false, floor: 0}),
		map.home(0), map.draw(performance.now()), 0`, nil)
	drawn[0] = s.debug().Drawn
	s.Choose(".map-floors", "-1")
	s.rest()
	if drawn[1] = s.debug().Drawn; drawn[0] == 0 || drawn[0] >= drawn[1] {
		t.Errorf("of one floor %d seats are drawn, of all %d", drawn[0], drawn[1])
	}
}

// TestNumbersStayOnTheirSeats also when the sheet of texts is full in the middle of a frame: what
// was put before is drawn in its order.
func TestNumbersStayOnTheirSeats(t *testing.T) {
	s := open(t).look(theatre, browser.Setup{})
	s.near(100, 40)
	var got struct{ Cleared, Same bool }
	s.Eval(`(() => {
		const { painter } = map, { texts } = painter.sprites, { ctx } = painter;
		const picture = () => {
			painter.draw(map.view, performance.now());
			return ctx.getImageData(0, 0, ctx.canvas.width, ctx.canvas.height).data;
		};
		const before = picture();
		texts.known.clear();
		[texts.x, texts.y, texts.tall] = [400, 1000, 20]; // room for some
		let cleared = false;
		const { clear } = texts;
		texts.clear = function () { cleared = true; clear.call(this); };
		const after = picture();
		return { cleared, same: after.every((v, i) => v === before[i]) };
	})()`, &got)
	if !got.Cleared || !got.Same {
		t.Errorf("a full sheet: %+v", got)
	}
}

// TestTheFirstPictureHasColours, and the next frame has names: the page says when each is there.
func TestTheFirstPictureHasColours(t *testing.T) {
	h := open(t)
	s := sheet{browser.Open(t, browser.Setup{Device: browser.Phone, Patience: patience}), t}
	s.Go(h.url + "/")
	s.Go(h.url + "/map/" + stadium)
	s.WaitFor(`document.querySelector("seat-map").live`)
	var marks struct{ Picture, Names float64 }
	s.Eval(`({ picture: performance.getEntriesByName("seatmap")[0].startTime,
		names: performance.getEntriesByName("seatmap:names")[0].startTime })`, &marks)
	if marks.Picture <= 0 || marks.Names <= marks.Picture {
		t.Errorf("the picture is there at %v, the names at %v", marks.Picture, marks.Names)
	}
	var got struct {
		Bare, Named, Without, With int // pixels of sections, and of the ink of names
		Texts                      bool
	}
	s.Eval(`(() => {
		const map = document.querySelector("seat-map"), { painter } = map, { ctx } = painter;
		const count = () => {
			const { data } = ctx.getImageData(0, 0, ctx.canvas.width, ctx.canvas.height);
			let sections = 0, ink = 0;
			for (let i = 0; i < data.length; i += 4) {
				if (data[i + 2] - data[i] > 40) sections++;
				if (data[i] + data[i + 1] + data[i + 2] < 200) ink++;
			}
			return [sections, ink];
		};
		const texts = ["101", "240", "344"].every(name =>
			[...painter.sprites.texts.known.keys()].some(key => key.startsWith(name + "|")));
		const [named, ink] = count();
		painter.draw(map.view, performance.now(), true);
		const [bare, without] = count();
		return { bare, named, with: ink, without, texts };
	})()`, &got)
	if !got.Texts || got.With < 2*got.Without || got.Bare < got.Named || got.Named < 50_000 {
		t.Errorf("with names and without: %+v", got)
	}
}

// TestAMapThatDoesNotCome says so, and offers to try again.
func TestAMapThatDoesNotCome(t *testing.T) {
	h := open(t)
	h.lacks.Store(true)
	s := sheet{browser.Open(t, browser.Setup{Patience: patience}), t}
	s.Allow("/plan.bin")
	s.Allow("503")
	s.Go(h.url + "/map/" + theatre)
	s.WaitText(".map-note", "could not be loaded")
	h.lacks.Store(false)
	s.Click(".map-again")
	s.WaitFor(`document.querySelector("seat-map").live`)
	if note := s.Text(".map-note"); note != "" {
		t.Errorf("a map that came says %q", note)
	}
}
