package simpay

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"ticketflow/internal/app/payment"
)

// fill makes a book of n payments: every third declined, every fifth refunded, every second one's
// outcome acknowledged; and one that was closed before.
func fill(t testing.TB, path string, n int) {
	t.Helper()
	b := openTestBook(t, path)
	now := time.Unix(1_800_000_000, 0)
	if _, err := b.cancel("ord_closed:1", now); err != nil {
		t.Fatal(err)
	}
	for i := range n {
		v := invoice{Key: fmt.Sprintf("ord_%042d:1", i), Amount: euros(t, 4900), Expires: 1 << 31}
		outcome := payment.Paid
		if i%3 == 0 {
			outcome = payment.Declined
		}
		e, _, _, err := b.settle(v, outcome, now)
		if err == nil && i%5 == 0 && outcome == payment.Paid {
			_, _, _, err = b.giveBack(v.Key, "ref_1", euros(t, int64(i%4900+1)), refundPlan{},
				now)
		}
		if err == nil && i%2 == 0 {
			err = b.acknowledge(parcel{entry: e})
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	if err := b.close(); err != nil {
		t.Fatal(err)
	}
}

// content is what a book says, with the webhooks that are still to be delivered.
func content(t testing.TB, path string) (statements map[string]statement, open map[string]bool) {
	t.Helper()
	b := openTestBook(t, path)
	defer func() { _ = b.close() }()
	statements, open = map[string]statement{}, map[string]bool{}
	for key := range b.entries {
		statements[key], _ = b.lookUp(key)
	}
	parcels, _ := b.claim(maxQueued)
	for _, p := range parcels {
		open[string(p.appendBody(p.appendNoticeID(nil)))] = true
	}
	return statements, open
}

func TestReplay(t *testing.T) {
	path := filepath.Join(t.TempDir(), journalFile)
	fill(t, path, 60)
	statements, open := content(t, path)
	if len(statements) != 61 || len(open) != 30+8 {
		t.Errorf("%d payments, %d open webhooks", len(statements), len(open))
	}
	again, openAgain := content(t, path)
	if diff := cmp.Diff(statements, again, moneys); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff(open, openAgain); diff != "" {
		t.Error(diff)
	}
}

// An interrupted write can end the file at any byte: all whole lines count, the rest is cut off,
// and the book goes on from there. The last line is the charge of the eighth payment.
func TestTornEnd(t *testing.T) {
	dir := t.TempDir()
	whole := filepath.Join(dir, "whole")
	fill(t, whole, 8)
	data, err := os.ReadFile(whole)
	if err != nil {
		t.Fatal(err)
	}
	last := bytes.LastIndexByte(data[:len(data)-1], '\n') + 1
	starts := append([]int{last, last - 1}, 0, 1, len(journalHead)-1, len(journalHead))
	for cut := last; cut < len(data); cut++ {
		starts = append(starts, cut)
	}
	for _, cut := range starts {
		for name, tail := range map[string][]byte{"": nil, "zeros": make([]byte, 700),
			"junk": []byte("C\tx\ty\n\n\x00junk")} {
			if cut < len(journalHead) && tail != nil {
				continue
			}
			path := filepath.Join(dir, fmt.Sprintf("%d%s", cut, name))
			torn := append(bytes.Clone(data[:cut]), tail...)
			if err := os.WriteFile(path, torn, 0o600); err != nil {
				t.Fatal(err)
			}
			before, _ := content(t, path)
			b := openTestBook(t, path)
			v := invoice{Key: "ord_new:1", Amount: euros(t, 5), Expires: 1 << 31}
			_, _, fresh, err := b.settle(v, payment.Paid, time.Unix(1, 0))
			if err != nil || !fresh {
				t.Fatal(fresh, err)
			}
			_ = b.close()
			after, _ := content(t, path)
			if len(after) != len(before)+1 || (cut >= last && len(before) != 8) {
				t.Errorf("cut at %d %s: %d payments, then %d", cut, name, len(before), len(after))
			}
		}
	}
}

func TestDamageInTheMiddleIsNotIgnored(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "whole")
	fill(t, path, 8)
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	last := bytes.LastIndexByte(data[:len(data)-1], '\n') + 1
	// The newline before the last line is left out: without it, that is all one broken end.
	for i := 0; i < last-1; i += 3 {
		damaged := bytes.Clone(data)
		damaged[i] ^= 1
		if err := os.WriteFile(path, damaged, 0o600); err != nil {
			t.Fatal(err)
		}
		if _, err := openBook(path, nil); !errors.Is(err, ErrJournal) {
			t.Fatalf("byte %d: %v", i, err)
		}
	}
}

func TestNoIDNoCharge(t *testing.T) {
	b := openTestBook(t, filepath.Join(t.TempDir(), journalFile))
	defer func() { _ = b.close() }()
	b.random = bytes.NewReader(nil)
	v := invoice{Key: "ord_1:1", Amount: euros(t, 100), Expires: 1 << 31}
	if _, _, _, err := b.settle(v, payment.Paid, time.Unix(1, 0)); err == nil {
		t.Error("charged without an id")
	}
	if _, known := b.lookUp(v.Key); known {
		t.Error("in the book without an id")
	}
}

// What can't be written down has not happened, and later it can.
func TestFailingDisk(t *testing.T) {
	path := filepath.Join(t.TempDir(), journalFile)
	b := openTestBook(t, path)
	defer func() { _ = b.close() }()
	good := b.journal.file
	// A file that is open for reading only refuses writes, and to be cut, like a failing disk.
	full, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer full.Close()
	v := invoice{Key: "ord_1:1", Amount: euros(t, 100), Expires: 1 << 31}
	b.journal.file = full
	if _, _, _, err := b.settle(v, payment.Paid, time.Unix(1, 0)); err == nil {
		t.Error("charged without a record")
	}
	if _, known := b.lookUp(v.Key); known {
		t.Error("in the book without a record")
	}
	// It couldn't be cut either, so the journal has given up.
	if b.journal.broken == nil {
		t.Error("the journal goes on behind half a line")
	}
	b.journal.file, b.journal.broken = good, nil
	if _, _, fresh, err := b.settle(v, payment.Paid, time.Unix(1, 0)); err != nil || !fresh {
		t.Errorf("afterwards: %v, %v", fresh, err)
	}
}

func TestTheBookIsBounded(t *testing.T) {
	path := filepath.Join(t.TempDir(), journalFile)
	b := openTestBook(t, path)
	defer func() { _ = b.close() }()
	b.limit = 2
	for i := range 3 {
		v := invoice{Key: fmt.Sprintf("ord_%d:1", i), Amount: euros(t, maxRefunds+1),
			Expires: 1 << 31}
		_, _, _, err := b.settle(v, payment.Paid, time.Unix(1, 0))
		if full := errors.Is(err, ErrFull); full != (i == 2) {
			t.Errorf("payment %d: %v", i, err)
		}
	}
	for i := range maxRefunds + 1 {
		_, _, _, err := b.giveBack("ord_0:1", fmt.Sprintf("r%d", i), euros(t, 1),
			refundPlan{}, time.Unix(1, 0))
		if full := errors.Is(err, ErrTooManyRefunds); full != (i == maxRefunds) {
			t.Errorf("refund %d: %v", i, err)
		}
	}
}

func BenchmarkLoad100k(b *testing.B) {
	path := filepath.Join(b.TempDir(), journalFile)
	fill(b, path, 100_000)
	b.ReportAllocs()
	for b.Loop() {
		_ = openTestBook(b, path).close()
	}
}
