package catalog

import (
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"ticketflow/internal/domain/errs"
	"ticketflow/internal/domain/ident"
	"ticketflow/internal/domain/money"
	"ticketflow/internal/domain/pricing"
)

// VenueID, PlanID and EventID are given by the ledger, counted from 1.
type (
	VenueID int64
	PlanID  int64
	EventID int64
)

// String writes the public form, for instance ven_3.
func (id VenueID) String() string { return "ven_" + strconv.FormatInt(int64(id), 10) }

// String writes the public form, for instance pln_3.
func (id PlanID) String() string { return "pln_" + strconv.FormatInt(int64(id), 10) }

// String writes the public form, for instance evt_3.
func (id EventID) String() string { return "evt_" + strconv.FormatInt(int64(id), 10) }

// ParseVenueID reads the public form.
func ParseVenueID(s string) (VenueID, error) {
	n, err := parseID("ven_", s)
	return VenueID(n), err
}

// ParsePlanID reads the public form.
func ParsePlanID(s string) (PlanID, error) {
	n, err := parseID("pln_", s)
	return PlanID(n), err
}

// ParseEventID reads the public form.
func ParseEventID(s string) (EventID, error) {
	n, err := parseID("evt_", s)
	return EventID(n), err
}

// maxID keeps identifiers within four bytes, the room that they have in holds, orders and tickets.
const maxID = 1<<32 - 1

func parseID(prefix, s string) (int64, error) {
	rest, ok := strings.CutPrefix(s, prefix)
	if !ok || rest == "" || rest[0] == '0' || len(rest) > 10 {
		return 0, ident.ErrFormat
	}
	n, err := strconv.ParseUint(rest, 10, 64)
	if err != nil || n > maxID || rest[0] == '+' {
		return 0, ident.ErrFormat
	}
	return int64(n), nil
}

// Limits of what an event may say.
const (
	MaxTitleRunes       = 200
	MaxDescriptionRunes = 20_000
	MaxKindRunes        = 40
	MaxTiers            = 64
	MaxRules            = 1_000
	MaxPlacesPerOrder   = 50
	MaxHoldTime         = 2 * time.Hour
	MinHoldTime         = 10 * time.Second
	MaxPayTime          = 14 * 24 * time.Hour
	MaxExtensions       = 20
)

// Failures of an event's description.
var (
	ErrTitle  = errs.New(errs.Invalid, "bad_title", "A title has 1 to 200 characters.")
	ErrText   = errs.New(errs.Invalid, "text_too_long", "A text is too long.")
	ErrOdd    = errs.New(errs.Invalid, "bad_text", "A text has unprintable characters.")
	ErrZone   = errs.New(errs.Invalid, "bad_time_zone", "The time zone is not an IANA name.")
	ErrTimes  = errs.New(errs.Invalid, "bad_times", "The times of the event don't fit together.")
	ErrLimits = errs.New(errs.Invalid, "bad_limits", "A limit of the sale is out of its range.")
	ErrTiers  = errs.New(errs.Invalid, "bad_tiers", "The price tiers are not complete.")
	ErrRule   = errs.New(errs.Invalid, "bad_tier_rule", "A price rule names what the plan lacks.")
)

// Status is where an event is in its life: draft → published → cancelled.
type Status uint8

// The states of an event.
const (
	Draft Status = iota + 1
	Published
	Cancelled
)

// String is the published name of the status.
func (s Status) String() string {
	switch s {
	case Draft:
		return "draft"
	case Published:
		return "published"
	case Cancelled:
		return "cancelled"
	}
	return "unknown"
}

// Tier is a price: what a place costs before what the event's pricing adds and takes off.
type Tier struct {
	Key   string // stable, unique within the event, for instance "cat1"
	Name  string
	Price money.Money
}

// Rule gives a tier to places; later rules win over earlier ones. A place that no rule reaches is
// not for sale. Everything that a rule names must exist in the plan.
type Rule struct {
	Tier       string
	Categories []string
	Sections   []string
	Places     []PlaceNo
}

// Terms are the conditions of sale that every command checks inside its transaction.
type Terms struct {
	OpensAt       time.Time
	ClosesAt      time.Time
	MaxPerOrder   int           // places in one hold
	MaxPerBuyer   int           // places over all live orders of one buyer; 0 is no limit
	HoldTime      time.Duration // how long a hold lives
	PayTime       time.Duration // how long an order waits for its payment
	MaxExtensions int           // how often one hold may be extended by HoldTime
	NoOrphans     bool          // named places may not leave a single free seat alone
}

