package httpapi

import "time"

// What the examples of the document are about: one buyer, two seats.
const (
	exampleHold   = "hld_00000081m2agyg800005m4y7h0qf22at2f3rgbg"
	exampleOrder  = "ord_00000081m2agyg80000z22at2f3rgbqh15d17hr"
	exampleToken  = "tok_h0qf22at2f3rgbqh15d17hw85r"
	exampleTicket = "tkt_000000800000r000000z22at2f3rgbqh15d17hw85vrgj"
	exampleCode   = "TF1:W50DN1000ALUJHB5AP2.5981NM2W9HALU200Q18K0JA+294V%ZO-FKI/DOK8" +
		exampleSignature

	exampleBesideID   = "tkt_000000800000t000000tpmr096ex4x5bac04k7ejejnn6"
	exampleBesideCode = "TF1:W50:S1000TTLS10$.JWXE8MAZD9BRQTTLX50JZULN7GPOH-E2NO 9A5DCX5B" +
		exampleSignature
	exampleSignature = "$M5 ECX0A X0SCWJ77%+FPCK7%0KFIH$QI/LK*2ABA*JGAIBQ6FXA5DN213G+3NMABBFTX" +
		"T2HOV4.APF5U-ICYDXHO DQZ4K"
)

var (
	exampleNow   = time.Date(2026, 9, 12, 10, 0, 0, 0, time.UTC)
	examplePrice = Money{Amount: 4900, Currency: "EUR"}
	exampleTotal = Money{Amount: 9800, Currency: "EUR"}

	examplePlaces = []Place{
		{Place: 12, Section: "214", Row: "12", Seat: "7", Tier: "cat1", Price: examplePrice},
		{Place: 13, Section: "214", Row: "12", Seat: "8", Tier: "cat1", Price: examplePrice},
	}
	exampleMade = Hold{ID: exampleHold, Token: exampleToken, Event: "evt_1",
		ExpiresAt: exampleNow.Add(10 * time.Minute), Now: exampleNow, SideBySide: true,
		Why: &Why{SideBySide: true, DistanceCM: 1_840, Stretches: []Stretch{{Section: "214",
			Row: "12", First: "7", Last: "8", Count: 2}}},
		Places: examplePlaces, Total: exampleTotal}
	exampleHeld = Hold{ID: exampleHold, Event: "evt_1", State: "live",
		ExpiresAt: exampleNow.Add(10 * time.Minute), Now: exampleNow.Add(time.Minute),
		SideBySide: true, Places: examplePlaces, Total: exampleTotal}
	exampleNewOrder = NewOrder{Hold: exampleHold, HoldToken: exampleToken,
		Buyer:    Buyer{Name: "Ada Lovelace", Email: "ada@example.org"},
		Language: "de", ReturnURL: "https://venue.example/thanks"}
	exampleOpen = Payment{Provider: "simpay", State: "open",
		URL: "http://127.0.0.1:8080/simpay/pay/AbC"}
	examplePlaced = Order{ID: exampleOrder, Token: exampleToken, Reference: "BHXT-S55G",
		Event: "evt_1", State: "awaiting_payment", ExpiresAt: exampleNow.Add(20 * time.Minute),
		Places: examplePlaces, Total: exampleTotal, Payment: exampleOpen}
	examplePaid = Order{ID: exampleOrder, Reference: "BHXT-S55G", Event: "evt_1", State: "paid",
		ExpiresAt: exampleNow.Add(20 * time.Minute), Places: examplePlaces, Total: exampleTotal,
		Payment: Payment{Provider: "simpay", State: "paid"}}
	exampleCancelled = Order{ID: exampleOrder, Reference: "BHXT-S55G", Event: "evt_1",
		State: "cancelled", ExpiresAt: exampleNow.Add(20 * time.Minute), Places: examplePlaces,
		Total: exampleTotal, Payment: Payment{Provider: "simpay", State: "closed"}}
	exampleValid = Ticket{ID: exampleTicket, Place: 12, Section: "214", Row: "12", Seat: "7",
		State: "valid", HolderName: "Ada Lovelace", Code: exampleCode}
	exampleBeside = Ticket{ID: exampleBesideID, Place: 13, Section: "214", Row: "12", Seat: "8",
		State: "valid", HolderName: "Ada Lovelace", Code: exampleBesideCode}
	exampleTickets = OrderTickets{Order: exampleOrder, State: "paid",
		Tickets: []Ticket{exampleValid, exampleBeside}}
)
