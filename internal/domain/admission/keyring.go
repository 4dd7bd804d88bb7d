package admission

import (
	"crypto/ed25519"
	"fmt"

	"ticketflow/internal/domain/errs"
)

// MaxKeys bounds the public keys of one keyring.
const MaxKeys = 64

// ErrKey says that a key has the wrong size or its id is used twice.
var ErrKey = errs.New(errs.Invalid, "bad_ticket_key",
	"A ticket key needs an id of its own and the size of an Ed25519 key.")

// PublicKey is what a scanner needs to check the codes of one Signer.
type PublicKey struct {
	ID  KeyID
	Key ed25519.PublicKey
}

// Signer signs codes with the one active key. It is immutable and safe for concurrent use.
type Signer struct {
	id      KeyID
	private ed25519.PrivateKey
}

// NewSigner makes a signer from the 32-byte seed of an Ed25519 key (RFC 8032 §5.1.5).
func NewSigner(id KeyID, seed []byte) (*Signer, error) {
	if len(seed) != ed25519.SeedSize {
		return nil, ErrKey.With(fmt.Sprintf("The seed has %d bytes.", len(seed)))
	}
	return &Signer{id: id, private: ed25519.NewKeyFromSeed(seed)}, nil
}

// Public is the key that checks this signer's codes.
func (s *Signer) Public() PublicKey {
	return PublicKey{ID: s.id, Key: s.private.Public().(ed25519.PublicKey)}
}

// Sign writes the code of a ticket that is alone in its order: SignAll of one.
func (s *Signer) Sign(c Claims) (string, error) {
	codes, err := s.SignAll([]Claims{c})
	if err != nil {
		return "", err
	}
	return codes[0], nil
}

// SignAll writes the codes of all tickets of an order, in the same order, under one signature. No
// claims are no codes. The key id is the signer's own, whatever the claims say. The same claims in
// the same order always get the same codes; one more, one less or another order changes them all.
// The failures are ErrClaims, if any of them are bad, and ErrTooMany above MaxTickets.
func (s *Signer) SignAll(claims []Claims) ([]string, error) {
	switch {
	case len(claims) == 0:
		return nil, nil
	case len(claims) > MaxTickets:
		return nil, ErrTooMany
	}
	var room [maxNodes]hash
	var buf [maxRawBytes]byte
	nodes := room[:0]
	for _, c := range claims {
		if err := c.check(); err != nil {
			return nil, err
		}
		c.Key = s.id
		nodes = append(nodes, leafOf(appendClaims(buf[:0], c)))
	}
	nodes = grow(nodes)
	var message [messageBytes]byte
	root := nodes[len(nodes)-1]
	signature := ed25519.Sign(s.private, appendMessage(message[:0], s.id, len(claims), root))
	codes := make([]string, len(claims))
	var text [MaxCodeChars]byte
	for i, c := range claims {
		c.Key = s.id
		raw := append(appendClaims(buf[:0], c), byte(i), byte(len(claims)))
		raw = append(appendPath(raw, nodes, i, len(claims)), signature...)
		codes[i] = string(appendBase45(append(text[:0], prefix...), raw))
	}
	return codes, nil
}

// Keyring checks codes with any of several public keys, so that keys can be rotated: publish the
// new key to every scanner, then make it the active signer; drop the old one after its last event.
// It is immutable and safe for concurrent use.
type Keyring struct {
	keys map[KeyID]ed25519.PublicKey
}

// NewKeyring collects 1 to MaxKeys keys. The failure is ErrKey.
func NewKeyring(keys ...PublicKey) (*Keyring, error) {
	if len(keys) == 0 || len(keys) > MaxKeys {
		return nil, ErrKey.With(fmt.Sprintf("A keyring has 1 to %d keys.", MaxKeys))
	}
	r := &Keyring{keys: make(map[KeyID]ed25519.PublicKey, len(keys))}
	for _, k := range keys {
		if _, twice := r.keys[k.ID]; twice || len(k.Key) != ed25519.PublicKeySize {
			return nil, ErrKey.With(fmt.Sprintf("Look at key %d.", k.ID))
		}
		r.keys[k.ID] = append(ed25519.PublicKey(nil), k.Key...)
	}
	return r, nil
}

// Verify reads a code and checks its signature: ErrMalformed, ErrUnknownKey or ErrBadSignature.
// The window is not checked, because that needs a clock: ask Claims.Within. Nor does a good code
// mean that the ticket still admits: the ledger (or a deny list) knows its fence and its state.
func (r *Keyring) Verify(code string) (Claims, error) {
	if len(code) > MaxCodeChars || len(code) < len(prefix) || code[:len(prefix)] != prefix {
		return Claims{}, ErrMalformed
	}
	var buf [maxRawBytes + 1]byte
	raw, ok := decodeBase45(buf[:0], code[len(prefix):])
	if !ok || len(raw) < minRawBytes || len(raw) > maxRawBytes {
		return Claims{}, ErrMalformed
	}
	p, err := readParts(raw)
	if err != nil {
		return Claims{}, err
	}
	key, known := r.keys[p.claims.Key]
	if !known {
		return Claims{}, ErrUnknownKey
	}
	root := climb(p.leaf, p.path, p.index, p.leaves)
	var message [messageBytes]byte
	if !ed25519.Verify(key, appendMessage(message[:0], p.claims.Key, p.leaves, root), p.signature) {
		return Claims{}, ErrBadSignature
	}
	return p.claims, nil
}
