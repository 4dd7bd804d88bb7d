package seatmap_test

import (
	"os"
	"path/filepath"
	"testing"

	"ticketflow/internal/testservers/browser"
)

func TestTmpShots(t *testing.T) {
	h := open(t)
	dir := os.Getenv("SHOTS")
	sell(t, h, stadium)
	for name, setup := range map[string]browser.Setup{
		"desk-light": {}, "desk-dark": {Dark: true}, "phone-light": {Device: browser.Phone}, "phone-dark": {Device: browser.Phone, Dark: true},
	} {
		s := h.look(stadium, setup)
		t.Log(name, s.debug())
		s.Screenshot(filepath.Join(dir, name+"-0.png"))
		s.Eval(`map.zoomTo("120")`, nil)
		s.rest()
		s.Screenshot(filepath.Join(dir, name+"-1.png"))
		s.near(40000, 30)
		s.Eval(`map.mine([40000],[40001])`, nil)
		s.rest()
		s.Screenshot(filepath.Join(dir, name+"-2.png"))
		s.near(40000, 5)
		s.Screenshot(filepath.Join(dir, name+"-3.png"))
	}
}

func sell(t *testing.T, h *house, event string) {
	t.Helper()
	for i := 0; i < 60; i++ {
		var p []int
		for k := 0; k < 8; k++ {
			p = append(p, 39600+i*13+k)
		}
		h.hold(event, p...)
	}
}
