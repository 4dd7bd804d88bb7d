package httpapi

import (
	"encoding/json"

	"github.com/danielgtaylor/huma/v2"

	"ticketflow/internal/app/command"
)

// Creating is what every operation that creates for an organiser takes besides its body.
type Creating struct {
	Key string `header:"Idempotency-Key" minLength:"1" maxLength:"255" example:"spring-season-2027-opening-night" doc:"Made by the client. The same key with the same body creates nothing again and gets the first one's answer; with another body 422."`
}

// of is the key with what was asked for; white space and the order of members don't count.
func (c *Creating) of(body any) command.Idempotency {
	text, err := json.Marshal(body)
	if err != nil { // it came as JSON
		text = nil
	}
	return command.Idempotency{Key: c.Key, Body: text}
}

// creatingParam is Creating for operations that are written by hand.
var creatingParam = &huma.Param{Name: "Idempotency-Key", In: "header",
	Description: "Made by the client. The same key with the same body creates nothing again and " +
		"gets the first one's answer; with another body 422.",
	Example: "spring-season-2027-great-hall",
	Schema:  &huma.Schema{Type: huma.TypeString, MinLength: new(1), MaxLength: new(255)}}
