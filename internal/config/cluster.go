package config

import (
	"errors"
	"fmt"
	"net/url"
	"slices"
	"strings"
)

// Cluster names the engines of the cluster profile. Each is switched on by itself; without any of
// them everything is embedded. Addresses may hold passwords, so they come from the environment or
// from the configuration file, never from flags, which others on the machine can read.
type Cluster struct {
	DatabaseURL     Secret   `help:"PostgreSQL, postgres://… (default: the folder's own ledger)." env:"TICKETFLOW_DATABASE_URL" placeholder:"URL" secret:""`
	DatabaseReadURL Secret   `help:"A replica of it, for lists and sums (default: none)." env:"TICKETFLOW_DATABASE_READ_URL" placeholder:"URL" secret:""`
	RedisURLs       []Secret `help:"Redis for several instances: one address, or several independent masters for Redlock (default: none)." name:"redis-urls" env:"TICKETFLOW_REDIS_URLS" placeholder:"URL" secret:""`
	AMQPURL         Secret   `help:"RabbitMQ for facts, amqp://… (default: within the process)." name:"amqp-url" env:"TICKETFLOW_AMQP_URL" placeholder:"URL" secret:""`
}

// maxRedisMasters is more than Redlock has a use for.
const maxRedisMasters = 9

// Check tells the first address that can't work. It never shows one: it may hold a password.
func (c *Cluster) Check() error {
	if err := checkURL("DATABASE_URL", c.DatabaseURL, "postgres", "postgresql"); err != nil {
		return err
	}
	if err := checkURL("DATABASE_READ_URL", c.DatabaseReadURL, "postgres",
		"postgresql"); err != nil {
		return err
	}
	if c.DatabaseReadURL != "" && c.DatabaseURL == "" {
		return errors.New("TICKETFLOW_DATABASE_READ_URL is a replica of TICKETFLOW_DATABASE_URL: " +
			"set that one, too")
	}
	if n := len(c.RedisURLs); n > maxRedisMasters {
		return fmt.Errorf("TICKETFLOW_REDIS_URLS has %d addresses, at most %d", n, maxRedisMasters)
	}
	for _, u := range c.RedisURLs {
		if err := checkURL("REDIS_URLS", u, "redis", "rediss", "unix"); err != nil {
			return err
		}
	}
	return checkURL("AMQP_URL", c.AMQPURL, "amqp", "amqps")
}

func checkURL(name string, given Secret, schemes ...string) error {
	if given == "" {
		return nil
	}
	u, err := url.Parse(string(given))
	if err != nil || !slices.Contains(schemes, u.Scheme) || u.Host == "" && u.Path == "" ||
		u.Host == "" && strings.HasPrefix(u.Scheme, "amqp") { // which would mean this machine
		return fmt.Errorf("TICKETFLOW_%s is no address that begins with %s://", name,
			strings.Join(schemes, ":// or "))
	}
	return nil
}
