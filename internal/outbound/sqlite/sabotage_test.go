package sqlite

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"ticketflow/internal/effort"
	"ticketflow/internal/outbound/contract"
)

// sabotaged opens a ledger and changes its file behind its back.
func sabotaged(script string) contract.Factory {
	return func(t contract.T, clock func() time.Time) *contract.Engine {
		t.Helper()
		dir := folder(t)
		e := engineIn(t, dir, clock)
		if err := meddle(dir, script); err != nil {
			t.Fatalf("sabotage the ledger: %v", err)
		}
		return e
	}
}

// restated opens a ledger whose writer has another statement in the place of one of its own.
func restated(replace func(w *writer, sql string) error, sql string) contract.Factory {
	return func(t contract.T, clock func() time.Time) *contract.Engine {
		t.Helper()
		e := engine(t, clock)
		if err := replace(e.Ledger.(*Store).w, sql); err != nil {
			t.Fatalf("sabotage the ledger: %v", err)
		}
		return e
	}
}

func wrapped(wrap func(*contract.Engine) *contract.Engine) contract.Factory {
	return func(t contract.T, clock func() time.Time) *contract.Engine {
		t.Helper()
		return wrap(engine(t, clock))
	}
}

// control is a ledger that is broken on purpose, and what the suite must say about it.
type control struct {
	name string
	open contract.Factory
	red  []string // the cases that must fail
}

// withoutKey makes a table anew that keeps nothing apart.
func withoutKey(table, columns string) string {
	return fmt.Sprintf(`ALTER TABLE %[1]s RENAME TO old; CREATE TABLE %[1]s (%[2]s);
INSERT INTO %[1]s SELECT * FROM old; DROP TABLE old;`, table, columns)
}

// forget removes each row of a table as soon as it is written.
func forget(table string) string {
	return fmt.Sprintf("CREATE TRIGGER forget AFTER INSERT ON %[1]s BEGIN DELETE FROM %[1]s; END;",
		table)
}

func setPlace(w *writer, sql string) (err error) {
	w.setPlace, err = w.conn.Prepare(sql)
	return err
}

func setHold(w *writer, sql string) (err error) {
	w.setHold, err = w.conn.Prepare(sql)
	return err
}

func setVoucher(w *writer, sql string) (err error) {
	w.setVoucher, err = w.conn.Prepare(sql)
	return err
}

func controls() []control {
	return slices.Concat(bookingControls(), basketControls(), moneyControls())
}

// moneyControls forget what is written about money.
func moneyControls() []control {
	return []control{
		{"the journal is forgotten", sabotaged("DROP TRIGGER journal_is_not_deleted;" +
			forget("journal")), []string{
			"journal/each entry as it was posted", "payments/a payment makes tickets",
			"refunds/some tickets go back",
		}},
		{"a payment comes without its refunds", wrapped(contract.NoReturns), []string{
			"refunds/made at the gateway's side",
		}},
		{"messages are not stored", sabotaged(`CREATE TRIGGER strip AFTER INSERT ON notices
BEGIN UPDATE notices SET payload = ''; END;`), []string{
			"payments/a message that can't be applied is kept",
		}},
		{"entries may be changed", sabotaged("DROP TRIGGER journal_is_not_changed;"), []string{
			"journal/nothing is changed or deleted",
		}},
	}
}

// basketControls break what changes a hold.
func basketControls() []control {
	return []control{
		{"holds are written however often they were changed", restated(setHold,
			"UPDATE holds SET state = ?1, expires_ms = ?2, extensions = ?3, order_key = ?4 "+
				"WHERE hold_no = ?5 AND state = ?6 AND extensions = ?7 AND ?8 >= 0"), []string{
			"walls/a hold's places that were read too early",
		}},
		{"what a hold has come to have is not written", sabotaged(
			"CREATE TRIGGER keep AFTER UPDATE OF lines ON holds WHEN NEW.lines <> OLD.lines " +
				"BEGIN UPDATE holds SET lines = OLD.lines WHERE hold_no = OLD.hold_no; END;"),
			[]string{"baskets/what was changed is what is read", "baskets/after a crash"}},
	}
}

