package booking

import "slices"

// table is the working set of one kind of row in a batch. It remembers what was loaded, what a
// command changed, and how to take back the changes of a command that said no.
type table[K comparable, V any] struct {
	rows  map[K]*row[V]
	dirty []K // in order of their first change
	undo  []undo[K, V]
}

type row[V any] struct {
	value  V
	loaded *V   // what was loaded, once the row is changed
	known  bool // the row exists (in the ledger, or by an insert of this batch)
	stored bool // the row was in the ledger when the batch began
	dirty  bool
}

type undo[K comparable, V any] struct {
	key   K
	value V
	known bool
	dirty bool
}

// Change is one row to write. Loaded is meaningless for an insert.
type Change[K comparable, V any] struct {
	Key    K
	Value  V
	Loaded V
	Insert bool
}

func newTable[K comparable, V any](size int) table[K, V] {
	return table[K, V]{rows: make(map[K]*row[V], size)}
}

// load puts a row of the ledger into the working set.
func (t *table[K, V]) load(k K, v V) {
	r, ok := t.rows[k]
	if !ok {
		r = &row[V]{}
		t.rows[k] = r
	}
	*r = row[V]{value: v, known: true, stored: true}
}

// named tells whether a command of the batch asked for the row, and marks it as asked for.
func (t *table[K, V]) name(k K) bool {
	if _, ok := t.rows[k]; ok {
		return false
	}
	t.rows[k] = &row[V]{}
	return true
}

func (t *table[K, V]) get(k K) (v V, known bool) {
	r, ok := t.rows[k]
	if !ok || !r.known {
		return v, false
	}
	return r.value, true
}

func (t *table[K, V]) put(k K, v V) {
	r, ok := t.rows[k]
	if !ok {
		r = &row[V]{}
		t.rows[k] = r
	}
	t.undo = append(t.undo, undo[K, V]{k, r.value, r.known, r.dirty})
	if !r.dirty {
		t.dirty = append(t.dirty, k)
	}
	if r.stored && r.loaded == nil {
		was := r.value
		r.loaded = &was
	}
	r.value, r.known, r.dirty = v, true, true
}

func (t *table[K, V]) keep() { t.undo = t.undo[:0] }

func (t *table[K, V]) rollback() {
	for _, u := range slices.Backward(t.undo) {
		r := t.rows[u.key]
		r.value, r.known, r.dirty = u.value, u.known, u.dirty
		if !u.dirty {
			t.dirty = t.dirty[:len(t.dirty)-1]
		}
	}
	t.undo = t.undo[:0]
}

// changes calls yield for each row that the batch changed, in order of first change.
func (t *table[K, V]) changes(yield func(Change[K, V]) bool) {
	for _, k := range t.dirty {
		r := t.rows[k]
		c := Change[K, V]{Key: k, Value: r.value, Insert: !r.stored}
		if r.loaded != nil {
			c.Loaded = *r.loaded
		}
		if !yield(c) {
			return
		}
	}
}
