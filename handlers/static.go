package handlers

import (
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io/fs"
	"mime"
	"path"
	"strings"

	"github.com/gofiber/fiber/v2"
)

// staticFiles serves what is embedded. The address holds a hash of everything,
// so that a browser may keep each file for a year and still gets the new one
// after an upgrade.
type staticFiles struct {
	version string
	files   map[string]staticFile
}

type staticFile struct {
	kind    string
	plain   []byte
	gzipped []byte // nil where it would save nothing
}

// longLived: the address changes with the content.
const longLived = "public, max-age=31536000, immutable"

func loadStatic(tree fs.FS) (*staticFiles, error) {
	s := &staticFiles{files: map[string]staticFile{}}
	sum := sha256.New()
	err := fs.WalkDir(tree, ".", func(name string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		text, err := fs.ReadFile(tree, name)
		if err != nil {
			return err
		}
		fmt.Fprintf(sum, "%s %d\n", name, len(text))
		sum.Write(text)
		s.files[name] = staticFile{kind: kindOf(name), plain: text}
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("load static files: %w", err)
	}
	s.version = hex.EncodeToString(sum.Sum(nil))[:12]
	return s, s.finish()
}

// finish points the style sheet's own addresses to this version and compresses
// what gains by it.
func (s *staticFiles) finish() error {
	for name, file := range s.files {
		if path.Ext(name) == ".css" {
			file.plain = bytes.ReplaceAll(file.plain, []byte("url(/static/"), []byte("url(/static/"+s.version+"/"))
		}
		packed, err := gzipped(file.plain, gzip.BestCompression)
		if err != nil {
			return err
		}
		if len(packed) < len(file.plain)*9/10 {
			file.gzipped = packed
		}
		s.files[name] = file
	}
	return nil
}

func gzipped(text []byte, level int) ([]byte, error) {
	var out bytes.Buffer
	w, err := gzip.NewWriterLevel(&out, level)
	if err != nil {
		return nil, fmt.Errorf("compress: %w", err)
	}
	if _, err := w.Write(text); err != nil {
		return nil, fmt.Errorf("compress: %w", err)
	}
	if err := w.Close(); err != nil {
		return nil, fmt.Errorf("compress: %w", err)
	}
	return out.Bytes(), nil
}

func kindOf(name string) string {
	switch path.Ext(name) {
	case ".woff2":
		return "font/woff2"
	case ".ico":
		return "image/x-icon"
	}
	if kind := mime.TypeByExtension(path.Ext(name)); kind != "" {
		return kind
	}
	return "text/plain; charset=utf-8"
}

// Address of a file in this version.
func (s *staticFiles) Address(name string) string { return "/static/" + s.version + "/" + name }

func (s *staticFiles) serve(c *fiber.Ctx) error {
	name := c.Params("*")
	cache := "public, max-age=3600"
	if rest, ok := strings.CutPrefix(name, s.version+"/"); ok {
		name, cache = rest, longLived
	}
	file, ok := s.files[name]
	if !ok {
		return fiber.ErrNotFound
	}
	c.Set(fiber.HeaderCacheControl, cache)
	c.Set(fiber.HeaderContentType, file.kind)
	if file.gzipped != nil {
		c.Vary(fiber.HeaderAcceptEncoding)
		if strings.Contains(c.Get(fiber.HeaderAcceptEncoding), "gzip") {
			c.Set(fiber.HeaderContentEncoding, "gzip")
			return c.Send(file.gzipped)
		}
	}
	return c.Send(file.plain)
}
