package httpapi

var (
	wordsCreateRefund = words{
		id: "createRefund", tag: "payments", summary: "Give money back",
		text: "For the tickets of some places, for everything that is left, or an amount that " +
			"changes no ticket. Returned tickets stop admitting at once, and their places go " +
			"back on sale unless block says otherwise. The gateway is asked afterwards: read " +
			"the refund to see how far it is. Never more than was captured goes back.",
		request: NewRefund{Places: []uint32{12}}, answer: exampleRefund, status: 201,
		fails: []int{400, 404, 409, 413, 422},
	}
	wordsReadOrderMoney = words{
		id: "readOrderMoney", tag: "payments", summary: "See an order's money",
		text: "All that was captured for it, all that went back or will, and what is still " +
			"owed. With the order's token without the gateway's names.",
		answer: OrderMoney{Order: exampleOrder, State: "paid", Total: exampleTotal, Attempt: 1,
			Payments: []Captured{exampleCaptured}, Refunds: []Refund{exampleRefund},
			Owed: []Money{examplePrice}},
		status: 200, fails: []int{404},
	}
	wordsRecordStaffPayment = words{
		id: "recordStaffPayment", tag: "payments", summary: "Record money that staff have taken",
		text: "Cash at the box office or a bank transfer, of exactly what the order costs. The " +
			"same reference is recorded once. If the order has expired and its places are gone, " +
			"a refund is due: give the money back and settle it.",
		request: StaffPayment{Provider: "offline", Amount: exampleTotal,
			Reference: "receipt 2026-0412"},
		answer: StaffPaid{Result: "paid", Money: OrderMoney{Order: exampleOrder, State: "paid",
			Total: exampleTotal, Attempt: 1, Payments: []Captured{exampleCash},
			Refunds: []Refund{}, Owed: []Money{}}},
		status: 201, fails: []int{400, 404, 409, 413, 422},
	}
	wordsCheckPayment = words{
		id: "checkPayment", tag: "orders", summary: "Ask the gateway now",
		text: "For a buyer who has paid and sees nothing of it: asks the gateway, applies what " +
			"it says, and answers the order. If the gateway can't tell now, payment.state is " +
			"unknown: the buyer must not pay again, and may check once more in a moment. Asked " +
			"again and again, it answers what the gateway said last.",
		answer: examplePaid, status: 200, fails: []int{404},
	}
	wordsReadRefund = words{
		id: "readRefund", tag: "payments", summary: "Look at a refund",
		text:   "How far it is, and what the gateway calls it.",
		answer: exampleRefund, status: 200, fails: []int{404},
	}
	wordsRetryRefund = words{
		id: "retryRefund", tag: "payments", summary: "Try a refund again",
		text: "After the gateway has refused it for certain. It is asked under a new key, so " +
			"that the failure before isn't repeated.",
		answer: exampleRefund, status: 200, fails: []int{404, 409},
	}
	wordsSettleRefund = words{
		id: "settleRefund", tag: "payments", summary: "Note that staff have paid a refund out",
		text: "One that the gateway has refused for certain, or one of money that staff had " +
			"taken. As long as a gateway may still pay it: 409. The same reference twice is as " +
			"once.",
		request: Settlement{Reference: "transfer 2026-117"}, answer: exampleSettled, status: 200,
		fails: []int{400, 404, 409, 413, 422},
	}
	wordsReadOpenMoney = words{
		id: "readOpenMoney", tag: "payments", summary: "See the money that somebody must look at",
		text: "Messages that couldn't be applied, payments in quarantine, refunds that have " +
			"failed or wait for long, each with what to do. All lists are empty on a good day.",
		answer: OpenMoney{Providers: []string{"simpay"}, Notices: []KeptNotice{},
			Quarantined: []OpenPayment{}, Failed: []OpenRefund{{exampleFailed,
				"Try it again: POST /v1/refunds/" + exampleRefundID + "/retry"}},
			Waiting: []OpenRefund{}},
		status: 200,
	}
	wordsReturnPayment = words{
		id: "returnPayment", tag: "payments", summary: "Send a payment in quarantine back",
		text:   "All of it goes back to the buyer. Twice is as once.",
		answer: exampleReturned, status: 200, fails: []int{404, 409},
	}
	wordsReplayNotice = words{
		id: "replayNotice", tag: "payments", summary: "Apply a kept message once more",
		text: "As if it had just come. One that was applied before changes nothing; one that " +
			"still can't be applied is kept.",
		answer: NoticeTaken{Result: "paid"}, status: 200, fails: []int{404},
	}
	wordsReconcile = words{
		id: "reconcile", tag: "payments", summary: "Compare a gateway's book with ours",
		text: "Reads the gateway's book from its beginning, applies what we hadn't heard of, and " +
			"compares the sums. It takes a minute for some ten thousand payments. While buyers " +
			"pay the sums may differ for a moment: repeat it.",
		answer: Reconciliation{Provider: "simpay", Equal: true, Repaired: 1,
			Books: []BothBooks{{Currency: "EUR",
				Gateway: BookSums{Payments: 752, Captured: 3684800, Refunded: 9800},
				Office:  BookSums{Payments: 752, Captured: 3684800, Refunded: 9800}}},
			Differences: []BookDifference{}},
		status: 200, fails: []int{404, 409},
	}
	wordsRefundEvent = words{
		id: "refundEvent", tag: "payments", summary: "Refund a cancelled event, page by page",
		text: "Each paid order once, however often it is asked; ticketflow refund-event does it " +
			"with a progress bar. Orders with used tickets are left alone. If the server meets " +
			"a trouble that passes, the page ends early and next says where to go on.",
		request: BulkRefund{Limit: 50}, status: 200,
		answer: RefundPage{Event: "evt_1", Done: []RefundedOrder{{Order: exampleOrder,
			Refund: exampleRefundID, Amount: exampleTotal, Tickets: 2}}, LeftAlone: []LeftOrder{},
			Failed: []LeftOrder{}, Next: exampleOrder},
		fails: []int{400, 404, 409, 413, 422},
	}
	wordsReadStatement = words{
		id: "readStatement", tag: "organisers", summary: "Get an event's statement",
		text: "Sales, fees, tax, refunds and chargebacks from the journal of money, what the " +
			"gateways have of it, and what is owed to buyers.",
		answer: Statement{Event: "evt_1", Currencies: []StatementLines{{Currency: "EUR",
			Entries: 3, Sales: 9800, Refunds: 4900, Result: 4900, AtGateways: 4900,
			Balanced: true}}},
		status: 200, fails: []int{404},
	}
	wordsExportJournal = words{
		id: "exportJournal", tag: "organisers", summary: "Export an event's journal of money",
		text: "All entries, the oldest first, as CSV. Amounts are in minor units, debits " +
			"positive; the accounts of each row add up to 0. A text that a spreadsheet would " +
			"take for a formula begins with an apostrophe.",
		status: 200, media: "text/csv", fails: []int{404},
		answer: "entry,at,kind,order,reference,provider,ref,currency,clearing,receivable," +
			"revenue,fees,tax,refunds,chargebacks\n1,2026-09-12T10:03:00Z,sale," + exampleOrder +
			",BHXT-S55G,simpay,spt_1,EUR,9800,0,-9800,0,0,0,0\n",
	}
)
