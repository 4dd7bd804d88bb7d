package config

import (
	"errors"
	"fmt"
	"net"
)

// Simpay is the configuration of a payment simulator in a process of its own.
type Simpay struct {
	Addr      string `help:"Address to listen on." default:"127.0.0.1:8081" env:"TICKETFLOW_SIMPAY_ADDR" placeholder:"HOST:PORT"`
	Data      string `help:"Folder of the simulator's book; it is created." default:"simpay" env:"TICKETFLOW_SIMPAY_DATA" type:"path" placeholder:"DIR"`
	OfficeURL string `help:"Address of the box office, which is told of payments." default:"http://127.0.0.1:8080" env:"TICKETFLOW_SIMPAY_OFFICE_URL" placeholder:"URL"`
	Demo      bool   `help:"Say that this is a demo. Without it nothing starts: who pays here has paid nothing." env:"TICKETFLOW_SIMPAY_DEMO"`
	Knobs     string `help:"What goes wrong and how often, for instance decline=0.1,webhook_lost=0.2; docs/simpay.md has all of them (default: nothing)." env:"TICKETFLOW_SIMPAY_KNOBS" placeholder:"NAME=N,..."`
	Seed      uint64 `help:"What the knobs draw from: the same seed repeats a storm (default: another one each time)." env:"TICKETFLOW_SIMPAY_SEED" placeholder:"N"`
	Secret    Secret `kong:"-"` // shared with the box office
}

// Check tells the first thing that can't work, and what to do about it.
func (s *Simpay) Check() error {
	if !s.Demo {
		return errors.New("the simulator takes no real money, so it only starts when it is told " +
			"that this is a demo: give --demo, or set TICKETFLOW_SIMPAY_DEMO=true")
	}
	if _, _, err := net.SplitHostPort(s.Addr); err != nil {
		return fmt.Errorf("--addr %q is no host:port, for instance 127.0.0.1:8081: %w", s.Addr, err)
	}
	if len(s.Secret) < minAPIKeyBytes {
		return fmt.Errorf("TICKETFLOW_SIMPAY_SECRET must be set, here and for the box office, to "+
			"%d characters or more", minAPIKeyBytes)
	}
	if s.OfficeURL == "" {
		return errors.New("--office-url must be the address of the box office")
	}
	return nil
}
