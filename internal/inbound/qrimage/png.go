package qrimage

import (
	"bytes"
	"compress/zlib"
	"encoding/binary"
	"fmt"
	"hash/crc32"
	"sync"
)

// The parts of a PNG (ISO/IEC 15948 §11) with a palette of one bit: 0 white, 1 black.
var (
	pngSignature = []byte("\x89PNG\r\n\x1a\n")
	pngPalette   = []byte{0xFF, 0xFF, 0xFF, 0, 0, 0}
)

const (
	bitDepth     = 1
	colorPalette = 3
	filterNone   = 0
	filterUp     = 2
)

// pngWriter is the work space of one picture: the compressor's tables are too large to make anew.
type pngWriter struct {
	data bytes.Buffer
	zip  *zlib.Writer
	row  []byte
}

var pngWriters = sync.Pool{New: func() any {
	w := &pngWriter{}
	// The level is a constant of the package, which is the only thing that can be wrong with it.
	w.zip, _ = zlib.NewWriterLevel(&w.data, zlib.BestSpeed)
	return w
}}

// PNG draws each module as scale × scale pixels of one bit. The failure is ErrScale.
//
// The encoder of the standard library packs bits pixel by pixel, which costs over 20 times as much:
// here a row of modules is packed once and repeated by the filter "same as above".
func (s Symbol) PNG(scale int) ([]byte, error) {
	if scale < 1 || scale > MaxScale {
		return nil, ErrScale
	}
	w := pngWriters.Get().(*pngWriter)
	defer pngWriters.Put(w)
	if err := w.compress(s, scale); err != nil {
		return nil, fmt.Errorf("draw QR: %w", err)
	}
	side := uint32(s.Modules() * scale)
	head := binary.BigEndian.AppendUint32(nil, side)
	head = binary.BigEndian.AppendUint32(head, side)
	head = append(head, bitDepth, colorPalette, 0, 0, 0)
	out := append(make([]byte, 0, 128+w.data.Len()), pngSignature...)
	out = appendChunk(out, "IHDR", head)
	out = appendChunk(out, "PLTE", pngPalette)
	out = appendChunk(out, "IDAT", w.data.Bytes())
	return appendChunk(out, "IEND", nil), nil
}

// compress writes the pixels: each row of modules in full, then scale-1 times as "same as above".
func (w *pngWriter) compress(s Symbol, scale int) error {
	w.data.Reset()
	w.zip.Reset(&w.data)
	bytesPerRow := 1 + (s.Modules()*scale+7)/8
	w.row = append(w.row[:0], make([]byte, 2*bytesPerRow)...)
	row, same := w.row[:bytesPerRow], w.row[bytesPerRow:]
	row[0], same[0] = filterNone, filterUp
	for y := range s.Modules() {
		clear(row[1:])
		for x := range s.code.Size {
			if !s.code.Black(x, y-quietModules) {
				continue
			}
			for pixel := (x + quietModules) * scale; pixel < (x+quietModules+1)*scale; pixel++ {
				row[1+pixel/8] |= 0x80 >> (pixel % 8)
			}
		}
		if _, err := w.zip.Write(row); err != nil {
			return err
		}
		for range scale - 1 {
			if _, err := w.zip.Write(same); err != nil {
				return err
			}
		}
	}
	return w.zip.Close()
}

// appendChunk writes length, type, data and the CRC of type and data.
func appendChunk(out []byte, kind string, data []byte) []byte {
	out = binary.BigEndian.AppendUint32(out, uint32(len(data)))
	start := len(out)
	out = append(append(out, kind...), data...)
	return binary.BigEndian.AppendUint32(out, crc32.ChecksumIEEE(out[start:]))
}
