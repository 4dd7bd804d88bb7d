package admission

import (
	"crypto/ed25519"
	"crypto/sha256"
	"errors"
	"math/bits"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

// TestWholeOrders verifies every ticket of orders of every size.
func TestWholeOrders(t *testing.T) {
	s := testSigner(t, 7)
	ring := testRing(t, s)
	for n := 1; n <= MaxTickets; n++ {
		claims := order(n, sample())
		codes := sign(t, s, claims)
		for i, code := range codes {
			if got, err := ring.Verify(code); err != nil || got != claims[i] {
				t.Fatalf("ticket %d of %d: %v, %s", i, n, err, cmp.Diff(claims[i], got))
			}
			if len(code) > MaxCodeChars {
				t.Errorf("ticket %d of %d: %d characters", i, n, len(code))
			}
		}
		if diff := cmp.Diff(codes, sign(t, s, claims)); diff != "" {
			t.Errorf("%d tickets signed twice: %s", n, diff)
		}
	}
}

// take takes a code apart.
func take(t testing.TB, code string) parts {
	t.Helper()
	raw, ok := decodeBase45(nil, code[len(prefix):])
	if !ok {
		t.Fatalf("%q is not base 45", code)
	}
	p, err := readParts(raw)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// glue is the inverse of take.
func glue(p parts) string {
	raw := append(appendClaims(nil, p.claims), byte(p.index), byte(p.leaves))
	return prefix + string(appendBase45(nil, append(append(raw, p.path...), p.signature...)))
}

// TestForeignParts swaps each part of a code with that of another ticket, of the same order or of
// another one: it verifies only if nothing has changed.
func TestForeignParts(t *testing.T) {
	s := testSigner(t, 7)
	ring := testRing(t, s)
	rapid.Check(t, func(rt *rapid.T) {
		size := rapid.IntRange(1, MaxTickets)
		other := sample()
		other.Fence++
		mine := sign(t, s, order(size.Draw(rt, "size"), sample()))
		yours := sign(t, s, order(size.Draw(rt, "other size"), other))
		if rapid.Bool().Draw(rt, "same order") {
			yours = mine
		}
		code := rapid.SampledFrom(mine).Draw(rt, "code")
		p, q := take(t, code), take(t, rapid.SampledFrom(yours).Draw(rt, "other code"))
		if rapid.Bool().Draw(rt, "claims") {
			p.claims = q.claims
		}
		if rapid.Bool().Draw(rt, "index") {
			p.index = q.index
		}
		if rapid.Bool().Draw(rt, "leaves") {
			p.leaves = q.leaves
		}
		if rapid.Bool().Draw(rt, "path") {
			p.path = q.path
		}
		if rapid.Bool().Draw(rt, "signature") {
			p.signature = q.signature
		}
		mixed := glue(p)
		_, err := ring.Verify(mixed)
		if accepted := err == nil; accepted != (mixed == code || mixed == glue(q)) {
			rt.Fatalf("accepted is %t for a mixture of %+v", accepted, p)
		}
	})
}

// TestOtherPositions tries every index and number of leaves, and some beyond, with a good path.
func TestOtherPositions(t *testing.T) {
	s := testSigner(t, 7)
	ring := testRing(t, s)
	for _, tt := range []struct{ leaves, index int }{{1, 0}, {5, 4}, {7, 0}, {50, 49}} {
		p := take(t, sign(t, s, order(tt.leaves, sample()))[tt.index])
		for leaves := range MaxTickets + 5 {
			for index := range MaxTickets + 5 {
				p.leaves, p.index = leaves, index
				_, err := ring.Verify(glue(p))
				if good := leaves == tt.leaves && index == tt.index; (err == nil) != good {
					t.Errorf("leaf %d of %d read as %d of %d: %v", tt.index, tt.leaves, index,
						leaves, err)
				}
				form := leaves <= MaxTickets && index < leaves &&
					pathBytes(index, leaves) == len(p.path)
				if errors.Is(err, ErrMalformed) == form {
					t.Errorf("leaf %d of %d with %d bytes: %v", index, leaves, len(p.path), err)
				}
			}
		}
	}
}

// plainRoot is the definition, without any cleverness: the root of a list is that of its largest
// full left part and the rest (RFC 9162 §2.1.1), which is the same as promoting.
func plainRoot(leaves []hash) hash {
	n := len(leaves)
	if n == 1 {
		return leaves[0]
	}
	left := 1 << (bits.Len(uint(n-1)) - 1)
	l, r := plainRoot(leaves[:left]), plainRoot(leaves[left:])
	sum := sha256.Sum256(append(append([]byte{1}, l[:]...), r[:]...))
	return hash(sum[:hashBytes])
}

func TestTreeAgainstItsDefinition(t *testing.T) {
	for n := 1; n <= MaxTickets; n++ {
		leaves := make([]hash, n)
		for i, c := range order(n, sample()) {
			claims := appendClaims(nil, c)
			sum := sha256.Sum256(append([]byte{0}, claims...))
			if leaves[i] = hash(sum[:hashBytes]); leafOf(claims) != leaves[i] {
				t.Fatalf("leaf %d of %d", i, n)
			}
		}
		nodes := grow(append([]hash(nil), leaves...))
		if len(nodes) > maxNodes || nodes[len(nodes)-1] != plainRoot(leaves) {
			t.Fatalf("%d leaves: %d nodes, root %x", n, len(nodes), nodes[len(nodes)-1])
		}
		for i, leaf := range leaves {
			path := appendPath(nil, nodes, i, n)
			if len(path) != pathBytes(i, n) || len(path) > maxPath*hashBytes ||
				climb(leaf, path, i, n) != plainRoot(leaves) {
				t.Errorf("leaf %d of %d has a path of %d bytes", i, n, len(path))
			}
		}
	}
}

// TestLeavesAreNoNodes: what is hashed for a node, taken for a leaf, is another hash, so that no
// inner node passes for a ticket and no ticket for an inner node.
func TestLeavesAreNoNodes(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		both := rapid.SliceOfN(rapid.Byte(), 2*hashBytes, 2*hashBytes).Draw(rt, "children")
		if leafOf(both) == nodeOf(hash(both[:hashBytes]), hash(both[hashBytes:])) {
			rt.Fatalf("%x is a leaf and a node", both)
		}
	})
}

