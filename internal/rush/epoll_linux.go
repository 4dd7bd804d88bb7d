package rush

import (
	"errors"
	"fmt"
	"net/netip"
	"runtime"
	"syscall"
	"time"
	"unsafe"
)

const (
	defaultEngine = EngineEpoll

	maxEventsCount = 512
	readSizeBytes  = 64 << 10

	// Absent from package syscall: epoll_pwait2 has one number on all architectures (Linux 5.11),
	// and IP_BIND_ADDRESS_NO_PORT comes from linux/in.h.
	sysEpollPwait2      = 441
	ipBindAddressNoPort = 24

	buyersPerAddress = 10_000
)

// edge asks to be told of changes only, so that a quiet connection costs nothing.
const edge = syscall.EPOLLIN | syscall.EPOLLOUT | syscall.EPOLLRDHUP | 1<<31 // EPOLLET

// hungUp are the events of a connection whose other side sends no more.
const hungUp = syscall.EPOLLRDHUP | syscall.EPOLLHUP | syscall.EPOLLERR

// An epollWire drives all links of a loop from one goroutine over non-blocking sockets.
type epollWire struct {
	*loop
	poll   int
	events [maxEventsCount]syscall.EpollEvent
	socks  []socket
	buf    []byte
	coarse bool        // no epoll_pwait2 here
	peers  []epollPeer // of each server
}

// An epollPeer is the address of a server as the system calls want it.
type epollPeer struct {
	sockaddr syscall.Sockaddr
	family   int
}

// A socket is the state of one link. age tells events of a closed descriptor from those of the one
// that took its place.
type socket struct {
	fd      int32
	age     uint32
	opening bool
	in      []byte // the beginning of an answer whose rest has not come yet
	out     []byte // what the kernel would not take yet
}

// driveEpoll runs a loop until it is done.
func driveEpoll(l *loop) error {
	poll, err := syscall.EpollCreate1(syscall.EPOLL_CLOEXEC)
	if err != nil {
		return fmt.Errorf("epoll: %w", err)
	}
	w := &epollWire{
		loop: l, poll: poll,
		socks: make([]socket, len(l.links)),
		buf:   make([]byte, readSizeBytes),
	}
	for i := range w.socks {
		w.socks[i].fd = -1
	}
	for _, to := range l.targets {
		var peer epollPeer
		peer.sockaddr, peer.family = sockaddrOf(to.addr)
		w.peers = append(w.peers, peer)
	}
	l.wire = w
	// Raw system calls below don't tell the scheduler, so the thread is better not shared.
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	defer func() { _ = syscall.Close(poll) }()
	for !l.done() {
		next := l.tick(l.now())
		if l.done() {
			break
		}
		n, err := w.wait(next - l.now())
		if err != nil {
			return err
		}
		for i := range n {
			w.handle(&w.events[i])
		}
	}
	l.finish(l.now())
	return nil
}

func sockaddrOf(addr netip.AddrPort) (syscall.Sockaddr, int) {
	if addr.Addr().Is4() {
		return &syscall.SockaddrInet4{Port: int(addr.Port()), Addr: addr.Addr().As4()},
			syscall.AF_INET
	}
	return &syscall.SockaddrInet6{Port: int(addr.Port()), Addr: addr.Addr().As16()},
		syscall.AF_INET6
}

// wait returns the number of events, after timeout at the latest.
func (w *epollWire) wait(timeout time.Duration) (int, error) {
	// In a rush something is nearly always ready, and a call that can't block needs no help from
	// the scheduler.
	n, _, errno := syscall.RawSyscall6(syscall.SYS_EPOLL_PWAIT, uintptr(w.poll),
		uintptr(unsafe.Pointer(&w.events[0])), maxEventsCount, 0, 0, 0)
	if errno == 0 && n > 0 || timeout <= 0 {
		return max(0, int(n)*boolInt(errno == 0)), nil
	}
	if !w.coarse {
		span := syscall.NsecToTimespec(int64(timeout))
		n, _, errno = syscall.Syscall6(sysEpollPwait2, uintptr(w.poll),
			uintptr(unsafe.Pointer(&w.events[0])), maxEventsCount,
			uintptr(unsafe.Pointer(&span)), 0, 0)
		if errno == 0 {
			return int(n), nil
		}
		if errno == syscall.EINTR {
			return 0, nil
		}
		w.coarse = true
	}
	// Rounded down: being early costs a turn of the loop, being late would count as latency.
	count, err := syscall.EpollWait(w.poll, w.events[:], int(timeout/time.Millisecond))
	if err != nil && !errors.Is(err, syscall.EINTR) {
		return 0, fmt.Errorf("epoll: %w", err)
	}
	return max(count, 0), nil
}

func boolInt(b bool) int {
	if b {
		return 1
	}
	return 0
}

// dial starts to connect; the outcome arrives as an event.
func (w *epollWire) dial(at int32) {
	if err := w.connect(at); err != nil {
		w.broken(at, troubleConnect, err, w.now())
	}
}

func (w *epollWire) connect(at int32) error {
	s, peer := &w.socks[at], &w.peers[w.links[at].to]
	fd, err := syscall.Socket(peer.family,
		syscall.SOCK_STREAM|syscall.SOCK_NONBLOCK|syscall.SOCK_CLOEXEC, 0)
	if err != nil {
		return fmt.Errorf("socket: %w", err)
	}
	s.fd, s.opening = int32(fd), true
	s.in, s.out = s.in[:0], s.out[:0]
	if err := syscall.SetsockoptInt(fd, syscall.IPPROTO_TCP, syscall.TCP_NODELAY, 1); err != nil {
		return fmt.Errorf("TCP_NODELAY: %w", err)
	}
	w.spread(fd, at)
	if err := syscall.Connect(fd, peer.sockaddr); err != nil && err != syscall.EINPROGRESS {
		return fmt.Errorf("connect: %w", err)
	}
	var event syscall.EpollEvent
	event.Events = edge
	event.Fd, event.Pad = at, int32(s.age)
	if err := syscall.EpollCtl(w.poll, syscall.EPOLL_CTL_ADD, fd, &event); err != nil {
		return fmt.Errorf("epoll: %w", err)
	}
	return nil
}

