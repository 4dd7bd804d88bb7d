package main

import (
	"strings"

	"github.com/alecthomas/kong"
)

// explain is the help of a flag with its default and its variable.
func explain(v *kong.Value) string {
	var more []string
	if v.HasDefault {
		more = append(more, "default "+v.Default)
	}
	for _, name := range v.Tag.Envs {
		more = append(more, "$"+name)
	}
	if len(more) == 0 {
		return v.Help
	}
	return strings.TrimSuffix(v.Help, ".") + " (" + strings.Join(more, ", ") + ")."
}

// Help implements kong.HelpProvider.
func (c *serveCommand) Help() string {
	return `The organisers' API key is printed at the first start, and never again; set
TICKETFLOW_API_KEY to choose your own.

Examples:

    ticketflow serve --demo
    ticketflow serve --addr 0.0.0.0:80 --data /var/lib/ticketflow`
}

// Help implements kong.HelpProvider.
func (c *flashsaleCommand) Help() string {
	return `Starts a server of its own, sells out an event with simulated buyers, and audits what
is left. It ends with status 1 if an invariant, or a promise to a buyer, was broken. With
--target, the organisers' key is read from TICKETFLOW_API_KEY.

Examples:

    ticketflow flashsale
    ticketflow flashsale --scenario contended --buyers 1000 --skip-null
    ticketflow flashsale --buyers 2000 --crash-at 5s --report rush.html
    ticketflow flashsale --scenario viewers --viewers 10000`
}

// Help implements kong.HelpProvider.
func (c *auditCommand) Help() string {
	return `Reads the ledger of a running server or of a stopped one, and writes nothing. It ends
with status 1 if an invariant is broken, and names the rows that break it.

Examples:

    ticketflow audit
    ticketflow audit --data /var/lib/ticketflow --json`
}
