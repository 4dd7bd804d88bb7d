package boot

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"fmt"

	"ticketflow/internal/config"
	"ticketflow/internal/domain/admission"
	"ticketflow/internal/domain/ident"
	"ticketflow/internal/outbound/simpay"
)

// Sizes of what is drawn at the first start and kept in the ledger from then on.
const (
	secretBytes   = 32
	apiKeyBytes   = 20
	signingKeyID  = 1
	apiKeyPrefix  = "tfk"
	settingSecret = "token_secret"
	settingAPIKey = "api_key_sha256"
	settingSigner = "ticket_key_1_seed"
	settingSimpay = "simpay_master"
)

// keys are the server's secrets.
type keys struct {
	secret     []byte
	apiKey     string // only in the run that made it
	apiKeyHash [sha256.Size]byte
	signer     *admission.Signer
	keyring    *admission.Keyring
	simpay     simpay.Secrets
}

// loadKeys reads the secrets, and draws those that are missing. An API key that the operator gives
// stands in for the stored one.
func loadKeys(ctx context.Context, store settings, c config.Serve) (k keys, err error) {
	if k.secret, _, err = store.Setting(ctx, settingSecret, draw); err != nil {
		return k, err
	}
	hash, made, err := store.Setting(ctx, settingAPIKey, func() ([]byte, error) {
		raw := make([]byte, apiKeyBytes)
		_, err := rand.Read(raw)
		k.apiKey = ident.Encode(apiKeyPrefix, raw)
		sum := sha256.Sum256([]byte(k.apiKey))
		return sum[:], err
	})
	if err != nil {
		return k, err
	}
	if !made {
		k.apiKey = ""
	}
	if copy(k.apiKeyHash[:], hash) != sha256.Size {
		return k, fmt.Errorf("the stored hash of the API key is damaged: %s",
			hex.EncodeToString(hash))
	}
	if c.APIKey != "" {
		k.apiKeyHash, k.apiKey = sha256.Sum256([]byte(c.APIKey)), ""
	}
	seed, _, err := store.Setting(ctx, settingSigner, draw)
	if err != nil {
		return k, err
	}
	if k.signer, err = admission.NewSigner(signingKeyID, seed); err != nil {
		return k, err
	}
	if k.keyring, err = admission.NewKeyring(k.signer.Public()); err != nil {
		return k, err
	}
	if c.SimpaySecret != "" {
		k.simpay, err = simpaySecrets(c.SimpaySecret)
		return k, err
	}
	master, _, err := store.Setting(ctx, settingSimpay, draw)
	if err != nil {
		return k, err
	}
	k.simpay, err = simpay.DeriveSecrets(master)
	return k, err
}

func draw() ([]byte, error) {
	raw := make([]byte, secretBytes)
	_, err := rand.Read(raw)
	return raw, err
}
