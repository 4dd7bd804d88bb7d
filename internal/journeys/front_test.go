package journeys

import (
	"net/http"
	"testing"

	"ticketflow/internal/testservers/browser"
)

// TestTheFrontPageLeadsToAnEvent is the shortest journey.
func TestTheFrontPageLeadsToAnEvent(t *testing.T) {
	s := open(t)
	other := s.usualEvent() // a list of one event would be that event's page
	other.Title = "Songs of the Harbour"
	s.stage(s.plan, other)
	for _, setup := range []browser.Setup{
		{Device: browser.Desktop}, {Device: browser.Phone, Dark: true, Language: "de"},
		{Device: browser.Narrow, NoScript: true},
	} {
		tab := s.tab(setup)
		if status := tab.Go(s.page("/")); status != http.StatusOK {
			t.Errorf("the front page answers %d", status)
		}
		tab.Loads(func() { tab.Click("a >> The Winter Lanterns") })
		tab.WaitURL("/events/" + s.event)
		tab.WaitText("h1", "The Winter Lanterns")
	}
}
