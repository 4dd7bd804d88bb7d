package browser

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/chromedp"
)

const (
	folderMode = 0o755
	fileMode   = 0o644
)

// hear is called for each event of the tab, on the goroutine that reads them.
func (tab *Tab) hear(event any) {
	tab.findings.hear(event)
	dialog, ok := event.(*page.EventJavascriptDialogOpening)
	if !ok {
		return
	}
	// The page stands still until somebody answers, and whoever waits for the page with it.
	go func() {
		ctx, cancel := tab.step()
		defer cancel()
		_, err := chromedp.Call(ctx, page.HandleJavaScriptDialog,
			page.HandleJavaScriptDialogParams{Accept: dialog.Type == page.DialogTypeBeforeunload})
		if err != nil {
			tab.findings.add("dialog could not be answered: %v", err)
		}
	}()
}

// end judges the page at the test's end, and keeps its picture if the test has failed.
func (tab *Tab) end() {
	tab.tb.Helper()
	if tab.findings.isClosed() {
		return
	}
	ctx, cancel := tab.step()
	defer cancel()
	// What the page has done before this answer has been heard by then.
	if err := evaluate(ctx, "1", nil); err != nil {
		tab.tb.Errorf("the page does not answer at the end of the test: %v", err)
	}
	tab.judge()
	if !tab.tb.Failed() {
		return
	}
	folder, err := tab.keep(ctx)
	if err != nil {
		tab.tb.Logf("the page could not be kept: %v", err)
		return
	}
	tab.tb.Logf("the page as it was: %s", folder)
}

// keep writes the picture and the text of the page into a folder of its own.
func (tab *Tab) keep(ctx context.Context) (folder string, err error) {
	name := "ticketflow-page-" + strings.Map(plain, tab.tb.Name()) + "-"
	if folder, err = os.MkdirTemp("", name); err != nil {
		return "", err
	}
	var text struct{ URL, HTML string }
	err = evaluate(ctx,
		"({URL: location.href, HTML: document.documentElement.outerHTML})", &text)
	html := "<!-- " + text.URL + " -->\n<!doctype html>\n" + text.HTML + "\n"
	write := func(name string, content []byte) error {
		return os.WriteFile(filepath.Join(folder, name), content, fileMode)
	}
	picture, shot := capture(ctx, page.CaptureScreenshotParams{}, false)
	return folder, errors.Join(err, shot, write("page.html", []byte(html)),
		write("page.png", picture))
}

// plain keeps what every file system takes in a name.
func plain(r rune) rune {
	if r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' {
		return r
	}
	return '-'
}

// Picture is what is in the window, as PNG, in the device's own pixels.
func (tab *Tab) Picture() []byte {
	tab.tb.Helper()
	return tab.picture(page.CaptureScreenshotParams{}, false)
}

// pictureQuality of Screenshot, in percent: lines of text stay clean.
const pictureQuality = 85

// barred tells whether something stays at the window's lower edge.
const barred = `[...document.querySelectorAll("body *")].some(e => {
	const { position, bottom } = getComputedStyle(e);
	return (position === "fixed" || position === "sticky" && bottom === "0px") &&
		e.checkVisibility();
})`

// Screenshot writes the whole page, also what one has to scroll to, as a WebP file: a tenth of what
// PNG would be. Of a page with a bar at the window's lower edge it writes the window: on a picture
// of the whole page the bar would lie in the middle, over what it never hides for long.
func (tab *Tab) Screenshot(file string) {
	tab.tb.Helper()
	if err := os.MkdirAll(filepath.Dir(file), folderMode); err != nil {
		tab.tb.Fatal(err)
	}
	webp := page.CaptureScreenshotParams{Format: page.CaptureScreenshotFormatWebp,
		Quality: new(int64(pictureQuality))}
	var bar bool
	tab.Eval(barred, &bar)
	if err := os.WriteFile(file, tab.picture(webp, !bar), fileMode); err != nil {
		tab.tb.Fatal(err)
	}
}

func (tab *Tab) picture(as page.CaptureScreenshotParams, whole bool) []byte {
	tab.tb.Helper()
	ctx, cancel := tab.step()
	defer cancel()
	picture, err := capture(ctx, as, whole)
	if err != nil {
		tab.tb.Fatal("take a picture:", err)
	}
	return picture
}

func capture(
	ctx context.Context, parameters page.CaptureScreenshotParams, whole bool,
) ([]byte, error) {
	if whole {
		metrics, err := chromedp.Call(ctx, page.GetLayoutMetrics, cdp.Empty{})
		if err != nil {
			return nil, err
		}
		size := metrics.CSSContentSize
		parameters.CaptureBeyondViewport = new(true)
		parameters.Clip = &page.Viewport{Width: size.Width, Height: size.Height, Scale: 1}
	}
	answer, err := chromedp.Call(ctx, page.CaptureScreenshot, parameters)
	return answer.Data, err
}
