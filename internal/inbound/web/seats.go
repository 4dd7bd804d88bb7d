package web

// seatsPageView is the page with the map.
type seatsPageView struct{ choosing }

func (s *Site) showSeats(v *visit) (component, error) {
	c, err := s.chooses(v, "map")
	if err != nil {
		return nil, err
	}
	return seatsPage(v, &seatsPageView{c}), nil
}
