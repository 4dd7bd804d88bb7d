// Package deploy tests what a deployment is made of: compose.yaml, Dockerfile and nginx.conf. It is
// a module of its own, so that what reads these files doesn't weigh on the program.
package deploy

import (
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/compose-spec/compose-go/v2/dotenv"
	"github.com/compose-spec/compose-go/v2/loader"
	"github.com/compose-spec/compose-go/v2/types"
)

const root = ".."

// load reads compose.yaml as `docker compose` does: names that the format doesn't have are errors.
func load(t *testing.T, environment map[string]string) (*types.Project, error) {
	t.Helper()
	folder, err := filepath.Abs(root)
	if err != nil {
		t.Fatal(err)
	}
	return loader.LoadWithContext(t.Context(), types.ConfigDetails{
		WorkingDir:  folder,
		ConfigFiles: []types.ConfigFile{{Filename: filepath.Join(folder, "compose.yaml")}},
		Environment: environment,
	})
}

// example is .env.example as it is: without secrets.
func example(t *testing.T) map[string]string {
	t.Helper()
	environment, err := dotenv.Read(filepath.Join(root, ".env.example"))
	if err != nil {
		t.Fatal(err)
	}
	return environment
}

// project is compose.yaml with a secret in each place that wants one.
func project(t *testing.T) *types.Project {
	t.Helper()
	environment := example(t)
	for name, value := range environment {
		if value == "" {
			environment[name] = "0123456789abcdef0123456789abcdef"
		}
	}
	p, err := load(t, environment)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func TestASecretCantBeForgotten(t *testing.T) {
	for name, value := range example(t) {
		if value != "" {
			continue
		}
		environment := example(t)
		for other := range environment {
			if environment[other] == "" && other != name {
				environment[other] = "given"
			}
		}
		if _, err := load(t, environment); err == nil || !strings.Contains(err.Error(), name) {
			t.Errorf("without %s: %v", name, err)
		}
	}
}

// TestTheAdvisedLineDrawsSecrets runs the command that .env.example gives.
func TestTheAdvisedLineDrawsSecrets(t *testing.T) {
	text, err := os.ReadFile(filepath.Join(root, ".env.example"))
	if err != nil {
		t.Fatal(err)
	}
	_, line, ok := strings.Cut(string(text), "#   (umask")
	if !ok {
		t.Fatal(".env.example gives no command")
	}
	line, _, _ = strings.Cut("(umask"+line, "\n")
	if _, err := exec.LookPath("openssl"); err != nil {
		t.Skip("no openssl on this machine")
	}
	folder := t.TempDir()
	if err := os.WriteFile(filepath.Join(folder, ".env.example"), text, 0o600); err != nil {
		t.Fatal(err)
	}
	command := exec.Command("sh", "-c", line)
	command.Dir = folder
	if output, err := command.CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, output)
	}
	made, err := dotenv.Read(filepath.Join(folder, ".env"))
	if err != nil {
		t.Fatal(err)
	}
	seen := make(map[string]bool)
	for name, value := range example(t) {
		switch {
		case value != "" && made[name] != value:
			t.Errorf("%s became %q", name, made[name])
		case value == "" && (len(made[name]) != 48 || seen[made[name]]):
			t.Errorf("%s became %q, which is not a secret of its own", name, made[name])
		}
		seen[made[name]] = true
	}
	if _, err := load(t, made); err != nil {
		t.Error(err)
	}
}

func TestServicesAreBounded(t *testing.T) {
	pinned := regexp.MustCompile(`^[a-z0-9./-]+:[0-9]+\.?[0-9.]*[a-z0-9.-]*$`)
	p := project(t)
	want := []string{"app1", "app2", "migrate", "nginx", "postgres", "rabbitmq",
		"redis1", "redis2", "redis3"}
	if got := p.ServiceNames(); !slices.Equal(slices.Sorted(slices.Values(got)), want) {
		t.Errorf("services %q, want %q", got, want)
	}
	for name, s := range p.Services {
		oneShot := s.Restart == "no"
		if s.Build == nil && !pinned.MatchString(s.Image) {
			t.Errorf("%s: the image %q is not pinned by a version", name, s.Image)
		}
		if checked := s.HealthCheck != nil && !s.HealthCheck.Disable; s.Build == nil &&
			!checked || s.Build != nil && !oneShot && !checked {
			t.Errorf("%s: no health check", name)
		}
		if !oneShot && s.Restart != "unless-stopped" {
			t.Errorf("%s: restart is %q", name, s.Restart)
		}
		if s.Privileged || s.NetworkMode == "host" || s.Pid == "host" || len(s.CapAdd) > 0 ||
			!slices.Contains(s.CapDrop, "ALL") ||
			!slices.Contains(s.SecurityOpt, "no-new-privileges:true") {
			t.Errorf("%s: more rights than it needs", name)
		}
		// Our own image names its user, see TestTheImageIsNotRoot.
		if user, _, _ := strings.Cut(s.User, ":"); s.Build == nil &&
			(user == "" || user == "0" || user == "root") {
			t.Errorf("%s runs as %q", name, s.User)
		}
		if s.Deploy == nil || s.Deploy.Resources.Limits == nil ||
			s.Deploy.Resources.Limits.MemoryBytes == 0 || s.Deploy.Resources.Limits.NanoCPUs == 0 {
			t.Errorf("%s: no limit of memory and processor", name)
		}
		if len(s.Ports) > 0 != (name == "nginx") {
			t.Errorf("%s publishes %d ports; nginx alone does", name, len(s.Ports))
		}
		for _, volume := range s.Volumes {
			if strings.Contains(volume.Source, "docker.sock") {
				t.Errorf("%s can control the machine's containers", name)
			}
		}
	}
}