// Event is one performance that tickets are sold for.
type Event struct {
	ID          EventID
	Venue       VenueID
	Plan        PlanID
	Title       string
	Description string
	Kind        string // in the organiser's words, for instance "concert"; may be empty
	TimeZone    string // IANA name; the edge has checked that it can be loaded
	StartsAt    time.Time
	DoorsAt     time.Time
	Status      Status
	Terms       Terms
	Tiers       []Tier
	Rules       []Rule
	Pricing     pricing.Rules // fees, taxes, early-bird prices, group rates
}

// Check tells the first thing that is wrong with the event, before it meets its plan (NewOffer).
func (e *Event) Check() error {
	if n := len([]rune(e.Title)); n == 0 || n > MaxTitleRunes {
		return ErrTitle
	}
	if len([]rune(e.Description)) > MaxDescriptionRunes {
		return ErrText.With("The description may have 20,000 characters.")
	}
	if len([]rune(e.Kind)) > MaxKindRunes {
		return ErrText.With("The kind of an event may have 40 characters.")
	}
	if e.TimeZone == "" {
		return ErrZone
	}
	t := e.Terms
	if e.StartsAt.IsZero() || t.OpensAt.IsZero() || !t.OpensAt.Before(t.ClosesAt) {
		return ErrTimes.With("The sale must open before it closes, and the event needs a start.")
	}
	if !e.DoorsAt.IsZero() && e.DoorsAt.After(e.StartsAt) {
		return ErrTimes.With("Doors open before the start.")
	}
	if err := t.check(); err != nil {
		return err
	}
	return e.checkTiers()
}

// CheckTexts tells whether a text of a new event can't be printed: then some ledgers can't keep it.
// It is no part of Check, so that what was kept before can be read.
func (e *Event) CheckTexts() error {
	texts := []string{e.Title, lineEnds.Replace(e.Description), e.Kind, e.TimeZone}
	for _, t := range e.Tiers {
		texts = append(texts, t.Key, t.Name)
	}
	if slices.ContainsFunc(texts, odd) {
		return ErrOdd
	}
	return nil
}

// lineEnds takes out what a text of several lines may have besides printable characters.
var lineEnds = strings.NewReplacer("\n", "", "\r", "", "\t", "")

// odd tells whether a text can't be printed, and therefore maybe not be kept.
func odd(text string) bool {
	return !utf8.ValidString(text) || strings.ContainsFunc(text, unicode.IsControl)
}

func (t Terms) check() error {
	switch {
	case t.MaxPerOrder < 1 || t.MaxPerOrder > MaxPlacesPerOrder:
		return ErrLimits.With("max_per_order is 1 to 50.")
	case t.MaxPerBuyer < 0 || t.MaxPerBuyer > MaxPlaces:
		return ErrLimits.With("max_per_buyer is 0 (no limit) or more.")
	case t.HoldTime < MinHoldTime || t.HoldTime > MaxHoldTime:
		return ErrLimits.With("hold_seconds is 10 to 7200.")
	case t.PayTime < MinHoldTime || t.PayTime > MaxPayTime:
		return ErrLimits.With("pay_seconds is 10 to 1209600.")
	case t.MaxExtensions < 0 || t.MaxExtensions > MaxExtensions:
		return ErrLimits.With("max_extensions is 0 to 20.")
	}
	return nil
}

func (e *Event) checkTiers() error {
	if len(e.Tiers) == 0 || len(e.Tiers) > MaxTiers || len(e.Rules) > MaxRules {
		return ErrTiers.With("An event has 1 to 64 tiers and at most 1,000 rules.")
	}
	seen := make(map[string]bool, len(e.Tiers))
	for _, t := range e.Tiers {
		if t.Key == "" || len(t.Key) > 40 || t.Name == "" || len([]rune(t.Name)) > MaxTitleRunes {
			return ErrTiers.With("Each tier needs a key and a name.")
		}
		if seen[t.Key] {
			return ErrTiers.With("The tier " + t.Key + " is there twice.")
		}
		switch t.Price.Currency() {
		case money.Currency{}:
			return money.ErrCurrency
		case e.Tiers[0].Price.Currency():
		default:
			return money.ErrMixed
		}
		seen[t.Key] = true
	}
	for _, r := range e.Rules {
		if !seen[r.Tier] {
			return ErrRule.With("There is no tier " + r.Tier + ".")
		}
	}
	return e.Pricing.Check(func(key string) bool { return seen[key] })
}
