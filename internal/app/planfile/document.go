package planfile

import (
	"encoding/json"

	"ticketflow/internal/domain/catalog"
)

// Document is a seat plan as our JSON publishes it. Lengths are in centimetres, x grows to the
// right and y downwards. docs/plan-format.md describes each field.
type Document struct {
	Name       string            `json:"name"`
	Focal      DocumentPoint     `json:"focal"`
	Floors     []string          `json:"floors,omitempty"`
	Categories []DocumentColour  `json:"categories"`
	Sections   []DocumentSection `json:"sections"`
	Shapes     []DocumentShape   `json:"shapes,omitempty"`
}

// DocumentPoint is a point on the drawing.
type DocumentPoint struct {
	X int32 `json:"x"`
	Y int32 `json:"y"`
}

// DocumentColour is a category of places.
type DocumentColour struct {
	Name   string `json:"name"`
	Colour string `json:"colour,omitempty"`
}

// DocumentSection is a section: it has rows or standing places.
type DocumentSection struct {
	Name     string          `json:"name"`
	Floor    int             `json:"floor,omitempty"`
	Category string          `json:"category,omitempty"`
	Entrance string          `json:"entrance,omitempty"`
	Outline  []DocumentPoint `json:"outline,omitempty"`
	Standing int             `json:"standing,omitempty"`
	Rows     []DocumentRow   `json:"rows,omitempty"`
}

// DocumentRow is a row: seats on an arc, or listed seats.
type DocumentRow struct {
	Label     string            `json:"label"`
	Title     string            `json:"title,omitempty"`
	SeatTitle string            `json:"seat_title,omitempty"`
	Category  string            `json:"category,omitempty"`
	Seats     int               `json:"seats,omitempty"`
	From      DocumentPoint     `json:"from,omitzero"`
	To        DocumentPoint     `json:"to,omitzero"`
	SagittaCM int32             `json:"sagitta_cm,omitempty"`
	Numbering DocumentNumbering `json:"numbering,omitzero"`
	Marks     []DocumentMark    `json:"marks,omitempty"`
	Explicit  []DocumentSeat    `json:"explicit,omitempty"`
}

// DocumentNumbering is a numbering scheme.
type DocumentNumbering struct {
	Order  string `json:"order,omitempty"`
	Start  int    `json:"start,omitempty"`
	Step   int    `json:"step,omitempty"`
	Prefix string `json:"prefix,omitempty"`
	Skip   []int  `json:"skip,omitempty"`
}

// IsZero tells the encoder to leave the usual scheme out.
func (n DocumentNumbering) IsZero() bool {
	return n.Order == "" && n.Start == 0 && n.Step == 0 && n.Prefix == "" && len(n.Skip) == 0
}

// DocumentMark gives attributes to the seat with an index on an arc.
type DocumentMark struct {
	Index      int      `json:"index"`
	Attributes []string `json:"attributes"`
	Reason     string   `json:"reason,omitempty"`
}

// DocumentSeat is a listed seat.
type DocumentSeat struct {
	GUID       string        `json:"guid,omitempty"`
	Label      string        `json:"label"`
	At         DocumentPoint `json:"at"`
	Category   string        `json:"category,omitempty"`
	Attributes []string      `json:"attributes,omitempty"`
	Reason     string        `json:"reason,omitempty"`
}

// DocumentShape is decoration.
type DocumentShape struct {
	Kind       string          `json:"kind"`
	Floor      int             `json:"floor,omitempty"`
	At         DocumentPoint   `json:"at"`
	Size       DocumentPoint   `json:"size,omitzero"`
	Points     []DocumentPoint `json:"points,omitempty"`
	Degrees    float64         `json:"degrees,omitempty"`
	Fill       string          `json:"fill,omitempty"`
	Border     string          `json:"border,omitempty"`
	Text       string          `json:"text,omitempty"`
	TextAt     DocumentPoint   `json:"text_at,omitzero"`
	TextSizeCM int32           `json:"text_size_cm,omitempty"`
	TextColour string          `json:"text_colour,omitempty"`
}

// DecodeJSON reads a plan in our own JSON and checks it. Fields that aren't known are refused.
// It fails with ErrBodyTooLarge, ErrBadJSON or a failure of catalog.NewPlan.
func DecodeJSON(body []byte) (*catalog.Plan, error) {
	var d Document
	if err := decode(body, &d, true); err != nil {
		return nil, err
	}
	spec, err := d.Spec()
	if err != nil {
		return nil, err
	}
	return catalog.NewPlan(spec)
}

// EncodeJSON writes a plan in our own JSON; DecodeJSON reads it back without a loss.
func EncodeJSON(p *catalog.Plan) ([]byte, error) { return json.Marshal(DocumentOf(p.Spec())) }
