package browser

import (
	"context"
	"encoding/json"
	"fmt"
	"math"
	"strings"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/input"
	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
)

// Point is a place in the window, in CSS pixels from its upper left corner.
type Point struct{ X, Y float64 }

// reach scrolls an element into view and tells where one would touch it, or why one can't.
const reach = `(e => {
	if (!e) return {why: "there is none"};
	if (e.matches(":disabled") || e.getAttribute("aria-disabled") === "true")
		return {why: "it is disabled"};
	const box = () => e.getClientRects()[0] ?? e.getBoundingClientRect();
	let r = box();
	if (r.width === 0 || r.height === 0) return {why: "it has no size"};
	const inside = () => r.top >= 0 && r.left >= 0 &&
		r.bottom <= innerHeight && r.right <= innerWidth;
	if (!inside()) {
		e.scrollIntoView({block: "center", inline: "center", behavior: "instant"});
		r = box();
	}
	const x = r.left + r.width / 2, y = r.top + r.height / 2;
	const hit = document.elementFromPoint(x, y);
	if (!hit) return {why: "it is outside of the window"};
	if (!e.contains(hit) && hit.closest("label")?.control !== e)
		return {why: "something lies over it: " + hit.outerHTML.slice(0, 100)};
	return {x, y};
})(%s)`

// Center waits until an element can be touched: it is there, enabled, in view, at rest, and nothing
// lies over it. It gives its middle.
func (tab *Tab) Center(selector string) Point {
	tab.tb.Helper()
	ctx, cancel := tab.step()
	defer cancel()
	var last Point
	why := "the page did not answer"
	for seen := false; ; {
		var found struct {
			Point

			Why string
		}
		if err := evaluate(ctx, fmt.Sprintf(reach, one(selector)), &found); err == nil {
			why = found.Why
			if why == "" && seen && found.Point == last {
				return last
			}
			seen, last = why == "", found.Point
		}
		if pause(ctx) != nil {
			tab.tb.Fatalf("touch %s: not within %s: %s", selector, tab.setup.Patience,
				notEmpty(why, "it moves"))
		}
	}
}

func notEmpty(a, b string) string {
	if a != "" {
		return a
	}
	return b
}

// Click waits until an element can be touched, and touches it: with a finger on a phone, else with
// the mouse. A selector may go on with " >> " and a text: then it means the first element of those
// that has the text, as in "button >> Pay".
func (tab *Tab) Click(selector string) {
	tab.tb.Helper()
	tab.Touch(tab.Center(selector))
}

// Touch clicks or taps at a place.
func (tab *Tab) Touch(at Point) {
	tab.tb.Helper()
	if tab.setup.Device.Touch {
		tab.fingers(input.DispatchTouchEventTypeTouchStart, at)
		tab.fingers(input.DispatchTouchEventTypeTouchEnd)
		return
	}
	tab.Move(at)
	tab.mouse(input.DispatchMouseEventParams{
		Type: input.DispatchMouseEventTypeMousePressed, X: at.X, Y: at.Y,
		Button: input.MouseButtonLeft, Buttons: 1, ClickCount: 1,
	})
	tab.mouse(input.DispatchMouseEventParams{
		Type: input.DispatchMouseEventTypeMouseReleased, X: at.X, Y: at.Y,
		Button: input.MouseButtonLeft, ClickCount: 1,
	})
}

// Move moves the mouse to a place.
func (tab *Tab) Move(at Point) {
	tab.tb.Helper()
	tab.mouse(input.DispatchMouseEventParams{
		Type: input.DispatchMouseEventTypeMouseMoved, X: at.X, Y: at.Y,
	})
}

// Wheel turns the wheel at a place; with the key "Control" held, that is how a trackpad pinches.
func (tab *Tab) Wheel(at Point, dx, dy float64, held ...string) {
	tab.tb.Helper()
	var modifiers kb.Modifier
	for _, key := range held {
		modifiers |= modifierOf(key)
	}
	turn := cdp.Command[wheel, cdp.Empty]{Method: input.CommandDispatchMouseEvent}
	tab.do("turn the wheel", func(ctx context.Context, t *chromedp.Target) error {
		_, err := cdp.Call(ctx, t, turn, wheel{
			Type: input.DispatchMouseEventTypeMouseWheel, X: at.X, Y: at.Y, DeltaX: dx, DeltaY: dy,
			Modifiers: int64(modifiers),
		})
		return err
	})
}

