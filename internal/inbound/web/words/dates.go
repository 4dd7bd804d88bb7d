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
	in:     func(span string) string { return "in " + span },
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
	in:     func(span string) string { return "in " + span },
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

// In is how long there is until something: two units are enough.
func (d *Dates) In(span time.Duration) string {
	const day = 24 * time.Hour
	parts := [3]int{
		int(span / day), int(span % day / time.Hour), int(span % time.Hour / time.Minute),
	}
	var text string
	shown := 0
	for i, n := range parts {
		if n == 0 || shown == 2 {
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
