package booking

import (
	"errors"
	"reflect"
	"testing"

	"pgregory.net/rapid"

	"ticketflow/internal/domain/catalog"
	"ticketflow/internal/domain/fact"
)

var errNo = errors.New("no")

func TestATableTakesBackWhatARefusedCommandPut(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		rows, model := newTable[int, int](0), newTable[int, int](0)
		for k := range 4 {
			rows.load(k, 100+k)
			model.load(k, 100+k)
			rows.name(10 + k)
			model.name(10 + k)
		}
		for range rapid.IntRange(1, 10).Draw(t, "commands") {
			yes := rapid.Bool().Draw(t, "yes")
			for range rapid.IntRange(0, 6).Draw(t, "puts") {
				k := rapid.IntRange(0, 20).Draw(t, "row") // loaded, named, and never named
				v := rapid.Int().Draw(t, "value")
				rows.put(k, v)
				if yes {
					model.put(k, v)
				}
			}
			model.keep()
			if yes {
				rows.keep()
			} else {
				rows.rollback()
			}
			if got, want := changesOf(&rows), changesOf(&model); !reflect.DeepEqual(got, want) {
				t.Fatalf("%+v, want %+v", got, want)
			}
			for k := range 21 {
				v, ok := rows.get(k)
				if w, known := model.get(k); v != w || ok != known {
					t.Fatalf("row %d is %d (%v), want %d (%v)", k, v, ok, w, known)
				}
			}
		}
	})
}

func changesOf(t *table[int, int]) (all []Change[int, int]) {
	t.changes(func(c Change[int, int]) bool {
		all = append(all, c)
		return true
	})
	return all
}

func TestATableTellsInsertsFromUpdates(t *testing.T) {
	rows := newTable[int, string](0)
	rows.load(1, "old")
	if rows.name(1) || !rows.name(2) || rows.name(2) {
		t.Error("a row is named for the first time once, and a loaded one never")
	}
	if _, ok := rows.get(2); ok {
		t.Error("a row that was named and not loaded exists")
	}
	rows.put(2, "made")
	rows.put(1, "new")
	rows.put(2, "made twice")
	var got []Change[int, string]
	for c := range rows.changes {
		got = append(got, c)
	}
	want := []Change[int, string]{{Key: 2, Value: "made twice", Insert: true},
		{Key: 1, Value: "new", Loaded: "old"}}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("%+v, want %+v", got, want)
	}
	for c := range rows.changes {
		if c.Key != 2 {
			t.Error("the changes go on after a break")
		}
		break
	}
}

// touchAll changes a row of every kind and records a fact.
func touchAll(b *Book) {
	b.events.put(theEvent, Sale{Revision: 9})
	b.places.put(PlaceRef{theEvent, 1}, Place{State: Sold, Holder: me})
	b.holds.put(HoldID{theEvent, me}, Hold{State: HoldExpired})
	b.orders.put(OrderID{theEvent, me}, Order{State: Paid})
	b.answers.put(answerRef(me), Answer{Subject: me})
	b.buyers.put(buyerRef(1), 3)
	b.payments.put(PaymentRef{theEvent, "p", "t"}, Payment{Use: Applied})
	b.notices.put(NoticeRef{theEvent, "p", "n"}, Notice{At: noon})
	b.refunds.put(RefundRef{theEvent, "r"}, Refund{State: RefundDone})
	b.tickets.put(TicketRef{theEvent, 1, 1}, Ticket{State: TicketUsed})
	b.vouchers.put(VoucherRef{theEvent, "V"}, Voucher{Used: 1})
	b.record(fact.Fact{Kind: fact.OrderPaid})
	b.post(Entry{Kind: EntrySale})
}

// rowsOf writes a book to an empty ledger and returns the number of rows of each kind.
func rowsOf(t *testing.T, b *Book) (counts []int) {
	t.Helper()
	s := newStage(t)
	clear(s.events)
	clear(s.places)
	s.write(b)
	for _, rows := range s.rows() {
		counts = append(counts, reflect.ValueOf(rows).Len())
	}
	return counts
}

func TestTryLeavesNothingBehindAfterANo(t *testing.T) {
	b := NewBook(noon, 1)
	none, all := rowsOf(t, b), []int{1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1}
	no := func(b *Book) error { touchAll(b); return errNo }
	if err := b.Try(no); !errors.Is(err, errNo) {
		t.Fatal(err)
	}
	if got := rowsOf(t, b); !reflect.DeepEqual(got, none) {
		t.Errorf("a no alone leaves %v", got)
	}
	if err := b.Try(func(b *Book) error { touchAll(b); return nil }); err != nil {
		t.Fatal(err)
	}
	if err := b.Try(no); !errors.Is(err, errNo) {
		t.Fatal(err)
	}
	if got := rowsOf(t, b); !reflect.DeepEqual(got, all) {
		t.Errorf("a yes and a no leave %v", got)
	}
	if f := b.Facts()[0]; !f.At.Equal(noon) || !b.Now().Equal(noon) {
		t.Errorf("the fact is of %v, the book of %v", f.At, b.Now())
	}
}

func TestKeysAddAndReset(t *testing.T) {
	one := &Keys{Events: []catalog.EventID{1}, Places: []PlaceRef{{1, 2}}, Holds: []HoldID{{1, me}},
		Orders: []OrderID{{1, me}}, Sales: []OrderID{{1, other}}, Answers: []AnswerRef{{Event: 1}},
		Buyers: []BuyerRef{{Event: 1}}, Payments: []PaymentRef{{1, "a", "b"}},
		Notices: []NoticeRef{{1, "a", "b"}}, Refunds: []RefundRef{{1, "r"}},
		Returns: []PaymentRef{{1, "a", "c"}}, Tickets: []PlaceRef{{1, 3}},
		Vouchers: []VoucherRef{{1, "V"}}}
	sum := &Keys{}
	sum.Add(one)
	if !reflect.DeepEqual(sum, one) {
		t.Errorf("%+v, want %+v", sum, one)
	}
	sum.Add(one)
	sum.Reset()
	v := reflect.ValueOf(*sum)
	for i := range v.NumField() {
		if v.Field(i).Len() != 0 || v.Field(i).Cap() < 2 {
			t.Errorf("%s: %v of %d", v.Type().Field(i).Name, v.Field(i), v.Field(i).Cap())
		}
	}
}
