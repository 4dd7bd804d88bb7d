package postgres

import (
	"flag"
	"slices"
	"strings"
	"testing"
	"time"

	"ticketflow/internal/effort"
	"ticketflow/internal/outbound/contract"
)

// sabotaged opens a ledger and changes its database behind its back.
func (h *house) sabotaged(script string) contract.Factory {
	return func(t contract.T, clock func() time.Time) *contract.Engine {
		t.Helper()
		address := h.database(t)
		if err := meddle(address, script); err != nil {
			t.Fatalf("sabotage the ledger: %v", err)
		}
		return h.engineAt(t, address, clock)
	}
}

// restated opens a ledger one of whose statements lacks a part.
func (h *house) restated(name, without string) contract.Factory {
	return func(t contract.T, clock func() time.Time) *contract.Engine {
		t.Helper()
		all := statements()
		i := slices.IndexFunc(all, func(s *statement) bool { return s.name == name })
		changed := *all[i]
		changed.sql = strings.Replace(changed.sql, without, "", 1)
		if changed.sql == all[i].sql {
			t.Fatalf("%s has no %q", name, without)
		}
		all[i] = &changed
		address := h.database(t)
		store, err := open(t.Context(), Options{URL: address, Clock: clock}, all)
		if err != nil {
			t.Fatalf("open the ledger: %v", err)
		}
		t.Cleanup(func() { _ = store.Close() })
		return wrap(h, store, address, clock)
	}
}

func (h *house) wrapped(change func(*contract.Engine) *contract.Engine) contract.Factory {
	return func(t contract.T, clock func() time.Time) *contract.Engine {
		t.Helper()
		return change(h.engine(t, clock))
	}
}

func apart(e *contract.Engine) *contract.Engine {
	e.Decide = contract.Apart
	return e
}

// trigger makes a script that does something to each row of a table before it is written.
func trigger(table, event, body string) string {
	return "CREATE FUNCTION meddle() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN " + body +
		" END $$; CREATE TRIGGER meddle BEFORE " + event + " ON " + table +
		" FOR EACH ROW EXECUTE FUNCTION meddle();"
}

// forget keeps each new row of a table from being written.
func forget(table string) string { return trigger(table, "INSERT", "RETURN NULL;") }

// withoutKey makes a table keep nothing apart.
func withoutKey(table string) string {
	return "ALTER TABLE " + table + " DROP CONSTRAINT " + table + "_pkey;"
}

// control is a ledger that is broken on purpose, and what the suite must say about it.
type control struct {
	name string
	open contract.Factory
	red  []string // the cases that must fail
}

// Parts of the statement that writes places.
const (
	placeFence = " AND p.fence = k.was_fence"
	placeRest  = "\nAND p.state = k.was_state AND p.until_ms = k.was_until"
)

// basketControls break what changes a hold.
func (h *house) basketControls() []control {
	return []control{
		{"holds are written however often they were changed", h.restated("set_holds",
			" AND h.amendments = k.was_amendments"), []string{
			"walls/a hold's places that were read too early",
		}},
		{"what a hold has come to have is not written", h.sabotaged(trigger("holds", "UPDATE",
			"NEW.lines := OLD.lines; RETURN NEW;")), []string{
			"baskets/what was changed is what is read", "baskets/after a crash",
		}},
	}
}

func (h *house) controls() []control {
	return slices.Concat(h.basketControls(), h.refundControls(), h.otherControls())
}

func (h *house) refundControls() []control {
	return []control{
		{"refunds are written whatever their amount", h.restated("set_refunds",
			"r.amount = k.was_amount\nAND "), []string{
			"walls/a refund whose amount was read too early",
		}},
	}
}

