package browser

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/chromedp/cdproto/accessibility"
	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"
)

const lookAgain = 15 * time.Millisecond // while a step waits for the page

// Go opens an address, waits until it is loaded, and gives the status of its answer.
func (tab *Tab) Go(url string) int {
	tab.tb.Helper()
	return tab.loads("open "+url, func(ctx context.Context, t *chromedp.Target) error {
		answer, err := cdp.Call(ctx, t, page.Navigate, page.NavigateParams{URL: url})
		if err == nil && answer.ErrorText != "" {
			err = errors.New(answer.ErrorText)
		}
		return err
	})
}

// Reload is the browser's own button. It gives the status of the answer.
func (tab *Tab) Reload() int {
	tab.tb.Helper()
	return tab.loads("reload", func(ctx context.Context, t *chromedp.Target) error {
		_, err := cdp.Call(ctx, t, page.Reload, page.ReloadParams{})
		return err
	})
}

// Loads takes steps that lead to another page, waits until that is loaded, and gives the status of
// its answer. Without it the next step could still look at the old page.
func (tab *Tab) Loads(steps func()) int {
	tab.tb.Helper()
	return tab.loads("wait for the next page", func(context.Context, *chromedp.Target) error {
		steps()
		return nil
	})
}

func (tab *Tab) loads(what string, step func(context.Context, *chromedp.Target) error) int {
	tab.tb.Helper()
	ctx, cancel := tab.step()
	defer cancel()
	response, err := chromedp.RunResponse(ctx, chromedp.Func(step))
	if err != nil {
		tab.tb.Fatalf("%s: %v", what, err)
	}
	if response == nil {
		return 0
	}
	return int(response.Status)
}

// Back is the browser's own button. The page may come from the browser's memory, so that it has no
// status.
func (tab *Tab) Back() {
	tab.tb.Helper()
	var to string
	tab.do("go back", func(ctx context.Context, t *chromedp.Target) error {
		history, err := cdp.Call(ctx, t, page.GetNavigationHistory, cdp.Empty{})
		if err != nil {
			return err
		}
		if history.CurrentIndex == 0 {
			return errors.New("there is no page before this one")
		}
		before := history.Entries[history.CurrentIndex-1]
		to = before.URL
		_, err = cdp.Call(ctx, t, page.NavigateToHistoryEntry,
			page.NavigateToHistoryEntryParams{EntryID: before.ID})
		return err
	})
	tab.WaitFor("document.readyState === 'complete' && location.href === " + quote(to))
}

// URL is the address of the page.
func (tab *Tab) URL() string {
	tab.tb.Helper()
	var url string
	tab.Eval("location.href", &url)
	return url
}

// Eval evaluates an expression in the page, waits for it if it is a promise, and stores its value
// in the variable that result points to, as JSON; nil drops it. It works without JavaScript too,
// promises excepted.
func (tab *Tab) Eval(expression string, result any) {
	tab.tb.Helper()
	ctx, cancel := tab.step()
	defer cancel()
	if err := evaluate(ctx, expression, result); err != nil {
		tab.tb.Fatalf("evaluate %s: %v", brief(expression), err)
	}
}

// errScript is an exception in the expression itself, which another try would not mend.
var errScript = errors.New("the script threw")

func evaluate(ctx context.Context, expression string, result any) error {
	answer, err := chromedp.Call(ctx, runtime.Evaluate, runtime.EvaluateParams{
		Expression: expression, ReturnByValue: new(true), AwaitPromise: new(true),
	})
	switch {
	case err != nil:
		return err
	case answer.ExceptionDetails != nil:
		return fmt.Errorf("%w: %s", errScript, exception(answer.ExceptionDetails))
	case result == nil:
		return nil
	case len(answer.Result.Value) == 0:
		return fmt.Errorf("the value is %s", answer.Result.Type)
	}
	return json.Unmarshal(answer.Result.Value, result)
}

// WaitFor waits until an expression is true in the page, whichever page that is by then.
func (tab *Tab) WaitFor(condition string) {
	tab.tb.Helper()
	tab.wait("wait for "+brief(condition), condition)
}

