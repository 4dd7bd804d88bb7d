package web

import "encoding/json"

// seatMap is the page with the picture of the house.
type seatMap struct {
	choosing
	words string // of the picture, for its script
}

func (s *Site) showSeats(v *visit) (component, error) {
	c, err := s.chooses(v, "map")
	if err != nil {
		return nil, err
	}
	words, err := json.Marshal(&v.SeatMap)
	if err != nil {
		return nil, err
	}
	return seatsPage(v, &seatMap{c, string(words)}), nil
}

var mapScripts = []string{"map.js", "basket.js", "clock.js"}

// api is an address of the event in the API.
func (p *seatMap) api(rest string) string { return "/v1/events/" + p.Event().ID.String() + rest }
