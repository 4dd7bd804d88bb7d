package rush

import (
	"bytes"
	"errors"
)

// Bounds of one answer. A server that answers more than this to a buyer is broken.
const (
	maxHeadBytes   = 32 << 10
	maxAnswerBytes = 1 << 20
)

var (
	errBadAnswer  = errors.New("the answer is not HTTP/1.1")
	errLongAnswer = errors.New("the answer is longer than a buyer reads")
)

// An answer is one parsed HTTP response. Its body lies in the buffer that was parsed.
type answer struct {
	status     int
	retryAfter int // seconds, 0 if not given
	closing    bool
	body       []byte
}

// parseAnswer reads the response at the head of buf. It returns how many bytes it takes, or 0 if
// buf doesn't hold all of it yet. A chunked body is joined in place, so buf changes, but only once
// the whole response is there. It allocates nothing.
func parseAnswer(buf []byte, a *answer) (int, error) {
	skipped := 0
	for {
		n, err := parseFinal(buf[skipped:], a)
		if n == 0 || err != nil {
			return 0, err
		}
		skipped += n
		// Interim answers (100 Continue, 103 Early Hints) come before the one that counts.
		if a.status >= 200 {
			return skipped, nil
		}
	}
}

func parseFinal(buf []byte, a *answer) (int, error) {
	end := bytes.Index(buf[:min(len(buf), maxHeadBytes)], []byte("\r\n\r\n"))
	if end < 0 {
		if len(buf) >= maxHeadBytes {
			return 0, errLongAnswer
		}
		return 0, nil
	}
	head := buf[:end]
	// "HTTP/1.1 200" is the shortest status line.
	if len(head) < 12 || string(head[:7]) != "HTTP/1." || head[8] != ' ' {
		return 0, errBadAnswer
	}
	status, ok := decimal(head[9:12])
	if !ok || status < 100 || len(head) > 12 && head[12] != ' ' && head[12] != '\r' {
		return 0, errBadAnswer
	}
	*a = answer{status: status, closing: head[7] == '0'}
	length, chunked, err := a.readHeaders(head)
	if err != nil {
		return 0, err
	}
	body := end + 4
	switch {
	case status < 200 || status == 204 || status == 304:
		return body, nil
	case chunked:
		n, err := joinChunks(buf[body:], a)
		if n == 0 || err != nil {
			return 0, err
		}
		return body + n, nil
	case length < 0:
		// Only the end of the connection would tell the length; no server of ours does that.
		return 0, errBadAnswer
	case length > maxAnswerBytes:
		return 0, errLongAnswer
	case len(buf) < body+length:
		return 0, nil
	}
	a.body = buf[body : body+length]
	return body + length, nil
}

// readHeaders finds the few header lines that matter. length is -1 if none is given.
func (a *answer) readHeaders(head []byte) (length int, chunked bool, err error) {
	length = -1
	at := bytes.IndexByte(head, '\n')
	for at >= 0 {
		// A lone line feed is a line's end to some readers and none to others.
		if head[at-1] != '\r' {
			return 0, false, errBadAnswer
		}
		line := head[at+1:]
		next := bytes.IndexByte(line, '\n')
		if next >= 0 {
			line = line[:next]
			at += next + 1
		} else {
			at = -1
		}
		colon := bytes.IndexByte(line, ':')
		if colon <= 0 {
			return 0, false, errBadAnswer
		}
		// The length of the name is enough to pass by most lines without comparing letters.
		switch colon {
		case len("content-length"):
			if foldEqual(line[:colon], "content-length") {
				n, ok := decimal(bytes.TrimSpace(line[colon+1:]))
				if !ok || length >= 0 && length != n {
					return 0, false, errBadAnswer
				}
				length = n
			}
		case len("transfer-encoding"):
			if foldEqual(line[:colon], "transfer-encoding") {
				if !foldEqual(bytes.TrimSpace(line[colon+1:]), "chunked") {
					return 0, false, errBadAnswer
				}
				chunked = true
			}
		case len("connection"):
			if foldEqual(line[:colon], "connection") {
				a.closing = foldEqual(bytes.TrimSpace(line[colon+1:]), "close")
			}
		case len("retry-after"):
			if foldEqual(line[:colon], "retry-after") {
				a.retryAfter, _ = decimal(bytes.TrimSpace(line[colon+1:]))
			}
		}
	}
	return length, chunked, nil
}

