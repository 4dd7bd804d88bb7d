package planfile

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"strconv"

	"ticketflow/internal/domain/catalog"
)

// What pretix draws when a plan doesn't say.
const (
	pretixSeatRadiusPX = 10
	pretixMarginPX     = 40
)

// ExportPretix writes a plan as a seating plan of pretix. Seats without a GUID get one that depends
// on nothing but their labels. A standing section becomes an area without seats, for pretix sells
// such places as a product with a quota; attributes of seats have no place in the format.
func ExportPretix(p *catalog.Plan) ([]byte, error) {
	out := pretixPlan{
		Name:       p.Name(),
		Categories: make([]pretixCategory, 0, len(p.Categories())),
		Zones:      make([]pretixZone, 0, p.SectionCount()),
	}
	categories := p.Categories()
	for _, c := range categories {
		out.Categories = append(out.Categories, pretixCategory{Name: c.Name, Color: c.Colour})
	}
	var far catalog.Point
	for i := range p.SectionCount() {
		section := p.Section(i)
		zone := pretixZone{
			Name: section.Name, ZoneID: section.Name, UUID: key("zone", section.Name),
			Rows: []pretixRow{}, Areas: []pretixArea{},
		}
		if i == 0 {
			for n, s := range p.Shapes() {
				zone.Areas = append(zone.Areas, exportShape(s, key("shape", strconv.Itoa(n))))
				far = reach(far, append([]catalog.Point{s.At}, s.Points...)...)
			}
		}
		if section.Standing {
			zone.Areas = append(zone.Areas, exportStanding(p, i))
			far = reach(far, section.Outline...)
		}
		for r := section.FirstRow; r < section.FirstRow+section.Rows; r++ {
			zone.Rows = append(zone.Rows, exportRow(p, r, categories, &far))
		}
		out.Zones = append(out.Zones, zone)
	}
	out.Size = pretixSize{
		Width:  float64(far.X/cmPerPixel + pretixMarginPX),
		Height: float64(far.Y/cmPerPixel + pretixMarginPX),
	}
	return json.Marshal(out)
}

func exportRow(
	p *catalog.Plan, r int, categories []catalog.Category, far *catalog.Point,
) pretixRow {
	row := p.Row(r)
	section := p.Section(row.Section).Name
	origin := row.SeatPosition(0)
	out := pretixRow{
		Number: row.Label, NumberPosition: "both", Label: row.Title, SeatLabel: row.SeatTitle,
		UUID: key("row", section, row.Label), Position: pixels(origin),
		Seats: make([]pretixSeat, row.Seats),
	}
	for i := range row.Seats {
		place := row.First + catalog.PlaceNo(i)
		label, at := row.SeatLabel(i), row.SeatPosition(i)
		position := pixels(catalog.Point{X: at.X - origin.X, Y: at.Y - origin.Y})
		guid := p.GUID(place)
		if guid == "" {
			guid = key("seat", section, row.Label, label)
		}
		out.Seats[i] = pretixSeat{
			GUID: guid, Number: label, UUID: key("uuid", section, row.Label, label),
			Position: &position, Category: categories[p.CategoryOf(place)].Name,
			Radius: pretixSeatRadiusPX,
		}
		*far = reach(*far, at)
	}
	return out
}

func exportShape(s catalog.Shape, uuid string) pretixArea {
	area := pretixArea{
		Shape: string(s.Kind), UUID: uuid, Color: s.Fill, BorderColor: s.Border,
		Rotation: s.Degrees, Position: pixels(s.At),
	}
	from := func(p catalog.Point) pretixPoint {
		return pixels(catalog.Point{X: p.X - s.At.X, Y: p.Y - s.At.Y})
	}
	size := pixels(s.Size)
	switch s.Kind {
	case catalog.ShapePolygon:
		area.Polygon = &pretixPolygon{}
		for _, p := range s.Points {
			area.Polygon.Points = append(area.Polygon.Points, from(p))
		}
	case catalog.ShapeRectangle:
		area.Rectangle = &pretixSize{Width: size.X, Height: size.Y}
	case catalog.ShapeEllipse:
		area.Ellipse = &pretixEllipse{Radius: size}
	case catalog.ShapeCircle:
		area.Circle = &pretixCircle{Radius: size.X}
	case catalog.ShapeText:
	}
	if s.Text != "" {
		area.Text = &pretixWriting{
			Position: from(s.TextAt), Text: s.Text, Color: s.TextColour,
			Size: float64(s.TextSizeCM) / cmPerPixel,
		}
	}
	return area
}

// exportStanding draws a standing section with its name.
func exportStanding(p *catalog.Plan, i int) pretixArea {
	section := p.Section(i)
	const textSizeCM = 200
	return exportShape(catalog.Shape{
		Kind: catalog.ShapePolygon, Points: section.Outline,
		Fill: p.Categories()[section.Category].Colour,
		Text: section.Name, TextAt: p.Position(section.First), TextSizeCM: textSizeCM,
	}, key("standing", section.Name))
}

func pixels(p catalog.Point) pretixPoint {
	return pretixPoint{float64(p.X) / cmPerPixel, float64(p.Y) / cmPerPixel}
}

func reach(far catalog.Point, points ...catalog.Point) catalog.Point {
	for _, p := range points {
		far = catalog.Point{X: max(far.X, p.X), Y: max(far.Y, p.Y)}
	}
	return far
}

// key derives an identifier in the form of a UUID (version 8, RFC 9562) from names.
func key(names ...string) string {
	hash := sha256.New()
	for _, name := range names {
		// The length keeps ("a", "bc") and ("ab", "c") apart.
		hash.Write([]byte(strconv.Itoa(len(name)) + ":" + name))
	}
	sum := hash.Sum(nil)[:16]
	sum[6] = sum[6]&0x0f | 0x80
	sum[8] = sum[8]&0x3f | 0x80
	text := hex.EncodeToString(sum)
	return text[:8] + "-" + text[8:12] + "-" + text[12:16] + "-" + text[16:20] + "-" + text[20:]
}
