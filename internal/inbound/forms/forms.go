// Package forms reads what clients send where it is read by hand: the bodies of holds and orders,
// the cursors of lists, and the format of a seat plan. It takes nothing that encoding/json would
// not take, and reads the same.
package forms

import (
	"net/url"

	"ticketflow/internal/app/strictjson"
	"ticketflow/internal/domain/booking"
	"ticketflow/internal/domain/catalog"
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
	maxVoucherBytes   = 60 // with white space around it
	maxLanguageBytes  = 64 // more than a tag may have, to be refused as no tag
)

var (
	holdFields  = []string{"places", "best"}
	bestFields  = []string{"count", "tier", "section", "split_allowed", "accessible"}
	orderFields = []string{"hold", "hold_token", "buyer", "return_url", "voucher", "language"}
	buyerFields = []string{"name", "email"}
)

// Hold asks for places: named ones, or the best.
type Hold struct {
	Places        []catalog.PlaceNo
	Best          bool
	Count         int // at least 1 if Best
	Tier, Section string
	Split         bool
	StepFree      bool
}

// ReadHold reads a request for places. It fails with a failure of strictjson or with
// booking.ErrNoPlaces.
func ReadHold(body []byte) (ask Hold, err error) {
	r := strictjson.NewReader(body)
	seen := r.Object(holdFields, func(field int) {
		if field == 0 {
			r.Array(maxNamedPlaces, func() {
				place := catalog.PlaceNo(r.Uint(1<<32 - 1))
				ask.Places = append(ask.Places, place)
			})
			return
		}
		ask.Best = true
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
	case seen == 1 && len(ask.Places) == 0:
		return ask, booking.ErrNoPlaces
	}
	return ask, r.End()
}

func (ask *Hold) readBest(r *strictjson.Reader) func(int) {
	return func(field int) {
		switch field {
		case 0:
			if ask.Count = int(r.Uint(maxCount)); ask.Count == 0 {
				r.Refuse("must be at least 1.")
			}
		case 1:
			ask.Tier = r.Text(maxTierBytes)
		case 2:
			ask.Section = r.Text(catalog.MaxNameBytes)
		case 3:
			ask.Split = r.Bool()
		case 4:
			ask.StepFree = r.Bool()
		}
	}
}

// Order asks for an order of a hold.
type Order struct {
	Hold, Token, Name, Email string
	ReturnURL                string // an absolute http(s) address, or empty
	Voucher                  string // a code as it was typed, or empty
	Language                 string // a tag as it was sent, or empty
}

// ReadOrder reads a request for an order. It fails with a failure of strictjson.
func ReadOrder(body []byte) (ask Order, err error) {
	r := strictjson.NewReader(body)
	seen := r.Object(orderFields, func(field int) {
		switch field {
		case 0:
			ask.Hold = r.Text(maxIDBytes)
		case 1:
			ask.Token = r.Text(maxIDBytes)
		case 2:
			seen := r.Object(buyerFields, func(field int) {
				if field == 0 {
					ask.Name = r.Text(maxNameBytes)
				} else {
					ask.Email = r.Text(maxEmailBytes)
				}
			})
			if seen != 3 {
				r.Refuse("needs the fields name and email.")
			}
		case 3:
			if ask.ReturnURL = r.Text(maxReturnURLBytes); !webAddress(ask.ReturnURL) {
				r.Refuse("must be an absolute http or https address.")
			}
		case 4:
			if ask.Voucher = r.Text(maxVoucherBytes); ask.Voucher == "" {
				r.Refuse("must not be empty.")
			}
		case 5:
			ask.Language = r.Text(maxLanguageBytes)
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
