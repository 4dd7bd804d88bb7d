package words

// Seats is choosing places: the map, the lists, and the basket beside both.
type Seats struct {
	Title    func(event string) string
	Map      string // tabs
	List     string
	Tabs     string // name of the tabs
	NoScript string // on the map page, without scripts

	Best      string // heading of the form
	BestHow   string
	Count     string
	Category  string
	Any       string // category
	Split     string
	StepFree  string
	FindBest  string // its button
	Sections  string // caption of the table
	Section   string
	Price     string
	Free      string
	Longest   string // column: the longest run of free seats
	Standing  string
	SoldOut   string
	Row       string
	Rows      string // caption of a section's rows
	Entrance  func(name string) string
	Together  func(n int) string
	Party     string // label: seats side by side
	Show      string
	Take      func(n int) string // button
	TakeThese func(seats string) string
	Choose    string // opens the check boxes of a row
	Close     string
	AddChosen string
	AllFull   string
	Place     func(section, row, seat string) string
	SeatsOf   func(row, seats string) string // a run, for a button's name
	Seat      func(n string) string

	Accessible string
	Companion  string
	Restricted func(why string) string
	Some       func(mark string) string // of the seats of a run
}

var seatsEnglish = Seats{
	Title:    func(event string) string { return "Choose places: " + event },
	Map:      "Map",
	List:     "List",
	Tabs:     "How to choose",
	NoScript: "The map needs JavaScript. The list does the same without it.",

	Best:      "Let us choose",
	BestHow:   "The best that are free, side by side, in one step.",
	Count:     "Tickets",
	Category:  "Category",
	Any:       "Any category",
	Split:     "Apart is fine",
	StepFree:  "Step-free, with a wheelchair space",
	FindBest:  "Hold the best",
	Sections:  "Sections",
	Section:   "Section",
	Price:     "Price each",
	Free:      "Free",
	Longest:   "Side by side",
	Standing:  "Standing",
	SoldOut:   "Sold out",
	Row:       "Row",
	Rows:      "Rows with free seats",
	Entrance:  func(name string) string { return "Entrance: " + name },
	Together:  func(n int) string { return count(n, "single seat", "together") },
	Party:     "Side by side",
	Show:      "Show",
	Take:      func(n int) string { return "Take " + count(n, "seat", "seats") },
	TakeThese: func(seats string) string { return "Take " + seats },
	Choose:    "Choose single seats",
	Close:     "Close",
	AddChosen: "Hold the chosen seats",
	AllFull:   "Nothing is free here now.",
	Place:     placeEnglish,
	SeatsOf:   func(row, seats string) string { return "row " + row + ", seats " + seats },
	Seat:      func(n string) string { return "Seat " + n },

	Accessible: "wheelchair space",
	Companion:  "companion seat",
	Restricted: func(why string) string { return because("restricted view", why) },
	Some:       func(mark string) string { return "some with " + mark },
}

func placeEnglish(section, row, seat string) string {
	if row == "" && seat == "" {
		return section + ", standing"
	}
	return named("Section ", section) + ", row " + row + ", seat " + seat
}

// named puts a word before a section's name that is only a number.
func named(word, section string) string {
	if section != "" && section[0] >= '0' && section[0] <= '9' {
		return word + section
	}
	return section
}

// because adds a reason, if there is one.
func because(what, why string) string {
	if why == "" {
		return what
	}
	return what + ": " + why
}

var seatsGerman = Seats{
	Title:    func(event string) string { return "Plätze wählen: " + event },
	Map:      "Plan",
	List:     "Liste",
	Tabs:     "Art der Auswahl",
	NoScript: "Der Plan braucht JavaScript. Die Liste kann dasselbe ohne.",

	Best:      "Wir wählen für Sie",
	BestHow:   "Die besten freien Plätze nebeneinander, in einem Schritt.",
	Count:     "Karten",
	Category:  "Kategorie",
	Any:       "Jede Kategorie",
	Split:     "Auch getrennt",
	StepFree:  "Stufenlos, mit Rollstuhlplatz",
	FindBest:  "Die besten reservieren",
	Sections:  "Blöcke",
	Section:   "Block",
	Price:     "Preis pro Platz",
	Free:      "Frei",
	Longest:   "Nebeneinander",
	Standing:  "Stehplätze",
	SoldOut:   "Ausverkauft",
	Row:       "Reihe",
	Rows:      "Reihen mit freien Plätzen",
	Entrance:  func(name string) string { return "Eingang: " + name },
	Together:  func(n int) string { return count(n, "einzelner Platz", "nebeneinander") },
	Party:     "Nebeneinander",
	Show:      "Zeigen",
	Take:      func(n int) string { return count(n, "Platz", "Plätze") + " nehmen" },
	TakeThese: func(seats string) string { return seats + " nehmen" },
	Choose:    "Einzelne Plätze wählen",
	Close:     "Schließen",
	AddChosen: "Gewählte Plätze reservieren",
	AllFull:   "Hier ist gerade nichts frei.",
	Place:     placeGerman,
	SeatsOf:   func(row, seats string) string { return "Reihe " + row + ", Plätze " + seats },
	Seat:      func(n string) string { return "Platz " + n },

	Accessible: "Rollstuhlplatz",
	Companion:  "Begleitplatz",
	Restricted: func(why string) string { return because("eingeschränkte Sicht", why) },
	Some:       func(mark string) string { return "teils: " + mark },
}

func placeGerman(section, row, seat string) string {
	if row == "" && seat == "" {
		return section + ", Stehplatz"
	}
	return named("Block ", section) + ", Reihe " + row + ", Platz " + seat
}
