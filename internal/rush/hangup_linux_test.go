package rush

import (
	"net"
	"net/http/httptest"
	"sync/atomic"
	"syscall"
	"testing"
)

// A parting listener hangs up on its first connections in the same packet as their first answer.
type parting struct {
	net.Listener
	left atomic.Int32
}

func (p *parting) Accept() (net.Conn, error) {
	c, err := p.Listener.Accept()
	if err != nil || p.left.Add(-1) < 0 {
		return c, err
	}
	return &partingConn{TCPConn: c.(*net.TCPConn)}, nil
}

type partingConn struct{ *net.TCPConn }

// Write implements net.Conn: what is corked leaves together with the end.
func (c *partingConn) Write(b []byte) (int, error) {
	raw, err := c.SyscallConn()
	if err != nil {
		return 0, err
	}
	var corked error
	err = raw.Control(func(fd uintptr) {
		corked = syscall.SetsockoptInt(int(fd), syscall.IPPROTO_TCP, syscall.TCP_CORK, 1)
	})
	if err != nil || corked != nil {
		return 0, net.ErrClosed
	}
	n, err := c.TCPConn.Write(b)
	_ = c.CloseWrite()
	return n, err
}

// TestAnAnswerAndTheEndInOnePacket: who has sent something twice over one connection, and gets one
// answer and the end of it, notices both and asks again.
func TestAnAnswerAndTheEndInOnePacket(t *testing.T) {
	t.Parallel()
	for _, engine := range engines() {
		t.Run(string(engine), func(t *testing.T) {
			t.Parallel()
			const places = 40
			o := newOffice(places)
			server := httptest.NewUnstartedServer(o.handler())
			p := &parting{Listener: server.Listener}
			p.left.Store(10)
			server.Listener = p
			server.Start()
			t.Cleanup(server.Close)
			r := mustRun(t, Config{Target: server.URL, Buyers: 8, Places: places, Engine: engine,
				Shares: &Shares{Twice: 1}})
			if r.Sold != places || !r.OK() || r.Stopped != StoppedSoldOut ||
				r.Errors["reset"] == 0 {
				t.Errorf("sold %d (%s) in %.0f s, broken %v, errors %v", r.Sold, r.Stopped,
					r.DurationS, r.Broken, r.Errors)
			}
		})
	}
}