// TestLeavesAreSigned: the same root under another number of leaves or another key's id is another
// message.
func TestLeavesAreSigned(t *testing.T) {
	s := testSigner(t, 7)
	ring := testRing(t, s)
	p := take(t, sign(t, s, order(7, sample()))[0])
	root := climb(p.leaf, p.path, p.index, p.leaves)
	if pathBytes(0, 7) != pathBytes(0, 8) || root != climb(p.leaf, p.path, 0, 8) {
		t.Fatal("the first leaves of seven and eight differ in form")
	}
	for _, tt := range []struct {
		key    KeyID
		leaves int
		want   error
	}{{7, 7, nil}, {7, 8, ErrBadSignature}, {8, 7, ErrBadSignature}} {
		p.signature = ed25519.Sign(s.private, appendMessage(nil, tt.key, tt.leaves, root))
		if _, err := ring.Verify(glue(p)); !errors.Is(err, tt.want) {
			t.Errorf("signed for key %d and %d leaves: %v", tt.key, tt.leaves, err)
		}
	}
}

func TestBoundsOfAnOrder(t *testing.T) {
	s := testSigner(t, 7)
	if codes, err := s.SignAll(nil); err != nil || len(codes) != 0 {
		t.Errorf("no claims: %q, %v", codes, err)
	}
	if _, err := s.SignAll(order(MaxTickets+1, sample())); !errors.Is(err, ErrTooMany) {
		t.Errorf("one too many: %v", err)
	}
	if _, err := s.SignAll(append(order(2, sample()), Claims{})); !errors.Is(err, ErrClaims) {
		t.Errorf("a bad one among good ones: %v", err)
	}
	alone, err := s.Sign(sample())
	if err != nil || alone != sign(t, s, []Claims{sample()})[0] {
		t.Errorf("one ticket alone: %q, %v", alone, err)
	}
}
