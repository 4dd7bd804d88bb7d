package main

import (
	"bytes"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
)

// choosing is a finder in a process in which nobody has chosen a folder.
func choosing(t *testing.T) (f *finder, log *bytes.Buffer) {
	t.Helper()
	for _, name := range []string{"TMPDIR", "GOTMPDIR"} {
		t.Setenv(name, "") // restored in the end
	}
	log = &bytes.Buffer{}
	return &finder{log: log}, log
}

func TestFilesOfTestsAreKeptInMemory(t *testing.T) {
	f, log := choosing(t)
	disk := os.TempDir()
	end, err := f.inMemory()
	if err != nil {
		t.Fatal(err)
	}
	folder := os.TempDir()
	if !roomInMemory(memoryRoot, memoryUse, memorySpare) {
		if folder != disk || log.Len() > 0 {
			t.Errorf("without room for them in memory, tests write to %s: %s", folder, log)
		}
		return
	}
	if filepath.Dir(folder) != memoryRoot || os.Getenv("GOTMPDIR") != disk ||
		!strings.Contains(log.String(), memoryRoot) {
		t.Errorf("tests write to %s, the compiler to %s, and it says %q", folder,
			os.Getenv("GOTMPDIR"), log)
	}
	if err := os.WriteFile(filepath.Join(folder, "left"), nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if err := end(); err != nil {
		t.Error(err)
	}
	if _, err := os.Stat(folder); !os.IsNotExist(err) {
		t.Errorf("the folder is still there: %v", err)
	}
}

func TestAChosenFolderIsKept(t *testing.T) {
	f, log := choosing(t)
	mine := t.TempDir()
	t.Setenv("TMPDIR", mine)
	end, err := f.inMemory()
	if err != nil || end() != nil || os.TempDir() != mine || log.Len() > 0 {
		t.Errorf("%v, %s instead of %s, %s", err, os.TempDir(), mine, log)
	}
	if _, err := os.Stat(mine); err != nil {
		t.Error(err)
	}
}

func TestRoomInMemory(t *testing.T) {
	if roomInMemory("/proc", 1, 1) || roomInMemory("/nowhere", 1, 1) {
		t.Error("a folder that isn't in memory will do")
	}
	if runtime.GOOS != "linux" {
		return
	}
	if roomInMemory(memoryRoot, 1<<60, 1) || roomInMemory(memoryRoot, 1, 1<<60) {
		t.Error("too much will do")
	}
	const text = "MemTotal:  24105 kB\nMemAvailable:   22298 kB\n"
	if got := lineOf(text, "MemAvailable"); got != "22298" || lineOf(text, "Swap") != "" {
		t.Errorf("available: %q", got)
	}
}
