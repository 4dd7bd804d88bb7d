package simpay

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"ticketflow/internal/app/payment"
	"ticketflow/internal/domain/money"
)

// life makes one record of each kind, in a book of three payments, and calls after behind each.
func life(t testing.TB, b *book, after func(record string)) {
	t.Helper()
	now := time.Unix(1_800_000_000, 0)
	invoiceOf := func(key string) invoice {
		return invoice{Key: key, Amount: euros(t, 4900), Expires: 1 << 31}
	}
	settle := func(key string, outcome payment.State) func() error {
		return func() error {
			_, _, _, err := b.settle(invoiceOf(key), outcome, now)
			return err
		}
	}
	finish := func(key string, outcome payment.State) func() error {
		return func() error {
			_, _, _, err := b.finish(invoiceOf(key), outcome, now)
			return err
		}
	}
	cancel := func(key string) func() error {
		return func() error {
			_, err := b.cancel(key, now)
			return err
		}
	}
	refund := func(refundKey string, plan refundPlan) func() error {
		return func() error {
			_, _, _, err := b.giveBack("ord_1:1", refundKey, euros(t, 100), plan, now)
			return err
		}
	}
	end := func(number int, fails bool) func() error {
		return func() error {
			_, err := b.settleRefund("ord_1:1", number, fails, now)
			return err
		}
	}
	step := func(record string, do func() error) {
		t.Helper()
		if err := do(); err != nil {
			t.Fatalf("%s: %v", record, err)
		}
		after(record)
	}
	step("C", settle("ord_1:1", payment.Paid))
	step("D", settle("ord_2:1", payment.Declined))
	step("P", settle("ord_3:1", payment.Pending))
	step("Y", finish("ord_3:1", payment.Paid))
	step("P", settle("ord_4:1", payment.Pending))
	step("N", finish("ord_4:1", payment.Declined))
	step("P", settle("ord_5:1", payment.Pending))
	step("X", cancel("ord_5:1"))
	step("X", cancel("ord_6:1"))
	step("R", refund("ref_1", refundPlan{}))
	step("R", refund("", refundPlan{}))
	step("E", refund("ref_2", refundPlan{fails: true}))
	step("Q", refund("ref_3", refundPlan{pending: true}))
	step("Q", refund("ref_4", refundPlan{pending: true, wait: time.Hour, fails: true}))
	step("S", end(4, false))
	step("U", end(5, true))
	step("B", func() error { _, err := b.takeBack("ord_1:1", 200, now); return err })
	step("B", func() error { _, err := b.takeBack("ord_1:1", 100, now); return err })
	step("W", func() error { _, err := b.winBack("ord_1:1", 1, now); return err })
	step("W", func() error { _, err := b.winBack("ord_1:1", 0, now); return err })
	step("A", func() error {
		e := b.entries["ord_1:1"]
		return errors.Join(b.acknowledge(parcel{entry: e}), b.lose(parcel{e, e.changes[2]}))
	})
}

// A process that is killed behind any record has told nobody anything that the next one denies.
func TestEveryRecordSurvivesAKill(t *testing.T) {
	path := filepath.Join(t.TempDir(), journalFile)
	b := openTestBook(t, path)
	defer func() { _ = b.close() }()
	records := ""
	life(t, b, func(record string) {
		records += record
		want := make(map[string]statement)
		open := make(map[string]bool)
		for key, e := range b.entries {
			want[key], _ = b.lookUp(key)
			for _, p := range append([]parcel{{entry: e}}, parcels(e)...) {
				if p.notice().progress != acknowledged {
					open[string(p.appendBody(p.appendNoticeID(nil)))] = true
				}
			}
		}
		// No close: what a kill leaves is what another process can read now.
		got, left := content(t, path)
		if diff := cmp.Diff(want, got, moneys); diff != "" {
			t.Errorf("%s: %s", record, diff)
		}
		if diff := cmp.Diff(open, left); diff != "" {
			t.Errorf("%s: webhooks: %s", record, diff)
		}
		again := openTestBook(t, path)
		defer func() { _ = again.close() }()
		if diff := cmp.Diff(b.pendingRefunds(), again.pendingRefunds(),
			cmp.AllowUnexported(pendingRefund{})); diff != "" {
			t.Errorf("%s: refunds to come: %s", record, diff)
		}
		page, _ := b.page(0, maxStatement)
		pageAgain, _ := again.page(0, maxStatement)
		if diff := cmp.Diff(page, pageAgain, moneys); diff != "" {
			t.Errorf("%s: statement: %s", record, diff)
		}
	})
	for _, kind := range "CDPYNXREQSUBWA" {
		if !strings.ContainsRune(records, kind) {
			t.Errorf("no record %c", kind)
		}
	}
}

