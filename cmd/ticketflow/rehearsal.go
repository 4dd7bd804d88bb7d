package main

import (
	"bytes"
	"context"
	"crypto/rand"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"slices"
	"time"

	"ticketflow/internal/app/demo"
	"ticketflow/internal/app/planfile"
	"ticketflow/internal/domain/catalog"
)

// Limits of the requests that set a rehearsal up.
const (
	setUpLimit      = time.Minute
	maxSetUpBytes   = 1 << 20
	rehearsalPerBuy = 10
	rehearsalHold   = 10 * time.Minute
	randomKeyBytes  = 20
)

// organiser talks to a server with the organisers' key.
type organiser struct {
	client http.Client
	base   string
	key    string
}

// createRehearsal makes an event with so many places, through the API, and puts it on sale.
func createRehearsal(
	ctx context.Context, base, key string, places, perOrder int, hold time.Duration,
	adjust ...func(event map[string]any),
) (event string, err error) {
	spec := demo.Hall(places)
	if places == demo.StadiumPlaces {
		spec = demo.Stadium()
	}
	openToAll(&spec)
	plan, err := catalog.NewPlan(spec)
	if err != nil {
		return "", err
	}
	document, err := planfile.EncodeJSON(plan)
	if err != nil {
		return "", err
	}
	o := &organiser{client: http.Client{Timeout: setUpLimit}, base: base, key: key}
	venue, err := o.create(ctx, "/v1/venues", map[string]any{
		"name": "Rehearsal hall", "city": "Rehearsal", "time_zone": "UTC"})
	if err != nil {
		return "", err
	}
	planID, err := o.post(ctx, "/v1/plans?venue="+venue, document)
	if err != nil {
		return "", err
	}
	description := rehearsalEvent(venue, planID, spec, perOrder, hold)
	for _, a := range adjust {
		a(description)
	}
	event, err = o.create(ctx, "/v1/events", description)
	if err != nil {
		return "", err
	}
	_, err = o.post(ctx, "/v1/events/"+event+"/publish", nil)
	return event, err
}

// openToAll makes the places that are kept for those who need step-free access ordinary ones: the
// crowd of a rehearsal doesn't ask for them, and every place shall be sold.
func openToAll(spec *catalog.PlanSpec) {
	const kept = catalog.Accessible | catalog.Companion
	for s := range spec.Sections {
		for r := range spec.Sections[s].Rows {
			row := &spec.Sections[s].Rows[r]
			row.Marks = slices.DeleteFunc(row.Marks, func(m catalog.SeatMark) bool {
				return m.Attributes&kept != 0
			})
		}
	}
}

func rehearsalEvent(
	venue, plan string, spec catalog.PlanSpec, perOrder int, hold time.Duration,
) map[string]any {
	now := time.Now().UTC()
	var tiers, rules []map[string]any
	for i, c := range spec.Categories {
		key := fmt.Sprintf("cat%d", i+1)
		tiers = append(tiers, map[string]any{"key": key, "name": c.Name,
			"price": map[string]any{"amount": 12_900 - 1_500*i, "currency": "EUR"}})
		rules = append(rules, map[string]any{"tier": key, "categories": []string{c.Name}})
	}
	most := max(rehearsalPerBuy, perOrder)
	return map[string]any{
		"venue": venue, "plan": plan, "title": "Rehearsal", "time_zone": "UTC",
		"starts_at": now.Add(30 * 24 * time.Hour), "tiers": tiers, "rules": rules,
		"sale": map[string]any{
			"opens_at": now.Add(-time.Minute), "closes_at": now.Add(29 * 24 * time.Hour),
			"max_per_order": most, "max_per_buyer": most, "hold_seconds": int(hold.Seconds()),
			"pay_seconds": 1_200, "max_extensions": 3,
		},
	}
}

func (o *organiser) create(ctx context.Context, path string, body any) (id string, err error) {
	raw, err := json.Marshal(body)
	if err != nil {
		return "", err
	}
	return o.post(ctx, path, raw)
}

// post sends a body and returns the id in the answer.
func (o *organiser) post(ctx context.Context, path string, body []byte) (id string, err error) {
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, o.base+path, bytes.NewReader(body))
	if err != nil {
		return "", err
	}
	key, err := randomKey()
	if err != nil {
		return "", err
	}
	r.Header.Set("Authorization", "Bearer "+o.key)
	r.Header.Set("Idempotency-Key", key)
	r.Header.Set("Content-Type", "application/json")
	answer, err := o.client.Do(r)
	if err != nil {
		return "", err
	}
	defer func() { _ = answer.Body.Close() }()
	raw, err := io.ReadAll(io.LimitReader(answer.Body, maxSetUpBytes))
	if err != nil {
		return "", err
	}
	if answer.StatusCode >= http.StatusBadRequest {
		return "", fmt.Errorf("POST %s: %s: %s", path, answer.Status, raw)
	}
	var made struct {
		ID string `json:"id"`
	}
	if len(raw) > 0 {
		err = json.Unmarshal(raw, &made)
	}
	return made.ID, err
}

func randomKey() (string, error) {
	raw := make([]byte, randomKeyBytes)
	_, err := rand.Read(raw)
	return hex.EncodeToString(raw), err
}
