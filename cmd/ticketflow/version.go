package main

import (
	"fmt"
	"runtime"
	"runtime/debug"
)

// version is set by the build of a release.
var version = "development"

type versionCommand struct{}

// Run prints the version, and what it was built from.
func (versionCommand) Run(std streams) error {
	revision := ""
	if info, ok := debug.ReadBuildInfo(); ok {
		for _, s := range info.Settings {
			if s.Key == "vcs.revision" {
				revision = " " + s.Value
			}
		}
	}
	_, err := fmt.Fprintf(std.out, "ticketflow %s%s %s %s/%s\n", version, revision,
		runtime.Version(), runtime.GOOS, runtime.GOARCH)
	return err
}