// wheel is an event that says so where a delta is zero: the browser refuses one that doesn't, and
// the generated type leaves zeros out.
type wheel struct {
	Type      input.DispatchMouseEventType `json:"type"`
	X         float64                      `json:"x"`
	Y         float64                      `json:"y"`
	DeltaX    float64                      `json:"deltaX"`
	DeltaY    float64                      `json:"deltaY"`
	Modifiers int64                        `json:"modifiers"`
}

const strokes = 10 // of a drag or a pinch

// Drag moves a finger, or the mouse with its button held, from one place to another.
func (tab *Tab) Drag(from, to Point) {
	tab.tb.Helper()
	if !tab.setup.Device.Touch {
		tab.Move(from)
		tab.mouse(input.DispatchMouseEventParams{
			Type: input.DispatchMouseEventTypeMousePressed, X: from.X, Y: from.Y,
			Button: input.MouseButtonLeft, Buttons: 1, ClickCount: 1,
		})
		for i := range strokes {
			at := between(from, to, i+1)
			tab.mouse(input.DispatchMouseEventParams{
				Type: input.DispatchMouseEventTypeMouseMoved, X: at.X, Y: at.Y,
				Button: input.MouseButtonLeft, Buttons: 1,
			})
		}
		tab.mouse(input.DispatchMouseEventParams{
			Type: input.DispatchMouseEventTypeMouseReleased, X: to.X, Y: to.Y,
			Button: input.MouseButtonLeft, ClickCount: 1,
		})
		return
	}
	tab.fingers(input.DispatchTouchEventTypeTouchStart, from)
	for i := range strokes {
		tab.fingers(input.DispatchTouchEventTypeTouchMove, between(from, to, i+1))
	}
	tab.fingers(input.DispatchTouchEventTypeTouchEnd)
}

func between(from, to Point, stroke int) Point {
	share := float64(stroke) / strokes
	return Point{from.X + (to.X-from.X)*share, from.Y + (to.Y-from.Y)*share}
}

const fingersApart = 80 // at the closer end of a pinch

// Pinch moves two fingers about a place apart, so that the picture becomes scale times as large, or
// together where scale is below 1.
func (tab *Tab) Pinch(at Point, scale float64) {
	tab.tb.Helper()
	first, last := fingersApart/math.Min(1, scale), fingersApart*math.Max(1, scale)
	for i := range strokes + 1 {
		half := (first + (last-first)*float64(i)/strokes) / 2
		kind := input.DispatchTouchEventTypeTouchMove
		if i == 0 {
			kind = input.DispatchTouchEventTypeTouchStart
		}
		tab.fingers(kind, Point{at.X - half, at.Y}, Point{at.X + half, at.Y})
	}
	tab.fingers(input.DispatchTouchEventTypeTouchEnd)
}

func (tab *Tab) mouse(event input.DispatchMouseEventParams) {
	tab.tb.Helper()
	tab.do("use the mouse", func(ctx context.Context, t *chromedp.Target) error {
		_, err := cdp.Call(ctx, t, input.DispatchMouseEvent, event)
		return err
	})
}

func (tab *Tab) fingers(kind input.DispatchTouchEventType, at ...Point) {
	tab.tb.Helper()
	event := input.DispatchTouchEventParams{Type: kind, TouchPoints: []*input.TouchPoint{}}
	for i, p := range at {
		event.TouchPoints = append(event.TouchPoints,
			&input.TouchPoint{X: p.X, Y: p.Y, ID: new(float64(i))})
	}
	tab.do("use a finger", func(ctx context.Context, t *chromedp.Target) error {
		_, err := cdp.Call(ctx, t, input.DispatchTouchEvent, event)
		return err
	})
}

