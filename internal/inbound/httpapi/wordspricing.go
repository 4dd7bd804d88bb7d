package httpapi

// What the examples about prices are about: two places with a group rate, a voucher and fees.
var (
	exampleRules = &Pricing{
		TicketFee: &Fee{Name: "Service fee", Fixed: 150, BasisPoints: 250, PaidBy: paidByBuyer},
		OrderFee:  &Fee{Name: "Order fee", Fixed: 200, PaidBy: paidByBuyer},
		TicketTax: &Tax{Code: "AT-13", BasisPoints: 1300},
		FeeTax:    &Tax{Code: "AT-20", BasisPoints: 2000, Added: true},
		EarlyBirds: []EarlyBird{{Tier: "cat1", Amount: 3900,
			Until: exampleStart.AddDate(0, 0, -21)}},
		Groups: []GroupRate{{Name: "School class", From: 10, BasisPoints: 1000}},
	}
	exampleTerms10 = VoucherTerms{Code: "SPRING-27", BasisPoints: 1000, Tiers: []string{"cat1"},
		MaxUses: 100}
	exampleVoucher = Voucher{VoucherTerms: exampleTerms10, Used: 12}
	exampleAT13    = ChargeTax{Code: "AT-13", BasisPoints: 1300}
	exampleAT20    = ChargeTax{Code: "AT-20", BasisPoints: 2000, Added: true}
	exampleQuote   = Quote{Hold: exampleHold, Voucher: "SPRING-27", Places: examplePlaces,
		Charges: []Charge{
			{Kind: "ticket_tax", Name: "AT-13", Tier: "cat1", Quantity: 2, PaidBy: paidByBuyer,
				Tax: taxed(exampleAT13, 1127)},
			{Kind: "voucher", Name: "SPRING-27", Tier: "cat1", Quantity: 2, Unit: -490,
				Amount: -980, Tax: taxed(exampleAT13, -112), PaidBy: paidByBuyer, Total: -980},
			{Kind: "ticket_fee", Name: "Service fee", Tier: "cat1", Quantity: 2, Unit: 260,
				Amount: 520, Tax: taxed(exampleAT20, 104), PaidBy: paidByBuyer, Total: 624},
			{Kind: "order_fee", Name: "Order fee", Quantity: 1, Unit: 200, Amount: 200,
				Tax: taxed(exampleAT20, 40), PaidBy: paidByBuyer, Total: 240},
		},
		Total: Money{Amount: 9684, Currency: "EUR"}, Saved: Money{Amount: 1010, Currency: "EUR"}}
)

func taxed(t ChargeTax, amount int64) *ChargeTax {
	t.Amount = amount
	return &t
}

var (
	wordsReadQuote = words{
		id: "readQuote", tag: "holds", summary: "See what the order would cost",
		text: "Every line of the price that the hold has frozen, and with a voucher what it " +
			"takes off. Nothing is counted: only the order does that. Codes are not told " +
			"apart by case.",
		answer: exampleQuote, status: 200, fails: []int{404, 409, 410, 422},
	}
	wordsCreateVoucher = words{
		id: "createVoucher", tag: "organisers", summary: "Create a voucher",
		text: "A discount for who knows its code. The same once more changes nothing; other " +
			"terms under the same code: 409.",
		request: exampleTerms10, answer: exampleVoucher, status: 201,
		fails: []int{400, 404, 409, 413, 422},
	}
	wordsListVouchers = words{
		id: "listVouchers", tag: "organisers", summary: "List the vouchers of an event",
		text:   "By code, with how often each is used.",
		answer: VoucherPage{Vouchers: []Voucher{exampleVoucher}}, status: 200,
		fails: []int{404, 422},
	}
	wordsDisableVoucher = words{
		id: "disableVoucher", tag: "organisers", summary: "Disable a voucher",
		text: "No further order can use it; those that have it keep their price. Twice is as " +
			"once.",
		answer: Voucher{VoucherTerms: exampleTerms10, Used: 12, Disabled: true}, status: 200,
		fails: []int{404},
	}
)
