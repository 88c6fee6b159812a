package page

import (
	"bytes"
	"errors"
	"fmt"
	"strconv"
)

// finish adds to the document what gofpdf has no words for: the language, so
// that a screen reader speaks with the right voice, and the wish to show the
// title instead of the file's name. Both are newer than the PDF 1.3 gofpdf
// declares. The catalogue is the last object, so only the place of the
// cross-reference table moves.
func finish(pdf []byte, lang string) ([]byte, error) {
	const header, newHeader = "%PDF-1.3", "%PDF-1.7"
	const catalogue, start = "\n/Type /Catalog\n", "\nstartxref\n"
	at, table := bytes.LastIndex(pdf, []byte(catalogue)), bytes.LastIndex(pdf, []byte(start))
	if !bytes.HasPrefix(pdf, []byte(header)) || at < 0 || table < at {
		return nil, errors.New("finish certificate: not the shape of PDF that was expected")
	}
	added := fmt.Sprintf("/Lang (%s)\n/ViewerPreferences <</DisplayDocTitle true>>\n", lang)
	offset, err := strconv.Atoi(string(bytes.TrimSuffix(pdf[table+len(start):], []byte("\n%%EOF\n"))))
	if err != nil {
		return nil, fmt.Errorf("finish certificate: place of the cross-reference table: %w", err)
	}

	out := make([]byte, 0, len(pdf)+len(added)+1)
	out = append(out, newHeader...)
	out = append(out, pdf[len(header):at+len(catalogue)]...)
	out = append(out, added...)
	out = append(out, pdf[at+len(catalogue):table+len(start)]...)
	out = strconv.AppendInt(out, int64(offset+len(added)), 10)
	return append(out, "\n%%EOF\n"...), nil
}
