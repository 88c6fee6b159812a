package page

import (
	"crypto/md5"
	"fmt"
	"mime"
	"regexp"
	"unicode/utf8"
)

// mostAttached bounds the bytes of one attachment: a badge has some thousands.
const mostAttached = 1 << 20

// A name goes from reader to file system, so it is a plain one.
var attachmentName = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9._-]{0,99}$`)

// attach checks the attachments and makes them ready to be written.
func (w *worker) attach(list []Attachment) ([]packedAttachment, error) {
	if len(list) == 0 {
		return nil, nil
	}
	var done []packedAttachment
	for i, a := range sortedAttachments(list) {
		if i > 0 && done[i-1].Name == a.Name {
			return nil, fmt.Errorf("two attachments have the name %q", a.Name)
		}
		if err := a.check(); err != nil {
			return nil, err
		}
		packed, err := w.pack(a.Bytes)
		if err != nil {
			return nil, err
		}
		done = append(done, packedAttachment{Attachment: a, packed: packed, sum: md5.Sum(a.Bytes)})
	}
	return done, nil
}

func (a Attachment) check() error {
	if !attachmentName.MatchString(a.Name) {
		return fmt.Errorf("attachment name %q is not plain letters, digits, dots and hyphens", a.Name)
	}
	if _, _, err := mime.ParseMediaType(a.MIME); err != nil {
		return fmt.Errorf("attachment %s: %w", a.Name, err)
	}
	if !utf8.ValidString(a.Description) {
		return fmt.Errorf("attachment %s: its description is no text", a.Name)
	}
	if len(a.Bytes) > mostAttached {
		return fmt.Errorf("attachment %s has more than %d bytes", a.Name, mostAttached)
	}
	return nil
}
