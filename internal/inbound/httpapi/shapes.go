package httpapi

import "time"

// Money is an amount in minor units of its currency.
type Money struct {
	Amount   int64  `json:"amount" minimum:"0" maximum:"1000000000000" example:"4900" doc:"Minor units: 4900 is 49.00 EUR"`
	Currency string `json:"currency" pattern:"^[A-Z]{3}$" example:"EUR" doc:"ISO 4217 code"`
}

// Place is one place in a hold or an order, at its frozen price.
type Place struct {
	Place   uint32 `json:"place" example:"12" doc:"Number of the place in its seat plan, from 0"`
	Section string `json:"section" example:"214"`
	Row     string `json:"row" example:"12" doc:"Empty for a standing place"`
	Seat    string `json:"seat" example:"7" doc:"Empty for a standing place"`
	Tier    string `json:"tier" example:"cat1" doc:"Key of the price tier"`
	Price   Money  `json:"price"`
}

// NewHold asks for places: either named ones or the best that are free.
type NewHold struct {
	Places []uint32  `json:"places,omitempty" maxItems:"50" minItems:"1" nullable:"false" example:"[12,13]" doc:"Numbers of the places, all or none"`
	Best   *BestWish `json:"best,omitempty" doc:"The best free places instead of named ones"`
}

// BestWish asks for the best places: side by side, near to the focal point, no single seat left.
type BestWish struct {
	Count        int    `json:"count" minimum:"1" maximum:"50" example:"2"`
	Tier         string `json:"tier,omitempty" maxLength:"40" example:"cat1" doc:"Only places of this price tier"`
	Section      string `json:"section,omitempty" maxLength:"200" example:"214" doc:"Only places of this section"`
	SplitAllowed bool   `json:"split_allowed,omitempty" doc:"Take several blocks if none is large enough"`
	Accessible   bool   `json:"accessible,omitempty" doc:"Step-free places only"`
}

// AmendedPlaces is how the places of a hold change: it names at least one, or asks for the best.
type AmendedPlaces struct {
	Add    []uint32  `json:"add,omitempty" maxItems:"50" nullable:"false" example:"[12,13]" doc:"Numbers of the places that come to the hold"`
	Remove []uint32  `json:"remove,omitempty" maxItems:"50" nullable:"false" example:"[40]" doc:"Numbers of the places that are given back"`
	Best   *BestWish `json:"best,omitempty" doc:"Adds the best free places instead of named ones"`
}

// Why tells what is good, and what isn't, about places that were chosen for the buyer.
type Why struct {
	SideBySide bool      `json:"side_by_side" doc:"All places are neighbours"`
	Stretches  []Stretch `json:"stretches" nullable:"false" doc:"More than one if they couldn't be side by side"`
	DistanceCM int       `json:"distance_cm" minimum:"0" example:"1840" doc:"Of the nearest of them to the middle of the stage. Of all that was free, these were the nearest, but that none leaves a single seat alone as long as there are others"`
}

// Stretch is places side by side in one row, or of one standing area.
type Stretch struct {
	Section string `json:"section" example:"214"`
	Row     string `json:"row" example:"12" doc:"Empty for standing places"`
	First   string `json:"first_seat" example:"7" doc:"Empty for standing places"`
	Last    string `json:"last_seat" example:"8"`
	Count   int    `json:"count" minimum:"1" example:"2"`
}

// LostPlace is a place that a refusal is about.
type LostPlace struct {
	Place   uint32 `json:"place" example:"12"`
	Section string `json:"section" example:"214"`
	Row     string `json:"row" example:"12"`
	Seat    string `json:"seat" example:"7"`
	State   string `json:"state" enum:"free,held,sold,blocked" doc:"As far as it is known"`
}

// Hold is places that are set aside for a while.
type Hold struct {
	ID         string    `json:"id" example:"hld_00000081m2agyg800005m4y7h0qf22at2f3rgbg"`
	Token      string    `json:"token,omitempty" example:"tok_h0qf22at2f3rgbqh15d17hw85r" doc:"Only when the hold is made; send it in the header Hold-Token"`
	Event      string    `json:"event" example:"evt_1"`
	State      string    `json:"state,omitempty" enum:"live,ordered,released,expired" doc:"Absent when the hold is made: it is live"`
	ExpiresAt  time.Time `json:"expires_at" doc:"From then on others may take the places"`
	Now        time.Time `json:"now" doc:"The server's time of this answer, to compare expires_at with; a repeated POST repeats it"`
	SideBySide bool      `json:"side_by_side" doc:"All places are neighbours"`
	Why        *Why      `json:"why,omitempty" doc:"Why these: only of places that were chosen as the best"`
	Places     []Place   `json:"places" nullable:"false"`
	Charges    []Charge  `json:"charges,omitempty" nullable:"false" doc:"What the total has besides the places; absent if there is nothing"`
	Total      Money     `json:"total"`
}

