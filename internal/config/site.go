package config

import "fmt"

// maxSiteName bounds the name that stands on every page, in characters.
const maxSiteName = 80

// Site is whose pages buyers see.
type Site struct {
	SiteName string `help:"Name of the organisation, as its pages show it." default:"TicketFlow" env:"TICKETFLOW_SITE_NAME" placeholder:"NAME"`
}

func (s *Site) checkSite() error {
	if len([]rune(s.SiteName)) > maxSiteName {
		return fmt.Errorf("--site-name may have %d characters", maxSiteName)
	}
	return nil
}
