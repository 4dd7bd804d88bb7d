package planfile

import (
	"encoding/json"
	"fmt"
	"strconv"

	"ticketflow/internal/domain/catalog"
)

// EncodePlaces is the JSON of a refund's places, [1,2,…], or nothing for none.
func EncodePlaces(places []catalog.PlaceNo) string {
	if len(places) == 0 {
		return ""
	}
	out := []byte{'['}
	for i, no := range places {
		if i > 0 {
			out = append(out, ',')
		}
		out = strconv.AppendUint(out, uint64(no), 10)
	}
	return string(append(out, ']'))
}

// DecodePlaces is the inverse of EncodePlaces.
func DecodePlaces(raw string) (places []catalog.PlaceNo, err error) {
	if raw == "" {
		return nil, nil
	}
	if err := json.Unmarshal([]byte(raw), &places); err != nil {
		return nil, fmt.Errorf("read the places of a refund: %w", err)
	}
	return places, nil
}
