package admission

import (
	"math"
	"time"
)

// KeyID names one signing key of the box office. Keys are rotated: a new id for each new key.
type KeyID uint16

// Hour is whole hours since 1970-01-01 UTC. Zero means no limit.
type Hour uint32

const secondsPerHour = 3600

// HourFloor is the hour that t lies in: for the start of a window. Times outside the range of Hour
// become no limit.
func HourFloor(t time.Time) Hour {
	s := t.Unix()
	if s < 0 || s/secondsPerHour > math.MaxUint32 {
		return 0
	}
	return Hour(s / secondsPerHour)
}

// HourCeil is the first full hour at or after t: for the end of a window. Times outside the range
// of Hour become no limit.
func HourCeil(t time.Time) Hour {
	return HourFloor(t.Add(time.Hour - time.Nanosecond))
}

// Time is the start of the hour in UTC.
func (h Hour) Time() time.Time { return time.Unix(int64(h)*secondsPerHour, 0).UTC() }

// Claims is what a code says about its ticket.
type Claims struct {
	Key       KeyID
	Event     int64  // the event's number, above 0
	Place     uint32 // the place's number in the event's plan
	Fence     uint32 // the generation of the grant; a lower one than the ledger's admits nobody
	Secret    [SecretBytes]byte
	NotBefore Hour // the ticket admits from this instant on; 0 = no limit
	NotAfter  Hour // the ticket admits until before this instant; 0 = no limit
}

// Within tells whether the window of the ticket is open at now: nil, ErrTooEarly or ErrExpired.
func (c Claims) Within(now time.Time) error {
	if c.NotBefore != 0 && now.Before(c.NotBefore.Time()) {
		return ErrTooEarly
	}
	if c.NotAfter != 0 && !now.Before(c.NotAfter.Time()) {
		return ErrExpired
	}
	return nil
}

func (c Claims) check() error {
	if c.Event <= 0 || (c.NotAfter != 0 && c.NotAfter <= c.NotBefore) {
		return ErrClaims
	}
	return nil
}
