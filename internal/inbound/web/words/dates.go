package words

import (
	"fmt"
	"strconv"
	"time"
)

// Dates is how a language writes days and spans of time. The times that it is given are already in
// the zone that they are to be shown in.
type Dates struct {
	Months   [12]string
	Weekdays [7]string // from Sunday
	form     func(weekday string, day int, month string, year int) string
	in       func(span string) string
	short    func(weekday string, day int, month string, number int) string
	units    [3][2]string // days, hours, minutes: one, many
	moment   string       // less than a minute
}

var datesEnglish = Dates{
	Months: [12]string{"January", "February", "March", "April", "May", "June", "July", "August",
		"September", "October", "November", "December"},
	Weekdays: [7]string{"Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday",
		"Saturday"},
	form: func(weekday string, day int, month string, year int) string {
		return fmt.Sprintf("%s, %d %s %d", weekday, day, month, year)
	},
	in: func(span string) string { return "in " + span },
	short: func(weekday string, day int, month string, _ int) string {
		return fmt.Sprintf("%.3s %d %.3s", weekday, day, month)
	},
	units:  [3][2]string{{"day", "days"}, {"hour", "hours"}, {"minute", "minutes"}},
	moment: "less than a minute",
}

var datesGerman = Dates{
	Months: [12]string{"Januar", "Februar", "März", "April", "Mai", "Juni", "Juli", "August",
		"September", "Oktober", "November", "Dezember"},
	Weekdays: [7]string{"Sonntag", "Montag", "Dienstag", "Mittwoch", "Donnerstag", "Freitag",
		"Samstag"},
	form: func(weekday string, day int, month string, year int) string {
		return fmt.Sprintf("%s, %d. %s %d", weekday, day, month, year)
	},
	in: func(span string) string { return "in " + span },
	short: func(weekday string, day int, _ string, number int) string {
		return fmt.Sprintf("%.2s %d.%d.", weekday, day, number)
	},
	units:  [3][2]string{{"Tag", "Tagen"}, {"Stunde", "Stunden"}, {"Minute", "Minuten"}},
	moment: "weniger als einer Minute",
}

// Day is the whole date with its weekday.
func (d *Dates) Day(t time.Time) string {
	return d.form(d.Weekdays[t.Weekday()], t.Day(), d.Months[t.Month()-1], t.Year())
}

// Month is the month with its year.
func (d *Dates) Month(t time.Time) string {
	return d.Months[t.Month()-1] + " " + strconv.Itoa(t.Year())
}

// ShortWeekday is the first letters of the weekday, as calendars have them.
func (d *Dates) ShortWeekday(t time.Time) string {
	const letters = 2
	name := []rune(d.Weekdays[t.Weekday()])
	if d.units[0][0] == "day" {
		return string(name[:letters+1])
	}
	return string(name[:letters])
}

// Clock is the time of day.
func (d *Dates) Clock(t time.Time) string { return t.Format("15:04") }

// Full is the date, the time of day and the zone.
func (d *Dates) Full(t time.Time) string {
	zone, _ := t.Zone()
	return d.Day(t) + ", " + d.Clock(t) + " " + zone
}

// Soon is a moment that isn't far away, as short as it can be told at a time: without the date if
// the weekday is enough. Both are in the zone that it is to be shown in.
func (d *Dates) Soon(t, now time.Time) string {
	const week = 6 * 24 * time.Hour
	if span := t.Sub(now); span >= 0 && span < week {
		return d.ShortWeekday(t) + " " + d.Clock(t)
	}
	return d.short(d.Weekdays[t.Weekday()], t.Day(), d.Months[t.Month()-1], int(t.Month())) +
		", " + d.Clock(t)
}

// Span is how In says a span of time, for scripts that count down.
type Span struct {
	In     string       `json:"in"` // with {span} in it
	Units  [3][2]string `json:"units"`
	Moment string       `json:"moment"`
}

// Span is what a script needs to say what In says.
func (d *Dates) Span() Span { return Span{In: d.in("{span}"), Units: d.units, Moment: d.moment} }

// About is In with one unit.
func (d *Dates) About(span time.Duration) string { return d.until(span, 1) }

// In is how long there is until something: two units are enough.
func (d *Dates) In(span time.Duration) string { return d.until(span, 2) }

func (d *Dates) until(span time.Duration, units int) string {
	const day = 24 * time.Hour
	parts := [3]int{
		int(span / day), int(span % day / time.Hour), int(span % time.Hour / time.Minute),
	}
	var text string
	shown := 0
	for i, n := range parts {
		if n == 0 || shown == units {
			continue
		}
		if shown++; text != "" {
			text += " "
		}
		text += count(n, d.units[i][0], d.units[i][1])
	}
	if text == "" {
		text = d.moment
	}
	return d.in(text)
}