func parcels(e *entry) (all []parcel) {
	for _, c := range e.changes {
		all = append(all, parcel{e, c})
	}
	return all
}

// What a journal of the first release says still counts: its refunds were always done at once, and
// the number in an acknowledgement was that of the refund.
func TestJournalOfTheFirstRelease(t *testing.T) {
	path := filepath.Join(t.TempDir(), journalFile)
	id := (&entry{}).transaction()
	writeJournal(t, path, [][]string{
		{"C", "ord_1:1", id, "4900", "EUR", "1800000000000"},
		{"R", "ord_1:1", "ref_1", "900", "1800000000001"},
		{"D", "ord_2:1", id, "100", "EUR", "1800000000002"},
		{"R", "ord_1:1", "ref_2", "100", "1800000000003"},
		{"A", "ord_1:1", "1"},
		{"A", "ord_2:1", "0"},
	})
	statements, open := content(t, path)
	st := statements["ord_1:1"]
	if st.State != payment.Paid || st.Refunded != 1000 || len(st.Refunds) != 2 ||
		st.Refunds[0].RefundKey != "ref_1" || st.Refunds[0].State != payment.Refunded ||
		st.Refunds[1].Refund != id+"_r2" || statements["ord_2:1"].State != payment.Declined {
		t.Errorf("%+v", statements)
	}
	if len(open) != 2 {
		t.Errorf("webhooks: %v", open)
	}
	for body := range open {
		if strings.Contains(body, "ref_1") || strings.Contains(body, "declined") {
			t.Errorf("acknowledged, and sent again: %s", body)
		}
	}
}

func writeJournal(t *testing.T, path string, lines [][]string) {
	t.Helper()
	data := []byte(journalHead)
	for _, fields := range lines {
		l := (&journal{}).begin(fields[0][0])
		for _, f := range fields[1:] {
			l.text(f)
		}
		data = append(data, l.end()...)
	}
	if err := os.WriteFile(path, data, 0o600); err != nil {
		t.Fatal(err)
	}
}

