package simpay

import (
	"encoding/json"
	"fmt"
	"maps"
	"math"
	"slices"
	"strconv"
	"strings"
	"time"

	"ticketflow/internal/domain/errs"
)

// ErrKnob says that there is no such knob, or that it can't be set like this.
var ErrKnob = errs.New(errs.Invalid, "bad_simpay_knob",
	"The simulator has no such knob, or it can't be set like this.")

const (
	maxKnobTime  = 24 * time.Hour
	maxKnobTimes = 100
)

// knob is one way in which the simulator can be told to misbehave.
type knob int

// The knobs, in the order of their table.
const (
	latency knob = iota
	latencyTime
	failBefore
	failAfter
	hangAfter
	resetBefore
	resetAfter
	decline
	action
	cancelIgnored
	webhookLost
	webhookLate
	webhookLateTime
	webhookAgain
	webhookAgainTimes
	webhookShuffled
	webhookShuffledTime
	webhookEarly
	webhookForged
	refundPending
	refundPendingTime
	refundFails
	gatewayRefund
	dispute
	disputeWon
	aftermathTime
	numberOfKnobs
)

// measure is what a knob's number means.
type measure uint8

const (
	chance measure = iota // from 0, never, to 1, always
	span                  // a duration, up to maxKnobTime
	times                 // a number from 1 to maxKnobTimes
)

// knobRow names and explains a knob.
type knobRow struct {
	name    string
	measure measure
	off     float64 // its value while nobody has set it
	help    string
}

var knobTable = [numberOfKnobs]knobRow{
	latency:     {"latency", chance, 0, "answers take latency_time longer"},
	latencyTime: {"latency_time", span, float64(500 * time.Millisecond), "how much longer"},
	failBefore:  {"fail_before", chance, 0, "answers 500 and does nothing"},
	failAfter:   {"fail_after", chance, 0, "does what it was asked and answers 500"},
	hangAfter:   {"hang_after", chance, 0, "does what it was asked and never answers"},
	resetBefore: {"reset_before", chance, 0, "resets the connection and does nothing"},
	resetAfter:  {"reset_after", chance, 0, "does what it was asked and resets the connection"},
	decline:     {"decline", chance, 0, "declines who wants to pay"},
	action: {"action", chance, 0,
		"asks who wants to pay for a second step; the payment is pending until then"},
	cancelIgnored: {"cancel_ignored", chance, 0,
		"says that it has closed a payment that is pending, and lets it go on"},
	webhookLost:     {"webhook_lost", chance, 0, "never sends the webhook"},
	webhookLate:     {"webhook_late", chance, 0, "sends it webhook_late_time later"},
	webhookLateTime: {"webhook_late_time", span, float64(time.Minute), "how much later"},
	webhookAgain: {"webhook_again", chance, 0,
		"sends webhook_again_times copies at the same time"},
	webhookAgainTimes: {"webhook_again_times", times, 3, "how many copies"},
	webhookShuffled: {"webhook_shuffled", chance, 0,
		"keeps it back until a later one of the same payment has arrived, " +
			"at most for webhook_shuffled_time"},
	webhookShuffledTime: {"webhook_shuffled_time", span, float64(5 * time.Second),
		"how long at most"},
	webhookEarly: {"webhook_early", chance, 0,
		"sends the webhook of a refund before the API has answered; a page always does"},
	webhookForged: {"webhook_forged", chance, 0,
		"signs the first try wrongly; repetitions are right"},
	refundPending: {"refund_pending", chance, 0,
		"leaves a refund pending for refund_pending_time"},
	refundPendingTime: {"refund_pending_time", span, 0, "how long; 0 until it is settled by hand"},
	refundFails:       {"refund_fails", chance, 0, "lets a refund fail, at once or after pending"},
	gatewayRefund: {"gateway_refund", chance, 0,
		"refunds a payment from the gateway's side, after aftermath_time"},
	dispute: {"dispute", chance, 0,
		"lets the buyer's bank take a payment back, after aftermath_time"},
	disputeWon:    {"dispute_won", chance, 0, "decides such a dispute for us, as much later again"},
	aftermathTime: {"aftermath_time", span, float64(time.Second), "how long after the charge"},
}

