package config

import (
	"errors"
	"net/mail"
)

// Mail chooses how buyers are written to. Without a mail server nobody is, except in a demo, which
// keeps its mails for itself.
type Mail struct {
	SMTPURL      Secret `help:"Mail server, smtp://user:password@host:587 or smtps://…:465 (default: no mails; a demo keeps them at /mail)." env:"TICKETFLOW_SMTP_URL" placeholder:"URL" secret:""`
	MailFrom     string `help:"Who mails come from, for instance 'Opera <tickets@example.org>' (default: no mails)." env:"TICKETFLOW_MAIL_FROM" placeholder:"ADDRESS"`
	MailLanguage string `help:"Language of mails and printed tickets to who has chosen none: en or de." enum:"en,de" default:"en" env:"TICKETFLOW_MAIL_LANGUAGE" placeholder:"LANGUAGE"`
	MailFolder   string `help:"Where a demo also keeps its mails as files (default: nowhere)." env:"TICKETFLOW_MAIL_FOLDER" type:"path" placeholder:"DIR"`
}

// checkMail tells the first setting of mails that can't work. It never shows a secret.
func (s *Serve) checkMail() error {
	if s.SMTPURL == "" && s.MailFrom == "" {
		return nil
	}
	if s.SMTPURL != "" && s.MailFrom == "" {
		return errors.New("with TICKETFLOW_SMTP_URL, --mail-from must say who the mails come " +
			"from")
	}
	if s.SMTPURL == "" && !s.Demo {
		return errors.New("--mail-from needs a mail server: set TICKETFLOW_SMTP_URL")
	}
	if _, err := mail.ParseAddress(s.MailFrom); err != nil {
		return errors.New("--mail-from is no address like 'Opera <tickets@example.org>'")
	}
	if err := checkURL("SMTP_URL", s.SMTPURL, "smtp", "smtps"); err != nil {
		return err
	}
	if s.SMTPURL != "" && s.PublicURL == "" {
		return errors.New("with TICKETFLOW_SMTP_URL, --public-url must be the address that " +
			"buyers reach this server at: mails have links to it")
	}
	return nil
}
