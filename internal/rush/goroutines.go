package rush

import (
	"context"
	"errors"
	"io"
	"net"
	"sync"
	"syscall"
	"time"
)

const (
	pipeReadSizeBytes = 8 << 10
	writeTimeout      = 5 * time.Second
)

// A goroutineWire drives the links of a loop with one reading goroutine each. It runs wherever Go
// does. The loop belongs to whoever holds the lock.
type goroutineWire struct {
	*loop
	lock  sync.Mutex
	pipes []pipe
	alive sync.WaitGroup
	kick  chan struct{}
	wakes time.Duration // when the pacer means to wake
	ended bool
}

// A pipe is the connection of one link. age tells a reader that its connection was replaced.
type pipe struct {
	conn net.Conn
	age  int
}

// driveGoroutines runs a loop until it is done.
func driveGoroutines(l *loop) error {
	w := &goroutineWire{
		loop:  l,
		pipes: make([]pipe, len(l.links)),
		kick:  make(chan struct{}, 1),
	}
	l.wire = w
	timer := time.NewTimer(0)
	defer timer.Stop()
	for {
		w.lock.Lock()
		w.wakes = l.tick(l.now())
		done, pause := l.done(), w.wakes-l.now()
		w.lock.Unlock()
		if done {
			break
		}
		timer.Reset(max(pause, 0))
		select {
		case <-timer.C:
		case <-w.kick:
		}
	}
	w.lock.Lock()
	w.ended = true
	l.finish(l.now())
	w.lock.Unlock()
	w.alive.Wait()
	return nil
}

// served wakes the pacer if there is something to do before it would wake by itself.
func (w *goroutineWire) served() {
	if w.timers.next() < w.wakes || w.done() || w.cfg.Scenario == Steady && !w.opening {
		select {
		case w.kick <- struct{}{}:
		default:
		}
	}
}

func (w *goroutineWire) dial(at int32) {
	p := &w.pipes[at]
	p.age++
	age := p.age
	to := w.targets[w.links[at].to].addr.String()
	w.alive.Go(func() {
		dialer := net.Dialer{Timeout: w.cfg.ConnectTimeout}
		conn, err := dialer.DialContext(context.Background(), "tcp", to)
		w.lock.Lock()
		if w.ended || p.age != age {
			w.lock.Unlock()
			if err == nil {
				_ = conn.Close()
			}
			return
		}
		if err != nil {
			w.broken(at, troubleConnect, err, w.now())
		} else {
			p.conn = conn
			w.opened(at, w.now())
		}
		w.served()
		w.lock.Unlock()
		if err == nil {
			w.listen(at, conn, age)
		}
	})
}

func (w *goroutineWire) send(at int32, request []byte) error {
	conn := w.pipes[at].conn
	if conn == nil {
		return syscall.EPIPE
	}
	// A request is far smaller than a socket's buffer, so this waits only for a server that has
	// read nothing for a long time.
	if err := conn.SetWriteDeadline(time.Now().Add(writeTimeout)); err != nil {
		return err
	}
	_, err := conn.Write(request)
	return err
}

func (w *goroutineWire) drop(at int32) {
	p := &w.pipes[at]
	p.age++
	if p.conn != nil {
		_ = p.conn.Close()
		p.conn = nil
	}
}

// listen reads the answers of one connection until it is replaced or broken.
func (w *goroutineWire) listen(at int32, conn net.Conn, age int) {
	buf := make([]byte, 0, pipeReadSizeBytes)
	for {
		if len(buf) == cap(buf) {
			buf = append(buf, make([]byte, cap(buf))...)[:len(buf)]
		}
		n, err := conn.Read(buf[len(buf):cap(buf)])
		buf = buf[:len(buf)+n]
		w.lock.Lock()
		if w.pipes[at].age != age {
			w.lock.Unlock()
			return
		}
		used, bad := w.feed(at, buf, age)
		w.links[at].cut = w.pipes[at].age == age && used < len(buf)
		switch {
		case w.pipes[at].age != age:
		case bad != nil:
			w.broken(at, troubleGarbled, bad, w.now())
		case err != nil:
			if errors.Is(err, io.EOF) {
				err = errors.New("closed by the server")
			}
			w.broken(at, troubleReset, err, w.now())
		}
		replaced := w.pipes[at].age != age
		w.served()
		w.lock.Unlock()
		if replaced {
			return
		}
		buf = append(buf[:0], buf[used:]...)
	}
}

// feed hands on the whole answers in data and returns how much they took.
func (w *goroutineWire) feed(at int32, data []byte, age int) (used int, err error) {
	for used < len(data) && w.pipes[at].age == age {
		var a answer
		n, err := parseAnswer(data[used:], &a)
		if n == 0 || err != nil {
			return used, err
		}
		w.arrived(at, &a, w.now())
		used += n
	}
	return used, nil
}