func TestLinesThatContradictTheirPast(t *testing.T) {
	path := filepath.Join(t.TempDir(), journalFile)
	id := (&entry{}).transaction()
	other := (&entry{id: [transactionBytes]byte{1}}).transaction()
	charge := []string{"C", "k", id, "100", "EUR", "5"}
	pending := []string{"P", "k", id, "100", "EUR", "5"}
	asked := []string{"Q", "k", "r", "60", "5", "0", "0"}
	dispute := []string{"B", "k", "60", "5"}
	many := slices.Repeat([][]string{{"B", "k", "1", "5"}}, maxDisputes+1)
	for name, lines := range map[string][][]string{
		"refund of nothing":          {{"R", "k", "r", "1", "5"}},
		"refund beyond":              {charge, {"R", "k", "r", "101", "5"}},
		"refund without a time":      {charge, {"R", "k", "r", "1", "-5"}},
		"refund of an odd key":       {charge, {"R", "k", "r r", "1", "5"}},
		"charged twice":              {charge, charge},
		"unknown kind":               {charge, {"Z", "k", "1"}},
		"field missing":              {charge[:5]},
		"negative amount":            {{"C", "k", id, "-1", "EUR", "5"}},
		"no currency":                {{"C", "k", id, "1", "EU", "5"}},
		"odd id":                     {{"C", "k", "spy_1", "1", "EUR", "5"}},
		"odd key":                    {{"C", `k"`, id, "1", "EUR", "5"}},
		"acknowledged nothing":       {{"A", "k", "0"}},
		"acknowledged no change":     {charge, {"A", "k", "1"}},
		"refund of a declined one":   {{"D", "k", id, "1", "EUR", "5"}, {"R", "k", "r", "1", "5"}},
		"refund of a pending one":    {pending, {"R", "k", "r", "1", "5"}},
		"confirmed, but never asked": {charge, {"Y", "k", "5"}},
		"confirmed and refused":      {pending, {"Y", "k", "5"}, {"N", "k", "5"}},
		"confirmed at no time":       {pending, {"Y", "k", "x"}},
		"closed what was paid":       {charge, {"X", "k", id, "5"}},
		"closed another one":         {pending, {"X", "k", other, "5"}},
		"closed twice":               {{"X", "k", id, "5"}, {"X", "k", id, "5"}},
		"paid what was closed":       {{"X", "k", id, "5"}, charge},
		"confirmed what was closed":  {pending, {"X", "k", id, "5"}, {"Y", "k", "5"}},
		"two pending beyond":         {charge, asked, asked},
		"failed refund beyond":       {charge, {"E", "k", "r", "101", "5"}},
		"due at no time":             {charge, {"Q", "k", "r", "60", "5", "-1", "0"}},
		"settled nothing":            {charge, {"S", "k", "1", "5"}},
		"settled number nought":      {charge, asked, {"S", "k", "0", "5"}},
		"settled and failed":         {charge, asked, {"S", "k", "1", "5"}, {"U", "k", "1", "5"}},
		"settled what was done":      {charge, {"R", "k", "r", "1", "5"}, {"S", "k", "1", "5"}},
		"dispute beyond":             {charge, asked, dispute},
		"dispute of nothing":         {charge, {"B", "k", "0", "5"}},
		"dispute of a pending one":   {pending, dispute},
		"two disputes beyond":        {charge, dispute, dispute},
		"too many disputes":          append([][]string{charge}, many...),
		"refund of what is taken":    {charge, dispute, {"R", "k", "r", "41", "5"}},
		"won without a dispute":      {charge, {"W", "k", "5"}},
		"won twice":                  {charge, dispute, {"W", "k", "5"}, {"W", "k", "5"}},
		"won another one":            {charge, dispute, {"W", "k", "5", "2"}},
		"won number nought":          {charge, dispute, {"W", "k", "5", "0"}},
	} {
		writeJournal(t, path, lines)
		if _, err := openBook(path, nil); !errors.Is(err, ErrJournal) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// Whatever a journal says, the book that is read from it has returned no more than it has got.
func FuzzJournal(f *testing.F) {
	path := filepath.Join(f.TempDir(), journalFile)
	b := openTestBook(f, path)
	life(f, b, func(string) {})
	if err := b.close(); err != nil {
		f.Fatal(err)
	}
	data, err := os.ReadFile(path)
	if err != nil {
		f.Fatal(err)
	}
	// The lines without their checksums: they are put behind by the test, so that the fuzzer gets
	// past them.
	var bare []byte
	for line := range bytes.Lines(bytes.TrimPrefix(data, []byte(journalHead))) {
		bare = append(append(bare, line[:bytes.LastIndexByte(line, '\t')]...), '\n')
	}
	f.Add(data, false)
	f.Add(bare, true)
	f.Fuzz(func(t *testing.T, data []byte, sum bool) {
		if sum {
			lines := []byte(journalHead)
			for line := range bytes.Lines(data) {
				line = bytes.TrimSuffix(line, []byte("\n"))
				lines = append(append(lines, line...), '\t')
				lines = append(appendCRC(lines, line), '\n')
			}
			data = lines
		}
		path := filepath.Join(t.TempDir(), journalFile)
		if err := os.WriteFile(path, data, 0o600); err != nil {
			t.Fatal(err)
		}
		b, err := openBook(path, nil)
		if err != nil {
			return
		}
		for key, e := range b.entries {
			if key != e.key || e.refunded < 0 || e.reserved < 0 ||
				e.state == payment.Paid && e.left() < 0 {
				t.Errorf("%+v", e)
			}
			var sum int64
			for _, r := range e.statement().Refunds {
				if r.State == payment.Refunded {
					sum += r.Amount.Minor()
				}
				if r.Amount == (money.Money{}) {
					t.Errorf("%+v", r)
				}
			}
			if sum != e.refunded {
				t.Errorf("refunds of %d, %d refunded", sum, e.refunded)
			}
		}
		before, _ := b.page(0, maxStatement)
		_ = b.close()
		if b, err = openBook(path, nil); err != nil {
			t.Fatalf("not readable again: %v", err)
		}
		after, _ := b.page(0, maxStatement)
		if diff := cmp.Diff(before, after, moneys); diff != "" {
			t.Error(diff)
		}
		_ = b.close()
	})
}
