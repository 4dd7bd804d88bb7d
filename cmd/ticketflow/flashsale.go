package main

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"time"

	"ticketflow/internal/app/audit"
	"ticketflow/internal/boot"
	"ticketflow/internal/config"
	"ticketflow/internal/rush"
)

// Defaults that depend on the scenario.
const (
	stadiumPlaces   = 80_000
	contendedPlaces = 200
)

type flashsaleCommand struct {
	Scenario  string        `help:"stampede: all press at once; steady: they arrive at a rate; contended: all want the same few places; viewers: nobody buys, all look at the live map." enum:"stampede,steady,contended,viewers" default:"stampede" placeholder:"NAME"`
	Buyers    int           `help:"Simulated buyers, one connection each." default:"500" placeholder:"N"`
	Places    int           `help:"Places on sale (default 80000, the stadium; contended 200)." placeholder:"N"`
	PerOrder  int           `help:"Places that each buyer wants." default:"2" placeholder:"N"`
	Viewers   int           `help:"viewers: how many look." default:"10000" placeholder:"N"`
	Rate      float64       `help:"steady: buyers that arrive in a second." default:"100" placeholder:"N"`
	Duration  time.Duration `help:"steady: how long buyers arrive; viewers: how long places change." default:"30s" placeholder:"TIME"`
	Seed      uint64        `help:"Draws the crowd's behaviour; the same seed, the same crowd." default:"1" placeholder:"N"`
	Target    string        `help:"Rehearse against this server (default: one of its own, in a temporary folder)." placeholder:"URL"`
	Data      string        `help:"With --target: the server's data folder, for the audit (default: no audit)." type:"path" placeholder:"DIR"`
	Instances int           `help:"Servers of its own, on the engines that the environment names (several need TICKETFLOW_DATABASE_URL)." default:"1" placeholder:"N"`
	CrashAt   time.Duration `help:"Kill a server (-9) after this time, and go on (default: never). A single one is started again; of several, the others take over." placeholder:"TIME"`
	SkipNull  bool          `help:"Don't measure the null server; there is no ratio then."`
	Baseline  bool          `help:"Also measure a conventional shop, on the PostgreSQL and the Redis that the environment names."`
	JSON      bool          `help:"Print the result as one JSON object."`
	Report    string        `help:"Write a page with plots (default: none)." type:"path" placeholder:"FILE.html"`

	AllowRemote bool `help:"Allow a --target that is not on this machine. Be sure that it is yours."`

	config.Cluster
}

// rehearsal is one run of the command.
type rehearsal struct {
	*flashsaleCommand
	std     streams
	key     string
	data    string
	fleet   *fleet // the servers that it started itself; nil with --target
	journal bytes.Buffer
}

// Run rehearses: the yardsticks first, then the real server, then the audit.
func (c *flashsaleCommand) Run(ctx context.Context, std streams) error {
	if err := c.check(ctx); err != nil {
		return err
	}
	if c.Places == 0 {
		c.Places = stadiumPlaces
		if c.Scenario == string(rush.Contended) {
			c.Places = contendedPlaces
		}
	}
	if c.Scenario == viewersScenario {
		return c.watch(ctx, std)
	}
	r := &rehearsal{flashsaleCommand: c, std: std, data: c.Data,
		key: os.Getenv("TICKETFLOW_API_KEY")}
	result, err := r.run(ctx)
	if err != nil {
		return err
	}
	if err := r.report(result); err != nil {
		return err
	}
	if !result.OK() {
		return errBroken
	}
	return nil
}

// check refuses what can't work before anything is started, and before the organisers' key or an
// event is sent to a machine that isn't meant.
func (c *flashsaleCommand) check(ctx context.Context) error {
	switch {
	case c.Buyers < 1:
		return errors.New("--buyers must be 1 or more")
	case c.Places < 0:
		return errors.New("--places must be 1 or more")
	case c.PerOrder < 1:
		return errors.New("--per-order must be 1 or more")
	case c.Rate <= 0:
		return errors.New("--rate must be more than 0")
	case c.Duration <= 0:
		return errors.New("--duration must be more than 0s")
	case c.Viewers < 1:
		return errors.New("--viewers must be 1 or more")
	case c.Scenario == viewersScenario && (c.Target != "" || c.Instances != 1 || c.CrashAt != 0 ||
		c.Baseline || c.Report != ""):
		return errors.New("--scenario viewers has one server of its own, which it kills: leave " +
			"--target, --instances, --crash-at, --baseline and --report away")
	case c.CrashAt != 0 && c.Target != "":
		return errors.New("--crash-at kills a server of its own: leave --target away")
	case c.Instances < 1 || c.Instances > maxInstances:
		return fmt.Errorf("--instances must be 1 to %d", maxInstances)
	case c.Instances > 1 && c.Target != "":
		return errors.New("--instances starts servers of its own: leave --target away")
	case c.Instances > 1 && c.DatabaseURL == "":
		return errors.New("several instances share one database: set TICKETFLOW_DATABASE_URL to " +
			"one for rehearsals")
	case c.Baseline && c.DatabaseURL == "":
		return errNoBaseline
	case c.Target == "":
		return nil
	}
	if os.Getenv("TICKETFLOW_API_KEY") == "" {
		return errNoKey
	}
	_, err := rush.TargetPolicy{AllowRemote: c.AllowRemote}.Resolve(ctx, c.Target)
	return err
}