// wait looks at the page again and again, from outside: a page without JavaScript can't tell.
func (tab *Tab) wait(what, condition string) {
	tab.tb.Helper()
	ctx, cancel := tab.step()
	defer cancel()
	var last error
	for {
		var done bool
		err := evaluate(ctx, "!!("+condition+")", &done)
		switch {
		case err == nil && done:
			return
		case ctx.Err() == nil:
			last = err // a page that is just being left has no place to evaluate in
		}
		if pause(ctx) != nil {
			tab.tb.Fatalf("%s: not within %s; %v", what, tab.setup.Patience, last)
		}
	}
}

func pause(ctx context.Context) error {
	timer := time.NewTimer(lookAgain)
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-timer.C:
		return nil
	}
}

// WaitText waits until the visible text of an element contains a text.
func (tab *Tab) WaitText(selector, text string) {
	tab.tb.Helper()
	tab.wait(fmt.Sprintf("wait for %q in %s", text, selector),
		one(selector)+"?.innerText.includes("+quote(text)+")")
}

// WaitSelector waits until the page has an element.
func (tab *Tab) WaitSelector(selector string) {
	tab.tb.Helper()
	tab.wait("wait for "+selector, one(selector)+" !== null")
}

// WaitURL waits until the address of the page contains a text.
func (tab *Tab) WaitURL(part string) {
	tab.tb.Helper()
	tab.wait("wait for the address "+part, "location.href.includes("+quote(part)+
		") && document.readyState === 'complete'")
}

// Text waits for an element and gives its text as it is seen, trimmed.
func (tab *Tab) Text(selector string) string {
	tab.tb.Helper()
	tab.WaitSelector(selector)
	var text string
	tab.Eval(one(selector)+".innerText", &text)
	return strings.TrimSpace(text)
}

// Texts gives the texts of all elements that a selector matches now.
func (tab *Tab) Texts(selector string) []string {
	tab.tb.Helper()
	var texts []string
	tab.Eval(all(selector)+".map(e => e.innerText.trim())", &texts)
	return texts
}

// Count tells how many elements a selector matches now.
func (tab *Tab) Count(selector string) int {
	tab.tb.Helper()
	var n int
	tab.Eval(all(selector)+".length", &n)
	return n
}

// Value waits for a field and gives what is in it.
func (tab *Tab) Value(selector string) string {
	tab.tb.Helper()
	tab.WaitSelector(selector)
	var value string
	tab.Eval(one(selector)+".value", &value)
	return value
}

// Attribute waits for an element and gives one of its attributes, or nothing.
func (tab *Tab) Attribute(selector, name string) string {
	tab.tb.Helper()
	tab.WaitSelector(selector)
	var value string
	tab.Eval("("+one(selector)+".getAttribute("+quote(name)+") ?? '')", &value)
	return value
}

// Focused gives the role and the name of what has the keyboard's focus, as a screen reader says
// it, for instance "button Pay". It is empty where nothing has.
func (tab *Tab) Focused() string {
	tab.tb.Helper()
	for _, node := range tab.Tree() {
		if node.Focused {
			return strings.TrimSpace(node.Role + " " + node.Name)
		}
	}
	return ""
}

// Node is what a screen reader knows of an element.
type Node struct {
	Role, Name, Description, Value string
	Focused                        bool
}

// Tree gives what a screen reader knows of the page, from top to bottom.
func (tab *Tab) Tree() []Node {
	tab.tb.Helper()
	var found []Node
	tab.do("read the accessibility tree", func(ctx context.Context, t *chromedp.Target) error {
		tree, err := cdp.Call(ctx, t, accessibility.GetFullAXTree,
			accessibility.GetFullAXTreeParams{})
		if err != nil {
			return err
		}
		for _, n := range tree.Nodes {
			if n.Ignored || text(n.Role) == "RootWebArea" {
				continue
			}
			node := Node{Role: text(n.Role), Name: text(n.Name), Value: text(n.Value),
				Description: text(n.Description)}
			for _, p := range n.Properties {
				node.Focused = node.Focused ||
					p.Name == accessibility.PropertyNameFocused && text(p.Value) == "true"
			}
			found = append(found, node)
		}
		return nil
	})
	return found
}

func text(v *accessibility.Value) string {
	if v == nil {
		return ""
	}
	var s string
	if json.Unmarshal(v.Value, &s) != nil {
		return string(v.Value)
	}
	return s
}

const briefLength = 120

// brief shortens an expression for a message.
func brief(s string) string {
	if len(s) <= briefLength {
		return s
	}
	return s[:briefLength] + "…"
}
