package input

import (
	"archive/zip"
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"io"

	"github.com/ohie-hmis/hmis-go/internal/quote"
)

// maxArchive is the length of the longest zip archive in bytes. An archive is
// held in memory, since its list of files is at the end.
const maxArchive = 64 << 20

// unzip returns the text of the only file in a zip archive.
func unzip(r io.Reader) (io.Reader, error) {
	archive, err := io.ReadAll(io.LimitReader(r, maxArchive+1))
	if err != nil {
		return nil, err
	}
	if len(archive) > maxArchive {
		return nil, fmt.Errorf("zip: want at most %d MiB, or gzip, which needs no memory", maxArchive>>20)
	}
	// Package zip makes an entry for each file in the list, many times as long
	// as that of a hostile archive. So the number at the end of the list is
	// checked first.
	const end = "PK\x05\x06"
	if i := bytes.LastIndex(archive, []byte(end)); i >= 0 && len(archive) >= i+12 {
		if n := binary.LittleEndian.Uint16(archive[i+10:]); n > 1000 {
			return nil, fmt.Errorf("zip: want one file, got %d", n)
		}
	}
	z, err := zip.NewReader(bytes.NewReader(archive), int64(len(archive)))
	if err != nil {
		return nil, err
	}
	var file *zip.File
	for _, f := range z.File {
		switch {
		case f.FileInfo().IsDir():
		case file != nil:
			return nil, fmt.Errorf("zip: want one file, got %s and %s", quote.Line(file.Name, 64), quote.Line(f.Name, 64))
		default:
			file = f
		}
	}
	if file == nil {
		return nil, errors.New("zip: no file in it")
	}
	if file.Flags&1 != 0 {
		return nil, fmt.Errorf("zip: %s is encrypted", quote.Line(file.Name, 64))
	}
	text, err := file.Open()
	if err != nil {
		return nil, fmt.Errorf("zip: %s: %w", quote.Line(file.Name, 64), err)
	}
	return &inflater{text: text, packed: &counter{n: int64(len(archive))}, format: "zip"}, nil
}
