package stripe

import (
	"context"
	"encoding/hex"
	"strconv"
	"strings"

	"github.com/stripe/stripe-go/v85"

	"ticketflow/internal/app/payment"
	"ticketflow/internal/domain/money"
)

// record is what Stripe keeps for us about an attempt, under an id that follows from the key.
type record struct {
	key     string
	amount  money.Money // nothing if the attempt was cancelled before it began
	session string      // empty: no page was ever told
	closed  bool
}

// recordPrefix keeps our products apart from others of the account.
const recordPrefix = "ticketflow_"

// recordID makes a product's id from a key: letters, digits and underscores stand for themselves,
// everything else is escaped, so that no two keys share one.
func recordID(key string) string {
	var b strings.Builder
	b.WriteString(recordPrefix)
	for i := range len(key) {
		c := key[i]
		if c == '_' || c >= '0' && c <= '9' || c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' {
			b.WriteByte(c)
			continue
		}
		b.WriteString("-" + hex.EncodeToString([]byte{c}))
	}
	return b.String()
}

func checkKey(key string) error {
	for i := range len(key) {
		if key[i] <= ' ' || key[i] > '~' {
			return payment.ErrRejected.With("The key has other characters.")
		}
	}
	if key == "" || len(key) > maxKeyBytes {
		return payment.ErrRejected.With("The key is empty or too long.")
	}
	return nil
}

// createRecord makes the record; exists tells that there is one already.
func (g *Gateway) createRecord(ctx context.Context, name string, r record) (
	exists bool, err error,
) {
	params := &stripe.ProductCreateParams{
		ID:       new(recordID(r.key)),
		Name:     new(name),
		Active:   new(false), // not for sale: it is no more than a note
		Metadata: map[string]string{metaKey: r.key},
	}
	if r.amount != (money.Money{}) {
		params.Metadata[metaAmount] = strconv.FormatInt(r.amount.Minor(), 10)
		params.Metadata[metaCurrency] = r.amount.Currency().String()
	}
	if r.closed {
		params.Metadata[metaClosed] = "1"
	}
	made, err := g.client.V1Products.Create(ctx, params)
	if codeIs(err, stripe.ErrorCodeResourceAlreadyExists) {
		return true, nil
	}
	if err != nil {
		return false, g.failure(ctx, "create record", err)
	}
	_, err = g.recordOf(ctx, r.key, made)
	return false, err
}

// readRecord finds the record of a key, or payment.ErrNotFound.
func (g *Gateway) readRecord(ctx context.Context, key string) (record, error) {
	p, err := g.client.V1Products.Retrieve(ctx, recordID(key), nil)
	if err != nil {
		return record{}, g.failure(ctx, "read record", err)
	}
	return g.recordOf(ctx, key, p)
}

// noteInRecord adds one entry, and tells the whole record as it is then.
func (g *Gateway) noteInRecord(ctx context.Context, key, name, value string) (record, error) {
	p, err := g.client.V1Products.Update(ctx, recordID(key), &stripe.ProductUpdateParams{
		Metadata: map[string]string{name: value}})
	if err != nil {
		return record{}, g.failure(ctx, "note in record", err)
	}
	return g.recordOf(ctx, key, p)
}

func (g *Gateway) recordOf(ctx context.Context, key string, p *stripe.Product) (record, error) {
	r := record{key: key, session: p.Metadata[metaSession], closed: p.Metadata[metaClosed] != ""}
	if p.ID != recordID(key) || p.Metadata[metaKey] != key || p.Livemode != g.live {
		return record{}, g.failure(ctx, "read record", errForeign)
	}
	if p.Metadata[metaAmount] == "" {
		return r, nil
	}
	minor, err := strconv.ParseInt(p.Metadata[metaAmount], 10, 64)
	if err != nil {
		return record{}, g.failure(ctx, "read record", errForeign)
	}
	currency, err := money.ParseCurrency(p.Metadata[metaCurrency])
	if err != nil {
		return record{}, g.failure(ctx, "read record", errForeign)
	}
	if r.amount, err = money.New(minor, currency); err != nil {
		return record{}, g.failure(ctx, "read record", errForeign)
	}
	return r, nil
}
