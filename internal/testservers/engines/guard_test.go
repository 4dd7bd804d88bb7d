//go:build unix

package engines

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"syscall"
	"testing"
	"time"

	"ticketflow/internal/effort"
)

// asOwner makes this test binary start the server of that name, say its folder and process, and
// wait to be killed.
const asOwner = "TICKETFLOW_TEST_OWNS_SERVER"

func TestMain(m *testing.M) {
	starters := map[string]func(context.Context) (*Server, error){
		"postgres": PostgreSQL, "redis": Redis, "rabbitmq": RabbitMQ, "chromium": Chromium,
	}
	start := starters[os.Getenv(asOwner)]
	if start == nil {
		os.Exit(m.Run())
	}
	s, err := start(context.Background())
	if errors.Is(err, ErrMissing) {
		fmt.Println("missing 0")
		return
	}
	if err != nil {
		panic(err)
	}
	fmt.Println(s.folder, s.process.pid)
	select {}
}

func TestAServerEndsWithItsOwner(t *testing.T) {
	if testing.Short() {
		t.Skip("starts each server: seconds")
	}
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range effort.Some([]string{"postgres", "redis", "rabbitmq", "chromium"}, 4) {
		t.Run(name, func(t *testing.T) {
			owner := exec.CommandContext(t.Context(), self)
			owner.Env = append(os.Environ(), asOwner+"="+name)
			owner.Stderr = os.Stderr
			output, err := owner.StdoutPipe()
			if err != nil {
				t.Fatal(err)
			}
			if err := owner.Start(); err != nil {
				t.Fatal(err)
			}
			var folder string
			var pid int
			if _, err := fmt.Fscanln(bufio.NewReader(output), &folder, &pid); err != nil {
				t.Fatal(err)
			}
			if err := owner.Process.Kill(); err != nil {
				t.Fatal(err)
			}
			if err := owner.Wait(); err == nil {
				t.Error("the owner ended by itself")
			}
			if pid > 0 {
				waitUntilGone(t, folder, pid)
			}
		})
	}
}

func waitUntilGone(t *testing.T, folder string, group int) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	for {
		_, err := os.Stat(folder)
		if errors.Is(err, os.ErrNotExist) && syscall.Kill(-group, 0) != nil {
			return
		}
		if pause(ctx) != nil {
			t.Fatalf("the server of a killed process is still there: folder %v, group %v",
				err, syscall.Kill(-group, 0))
		}
	}
}
