// Package archtest keeps the house in order: it is the architecture and the house style of
// TicketFlow, written as tests over the syntax of every Go file of the module.
//
// Each rule is a function from parsed files to findings. It stands in one file with its own
// controls: small sources in memory that the rule must refuse, so that a rule that has gone blind
// turns red. TestTree then runs all rules over the real tree.
//
// The files are read with go/parser and not with "go list": the test cache sees the files that a
// test opens, but not what a child process reads, and would go on showing an old green.
//
//	rule            says
//	rings           who may import whom, and that each package belongs to a ring
//	domain          the innermost ring has no clock, no context, no I/O and no struct tags
//	adapters        adapters don't know each other; the contract suite is for tests
//	modules         the two inner rings use the standard library only
//	aliases         one package, one name: no import alias
//	packages        no name twice, no name without a meaning
//	sizes           file, function and line have a limit
//	documentation   exported names say what they promise
//	interfaces      five methods at most
//	clock           time is passed in, except where the list says why
//	chance          randomness is passed in
//	comments        nothing is left for later
//	skips           a test that doesn't run says so, and only under -short
//
// TestLinks does the same for the written pages: each link inside the repository leads somewhere.
package archtest
