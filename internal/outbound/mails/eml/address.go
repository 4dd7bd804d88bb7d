package eml

import (
	"net/mail"

	"ticketflow/internal/app/notify"
)

// format writes an address as a header has it (RFC 5322 §3.4), its name encoded.
func format(a notify.Address) string {
	return (&mail.Address{Name: a.Name, Address: a.Email}).String()
}
