// Package rush rehearses the day of the rush: thousands of simulated buyers, each on a TCP
// connection of its own, go through hold → order → pay → tickets against a TicketFlow server.
//
// The generator shares the machine with the server, so it is lean before anything else: requests
// are written from byte templates into reused buffers, answers are parsed by hand, and a few event
// loops drive all connections without a memory allocation per request. What it reports (throughput,
// latencies per step, answers by code, broken promises) comes back as one Result that can be
// printed as a table, as JSON or as one self-contained HTML page.
//
// The package starts no server. NullHandler answers the same requests and stores nothing; it is
// the yardstick that a run's throughput is divided by.
package rush
