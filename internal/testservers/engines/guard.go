package engines

import (
	"errors"
	"fmt"
	"io"
	"os/exec"
	"strconv"
)

// guardScript reads the process to watch from its input, line by line; 0 is none. When the input
// ends without the word "done", the one who wrote it has died: the server is ended, first in the
// way that leaves nothing behind, and the folder is removed.
const guardScript = `
trap '' HUP INT TERM
pid=0
while read -r line; do
	case "$line" in
	done) exit 0 ;;
	*) pid=$line ;;
	esac
done
if [ "$pid" -gt 1 ]; then
	kill -CONT -- "-$pid"
	kill -"$1" "$pid"
	tries=0
	while kill -0 "$pid" && [ "$tries" -lt 50 ]; do
		sleep 0.1
		tries=$((tries + 1))
	done
	kill -KILL -- "-$pid"
fi
rm -rf -- "$2"
`

// guard is the shell that outlives us for a moment.
type guard struct {
	shell *exec.Cmd
	input io.WriteCloser
}

// newGuard starts the shell. The caller's files are not handed on to it, so that nobody who waits
// for the end of our output waits for it.
func newGuard(folder string, sig signal) (*guard, error) {
	path, err := find("sh")
	if err != nil {
		return nil, err
	}
	g := &guard{shell: foreground(path, "-c", guardScript, "guard", sig.name, folder)}
	g.shell.Dir = "/"
	if g.input, err = g.shell.StdinPipe(); err != nil {
		return nil, err
	}
	g.shell.SysProcAttr = ownGroup(0)
	if err := g.shell.Start(); err != nil {
		return nil, fmt.Errorf("start the guard: %w", err)
	}
	return g, nil
}

// watch names the process to end; 0 is none.
func (g *guard) watch(pid int) error {
	_, err := io.WriteString(g.input, strconv.Itoa(pid)+"\n")
	return err
}

// done ends the guard: there is nothing left to guard.
func (g *guard) done() error {
	_, err := io.WriteString(g.input, "done\n")
	return errors.Join(err, g.input.Close(), g.shell.Wait())
}
