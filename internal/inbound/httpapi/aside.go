package httpapi

// aside runs f on a goroutine of its own and returns when it has ended; if f panics, so does aside.
//
// It is for what needs a deep stack for a moment and has nothing to wait for. A stack that has
// grown stays with its goroutine until the collector finds most of it unused, and a connection's
// goroutine lives as long as the connection: ten thousand buyers who had each signed tickets once
// kept 80 MB more of stacks.
func aside(f func()) {
	ended := make(chan any, 1)
	go func() {
		defer func() { ended <- recover() }()
		f()
	}()
	if panicked := <-ended; panicked != nil {
		panic(panicked)
	}
}
