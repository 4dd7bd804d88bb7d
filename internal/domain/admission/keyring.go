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

// Sign writes the code of a ticket. The key id is the signer's own, whatever c.Key says. The same
// claims always get the same code. The failure is ErrClaims.
func (s *Signer) Sign(c Claims) (string, error) {
	if err := c.check(); err != nil {
		return "", err
	}
	c.Key = s.id
	var buf [len(domainTag) + maxRawBytes]byte
	message := appendClaims(append(buf[:0], domainTag...), c)
	signed := append(message, ed25519.Sign(s.private, message)...)
	var text [MaxCodeChars]byte
	return string(appendBase45(append(text[:0], prefix...), signed[len(domainTag):])), nil
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
	var buf [len(domainTag) + maxRawBytes + 1]byte
	tagged := append(buf[:0], domainTag...)
	tagged, ok := decodeBase45(tagged, code[len(prefix):])
	raw := len(tagged) - len(domainTag)
	if !ok || raw < minRawBytes || raw > maxRawBytes {
		return Claims{}, ErrMalformed
	}
	message, signature := tagged[:len(tagged)-signatureBytes], tagged[len(tagged)-signatureBytes:]
	c, err := readClaims(message[len(domainTag):])
	if err != nil {
		return Claims{}, err
	}
	key, known := r.keys[c.Key]
	if !known {
		return Claims{}, ErrUnknownKey
	}
	if !ed25519.Verify(key, message, signature) {
		return Claims{}, ErrBadSignature
	}
	return c, nil
}