// NewOrder turns a hold into an order.
type NewOrder struct {
	Hold      string `json:"hold" maxLength:"64" example:"hld_00000081m2agyg800005m4y7h0qf22at2f3rgbg"`
	HoldToken string `json:"hold_token" maxLength:"64" example:"tok_h0qf22at2f3rgbqh15d17hw85r"`
	Buyer     Buyer  `json:"buyer"`
	Voucher   string `json:"voucher,omitempty" minLength:"1" maxLength:"60" example:"spring-27" doc:"Code of a voucher, in either case. It is counted with the order, and given back if the order ends unpaid"`
	Language  string `json:"language,omitempty" example:"de" doc:"BCP 47 tag, at most 35 characters: what mails, printed tickets and calendar files are written in. Without it, or if it isn't spoken, in the house's"`
	ReturnURL string `json:"return_url,omitempty" maxLength:"2000" format:"uri" example:"https://venue.example/thanks" doc:"http or https; where the payment page sends the buyer back to"`
}

// Buyer is who pays and gets the tickets.
type Buyer struct {
	Name  string `json:"name" minLength:"1" maxLength:"200" example:"Ada Lovelace"`
	Email string `json:"email" minLength:"3" maxLength:"254" example:"ada@example.org"`
}

// Payment is where and how far an order's payment is.
type Payment struct {
	Provider string `json:"provider" example:"simpay"`
	URL      string `json:"url" example:"http://127.0.0.1:8080/simpay/pay/AbC" doc:"Where the buyer pays; empty unless state is open"`
	State    string `json:"state" enum:"open,paid,closed,unavailable,unknown" doc:"unavailable: the places stay yours, and nothing has failed; read the order again after retry_after_seconds; unknown: the gateway can't tell now whether it was paid: don't pay again, check once more in a moment"`

	Instructions string `json:"instructions,omitempty" doc:"In place of a URL: what the buyer has to do, as plain text"`
	RetryAfter   int    `json:"retry_after_seconds,omitempty" minimum:"1" doc:"When state is unavailable"`
}

// Order is a buyer's order.
type Order struct {
	ID        string    `json:"id" example:"ord_00000081m2agyg80000z22at2f3rgbqh15d17hr"`
	Token     string    `json:"token,omitempty" example:"tok_h0qf22at2f3rgbqh15d17hw85r" doc:"Only when the order is placed; send it in the header Order-Token"`
	Reference string    `json:"reference" example:"BHXT-S55G" doc:"For people: e-mail, telephone, box office; it grants nothing"`
	Event     string    `json:"event" example:"evt_1"`
	State     string    `json:"state" enum:"awaiting_payment,paid,expired,cancelled"`
	ExpiresAt time.Time `json:"expires_at" doc:"Until when the payment is awaited"`
	Places    []Place   `json:"places" nullable:"false"`
	Charges   []Charge  `json:"charges,omitempty" nullable:"false" doc:"What the total has besides the places; absent if there is nothing"`
	Total     Money     `json:"total"`
	Payment   Payment   `json:"payment"`
}

// OrderTickets is the tickets of an order; there are none before it is paid.
type OrderTickets struct {
	Order   string   `json:"order" example:"ord_00000081m2agyg80000z22at2f3rgbqh15d17hr"`
	State   string   `json:"state" enum:"awaiting_payment,paid,expired,cancelled" doc:"State of the order"`
	Tickets []Ticket `json:"tickets" nullable:"false"`
}

// Ticket is the right of entry for one place.
type Ticket struct {
	ID      string `json:"id" example:"tkt_000000800000r000000z22at2f3rgbqh15d17hw85vrgj" doc:"Who knows it may see the ticket"`
	Place   uint32 `json:"place" example:"12"`
	Section string `json:"section" example:"214"`
	Row     string `json:"row" example:"12"`
	Seat    string `json:"seat" example:"7"`
	State   string `json:"state" enum:"valid,used,void,transferred" doc:"transferred: it was passed on, and admits no longer"`

	HolderName string    `json:"holder_name" example:"Ada Lovelace" doc:"The name on the ticket"`
	Code       string    `json:"code" example:"TF1:..." doc:"What the QR says, signed; a scanner can check it offline. Empty unless state is valid or used"`
	PassedTo   *PassedTo `json:"passed_to,omitempty" doc:"Who has it now; only among the tickets of an order"`
}

// PassedTo is what became of a ticket that was passed on.
type PassedTo struct {
	Name  string `json:"name" example:"Grace Hopper"`
	Email string `json:"email" example:"grace@example.org"`
	State string `json:"state" enum:"valid,used,void" doc:"Of the ticket that the place has now"`
}