// spread binds to one of the addresses of the loopback net, because one pair of addresses has only
// some 28,000 ports. It is a help, not a need, so a failure is no failure.
func (w *epollWire) spread(fd int, at int32) {
	to := w.targets[w.links[at].to].addr.Addr()
	if !to.Is4() || !to.IsLoopback() {
		return
	}
	number := int(at)
	if int(at) < len(w.buyers) {
		number = int(w.buyers[at].no)
	}
	if w.cfg.Buyers <= buyersPerAddress {
		return
	}
	_ = syscall.SetsockoptInt(fd, syscall.IPPROTO_IP, ipBindAddressNoPort, 1)
	from := syscall.SockaddrInet4{Addr: [4]byte{127, 0, 0, byte(1 + number/buyersPerAddress)}}
	_ = syscall.Bind(fd, &from)
}

// send writes a request, and keeps what the kernel won't take.
func (w *epollWire) send(at int32, request []byte) error {
	s := &w.socks[at]
	if s.fd < 0 {
		return syscall.EPIPE
	}
	if len(s.out) > 0 {
		s.out = append(s.out, request...)
		return nil
	}
	n, errno := rawIO(syscall.SYS_SENDTO, s.fd, request)
	if errno != 0 && errno != syscall.EAGAIN && errno != syscall.EINTR {
		return errno
	}
	s.out = append(s.out, request[n:]...)
	return nil
}

// rawIO reads or writes without telling the scheduler: the sockets never block.
func rawIO(call uintptr, fd int32, buf []byte) (int, syscall.Errno) {
	var flags uintptr
	if call == syscall.SYS_SENDTO {
		flags = syscall.MSG_NOSIGNAL
	}
	n, _, errno := syscall.RawSyscall6(call, uintptr(fd), uintptr(unsafe.Pointer(&buf[0])),
		uintptr(len(buf)), flags, 0, 0)
	if errno != 0 {
		return 0, errno
	}
	return int(n), 0
}

func (w *epollWire) drop(at int32) {
	s := &w.socks[at]
	if s.fd >= 0 {
		_ = syscall.Close(int(s.fd))
		s.fd = -1
		s.age++
		s.opening = false
	}
}

// handle serves one event.
func (w *epollWire) handle(event *syscall.EpollEvent) {
	at := event.Fd
	s := &w.socks[at]
	if s.fd < 0 || s.age != uint32(event.Pad) {
		return
	}
	if s.opening {
		if event.Events&(syscall.EPOLLOUT|syscall.EPOLLERR|syscall.EPOLLHUP) == 0 {
			return
		}
		if code, err := syscall.GetsockoptInt(int(s.fd), syscall.SOL_SOCKET,
			syscall.SO_ERROR); err != nil || code != 0 {
			w.broken(at, troubleConnect, syscall.Errno(code), w.now())
			return
		}
		s.opening = false
		w.opened(at, w.now())
		return
	}
	if event.Events&syscall.EPOLLOUT != 0 && len(s.out) > 0 {
		n, errno := rawIO(syscall.SYS_SENDTO, s.fd, s.out)
		if errno != 0 && errno != syscall.EAGAIN && errno != syscall.EINTR {
			w.broken(at, troubleReset, errno, w.now())
			return
		}
		s.out = append(s.out[:0], s.out[n:]...)
	}
	if event.Events&^syscall.EPOLLOUT != 0 {
		w.receive(at, event.Events&hungUp != 0)
	}
}

// receive reads what has come, until the socket is empty. That the server has hung up raised its
// edge together with the last bytes, and never again: then the end is read, too.
func (w *epollWire) receive(at int32, ended bool) {
	s := &w.socks[at]
	for age := s.age; ; {
		n, errno := rawIO(syscall.SYS_RECVFROM, s.fd, w.buf)
		switch {
		case errno == syscall.EAGAIN:
			return
		case errno == syscall.EINTR:
			continue
		case errno != 0:
			w.broken(at, troubleReset, errno, w.now())
			return
		case n == 0:
			w.broken(at, troubleReset, errors.New("closed by the server"), w.now())
			return
		}
		if err := w.feed(at, w.buf[:n]); err != nil {
			w.broken(at, troubleGarbled, err, w.now())
			return
		}
		// A short read has emptied the socket, so the next bytes raise a new edge.
		if s.age != age || n < len(w.buf) && !ended {
			return
		}
	}
}

// feed hands on the whole answers in data and keeps the rest.
func (w *epollWire) feed(at int32, data []byte) error {
	s := &w.socks[at]
	whole := len(s.in) == 0
	if !whole {
		s.in = append(s.in, data...)
		data = s.in
	}
	age := s.age
	for len(data) > 0 {
		var a answer
		n, err := parseAnswer(data, &a)
		if err != nil {
			return err
		}
		if n == 0 {
			break
		}
		w.arrived(at, &a, w.now())
		if s.age != age {
			return nil
		}
		data = data[n:]
	}
	s.in = append(s.in[:0], data...)
	w.links[at].cut = len(s.in) > 0
	return nil
}
