package catalog

import "ticketflow/internal/domain/errs"

// Limits of a venue's texts, in bytes.
const maxVenueText = 400

// ErrVenue says that a venue's description is incomplete.
var ErrVenue = errs.New(errs.Invalid, "bad_venue", "A venue needs a name, a city and a time zone.")

// Venue is a building or ground that events take place in.
type Venue struct {
	ID       VenueID
	Name     string
	Address  string
	City     string
	Country  string // ISO 3166-1 alpha-2, or empty
	TimeZone string // IANA name; the edge has checked that it can be loaded
}

// Check tells what is wrong with the venue.
func (v *Venue) Check() error {
	if v.Name == "" || v.City == "" || v.TimeZone == "" {
		return ErrVenue
	}
	for _, s := range []string{v.Name, v.Address, v.City, v.Country, v.TimeZone} {
		if odd(s) {
			return ErrOdd
		}
		if len(s) > maxVenueText {
			return ErrText.With("A venue's texts may have 400 bytes each.")
		}
	}
	if v.Country != "" && len(v.Country) != 2 {
		return ErrVenue.With("The country is two letters (ISO 3166-1).")
	}
	return nil
}
