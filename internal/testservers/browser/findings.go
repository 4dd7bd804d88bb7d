package browser

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"sync"

	"github.com/chromedp/cdproto/audits"
	"github.com/chromedp/cdproto/log"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/cdproto/runtime"
)

const failedStatus = 400 // and above

// findings are what a page did wrong, in the order in which it was seen.
type findings struct {
	mu       sync.Mutex
	seen     []string
	allowed  []string
	requests map[network.RequestID]string // what is under way: method and address
	closed   bool
}

func (f *findings) add(format string, arguments ...any) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if text := fmt.Sprintf(format, arguments...); !f.closed && !slices.Contains(f.seen, text) {
		f.seen = append(f.seen, text)
	}
}

func (f *findings) close() {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.closed = true
}

func (f *findings) isClosed() bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.closed
}

// rest gives what nobody allowed.
func (f *findings) rest() []string {
	f.mu.Lock()
	defer f.mu.Unlock()
	return slices.DeleteFunc(slices.Clone(f.seen), func(text string) bool {
		return slices.ContainsFunc(f.allowed, func(a string) bool {
			return strings.Contains(text, a)
		})
	})
}

// hear is called for each event of the tab, on the goroutine that reads them.
func (f *findings) hear(event any) {
	switch e := event.(type) {
	case *runtime.EventConsoleAPICalled:
		if e.Type == runtime.ConsoleAPICalledTypeError ||
			e.Type == runtime.ConsoleAPICalledTypeAssert {
			f.add("console.%s: %s", e.Type, words(e.Args))
		}
	case *runtime.EventExceptionThrown:
		f.add("exception: %s", exception(e.ExceptionDetails))
	case *log.EventEntryAdded:
		// Failed requests are told by the network's own events, with their method.
		if e.Entry.Level == log.EntryLevelError && e.Entry.Source != log.EntrySourceNetwork {
			f.add("%s: %s (%s:%d)", e.Entry.Source, e.Entry.Text, e.Entry.URL,
				e.Entry.LineNumber+1)
		}
	case *audits.EventIssueAdded:
		f.hearIssue(e.Issue)
	case *page.EventJavascriptDialogOpening:
		if e.Type != page.DialogTypeBeforeunload {
			f.add("dialog: %s %q", e.Type, e.Message)
		}
	default:
		f.hearNetwork(event)
	}
}

// hearIssue takes what Chromium itself calls an issue of the page, of the kinds that are the page's
// own fault.
func (f *findings) hearIssue(issue *audits.InspectorIssue) {
	d := issue.Details
	switch {
	case d == nil:
	case d.ContentSecurityPolicyIssueDetails != nil:
		csp := d.ContentSecurityPolicyIssueDetails
		f.add("content security policy: %s refuses %s (%s)", csp.ViolatedDirective,
			csp.BlockedURL, csp.ContentSecurityPolicyViolationType)
	case d.QuirksModeIssueDetails != nil:
		f.add("quirks mode: %s has no doctype", d.QuirksModeIssueDetails.URL)
	case d.MixedContentIssueDetails != nil:
		f.add("mixed content: %s", d.MixedContentIssueDetails.InsecureURL)
	case d.DeprecationIssueDetails != nil:
		f.add("deprecated: %s", d.DeprecationIssueDetails.Type)
	case d.GenericIssueDetails != nil && !isTaste(d.GenericIssueDetails.ErrorType):
		f.add("issue: %s %s", d.GenericIssueDetails.ErrorType,
			d.GenericIssueDetails.ViolatingNodeAttribute)
	}
}

// isTaste tells what is advice and no fault: a field named "email" is not wrong, and one that no
// form sends needs no name. What is missing for people is axe-core's to find.
func isTaste(kind audits.GenericIssueErrorType) bool {
	return kind == "FormInputAssignedAutocompleteValueToIdOrNameAttributeError" ||
		kind == "FormEmptyIdAndNameAttributesForInputError"
}

func (f *findings) hearNetwork(event any) {
	switch e := event.(type) {
	case *network.EventRequestWillBeSent:
		f.mu.Lock()
		if f.requests == nil {
			f.requests = make(map[network.RequestID]string)
		}
		f.requests[e.RequestID] = e.Request.Method + " " + e.Request.URL
		f.mu.Unlock()
	case *network.EventResponseReceived:
		if e.Response.Status >= failedStatus {
			f.add("request: %s was answered with %d", f.request(e.RequestID), e.Response.Status)
		}
	case *network.EventLoadingFailed:
		// Who goes to another page ends the requests of this one.
		if !e.Canceled && e.ErrorText != "net::ERR_ABORTED" {
			f.add("request: %s failed: %s", f.request(e.RequestID), e.ErrorText)
		}
	}
}

func (f *findings) request(id network.RequestID) string {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.requests[id]
}

// words writes the arguments of a call to the console as the console does.
func words(arguments []*runtime.RemoteObject) string {
	var texts []string
	for _, a := range arguments {
		var text string
		switch {
		case json.Unmarshal(a.Value, &text) == nil:
		case len(a.Value) > 0:
			text = string(a.Value)
		default:
			text = a.Description
		}
		texts = append(texts, text)
	}
	return strings.Join(texts, " ")
}

func exception(d *runtime.ExceptionDetails) string {
	text := d.Text
	if d.Exception != nil && d.Exception.Description != "" {
		text += " " + d.Exception.Description
	} else if d.Exception != nil {
		text += " " + words([]*runtime.RemoteObject{d.Exception})
	}
	return fmt.Sprintf("%s (%s:%d)", text, d.URL, d.LineNumber+1)
}

// Allow says that findings which contain the text are what the test is about, for instance
// "was answered with 409".
func (tab *Tab) Allow(text string) {
	tab.findings.mu.Lock()
	defer tab.findings.mu.Unlock()
	tab.findings.allowed = append(tab.findings.allowed, text)
}

// Findings gives what the page did wrong so far, without what is allowed.
func (tab *Tab) Findings() []string { return tab.findings.rest() }

// judge fails the test with what was found.
func (tab *Tab) judge() {
	tab.tb.Helper()
	for _, text := range tab.findings.rest() {
		tab.tb.Errorf("the page %s", text)
	}
}