// errNoKey says how to rehearse against a given server.
var errNoKey = errors.New("set TICKETFLOW_API_KEY to the organisers' key of the --target")

func (r *rehearsal) run(ctx context.Context) (*rush.Result, error) {
	compare, err := r.measureYardsticks(ctx)
	if err != nil {
		return nil, err
	}
	targets := []string{r.Target}
	if r.Target == "" {
		dir, err := os.MkdirTemp("", "ticketflow-rush-")
		if err != nil {
			return nil, err
		}
		defer func() { _ = os.RemoveAll(dir) }()
		if r.DatabaseURL == "" {
			r.data = filepath.Join(dir, "server1")
		} else if _, err := boot.Migrate(ctx, r.Cluster); err != nil {
			return nil, err
		}
		if r.key, err = randomKey(); err != nil {
			return nil, err
		}
		r.fleet, err = startFleet(ctx, r.std.err, dir, r.key, r.Instances, r.Cluster)
		if err != nil {
			return nil, err
		}
		targets = r.fleet.urls()
	}
	result, err := r.rush(ctx, targets)
	if r.fleet == nil {
		if err == nil {
			compare(result)
		}
		return result, errors.Join(err, r.audit(ctx, result))
	}
	if err != nil {
		return nil, errors.Join(err, r.fleet.stop())
	}
	compare(result)
	result.ServerRSSMB = r.fleet.peakMemoryMB()
	if err := r.fleet.stop(); err != nil {
		return nil, fmt.Errorf("stop the servers: %w", err)
	}
	return result, r.audit(ctx, result)
}

func (r *rehearsal) config(target, event string) rush.Config {
	return rush.Config{Scenario: rush.Scenario(r.Scenario), Target: target, Event: event,
		Buyers: r.Buyers, Places: r.Places, PerOrder: r.PerOrder, Rate: r.Rate,
		Duration: r.Duration, Seed: r.Seed, AllowRemote: r.AllowRemote, Progress: r.std.err}
}

// rush creates an event and sells it out.
func (r *rehearsal) rush(ctx context.Context, targets []string) (*rush.Result, error) {
	event, err := createRehearsal(ctx, targets[0], r.key, r.Places, r.PerOrder,
		rehearsalHold)
	if err != nil {
		return nil, fmt.Errorf("create the event: %w", err)
	}
	r.say(fmt.Sprintf("Now the box office: %d places of %s at %s.", r.Places, event,
		strings.Join(targets, ", ")))
	c := r.config(targets[0], event)
	c.More = targets[1:]
	c.Journal = &r.journal
	count := r.countLedgers(ctx, targets)
	crashed := func() error { return nil }
	if r.CrashAt > 0 {
		done := r.fleet.crashLater(ctx, r.CrashAt, r.say)
		crashed = func() error { return <-done }
	}
	result, err := rush.Run(ctx, c)
	if err := errors.Join(err, crashed()); err != nil {
		return result, err
	}
	result.Ledger = count()
	return result, nil
}

// audit checks the ledger that the rush has left behind.
func (r *rehearsal) audit(ctx context.Context, result *rush.Result) error {
	if result == nil {
		return nil
	}
	if r.data == "" && r.DatabaseURL == "" {
		r.say("No audit: give the server's --data folder for it.")
		return nil
	}
	report, err := boot.Audit(ctx, r.data, r.Cluster, audit.Options{Acknowledged: r.acknowledged()})
	if err != nil {
		return fmt.Errorf("audit: %w", err)
	}
	result.Audit = &rush.Audit{OK: report.OK, Invariants: map[string]rush.Invariant{}}
	for _, v := range report.Invariants {
		result.Audit.Invariants[v.ID] = rush.Invariant{OK: v.OK, Checked: int64(v.Checked),
			Broken: int64(v.Broken), Rule: v.Title}
		for _, row := range v.Rows {
			r.say(v.ID + " " + row)
		}
	}
	return nil
}

// acknowledged are the orders whose tickets the server has delivered.
func (r *rehearsal) acknowledged() (paid []string) {
	lines := bufio.NewScanner(&r.journal)
	for lines.Scan() {
		if rest, ok := strings.CutPrefix(lines.Text(), "paid "); ok {
			id, _, _ := strings.Cut(rest, " ")
			paid = append(paid, id)
		}
	}
	return paid
}

func (r *rehearsal) report(result *rush.Result) error {
	if r.Report != "" {
		err := writeFile(r.Report, func(w io.Writer) error { return rush.WriteHTML(w, result) })
		if err != nil {
			return fmt.Errorf("write the report: %w", err)
		}
		r.say("The report is in " + r.Report)
	}
	if r.JSON {
		out := json.NewEncoder(r.std.out)
		out.SetIndent("", "  ")
		return out.Encode(result)
	}
	return rush.WriteTable(r.std.out, result)
}

func (r *rehearsal) say(line string) { fmt.Fprintln(r.std.err, line) }

func writeFile(path string, write func(io.Writer) error) error {
	f, err := os.Create(path)
	if err != nil {
		return err
	}
	return errors.Join(write(f), f.Close())
}
