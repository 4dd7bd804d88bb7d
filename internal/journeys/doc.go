// Package journeys is what buyers do on the pages, from the front page to the ticket: tests in a
// real browser against a whole box office in this process. There is nothing in it but tests.
//
// A journey starts with open, which gives it a shop of its own: a server with an event on sale, the
// organiser's side, rivals who buy at the same time, a payment gateway that can be told to
// misbehave, and a clock that the test moves. It looks at the pages through tabs of
// internal/testservers/browser, which fail the test for whatever the pages do wrong meanwhile.
package journeys
