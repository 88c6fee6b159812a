package page

import (
	"fmt"
	"slices"
	"strings"
	"time"
)

// drawing is a page that is drawn but not yet a file.
type drawing struct {
	content  []byte             // packed
	names    [2]string          // what the content calls serif and sans
	variants [2]*fontObjects    // the smallest that have all letters on the page
	pictures []*picture         // by the order of their names on the page
	links    []area             // to the address of verification
	files    []packedAttachment // in the order of their names
}

const pictureName = "L"

// document writes a drawing as a PDF. gofpdf would write both fonts anew for
// each document; here they are copied as they were written for the first.
func document(f Facts, d drawing) []byte {
	w := writer{out: make([]byte, 0, d.size()), places: make([]int, 0, firstFreeObject+8)}
	// The four bytes behind the version say to programs that move files that this
	// is no text.
	w.out = append(w.out, "%PDF-1.7\n%\xE2\xE3\xCF\xD3\n"...)
	firstFile := firstFreeObject
	for _, p := range d.pictures {
		firstFile += p.objects()
	}
	w.object(catalogueObject, catalogue(f.Lang, firstFile, d.files))
	w.object(pagesObject, fmt.Sprintf("<<\n/Type /Pages\n/Kids [%d 0 R]\n/Count 1\n>>", pageObject))
	w.object(pageObject, pageDictionary(f, d))
	w.stream(contentObject, "/Filter /FlateDecode", d.content)
	w.object(infoObject, information(f))
	for i, font := range d.variants {
		w.font(firstFontObject+i*objectsOfFont, font)
	}
	next := firstFreeObject
	for _, p := range d.pictures {
		p.write(&w, next)
		next += p.objects()
	}
	for _, file := range d.files {
		file.write(&w, next, f.IssuedAt)
		next += objectsOfAttachment
	}
	return w.finish()
}

// size is about how many bytes the document will have, so that it is made room
// for once.
func (d drawing) size() int {
	const rest = 6000
	n := rest + len(d.content)
	for _, font := range d.variants {
		n += len(font.written)
	}
	for _, p := range d.pictures {
		n += len(p.colours.data) + len(p.alpha.data)
	}
	for _, file := range d.files {
		n += len(file.packed) + 600
	}
	return n
}

func catalogue(lang string, firstFile int, files []packedAttachment) string {
	var b strings.Builder
	fmt.Fprintf(&b, "<<\n/Type /Catalog\n/Pages %d 0 R\n/Lang %s\n/ViewerPreferences <</DisplayDocTitle true>>\n", pagesObject, textString(lang))
	if len(files) > 0 {
		var names, associated strings.Builder
		for i, file := range files {
			at := firstFile + i*objectsOfAttachment
			fmt.Fprintf(&names, "%s %d 0 R ", textString(file.Name), at)
			fmt.Fprintf(&associated, "%d 0 R ", at)
		}
		fmt.Fprintf(&b, "/Names <</EmbeddedFiles <</Names [%s]>>>>\n/AF [%s]\n",
			strings.TrimSpace(names.String()), strings.TrimSpace(associated.String()))
	}
	b.WriteString(">>")
	return b.String()
}

func pageDictionary(f Facts, d drawing) string {
	var b strings.Builder
	fmt.Fprintf(&b, "<<\n/Type /Page\n/Parent %d 0 R\n/MediaBox [0 0 841.89 595.28]\n/Contents %d 0 R\n/Resources <<\n/Font <<",
		pagesObject, contentObject)
	for i, name := range d.names {
		fmt.Fprintf(&b, "/%s %d 0 R ", name, firstFontObject+i*objectsOfFont)
	}
	b.WriteString(">>\n")
	if len(d.pictures) > 0 {
		b.WriteString("/XObject <<")
		at := firstFreeObject
		for i, p := range d.pictures {
			fmt.Fprintf(&b, "/%s%d %d 0 R ", pictureName, i, at)
			at += p.objects()
		}
		b.WriteString(">>\n")
	}
	b.WriteString(">>\n/Annots [")
	for _, a := range d.links {
		fmt.Fprintf(&b, "<</Type /Annot /Subtype /Link /Rect [%.2f %.2f %.2f %.2f] /Border [0 0 0] /F 4 /A <</S /URI /URI %s>>>>\n",
			a.x*pointsPerMM, (pageHeight-a.y-a.height)*pointsPerMM, (a.x+a.width)*pointsPerMM, (pageHeight-a.y)*pointsPerMM,
			textString(f.VerifyURL))
	}
	b.WriteString("]\n>>")
	return b.String()
}

func information(f Facts) string {
	return fmt.Sprintf("<<\n/Producer (Varde, layout "+Layout+")\n/Title %s\n/Subject %s\n/Author %s\n/CreationDate %s\n/ModDate %s\n>>",
		textString(f.Primary.Heading+": "+f.Primary.Course), textString(f.Number), textString(f.Issuer),
		pdfTime(f.IssuedAt), pdfTime(f.IssuedAt))
}

func pdfTime(t time.Time) string { return t.UTC().Format("(D:20060102150405Z)") }

// objectsOfAttachment are its specification and its content.
const objectsOfAttachment = 2

// packedAttachment is an attachment ready to be written.
type packedAttachment struct {
	Attachment
	packed []byte
	// sum is the MD5 sum of the content that PDF readers may look at.
	sum [16]byte
}

func (a packedAttachment) write(w *writer, number int, at time.Time) {
	w.object(number, fmt.Sprintf("<<\n/Type /Filespec\n/F %s\n/UF %s\n/Desc %s\n/AFRelationship /Data\n/EF <</F %d 0 R /UF %d 0 R>>\n>>",
		textString(a.Name), textString(a.Name), textString(a.Description), number+1, number+1))
	w.stream(number+1, fmt.Sprintf("/Type /EmbeddedFile\n/Subtype %s\n/Filter /FlateDecode\n/Params <</Size %d /CreationDate %s /ModDate %s /CheckSum <%x>>>",
		nameObject(a.MIME), len(a.Bytes), pdfTime(at), pdfTime(at), a.sum), a.packed)
}

// sortedAttachments gives them in the order of their names, which a reader may
// rely on.
func sortedAttachments(list []Attachment) []Attachment {
	list = slices.Clone(list)
	slices.SortFunc(list, func(a, b Attachment) int { return strings.Compare(textString(a.Name), textString(b.Name)) })
	return list
}
