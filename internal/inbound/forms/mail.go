package forms

import "strings"

// MailHosts are where most people have their mail: a host that is nearly one of them is a slip of
// the fingers more often than not.
var MailHosts = []string{"gmail.com", "googlemail.com", "yahoo.com", "hotmail.com", "outlook.com",
	"icloud.com", "live.com", "aol.com", "mail.com", "ymail.com", "gmx.com",
	"gmx.de", "gmx.net", "gmx.at", "gmx.ch", "web.de",
	"t-online.de", "freenet.de", "posteo.de", "bluewin.ch", "proton.me", "protonmail.com"}

const (
	maxMailSlips  = 2
	maxOneSlip    = 8 // hosts up to so many letters are near only with one slip
	maxHostLetter = 40
)

// MailSlip is the address that was probably meant, or empty if this one looks right.
func MailSlip(address string) string {
	at := strings.LastIndexByte(address, '@')
	if at < 1 {
		return ""
	}
	host := strings.ToLower(address[at+1:])
	if host == "" || len(host) > maxHostLetter {
		return ""
	}
	nearest, least := "", maxMailSlips+1
	for _, known := range MailHosts {
		allowed := maxMailSlips
		if len(known) <= maxOneSlip {
			allowed = 1
		}
		switch d := slips(host, known); {
		case d == 0:
			return ""
		case d <= allowed && d < least:
			nearest, least = known, d
		}
	}
	if nearest == "" {
		return ""
	}
	return address[:at+1] + nearest
}

// slips is how many letters have to be put in, left out, changed or swapped with the next one to
// make b from a (the restricted Damerau–Levenshtein distance).
func slips(a, b string) int {
	before, last := make([]int, len(b)+1), make([]int, len(b)+1)
	for j := range last {
		last[j] = j
	}
	for i := 1; i <= len(a); i++ {
		row := make([]int, len(b)+1)
		row[0] = i
		for j := 1; j <= len(b); j++ {
			cost := 1
			if a[i-1] == b[j-1] {
				cost = 0
			}
			row[j] = min(last[j]+1, row[j-1]+1, last[j-1]+cost)
			if i > 1 && j > 1 && a[i-1] == b[j-2] && a[i-2] == b[j-1] {
				row[j] = min(row[j], before[j-2]+1)
			}
		}
		before, last = last, row
	}
	return last[len(b)]
}
