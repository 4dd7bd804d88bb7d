package httpapi

import "github.com/danielgtaylor/huma/v2"

const (
	apiVersion   = "1.0.0"
	schemaPrefix = "#/components/schemas/"
)

const apiText = `Sell tickets: **hold** places, turn the hold into an **order**, send the buyer to
the payment page, and read the **tickets** once the payment's notice has arrived.

- Places are named by their number in the event's seat plan.
- Money is in minor units. Times are RFC 3339.
- Refusals are problem documents (RFC 9457) with a stable ` + "`code`" + `.
- ` + "`Idempotency-Key`" + `: make one before you send, keep it, and repeat the request
  with it whenever you don't know whether it arrived. 503 with the code ` + "`outcome_unknown`" + `
  means just that.
- 429 and 503 carry ` + "`Retry-After`" + `.
- What you may not see answers 404, like what isn't there.`

// tags are the parts of the document, in the order in which one needs them.
var tags = []*huma.Tag{
	{Name: "events", Description: "What is on, its seat plan, and what is still free"},
	{Name: "holds", Description: "Set places aside for a while, at a fixed price"},
	{Name: "orders", Description: "Promise to pay, pay, cancel"},
	{Name: "tickets", Description: "Tickets and their QR codes"},
	{Name: "gate", Description: "Admission, with the organiser's key"},
	{Name: "payments", Description: "Payments, refunds, and the books of both sides"},
	{Name: "organisers", Description: "Venues, plans and events, with the organiser's key"},
	{Name: "operation", Description: "For operators and monitoring"},
}

// newAPI makes an API without routes: no documentation page from elsewhere, no links to schemas.
func newAPI(a huma.Adapter) huma.API {
	doc := &huma.OpenAPI{
		OpenAPI: "3.1.0",
		Info: &huma.Info{Title: "TicketFlow", Version: apiVersion, Description: apiText,
			License: &huma.License{Name: "MIT", Identifier: "MIT"}},
		Servers: []*huma.Server{{URL: "/", Description: "The server that this document is from"}},
		Tags:    tags,
		Components: &huma.Components{
			Schemas: huma.NewMapRegistry(schemaPrefix, huma.DefaultSchemaNamer),
			SecuritySchemes: map[string]*huma.SecurityScheme{
				"organiserKey": {Type: "http", Scheme: "bearer",
					Description: "The organiser's API key, printed at the first start"},
				"holdToken": {Type: "apiKey", In: "header", Name: "Hold-Token",
					Description: "The token that came with the hold"},
				"orderToken": {Type: "apiKey", In: "header", Name: "Order-Token",
					Description: "The token that came with the order"},
				"ticketToken": {Type: "apiKey", In: "header", Name: "Ticket-Token",
					Description: "The token that came with a ticket that was passed on"},
				"orderTokenInQuery": {Type: "apiKey", In: "query", Name: "token",
					Description: "The same in a link that is sent by mail"},
			},
		},
	}
	return huma.NewAPI(huma.Config{
		OpenAPI: doc,
		Formats: map[string]huma.Format{
			jsonMedia: huma.DefaultJSONFormat,
			"json":    huma.DefaultJSONFormat,
		},
		DefaultFormat: jsonMedia,
	}, a)
}
