package words

// Embed is an event within a page of another site.
type Embed struct {
	More   string // link to the whole page
	NewTab string // of a link, for those who can't see that it opens a page of its own
	SoldBy func(site string) string
}

var embedEnglish = Embed{
	More:   "More about the event",
	NewTab: "(opens a new page)",
	SoldBy: func(site string) string { return "Tickets by " + site },
}

var embedGerman = Embed{
	More:   "Mehr zur Veranstaltung",
	NewTab: "(öffnet eine neue Seite)",
	SoldBy: func(site string) string { return "Karten von " + site },
}