func (h *house) otherControls() []control {
	stalePlaces := []string{
		"walls/a place that was read too early", "walls/a grant whose end was read too early",
	}
	return []control{
		{"fences are not compared", h.wrapped(contract.NoFences), []string{
			"fences/the same key with an older fence",
			"fences/an order with an older fence isn't paid",
		}},
		{"tickets have no unique key", h.sabotaged(withoutKey("tickets")), []string{
			"walls/one living ticket a place, even if its row is wrong",
			"batches/one poisoned command fails alone",
		}},
		{"commands of a batch don't see each other", h.wrapped(apart), []string{
			"batches/commands see what those before them did",
		}},
		{"answers are not written", h.sabotaged(forget("answers")), []string{
			"idempotency/after a crash", "idempotency/the same key gives the same answer",
		}},
		{"answers are not loaded", h.wrapped(contract.NoAnswers), []string{
			"idempotency/the same key gives the same answer",
			"idempotency/the same key a hundred times at once",
		}},
		{"notices and payments are not kept apart", h.sabotaged(withoutKey("notices") +
			withoutKey("payments")), []string{"walls/rows that were not seen at all"}},
		{"places are written without conditions", h.restated("set_places",
			placeFence+placeRest), stalePlaces},
		{"places are written whatever their fence", h.restated("set_places", placeFence),
			[]string{"walls/a place that was taken and freed since"}},
		{"the uses of vouchers are not written", h.sabotaged(trigger("vouchers", "UPDATE",
			"NEW.used := 0; RETURN NEW;")), []string{
			"vouchers/a thousand orders for a hundred uses",
		}},
		{"vouchers are written without conditions", h.restated("set_vouchers",
			" AND v.used = k.was_used\nAND v.disabled = k.was_disabled"), []string{
			"vouchers/a count that was read too early",
		}},
		{"nobody counts the rows that were written", h.sabotaged(`CREATE OR REPLACE FUNCTION
expect_rows(got bigint, want bigint) RETURNS boolean LANGUAGE sql AS 'SELECT true'`),
			append(stalePlaces, "walls/a hold that was read too early",
				"walls/an order that was read too early", "walls/a ticket that was read too early",
				"walls/a refund that was read too early",
				"walls/a buyer's count that was read too early",
				"walls/an event that was read too early")},
		{"a yes comes before the commit", h.wrapped(contract.WriteBehind),
			[]string{"durability/the last answer before a crash"}},
		{"the journal is forgotten", h.sabotaged(forget("journal")), []string{
			"journal/each entry as it was posted", "payments/a payment makes tickets",
			"refunds/some tickets go back",
		}},
		{"a payment comes without its refunds", h.wrapped(contract.NoReturns), []string{
			"refunds/made at the gateway's side",
		}},
		{"messages are not stored", h.sabotaged(trigger("notices", "INSERT",
			"NEW.payload := ''; RETURN NEW;")), []string{
			"payments/a message that can't be applied is kept",
		}},
		{"entries may be changed", h.sabotaged("DROP TRIGGER journal_is_final ON journal;"),
			[]string{"journal/nothing is changed or deleted"}},
		{"facts are lost", h.sabotaged(forget("facts")), []string{
			"facts/the whole story, in order", "facts/in the order of a batch",
		}},
		{"facts leave gaps", h.sabotaged(trigger("facts", "INSERT", `IF NEW.position % 3 = 0 THEN
NEW.position := nextval('facts_position_seq'); END IF; RETURN NEW;`)), []string{
			"facts/the whole story, in order", "facts/without gaps under load",
		}},
	}
}

// someControls: under the race detector, to which all controls look alike, each tenth will do.
const someControls = 10

// TestSuiteTurnsRed runs cases against ledgers that are broken on purpose: they must see it.
func TestSuiteTurnsRed(t *testing.T) {
	for _, c := range effort.Some(newHouse(t).controls(), someControls) {
		t.Run(c.name, func(t *testing.T) {
			for _, name := range c.red {
				failures := contract.Record(name, c.open)[name]
				if failures == "" {
					t.Errorf("%q didn't notice it", name)
				}
				t.Logf("%s: %.300s", name, failures)
			}
		})
	}
}

// TestSuiteStaysGreen is the other half: what is red above is green with a ledger that is whole.
func TestSuiteStaysGreen(t *testing.T) {
	h := newHouse(t)
	var green []string
	for _, c := range effort.Some(h.controls(), someControls) {
		for _, name := range c.red {
			if slices.Contains(green, name) {
				continue
			}
			green = append(green, name)
			for failed, failures := range contract.Record(name, h.engine) {
				t.Errorf("%s: %s", failed, failures)
			}
		}
	}
}

// TestModelTurnsRed runs the machine against broken ledgers.
func TestModelTurnsRed(t *testing.T) {
	for name, value := range map[string]string{
		"rapid.shrinktime": "0s", "rapid.nofailfile": "true", "rapid.checks": machineChecks,
	} {
		before := flag.Lookup(name).Value.String()
		if err := flag.Set(name, value); err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = flag.Set(name, before) })
	}
	h := newHouse(t)
	for name, open := range map[string]contract.Factory{
		"tickets are used for ever": h.sabotaged(trigger("tickets", "UPDATE",
			"IF NEW.state = 2 THEN NEW.state := 1; END IF; RETURN NEW;")),
		"answers are not written":                  h.sabotaged(forget("answers")),
		"commands of a batch don't see each other": h.wrapped(apart),
	} {
		t.Run(name, func(t *testing.T) {
			said := contract.RecordMachine(open)
			if said == "" {
				t.Error("the model didn't notice it")
			}
			t.Logf("%.300s", said)
		})
	}
}
