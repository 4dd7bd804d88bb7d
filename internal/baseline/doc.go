// Package baseline is a conventional box office, with which rehearsals compare TicketFlow: what a
// good engineer builds on PostgreSQL and Redis in an afternoon, and most shops run. It answers the
// requests of the load generator.
//
// A hold locks a key for each place in Redis (SET NX PX) and then runs one transaction: SELECT …
// FOR UPDATE of the places, UPDATE, INSERT, COMMIT. The best places are the first free ones that
// nobody else is about to take (FOR UPDATE SKIP LOCKED). An order is a transaction, and so is the
// news of its payment. A repeated request is found by the unique constraint of its idempotency key.
//
// It is meant to be beaten, but not made to be: statements are prepared and use an index, the
// pool of connections is as large as pays off, and each table has the columns and indexes that the
// requests need and no others. It leaves out what costs TicketFlow time and the requests don't ask
// for: signed ticket codes, a log of facts, a live map, a sweep of holds that ran out.
package baseline