func bookingControls() []control {
	const set = "UPDATE places SET state = ?1, holder = ?2, fence = ?3, until_ms = ?4 "
	return []control{
		{"fences are not compared", wrapped(contract.NoFences), []string{
			"fences/the same key with an older fence",
			"fences/an order with an older fence isn't paid",
		}},
		{"tickets have no unique key", sabotaged(withoutKey("tickets",
			"event_id, place, voided, fence, secret, order_key, state, used_ms, gate")),
			[]string{
				"walls/one living ticket a place, even if its row is wrong",
				"batches/one poisoned command fails alone",
			}},
		{"commands of a batch don't see each other", wrapped(
			func(e *contract.Engine) *contract.Engine {
				e.Decide = contract.Apart
				return e
			}), []string{"batches/commands see what those before them did"}},
		{"... and rows are written without conditions", func(
			t contract.T, clock func() time.Time,
		) *contract.Engine {
			t.Helper()
			e := restated(setPlace, set+"WHERE place_key = ?5 AND ?6 + ?7 + ?8 >= 0")(t, clock)
			e.Decide = contract.Apart
			return e
		}, []string{"batches/commands see what those before them did"}},
		// While the process lives its index knows the answers; what is not written is lost with it.
		{"answers are not written", sabotaged(forget("answers")), []string{
			"idempotency/after a crash",
		}},
		{"answers are not loaded", wrapped(contract.NoAnswers), []string{
			"idempotency/the same key gives the same answer",
			"idempotency/the same key a hundred times at once",
		}},
		{"notices and payments are not kept apart", sabotaged(forget("notices") +
			withoutKey("payments", `event_id, provider, transaction_id, order_key, amount,
currency, captured_ms, used_for, refunded, attempt`)), []string{
			"walls/rows that were not seen at all",
		}},
		{"places are written without conditions", restated(setPlace,
			set+"WHERE place_key = ?5 AND ?6 + ?7 + ?8 >= 0"), []string{
			"walls/a place that was read too early",
			"walls/a grant whose end was read too early",
		}},
		{"places are written whatever their fence", restated(setPlace,
			set+"WHERE place_key = ?5 AND ?6 >= 0 AND state = ?7 AND until_ms = ?8"), []string{
			"walls/a place that was taken and freed since",
		}},
		{"the uses of vouchers are not written", sabotaged(`CREATE TRIGGER forget AFTER UPDATE ON
vouchers BEGIN UPDATE vouchers SET used = 0; END;`), []string{
			"vouchers/a thousand orders for a hundred uses",
		}},
		{"vouchers are written without conditions", restated(setVoucher, "UPDATE vouchers "+
			"SET used = ?1, disabled = ?2 WHERE event_id = ?3 AND code = ?4 AND ?5 + ?6 >= 0"),
			[]string{"vouchers/a count that was read too early"}},
		{"a yes comes before the commit", wrapped(contract.WriteBehind),
			[]string{"durability/the last answer before a crash"}},
		{"facts are lost", sabotaged(forget("facts")), []string{
			"facts/the whole story, in order", "facts/in the order of a batch",
		}},
		{"facts leave gaps", sabotaged(`CREATE TRIGGER gap AFTER INSERT ON facts
WHEN new.position % 3 = 0 BEGIN
	UPDATE facts SET position = position + 1 WHERE position = new.position;
END;`), []string{"facts/the whole story, in order", "facts/without gaps under load"}},
	}
}

// someControls: under the race detector, to which all controls look alike, each tenth will do.
const someControls = 10

// TestSuiteTurnsRed runs cases against ledgers that are broken on purpose: they must see it.
func TestSuiteTurnsRed(t *testing.T) {
	for _, c := range effort.Some(controls(), someControls) {
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
	var green []string
	for _, c := range effort.Some(controls(), someControls) {
		for _, name := range c.red {
			if slices.Contains(green, name) {
				continue
			}
			green = append(green, name)
			for failed, failures := range contract.Record(name, engine) {
				t.Errorf("%s: %s", failed, failures)
			}
		}
	}
}
