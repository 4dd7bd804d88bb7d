package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"strings"
	"time"

	"ticketflow/internal/rush"
	"ticketflow/internal/rush/gallery"
)

// How the scenario of the viewers goes.
const (
	viewersScenario = "viewers"
	changedPlaces   = 100
	// A little less than the server's own beat, so that changes come at each moment of it.
	changeEvery = 245 * time.Millisecond
	slowShare   = 100             // one viewer of so many reads nothing while places change
	restCPU     = 2 * time.Second // for the server to come to rest before its memory is read
	settleLimit = time.Minute
)

// watch is the scenario of the viewers: they look at a map that changes, and its server is killed
// and started again.
func (c *flashsaleCommand) watch(ctx context.Context, std streams) (err error) {
	dir, err := os.MkdirTemp("", "ticketflow-viewers-")
	if err != nil {
		return err
	}
	defer func() { _ = os.RemoveAll(dir) }()
	key, err := randomKey()
	if err != nil {
		return err
	}
	f, err := startFleet(ctx, std.err, dir, key, 1, c.Cluster)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, f.stop()) }()
	w := &watching{flashsaleCommand: c, fleet: f, std: std, key: key}
	result, err := w.run(ctx)
	if err != nil {
		return err
	}
	if c.JSON {
		out := json.NewEncoder(std.out)
		out.SetIndent("", "  ")
		err = out.Encode(result)
	} else {
		err = result.WriteTable(std.out)
	}
	if err == nil && !result.OK() {
		return errBroken
	}
	return err
}

// watching is one run of the scenario.
type watching struct {
	*flashsaleCommand
	fleet *fleet
	std   streams
	key   string
}

func (w *watching) say(line string) { fmt.Fprintln(w.std.err, line) }

func (w *watching) run(ctx context.Context) (*gallery.Result, error) {
	server := w.fleet.servers[0]
	event, err := createRehearsal(ctx, server.url, w.key, w.Places, w.PerOrder, rehearsalHold)
	if err != nil {
		return nil, fmt.Errorf("create the event: %w", err)
	}
	config := gallery.Config{Target: server.url, Event: event, Key: w.key, Places: w.Places,
		Viewers: w.Viewers, Slow: w.Viewers / slowShare, Batch: min(changedPlaces, w.Places),
		Every: changeEvery, Seed: w.Seed}
	if err := pause(ctx, restCPU); err != nil {
		return nil, err
	}
	empty := server.memoryMB("VmRSS:")
	w.say(fmt.Sprintf("%d viewers come to %s.", w.Viewers, server.url))
	g, err := gallery.Open(ctx, config)
	if err != nil {
		return nil, err
	}
	defer g.Close()
	cost, own, err := w.change(ctx, g)
	if err != nil {
		return nil, err
	}
	cost.EmptyMB = empty
	cost.KBPerViewer = (cost.WatchedMB - empty) * 1024 / float64(w.Viewers)
	settled := g.Settle(ctx, time.Now(), settleLimit)
	restarted, ready, err := w.restart(ctx, g)
	if err != nil {
		return nil, err
	}
	cost.ReadyS = ready.Seconds()
	result, err := g.Result()
	if err != nil {
		return nil, err
	}
	result.DurationS = w.Duration.Seconds()
	result.Server, result.GeneratorCores = cost, own
	result.Settled, result.Restarted = settled, &restarted
	return result, ctx.Err()
}

// change measures what the server costs while places change.
func (w *watching) change(
	ctx context.Context, g *gallery.Gallery,
) (cost gallery.Server, own float64, err error) {
	if err := pause(ctx, restCPU); err != nil {
		return cost, 0, err
	}
	server := w.fleet.servers[0]
	w.say(fmt.Sprintf("All of them look. %d places change every %s for %s.", changedPlaces,
		changeEvery, w.Duration))
	cpu, ours, begun := server.cpuSeconds(), rush.CPUTime(), time.Now()
	if err := g.Change(ctx, w.Duration); err != nil {
		return cost, 0, err
	}
	passed := time.Since(begun).Seconds()
	cost.CPUSeconds = server.cpuSeconds() - cpu
	cost.Cores = cost.CPUSeconds / passed
	if sent := g.Deltas(); sent > 0 {
		cost.MicrosEach = cost.CPUSeconds * 1e6 / float64(sent)
	}
	cost.WatchedMB = server.memoryMB("VmRSS:")
	return cost, (rush.CPUTime() - ours).Seconds() / passed, nil
}

// restart kills the server (-9) while places change, starts it again, changes some more, and waits
// until all viewers show that.
func (w *watching) restart(
	ctx context.Context, g *gallery.Gallery,
) (c gallery.Consistency, ready time.Duration, err error) {
	server := w.fleet.servers[0]
	lost := make(chan struct{})
	go func() {
		defer close(lost)
		_ = g.ChangeOnce(ctx) // whether the killed server did it is not known: that is the point
	}()
	begun := time.Now()
	if err := server.kill(); err != nil {
		return c, 0, err
	}
	<-lost
	address := strings.TrimPrefix(server.url, "http://")
	if w.fleet.servers[0], err = w.fleet.startServer(ctx, 0, address); err != nil {
		w.fleet.servers = nil
		return c, 0, err
	}
	ready = time.Since(begun)
	w.say(fmt.Sprintf("The server was killed and was ready again after %d ms.",
		ready.Milliseconds()))
	if err := g.ChangeOnce(ctx); err != nil {
		return c, 0, err
	}
	return g.Settle(ctx, begun, settleLimit), ready, nil
}

func pause(ctx context.Context, d time.Duration) error {
	select {
	case <-time.After(d):
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}