// joinChunks walks over a chunked body, first to see that it is all there, then to join it.
func joinChunks(buf []byte, a *answer) (int, error) {
	total, consumed, err := walkChunks(buf, nil)
	if consumed == 0 || err != nil {
		return 0, err
	}
	joined := buf[:0]
	_, _, _ = walkChunks(buf, &joined)
	a.body = joined[:total]
	return consumed, nil
}

// walkChunks returns the length of the joined body and of its chunked form, 0 if that is
// incomplete. With into it moves the chunks together; writing never overtakes reading.
func walkChunks(buf []byte, into *[]byte) (total, consumed int, err error) {
	at := 0
	for {
		eol := bytes.IndexByte(buf[at:], '\n')
		if eol < 0 {
			if len(buf)-at > maxHeadBytes {
				return 0, 0, errLongAnswer
			}
			return 0, 0, nil
		}
		size, ok := chunkSize(buf[at : at+eol])
		if !ok {
			return 0, 0, errBadAnswer
		}
		at += eol + 1
		if size == 0 {
			n, err := trailerEnd(buf[at:])
			if n == 0 {
				return 0, 0, err
			}
			return total, at + n, nil
		}
		if total+size > maxAnswerBytes {
			return 0, 0, errLongAnswer
		}
		if len(buf) < at+size+2 {
			return 0, 0, nil
		}
		if buf[at+size] != '\r' || buf[at+size+1] != '\n' {
			return 0, 0, errBadAnswer
		}
		if into != nil {
			*into = append(*into, buf[at:at+size]...)
		}
		total += size
		at += size + 2
	}
}

// trailerEnd is the length of the (usually empty) trailer with its closing empty line, 0 if that
// has not come yet.
func trailerEnd(buf []byte) (int, error) {
	at := 0
	for {
		eol := bytes.IndexByte(buf[at:], '\n')
		if eol < 0 {
			if len(buf) > maxHeadBytes {
				return 0, errLongAnswer
			}
			return 0, nil
		}
		line := bytes.TrimSuffix(buf[at:at+eol], []byte("\r"))
		at += eol + 1
		if len(line) == 0 {
			return at, nil
		}
	}
}

func chunkSize(line []byte) (int, bool) {
	if semicolon := bytes.IndexByte(line, ';'); semicolon >= 0 {
		line = line[:semicolon]
	}
	line = bytes.TrimRight(line, " \t\r")
	if len(line) == 0 || len(line) > 7 {
		return 0, false
	}
	size := 0
	for _, c := range line {
		switch {
		case c >= '0' && c <= '9':
			size = size<<4 | int(c-'0')
		case c|0x20 >= 'a' && c|0x20 <= 'f':
			size = size<<4 | int(c|0x20-'a'+10)
		default:
			return 0, false
		}
	}
	return size, true
}

// decimal reads up to 9 digits and nothing else.
func decimal(text []byte) (int, bool) {
	if len(text) == 0 || len(text) > 9 {
		return 0, false
	}
	n := 0
	for _, c := range text {
		if c < '0' || c > '9' {
			return 0, false
		}
		n = n*10 + int(c-'0')
	}
	return n, true
}

// foldEqual compares ASCII letters without regard to case; lower must be in lower case.
func foldEqual(text []byte, lower string) bool {
	if len(text) != len(lower) {
		return false
	}
	for i, c := range text {
		if c >= 'A' && c <= 'Z' {
			c |= 0x20
		}
		if c != lower[i] {
			return false
		}
	}
	return true
}