// Knobs say how often the simulator misbehaves, and in which ways. The zero value sets none.
//
//nolint:recvcheck // read by value, as fmt and encoding/json want it; set through a pointer
type Knobs struct {
	value [numberOfKnobs]float64
	given uint32 // bits of those that are set
}

// ParseKnobs reads settings like "webhook_lost=0.1,webhook_late=0.2,webhook_late_time=2m". The
// failure is ErrKnob.
func ParseKnobs(text string) (k Knobs, err error) {
	for setting := range strings.SplitSeq(text, ",") {
		if setting = strings.TrimSpace(setting); setting == "" {
			continue
		}
		name, value, _ := strings.Cut(setting, "=")
		if err := k.set(strings.TrimSpace(name), strings.TrimSpace(value)); err != nil {
			return Knobs{}, err
		}
	}
	return k, nil
}

// set reads one setting. The failure is ErrKnob.
func (k *Knobs) set(name, value string) error {
	at := knob(slices.IndexFunc(knobTable[:], func(row knobRow) bool { return row.name == name }))
	if at < 0 {
		return ErrKnob.With(fmt.Sprintf("There is no knob %q.", name))
	}
	n, ok := readMeasure(knobTable[at].measure, value)
	if !ok {
		return ErrKnob.With(fmt.Sprintf("%s can't be %q.", name, value))
	}
	k.value[at] = n
	k.given |= 1 << at
	return nil
}

func readMeasure(m measure, text string) (float64, bool) {
	if m == span {
		d, err := time.ParseDuration(text)
		return float64(d), err == nil && d >= 0 && d <= maxKnobTime
	}
	n, err := strconv.ParseFloat(text, 64)
	if m == times {
		return n, err == nil && n >= 1 && n <= maxKnobTimes && n == math.Trunc(n)
	}
	return n, err == nil && n >= 0 && n <= 1
}

// get is the value that counts: what was set, or what it is while nobody has.
func (k *Knobs) get(at knob) float64 {
	if k.given&(1<<at) == 0 {
		return knobTable[at].off
	}
	return k.value[at]
}

// text is the value as set reads it.
func (k *Knobs) text(at knob) string {
	if knobTable[at].measure == span {
		return time.Duration(k.get(at)).String()
	}
	return strconv.FormatFloat(k.get(at), 'g', -1, 64)
}

// over is base with what k sets.
func (k *Knobs) over(base Knobs) Knobs {
	for at := range numberOfKnobs {
		if k.given&(1<<at) != 0 {
			base.value[at] = k.value[at]
		}
	}
	base.given |= k.given
	return base
}

// quiet tells whether nothing can ever go wrong.
func (k *Knobs) quiet() bool {
	for at := range numberOfKnobs {
		if knobTable[at].measure == chance && k.get(at) > 0 {
			return false
		}
	}
	return true
}

// String writes what is set, as ParseKnobs reads it.
func (k Knobs) String() string {
	var b strings.Builder
	for at := range numberOfKnobs {
		if k.given&(1<<at) == 0 {
			continue
		}
		if b.Len() > 0 {
			b.WriteByte(',')
		}
		b.WriteString(knobTable[at].name + "=" + k.text(at))
	}
	return b.String()
}

// MarshalJSON writes every knob: chances and numbers as such, durations as text.
func (k Knobs) MarshalJSON() ([]byte, error) {
	all := make(map[string]any, numberOfKnobs)
	for at := range numberOfKnobs {
		if all[knobTable[at].name] = k.get(at); knobTable[at].measure == span {
			all[knobTable[at].name] = k.text(at)
		}
	}
	return json.Marshal(all)
}

// UnmarshalJSON reads an object of settings; what it doesn't name stays as it is. The failure is
// ErrKnob.
func (k *Knobs) UnmarshalJSON(text []byte) error {
	var all map[string]any
	if json.Unmarshal(text, &all) != nil {
		return ErrKnob.With("It is no object of knobs.")
	}
	for _, name := range slices.Sorted(maps.Keys(all)) {
		if err := k.set(name, fmt.Sprint(all[name])); err != nil {
			return err
		}
	}
	return nil
}
