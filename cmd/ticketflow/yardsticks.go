package main

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"time"

	"ticketflow/internal/rush"
)

// baselineLimit ends the measuring of the baseline: its checkouts a second are known by then.
const baselineLimit = 20 * time.Second

// measureYardsticks runs the crowd against the servers that the real one is compared with, and
// returns what sets the ratios of its result.
func (r *rehearsal) measureYardsticks(ctx context.Context) (func(*rush.Result), error) {
	var null, baseline *rush.Result
	var err error
	if !r.SkipNull {
		if null, err = r.measureNull(ctx); err != nil {
			return nil, fmt.Errorf("measure the null server: %w", err)
		}
	}
	if r.Baseline {
		if baseline, err = r.measureBaseline(ctx); err != nil {
			return nil, fmt.Errorf("measure the baseline: %w", err)
		}
	}
	return func(result *rush.Result) {
		if null != nil {
			result.CompareToNull(null)
		}
		if baseline != nil {
			result.CompareToBaseline(baseline)
		}
	}, nil
}

// measureNull runs the same crowd against a server that stores nothing.
func (r *rehearsal) measureNull(ctx context.Context) (*rush.Result, error) {
	r.say("The null server first: the same buyers, and nothing is stored.")
	server, err := startChild(ctx, r.std.err, nil, "nullserver")
	if err != nil {
		return nil, err
	}
	c := r.config(server.url, "evt_1")
	c.Null = true
	result, err := rush.Run(ctx, c)
	return result, errors.Join(err, server.stop())
}

// measureBaseline runs the same crowd against a conventional shop, for a bounded time. The shop
// counts what it has sold when it is stopped, and fails if that was anything twice.
func (r *rehearsal) measureBaseline(ctx context.Context) (*rush.Result, error) {
	locks := "with locks in Redis"
	if len(r.RedisURLs) == 0 {
		locks = "without locks in Redis, for TICKETFLOW_REDIS_URLS isn't set"
	}
	r.say(fmt.Sprintf("The baseline: a conventional shop on PostgreSQL, %s, for %s at most.", locks,
		baselineLimit))
	server, err := startChild(ctx, r.std.err, clusterEnv(r.Cluster), "baselineserver",
		"--places", strconv.Itoa(r.Places))
	if err != nil {
		return nil, err
	}
	c := r.config(server.url, "evt_1")
	if c.Scenario == rush.Steady {
		c.Duration = min(c.Duration, baselineLimit)
	} else {
		c.MaxDuration = baselineLimit
	}
	result, err := rush.Run(ctx, c)
	if err := errors.Join(err, server.stop()); err != nil {
		return nil, err
	}
	r.say(fmt.Sprintf("The baseline sold %d places, %.0f checkouts a second.", result.Sold,
		result.CheckoutsPerS))
	for name, n := range result.Broken {
		// Its locks are taken one by one, so that of two clicks one may meet the lock of somebody
		// who is about to give up. That is how such shops are.
		if n > 0 && name != "replay_differs" {
			return nil, fmt.Errorf("it broke a promise to buyers: %s, %d times", name, n)
		}
	}
	return result, nil
}