func TestServicesWaitForWhatTheyNeed(t *testing.T) {
	p := project(t)
	for _, c := range []struct{ who, on, condition string }{
		{"migrate", "postgres", types.ServiceConditionHealthy},
		{"app1", "postgres", types.ServiceConditionHealthy},
		{"app1", "migrate", types.ServiceConditionCompletedSuccessfully},
		{"app2", "migrate", types.ServiceConditionCompletedSuccessfully},
		// The ledger alone decides: a lost Redis or RabbitMQ must not keep an instance down.
		{"app1", "redis1", types.ServiceConditionStarted},
		{"app1", "rabbitmq", types.ServiceConditionStarted},
		{"nginx", "app1", types.ServiceConditionStarted},
		{"nginx", "app2", types.ServiceConditionStarted},
	} {
		if got := p.Services[c.who].DependsOn[c.on].Condition; got != c.condition {
			t.Errorf("%s waits for %s until %q, want %q", c.who, c.on, got, c.condition)
		}
	}
	for name, s := range p.Services {
		_, back := s.Networks["back"]
		_, front := s.Networks["front"]
		if wantBack := name != "nginx"; back != wantBack {
			t.Errorf("%s on the inner network: %v, want %v", name, back, wantBack)
		}
		if wantFront := name == "nginx" || strings.HasPrefix(name, "app"); front != wantFront {
			t.Errorf("%s on the outer network: %v, want %v", name, front, wantFront)
		}
	}
	if !p.Networks["back"].Internal {
		t.Error("the inner network leads outside")
	}
}

func TestEverySettingIsOneOfTheProgram(t *testing.T) {
	known := settings(t)
	if !slices.Contains(known, "TICKETFLOW_ADDR") || !slices.Contains(known, "TICKETFLOW_API_KEY") {
		t.Fatalf("read the wrong sources: %q", known)
	}
	p := project(t)
	for name, s := range p.Services {
		for variable := range s.Environment {
			if strings.HasPrefix(variable, "TICKETFLOW_") && !slices.Contains(known, variable) {
				t.Errorf("%s sets %s, which the program does not read", name, variable)
			}
		}
	}
	one, two := p.Services["app1"].Environment, p.Services["app2"].Environment
	for variable, value := range one {
		if other := two[variable]; value == nil || other == nil || *value != *other {
			t.Errorf("the instances differ in %s", variable)
		}
	}
}

// settings gives the environment variables that the program's sources name.
func settings(t *testing.T) []string {
	t.Helper()
	name := regexp.MustCompile(`\bTICKETFLOW_[A-Z_]+\b`)
	var found []string
	for _, pattern := range []string{"internal/config/*.go", "cmd/ticketflow/*.go"} {
		files, err := filepath.Glob(filepath.Join(root, pattern))
		if err != nil {
			t.Fatal(err)
		}
		for _, file := range files {
			if strings.HasSuffix(file, "_test.go") {
				continue
			}
			text, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			found = append(found, name.FindAllString(string(text), -1)...)
		}
	}
	return found
}

func TestTheImageIsNotRoot(t *testing.T) {
	text, err := os.ReadFile(filepath.Join(root, "Dockerfile"))
	if err != nil {
		t.Fatal(err)
	}
	_, final, ok := strings.Cut(string(text), "\nFROM scratch\n")
	for _, want := range []string{
		"\nUSER 65532:65532\n", "\nHEALTHCHECK ", "\nENTRYPOINT [\"/ticketflow\"]\n",
		"\nEXPOSE 8080\n",
	} {
		if !ok || !strings.Contains(final, want) {
			t.Errorf("the final stage has no %q", strings.TrimSpace(want))
		}
	}
	module, err := os.ReadFile(filepath.Join(root, "go.mod"))
	if err != nil {
		t.Fatal(err)
	}
	version := regexp.MustCompile(`(?m)^go (\d+\.\d+)`).FindStringSubmatch(string(module))
	if version == nil || !strings.Contains(string(text), "FROM golang:"+version[1]+"-") {
		t.Errorf("the image is not built with the Go of go.mod, %q", version)
	}
}
