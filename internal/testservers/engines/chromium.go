package engines

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"time"
)

// ChromiumVariable is the environment variable that names Chromium's program, if it isn't in one of
// the usual places.
const ChromiumVariable = "TICKETFLOW_TEST_CHROMIUM"

const chromiumAnswers = 5 * time.Second // at most

// Chromium starts a browser without a window, with a profile of its own. Its URL is where the
// DevTools protocol is spoken.
func Chromium(ctx context.Context) (*Server, error) {
	path, err := ChromiumProgram()
	if err != nil {
		return nil, err
	}
	return launch(ctx, engine{
		name:    "chromium",
		prepare: writeFonts,
		command: func(s *Server) *exec.Cmd { return chromiumCommand(path, s) },
		ready:   chromiumReady,
		stop:    terminate,
		abort:   kill, // its profile is thrown away
	})
}

// ChromiumProgram finds the program: the one in the environment, or else one that is installed.
func ChromiumProgram() (string, error) {
	if given := os.Getenv(ChromiumVariable); given != "" {
		path, err := exec.LookPath(given)
		if err != nil {
			return "", fmt.Errorf("%s: %w", ChromiumVariable, err)
		}
		return path, nil
	}
	return find("chromium", "chromium-browser", "google-chrome-stable", "google-chrome",
		"/Applications/Chromium.app/Contents/MacOS/Chromium",
		"/Applications/Google Chrome.app/Contents/MacOS/Google Chrome")
}

// chromiumCommand turns off what asks the network, what throttles a page that nobody looks at, and
// what makes two pictures of the same page differ.
func chromiumCommand(path string, s *Server) *exec.Cmd {
	arguments := []string{
		"--headless=new",
		"--remote-debugging-address=127.0.0.1",
		"--remote-debugging-port=" + strconv.Itoa(s.port),
		"--user-data-dir=" + filepath.Join(s.folder, "profile"),
		"--disable-background-networking", "--disable-component-update", "--disable-sync",
		"--disable-default-apps", "--disable-extensions", "--no-first-run", "--no-pings",
		"--no-default-browser-check", "--no-proxy-server", "--password-store=basic",
		"--use-mock-keychain", "--disable-breakpad", "--disable-crash-reporter",
		"--disable-features=Translate,OptimizationHints,MediaRouter,DialMediaRouteProvider," +
			"IsolateOrigins,site-per-process," +
			// Pages of each window's own, which cost more than ours do and nobody sees.
			"WebUIOmniboxPopup,WebUIOmniboxAimPopup",
		"--disable-site-isolation-trials", // a frame is in its page's process, where we see it
		"--disable-backgrounding-occluded-windows", "--disable-renderer-backgrounding",
		"--disable-background-timer-throttling", "--disable-ipc-flooding-protection",
		"--disable-dev-shm-usage", "--disable-gpu", "--mute-audio", "--hide-scrollbars",
		"--force-color-profile=srgb", "--font-render-hinting=none",
	}
	if os.Geteuid() == 0 {
		arguments = append(arguments, "--no-sandbox") // it refuses to run as root with one
	}
	command := foreground(path, append(arguments, "about:blank")...)
	command.Env = append(os.Environ(), "HOME="+s.folder, // it leaves nothing elsewhere
		"FONTCONFIG_FILE="+filepath.Join(s.folder, fontsFile))
	return command
}

const fontsFile = "fonts.conf"

// fonts makes the system's typeface one that people have on their screens. What a server shows for
// want of another is a fifth wider.
const fonts = `<?xml version="1.0"?>
<!DOCTYPE fontconfig SYSTEM "urn:fontconfig:fonts.dtd">
<fontconfig>
	<match target="pattern">
		<edit name="family" mode="prepend_first" binding="strong">
			<string>Roboto</string><string>Liberation Sans</string>
		</edit>
	</match>
	<include ignore_missing="yes">/etc/fonts/fonts.conf</include>
</fontconfig>
`

func writeFonts(_ context.Context, s *Server) error {
	return os.WriteFile(filepath.Join(s.folder, fontsFile), []byte(fonts), secretMode)
}

// chromiumReady asks for the address of the DevTools protocol.
func chromiumReady(ctx context.Context, s *Server) (err error) {
	ctx, cancel := context.WithTimeout(ctx, chromiumAnswers)
	defer cancel()
	request, err := http.NewRequestWithContext(ctx, http.MethodGet,
		"http://"+loopback(s.port)+"/json/version", http.NoBody)
	if err != nil {
		return err
	}
	client := http.Client{Transport: &http.Transport{DisableKeepAlives: true}}
	answer, err := client.Do(request)
	if err != nil {
		return err
	}
	defer answer.Body.Close()
	var version struct {
		URL string `json:"webSocketDebuggerUrl"`
	}
	if err := json.NewDecoder(answer.Body).Decode(&version); err != nil {
		return err
	}
	if version.URL == "" {
		return errors.New("chromium names no address to debug it at")
	}
	s.URL = version.URL
	return nil
}
