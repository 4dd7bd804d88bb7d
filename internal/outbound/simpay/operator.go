package simpay

import (
	"bytes"
	_ "embed" // the knobs' page
	"encoding/json"
	"errors"
	"html/template"
	"net/http"
	"net/url"

	"ticketflow/internal/domain/errs"
)

//go:embed knobs.html
var knobsSource string

var knobsTemplate = template.Must(template.New("knobs").Parse(knobsSource))

// showKnobs are the knobs that count for all payments, or for one.
func (s *Simulator) showKnobs(r *http.Request, _ []byte, _ *fate) (int, any, error) {
	return http.StatusOK, s.fates.knobs(r.PathValue("key")), nil
}

// turnKnobs sets those that the body names.
func (s *Simulator) turnKnobs(r *http.Request, body []byte, _ *fate) (int, any, error) {
	key := r.PathValue("key")
	var k Knobs
	if err := json.Unmarshal(body, &k); err != nil {
		if known := (*errs.Error)(nil); errors.As(err, &known) {
			return 0, nil, known
		}
		return 0, nil, errRequest
	}
	if key != "" && !validKey(key) {
		return 0, nil, errRequest
	}
	if err := s.fates.adjust(key, k); err != nil {
		return 0, nil, err
	}
	if key == "" {
		s.logKnobs()
	}
	return s.showKnobs(r, nil, nil)
}

// resetKnobs takes the knobs of a payment away, or turns all of everybody's off.
func (s *Simulator) resetKnobs(r *http.Request, _ []byte, _ *fate) (int, any, error) {
	if key := r.PathValue("key"); key != "" {
		s.fates.forget(key)
	} else {
		s.fates.setGlobal(Knobs{})
		s.logKnobs()
	}
	return s.showKnobs(r, nil, nil)
}

// knobView is one line of the knobs' page.
type knobView struct {
	Name, Value, Help string
	Changed           bool
}

func (s *Simulator) showKnobsPage(w http.ResponseWriter, _ *http.Request) {
	s.writeKnobsPage(w, http.StatusOK, "")
}

func (s *Simulator) writeKnobsPage(w http.ResponseWriter, status int, failure string) {
	view := struct {
		Style   template.CSS
		Failure string
		Knobs   []knobView
	}{Style: template.CSS(pageStyle), Failure: failure} //nolint:gosec // our own file, not input
	k := s.fates.knobs("")
	var off Knobs
	for at := range numberOfKnobs {
		view.Knobs = append(view.Knobs, knobView{Name: knobTable[at].name, Value: k.text(at),
			Help: knobTable[at].help, Changed: k.get(at) != off.get(at)})
	}
	var page bytes.Buffer
	if err := knobsTemplate.Execute(&page, view); err != nil {
		s.writeProblem(w, err)
		return
	}
	writeHTML(w, status, "'self'", page.Bytes())
}

// postKnobsPage sets all knobs to what the form says.
func (s *Simulator) postKnobsPage(w http.ResponseWriter, r *http.Request) {
	body, err := readBody(w, r)
	form, err2 := url.ParseQuery(string(body))
	var k Knobs
	if err = errors.Join(err, err2); err == nil {
		k, err = readForm(form)
	}
	if err != nil {
		s.writeKnobsPage(w, http.StatusUnprocessableEntity, s.failure(err).Error())
		return
	}
	s.fates.setGlobal(k)
	s.logKnobs()
	w.Header().Set("Cache-Control", "no-store")
	http.Redirect(w, r, "/simpay/knobs", http.StatusSeeOther)
}

// readForm reads knobs from the fields of a form. The failure is ErrKnob.
func readForm(form url.Values) (k Knobs, err error) {
	for name, values := range form {
		if len(values) != 1 {
			return Knobs{}, ErrKnob.With("A knob was given twice.")
		}
		if err := k.set(name, values[0]); err != nil {
			return Knobs{}, err
		}
	}
	return k, nil
}