// Fill replaces what is in a field, as typing does, but at once.
func (tab *Tab) Fill(selector, value string) {
	tab.tb.Helper()
	tab.Center(selector)
	tab.Eval("(e => { e.focus(); e.select(); })("+one(selector)+")", nil)
	if value == "" {
		tab.Press("Delete")
	} else {
		tab.do("fill "+selector, func(ctx context.Context, t *chromedp.Target) error {
			_, err := cdp.Call(ctx, t, input.InsertText, input.InsertTextParams{Text: value})
			return err
		})
	}
	if got := tab.Value(selector); got != value {
		tab.tb.Fatalf("fill %s: it has %q now, not %q", selector, got, value)
	}
}

// Choose chooses an option of a list by its value.
func (tab *Tab) Choose(selector, value string) {
	tab.tb.Helper()
	tab.Center(selector)
	var chosen string
	tab.Eval(`(e => {
		e.focus();
		e.value = `+quote(value)+`;
		e.dispatchEvent(new Event("input", {bubbles: true}));
		e.dispatchEvent(new Event("change", {bubbles: true}));
		return e.value;
	})(`+one(selector)+`)`, &chosen)
	if chosen != value {
		tab.tb.Fatalf("choose %q of %s: it has no such option", value, selector)
	}
}

// Press presses keys, one after the other: "Tab", "Shift+Tab", "Enter", "Escape", "Space",
// "ArrowDown", "Home", "PageDown", "Backspace", "Delete", or a letter.
func (tab *Tab) Press(keys ...string) {
	tab.tb.Helper()
	for _, key := range keys {
		events, err := strokesOf(key)
		if err != nil {
			tab.tb.Fatal(err)
		}
		tab.do("press "+key, func(ctx context.Context, t *chromedp.Target) error {
			for _, event := range events {
				if _, err := cdp.Call(ctx, t, input.DispatchKeyEvent, *event); err != nil {
					return err
				}
			}
			return nil
		})
	}
}

// Type presses the keys of a text.
func (tab *Tab) Type(text string) {
	tab.tb.Helper()
	for _, r := range text {
		if r == ' ' {
			tab.Press("Space")
			continue
		}
		tab.Press(string(r))
	}
}

func strokesOf(key string) ([]*input.DispatchKeyEventParams, error) {
	named := map[string]string{
		"Tab": kb.Tab, "Enter": kb.Enter, "Escape": kb.Escape, "Space": " ",
		"ArrowDown": kb.ArrowDown, "ArrowUp": kb.ArrowUp, "ArrowLeft": kb.ArrowLeft,
		"ArrowRight": kb.ArrowRight, "Home": kb.Home, "End": kb.End, "PageUp": kb.PageUp,
		"PageDown": kb.PageDown, "Backspace": kb.Backspace, "Delete": kb.Delete,
	}
	var modifiers kb.Modifier
	rest := key
	for {
		held, after, found := strings.Cut(rest, "+")
		if !found || after == "" || modifierOf(held) == 0 {
			break
		}
		modifiers, rest = modifiers|modifierOf(held), after
	}
	letter := rest
	if name, ok := named[rest]; ok {
		letter = name
	}
	runes := []rune(letter)
	if len(runes) != 1 {
		return nil, fmt.Errorf("there is no key %q", key)
	}
	events := kb.Encode(runes[0])
	for _, event := range events {
		event.Modifiers |= int64(modifiers)
	}
	return events, nil
}

func modifierOf(key string) kb.Modifier {
	switch key {
	case "Shift":
		return kb.ModifierShift
	case "Control":
		return kb.ModifierCtrl
	case "Alt":
		return kb.ModifierAlt
	case "Meta":
		return kb.ModifierMeta
	}
	return 0
}

// one is the expression of the first element that a selector matches, or null.
func one(selector string) string {
	css, words, named := strings.Cut(selector, textMark)
	if !named {
		return "document.querySelector(" + quote(css) + ")"
	}
	return "(" + all(css) + ".find(e => (e.getAttribute('aria-label') ?? e.innerText ?? '')" +
		".includes(" + quote(words) + ")) ?? null)"
}

// textMark stands between a selector of CSS and the text of the element.
const textMark = " >> "

// all is the expression of an array of all elements that a selector of CSS matches.
func all(css string) string { return "Array.from(document.querySelectorAll(" + quote(css) + "))" }

// quote writes a text as a literal of JavaScript.
func quote(s string) string {
	text, err := json.Marshal(s)
	if err != nil {
		return `""` // never: a string can be marshalled
	}
	return string(text)
}
