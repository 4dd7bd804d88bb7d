package mailbox

import (
	"bytes"
	"html/template"
	"net/http"
	"strconv"
)

// Path is where the page of the mailbox is.
const Path = "/mail"

var list = template.Must(template.New("list").Parse(`<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>Mailbox</title>
<meta name="viewport" content="width=device-width"></head><body>
<h1>Mailbox</h1><p>Mails of this demo: nobody else gets them. The last ones, the newest first.</p>
{{range $i, $m := .}}<details><summary>{{$m.Subject}} – {{$m.To.Email}}</summary>
<pre>{{$m.Text}}</pre>
{{range $f, $_ := $m.Files}}<p><a href="/mail/{{$m.ID}}/{{$f}}">{{.Name}}</a></p>{{end}}
<p><a href="/mail/{{$m.ID}}/raw">The whole mail</a></p></details>
{{else}}<p>There are none.</p>{{end}}</body></html>
`))

// Handler shows the mails to whoever asks: it is for demos.
func (m *Mailbox) Handler() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET "+Path, m.list)
	mux.HandleFunc("GET "+Path+"/{mail}/{file}", m.file)
	return mux
}

func (m *Mailbox) list(w http.ResponseWriter, _ *http.Request) {
	var page bytes.Buffer
	if err := list.Execute(&page, m.Mails()); err != nil {
		http.Error(w, "The mails can't be shown.", http.StatusInternalServerError)
		return
	}
	h := w.Header()
	h.Set("Content-Type", "text/html; charset=utf-8")
	h.Set("Content-Security-Policy", "default-src 'none'; frame-ancestors 'none'")
	h.Set("Cache-Control", "no-store")
	_, _ = w.Write(page.Bytes()) // who has gone can't be told
}

func (m *Mailbox) file(w http.ResponseWriter, r *http.Request) {
	for _, k := range m.Mails() {
		if k.ID != r.PathValue("mail") {
			continue
		}
		name, media, data := "mail.eml", "message/rfc822", k.Raw
		if text := r.PathValue("file"); text != "raw" {
			n, err := strconv.Atoi(text)
			if err != nil || n < 0 || n >= len(k.Files) {
				break
			}
			name, media, data = k.Files[n].Name, k.Files[n].Type, k.Files[n].Data
		}
		h := w.Header()
		h.Set("Content-Type", media)
		h.Set("Content-Disposition", `attachment; filename="`+name+`"`)
		h.Set("X-Content-Type-Options", "nosniff")
		_, _ = w.Write(data) // who has gone can't be told
		return
	}
	http.NotFound(w, r)
}
