package simpay

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"hash/crc32"
	"io"
	"os"
	"strconv"

	"ticketflow/internal/domain/errs"
)

// ErrJournal says that the journal is damaged in its middle, where no interrupted write can reach.
var ErrJournal = errs.New(errs.Internal, "simpay_journal_damaged",
	"The simulator's journal is damaged.")

const (
	journalHead     = "simpay journal 1\n"
	journalFile     = "simpay.journal"
	maxLineBytes    = 512
	maxPendingBytes = 16 << 10
	crcChars        = 8
)

// journal is the append-only file behind the book. A line is fields separated by tabs; the last
// field is the CRC-32 of those before it, in hex:
//
//	C key id amount currency ms             charged
//	D key id amount currency ms             declined
//	P key id amount currency ms             pending: the buyer has a second step to do
//	Y key ms                                which was done: charged
//	N key ms                                or refused: declined
//	X key id ms                             closed by the box office, unpaid
//	R key refund-key amount ms              refunded; by the gateway's side if the key is empty
//	E key refund-key amount ms              a refund that failed at once
//	Q key refund-key amount ms due fails    a refund that is pending, until due (0: by hand)
//	S key refund ms                         which was done; refund counts from 1
//	U key refund ms                         or failed
//	B key amount ms                         taken back by the buyer's bank
//	W key ms                                and given back to us
//	A key number                            webhook acknowledged, or lost on purpose: 0 the first,
//	                                        n the nth of the further ones
//
// where ms is milliseconds since 1970. Each of them but A is one write(2) before anybody hears of
// it, so it survives the end of the process, kill -9 included. There is no fsync: the simulator
// stands for a system that is somewhere else, moves no money, and must not take the disk from the
// ledger; after a power cut it may have forgotten its last seconds. Acknowledgements wait for the
// next write: a lost one only repeats a webhook. The owner serialises all calls.
type journal struct {
	file    *os.File
	size    int64 // bytes known to be whole
	pending []byte
	broken  error
}

// openJournal opens or creates the file and calls replay for each line: its kind and its fields
// without the CRC, valid during the call. An unfinished end is cut off.
func openJournal(path string, replay func(kind byte, fields [][]byte) error) (*journal, error) {
	file, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE|os.O_APPEND, 0o600)
	if err != nil {
		return nil, fmt.Errorf("open journal: %w", err)
	}
	j := &journal{file: file}
	if err := j.load(replay); err != nil {
		return nil, errors.Join(err, file.Close())
	}
	return j, nil
}

func (j *journal) load(replay func(kind byte, fields [][]byte) error) error {
	in := bufio.NewReaderSize(j.file, 64<<10)
	head := make([]byte, len(journalHead))
	n, err := io.ReadFull(in, head)
	if err != nil && !errors.Is(err, io.EOF) && !errors.Is(err, io.ErrUnexpectedEOF) {
		return fmt.Errorf("read journal: %w", err)
	}
	if n < len(head) && string(head[:n]) == journalHead[:n] {
		if err := j.file.Truncate(0); err != nil {
			return fmt.Errorf("repair journal: %w", err)
		}
		return j.write([]byte(journalHead))
	}
	if string(head) != journalHead {
		return ErrJournal.With("It doesn't start as one.")
	}
	j.size = int64(n)
	torn := false
	fields := make([][]byte, 0, 8)
	for number := 2; ; number++ {
		line, err := in.ReadSlice('\n')
		if err != nil && !errors.Is(err, io.EOF) && !errors.Is(err, bufio.ErrBufferFull) {
			return fmt.Errorf("read journal: %w", err)
		}
		if err == nil && wholeLine(line) {
			if torn {
				return ErrJournal.With(fmt.Sprintf("Line %d follows a damaged one.", number))
			}
			fields = splitFields(fields[:0], line)
			if err := replay(line[0], fields); err != nil {
				return ErrJournal.With(fmt.Sprintf("Line %d: %v.", number, err))
			}
			j.size += int64(len(line))
			continue
		}
		if len(line) > 0 {
			torn = true
		}
		if errors.Is(err, io.EOF) {
			break
		}
	}
	if torn {
		if err := j.file.Truncate(j.size); err != nil {
			return fmt.Errorf("repair journal: %w", err)
		}
	}
	return nil
}

// wholeLine tells whether line ends in a newline and in the right CRC.
func wholeLine(line []byte) bool {
	end := len(line) - 1 - crcChars
	if len(line) > maxLineBytes || end < 3 || line[len(line)-1] != '\n' || line[end-1] != '\t' {
		return false
	}
	var want [crcChars]byte
	return bytes.Equal(appendCRC(want[:0], line[:end-1]), line[end:len(line)-1])
}

// splitFields cuts a whole line behind its kind, without the CRC.
func splitFields(fields [][]byte, line []byte) [][]byte {
	rest := line[1 : len(line)-2-crcChars]
	for len(rest) > 0 {
		field := rest[1:]
		if i := bytes.IndexByte(field, '\t'); i >= 0 {
			field = field[:i]
		}
		fields = append(fields, field)
		rest = rest[1+len(field):]
	}
	return fields
}

func appendCRC(dst, text []byte) []byte {
	const digits = "0123456789abcdef"
	sum := crc32.ChecksumIEEE(text)
	for shift := 28; shift >= 0; shift -= 4 {
		dst = append(dst, digits[sum>>shift&0xF])
	}
	return dst
}

// line collects the fields of one line behind what is pending.
type line struct {
	buf   []byte
	start int
}

func (j *journal) begin(kind byte) line {
	return line{buf: append(j.pending, kind), start: len(j.pending)}
}

func (l *line) text(s string) { l.buf = append(append(l.buf, '\t'), s...) }
func (l *line) number(n int64) {
	l.buf = strconv.AppendInt(append(l.buf, '\t'), n, 10)
}

func (l *line) end() []byte {
	text := l.buf[l.start:]
	l.buf = append(l.buf, '\t')
	return append(appendCRC(l.buf, text), '\n')
}

// commit writes the line and all that is pending with one write. If it fails, the line is as if it
// had never been, and what was pending still is.
func (j *journal) commit(l line) error {
	whole := l.end()
	j.pending = whole[:l.start]
	if err := j.write(whole); err != nil {
		return err
	}
	j.pending = whole[:0]
	return nil
}

// later keeps the line for the next write, unless enough has gathered.
func (j *journal) later(l line) error {
	j.pending = l.end()
	if len(j.pending) < maxPendingBytes {
		return nil
	}
	return j.flush()
}

// flush writes what is pending.
func (j *journal) flush() error {
	if len(j.pending) == 0 {
		return nil
	}
	err := j.write(j.pending)
	if err == nil || len(j.pending) >= 2*maxPendingBytes {
		// On a full disk acknowledgements are given up before they fill the memory.
		j.pending = j.pending[:0]
	}
	return err
}

func (j *journal) write(b []byte) error {
	if j.broken != nil {
		return j.broken
	}
	_, err := j.file.Write(b)
	if err == nil {
		j.size += int64(len(b))
		return nil
	}
	// Half a line must not stay before the next one.
	if cut := j.file.Truncate(j.size); cut != nil {
		j.broken = fmt.Errorf("journal unusable: %w", errors.Join(err, cut))
		return j.broken
	}
	return fmt.Errorf("write journal: %w", err)
}

func (j *journal) close() error {
	if j.file == nil {
		return nil
	}
	err := errors.Join(j.flush(), j.file.Close())
	j.file = nil
	j.broken = os.ErrClosed
	return err
}
