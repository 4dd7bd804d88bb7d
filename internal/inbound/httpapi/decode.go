package httpapi

import (
	"net/url"

	"ticketflow/internal/domain/booking"
	"ticketflow/internal/domain/catalog"
	"ticketflow/internal/inbound/strictjson"
)

// Bounds of what the hand-written readers take in. More places than an order may have are read, so
// that they can be refused for what they are.
const (
	maxNamedPlaces    = 1_000
	maxCount          = 1_000_000
	maxTierBytes      = 40
	maxIDBytes        = 64
	maxNameBytes      = 200
	maxEmailBytes     = 254
	maxReturnURLBytes = 2_000
)

var (
	holdFields  = []string{"places", "best"}
	bestFields  = []string{"count", "tier", "section", "split_allowed", "accessible"}
	orderFields = []string{"hold", "hold_token", "buyer", "return_url"}
	buyerFields = []string{"name", "email"}
)

// holdAsk is a NewHold that was read.
type holdAsk struct {
	places              []catalog.PlaceNo
	best                bool
	count               int
	tier, section       string
	split, stepFreeOnly bool
}

// readHold reads a NewHold.
func readHold(body []byte) (ask holdAsk, err error) {
	r := strictjson.NewReader(body)
	seen := r.Object(holdFields, func(field int) {
		if field == 0 {
			r.Array(maxNamedPlaces, func() {
				place := catalog.PlaceNo(r.Uint(1<<32 - 1))
				ask.places = append(ask.places, place)
			})
			return
		}
		ask.best = true
		if seen := r.Object(bestFields, ask.readBest(&r)); seen&1 == 0 {
			r.Refuse("needs the field count.")
		}
	})
	switch {
	case r.Err() != nil:
	case seen == 3:
		r.Refuse("has both places and best; it needs one of them.")
	case seen == 0:
		r.Refuse("needs places or best.")
	case seen == 1 && len(ask.places) == 0:
		return ask, booking.ErrNoPlaces
	}
	return ask, r.End()
}

func (ask *holdAsk) readBest(r *strictjson.Reader) func(int) {
	return func(field int) {
		switch field {
		case 0:
			if ask.count = int(r.Uint(maxCount)); ask.count == 0 {
				r.Refuse("must be at least 1.")
			}
		case 1:
			ask.tier = r.Text(maxTierBytes)
		case 2:
			ask.section = r.Text(catalog.MaxNameBytes)
		case 3:
			ask.split = r.Bool()
		case 4:
			ask.stepFreeOnly = r.Bool()
		}
	}
}

// orderAsk is a NewOrder that was read.
type orderAsk struct {
	hold, token, name, email, returnURL string
}

// readOrder reads a NewOrder.
func readOrder(body []byte) (ask orderAsk, err error) {
	r := strictjson.NewReader(body)
	seen := r.Object(orderFields, func(field int) {
		switch field {
		case 0:
			ask.hold = r.Text(maxIDBytes)
		case 1:
			ask.token = r.Text(maxIDBytes)
		case 2:
			seen := r.Object(buyerFields, func(field int) {
				if field == 0 {
					ask.name = r.Text(maxNameBytes)
				} else {
					ask.email = r.Text(maxEmailBytes)
				}
			})
			if seen != 3 {
				r.Refuse("needs the fields name and email.")
			}
		case 3:
			if ask.returnURL = r.Text(maxReturnURLBytes); !webAddress(ask.returnURL) {
				r.Refuse("must be an absolute http or https address.")
			}
		}
	})
	if seen&7 != 7 {
		r.Refuse("needs the fields hold, hold_token and buyer.")
	}
	return ask, r.End()
}

// webAddress tells whether s is an absolute http(s) URL without a user in it.
func webAddress(s string) bool {
	u, err := url.Parse(s)
	return err == nil && (u.Scheme == "http" || u.Scheme == "https") && u.Host != "" &&
		u.User == nil
}
