package forms

import "testing"

func TestMailSlips(t *testing.T) {
	for address, want := range map[string]string{
		"ada@gmial.com": "ada@gmail.com", "ada@gmail.con": "ada@gmail.com",
		"ada@hotmial.com": "ada@hotmail.com", "Ada@GMAIL.COM": "", "ada@gmail.com": "",
		"ada@web.de": "", "ada@wep.de": "ada@web.de", "ada@w3b.d": "", "ada@example.org": "",
		"ada@gmx.net": "", "ada@gnx.de": "ada@gmx.de", "ada@": "", "@gmial.com": "", "": "",
		"a@b@gmial.com": "a@b@gmail.com", "ada@yaho.com": "ada@yahoo.com", "ada@mail.com": "",
	} {
		if got := MailSlip(address); got != want {
			t.Errorf("%q: %q, want %q", address, got, want)
		}
	}
}
