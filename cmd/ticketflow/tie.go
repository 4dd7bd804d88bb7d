package main

import (
	"context"
	"io"
	"os"
	"os/exec"
)

// endWithInput is set in the environment of a server that a rehearsal starts: the server ends when
// its standard input does. Of that pipe only the rehearsal has the other end. Killed or crashed, it
// leaves nothing behind that listens, writes and is in the next one's way.
const endWithInput = "TICKETFLOW_END_WITH_INPUT"

// tie has a process, which isn't started yet and whose environment is set, end with this one.
// Closing the returned end has it stop, too.
func tie(process *exec.Cmd) (io.Closer, error) {
	process.Env = append(process.Env, endWithInput+"=1")
	return process.StdinPipe()
}

// tied is ctx until the input ends, if whoever started us has asked for that.
func tied(ctx context.Context, in io.Reader) (context.Context, context.CancelFunc) {
	ctx, cancel := context.WithCancel(ctx)
	if os.Getenv(endWithInput) != "" {
		go func() {
			_, _ = io.Copy(io.Discard, in)
			cancel()
		}()
	}
	return ctx, cancel
}
