package words

// SeatMap is what the picture of the house says. It is handed to the script by these names; gaps
// like {n} are filled in there, one after the other.
type SeatMap struct {
	Map        string `json:"map"`
	Summary    string `json:"summary"` // its gaps are sections, free and price, in this order
	Section    string `json:"section"`
	Row        string `json:"row"`
	Seat       string `json:"seat"`
	Entrance   string `json:"entrance"`
	Left       string `json:"left"`
	From       string `json:"from"`
	SoldOut    string `json:"soldOut"`
	Closed     string `json:"closed"`
	Held       string `json:"held"`
	Taken      string `json:"taken"`
	Mine       string `json:"mine"`
	Pending    string `json:"pending"`
	Gone       string `json:"gone"`
	Accessible string `json:"accessible"`
	Companion  string `json:"companion"`
	Restricted string `json:"restricted"`
	Choose     string `json:"choose"`
	Drop       string `json:"drop"`
	Close      string `json:"close"`
	ZoomIn     string `json:"zoomIn"`
	ZoomOut    string `json:"zoomOut"`
	Home       string `json:"home"`
	Enter      string `json:"enter"`
	More       string `json:"more"`
	Fewer      string `json:"fewer"`
	Floor      string `json:"floor"`
	AllFloors  string `json:"allFloors"`
	Prices     string `json:"prices"`
	StepFree   string `json:"stepFree"`
	ClearView  string `json:"clearView"`
	Stale      string `json:"stale"`
	Failed     string `json:"failed"`
	Again      string `json:"again"`
}

var seatMapEnglish = SeatMap{
	Map: "Seat map",
	Summary: "{sections} sections, {free} places free, from {price}. Use the list to choose by " +
		"keyboard, or the arrow keys here.",
	Section: "Section {section}", Row: "Row {row}", Seat: "Seat {seat}",
	Entrance: "Entrance: {entrance}", Left: "{n} left", From: "from {price}",
	SoldOut: "sold out", Closed: "not for sale", Held: "held by somebody", Taken: "taken",
	Mine: "yours", Pending: "being held", Gone: "Just taken by somebody else",
	Accessible: "Wheelchair space", Companion: "Companion seat", Restricted: "Restricted view",
	Choose: "Choose", Drop: "Remove", Close: "Close", ZoomIn: "Zoom in", ZoomOut: "Zoom out",
	Home: "Whole venue", Enter: "Press Enter to go closer.", More: "One more",
	Fewer: "One fewer", Floor: "Floor", AllFloors: "All floors", Prices: "Prices",
	StepFree: "Step-free", ClearView: "No restricted view",
	Stale:  "Reconnecting – seats may be out of date",
	Failed: "The seat map could not be loaded.", Again: "Try again",
}

var seatMapGerman = SeatMap{
	Map: "Saalplan",
	Summary: "{sections} Blöcke, {free} Plätze frei, ab {price}. Mit der Tastatur wählen Sie in " +
		"der Liste, oder hier mit den Pfeiltasten.",
	Section: "Block {section}", Row: "Reihe {row}", Seat: "Platz {seat}",
	Entrance: "Eingang: {entrance}", Left: "{n} frei", From: "ab {price}",
	SoldOut: "ausverkauft", Closed: "nicht zu kaufen", Held: "gerade reserviert", Taken: "belegt",
	Mine: "Ihr Platz", Pending: "wird reserviert", Gone: "Gerade von jemand anderem genommen",
	Accessible: "Rollstuhlplatz", Companion: "Begleitplatz", Restricted: "Eingeschränkte Sicht",
	Choose: "Wählen", Drop: "Entfernen", Close: "Schließen", ZoomIn: "Näher", ZoomOut: "Weiter weg",
	Home: "Ganzes Haus", Enter: "Mit der Eingabetaste geht es näher.", More: "Einer mehr",
	Fewer: "Einer weniger", Floor: "Ebene", AllFloors: "Alle Ebenen", Prices: "Preise",
	StepFree: "Stufenlos", ClearView: "Ohne Sichtbehinderung",
	Stale:  "Verbindung wird erneuert – Plätze können veraltet sein",
	Failed: "Der Saalplan ließ sich nicht laden.", Again: "Noch einmal versuchen",
}
