package main

import (
	"context"
	"encoding/json"
	"os"
	"runtime/debug"

	"ticketflow/internal/app/audit"
	"ticketflow/internal/boot"
	"ticketflow/internal/config"
)

type auditCommand struct {
	Data string `help:"Folder of the ledger." default:"data" env:"TICKETFLOW_DATA" type:"path" placeholder:"DIR"`
	JSON bool   `help:"Print the result as one JSON object."`

	config.Cluster
}

// auditHeapPercent is the collector's headroom: an audit keeps most of what it reads, beside a
// server that needs the machine's memory. Measured on a sold-out stadium: 106 MB rather than 147,
// for a tenth more processor time.
const auditHeapPercent = 20

// Run audits a ledger, of a running server or a stopped one. It fails if any invariant is broken.
func (c *auditCommand) Run(ctx context.Context, std streams) error {
	if os.Getenv("GOGC") == "" { // an operator's own setting wins
		debug.SetGCPercent(auditHeapPercent)
	}
	report, err := boot.Audit(ctx, c.Data, c.Cluster, audit.Options{})
	if err != nil {
		return err
	}
	if c.JSON {
		out := json.NewEncoder(std.out)
		out.SetIndent("", "  ")
		err = out.Encode(report)
	} else {
		err = report.WriteText(std.out)
	}
	if err == nil && !report.OK {
		return errBroken
	}
	return err
}
