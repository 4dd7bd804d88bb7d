package config

import (
	"errors"
	"fmt"
	"net/mail"
	"net/url"
	"strings"
)

// maxSiteName bounds the name that stands on every page, in characters.
const maxSiteName = 80

// Site is whose pages buyers see.
type Site struct {
	SiteName     string   `help:"Name of the organisation, as its pages show it." default:"TicketFlow" env:"TICKETFLOW_SITE_NAME" placeholder:"NAME"`
	SiteLogo     string   `help:"Logo of the organisation: a file with an SVG, PNG or WebP picture of at most 200 KiB (default: none)." type:"path" env:"TICKETFLOW_SITE_LOGO" placeholder:"FILE"`
	SiteHue      string   `help:"Hue of buttons and links, 0 to 360; their lightness follows, so that they stay readable (default: blue)." env:"TICKETFLOW_SITE_HUE" placeholder:"DEGREES"`
	SiteEmail    string   `help:"Address that buyers write to (default: none)." env:"TICKETFLOW_SITE_EMAIL" placeholder:"E-MAIL"`
	SiteImprint  string   `help:"Page that says who runs the site (default: none)." env:"TICKETFLOW_SITE_IMPRINT" placeholder:"URL"`
	EmbedOrigins []string `help:"Sites that may show an event within their own pages, for instance https://www.example.org (default: none)." env:"TICKETFLOW_EMBED_ORIGINS" placeholder:"ORIGIN"`
}

func (s *Site) checkSite() error {
	if len([]rune(s.SiteName)) > maxSiteName {
		return fmt.Errorf("--site-name may have %d characters", maxSiteName)
	}
	if s.SiteEmail != "" {
		if a, err := mail.ParseAddress(s.SiteEmail); err != nil || a.Address != s.SiteEmail {
			return fmt.Errorf("--site-email %q is no address like tickets@example.org", s.SiteEmail)
		}
	}
	if err := checkURL("SITE_IMPRINT", Secret(s.SiteImprint), "http", "https"); err != nil {
		return err
	}
	for _, origin := range s.EmbedOrigins {
		if err := checkOrigin(origin); err != nil {
			return fmt.Errorf("--embed-origins: %q: %w", origin, err)
		}
	}
	return nil
}

var errOrigin = errors.New("an origin is like https://www.example.org, without a path")

// checkOrigin wants a scheme and a host and nothing else: what is written into a policy must not
// end it and begin another.
func checkOrigin(origin string) error {
	u, err := url.Parse(origin)
	if err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Host == "" ||
		origin != u.Scheme+"://"+u.Host || strings.ContainsAny(origin, " ;,'\"*") {
		return errOrigin
	}
	return nil
}
