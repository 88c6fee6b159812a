// Package assets owns what is sent as it is or filled in: templates, styles,
// script, fonts, icons. It holds no rule and no sentence.
package assets

import (
	"embed"
	"io/fs"
)

//go:embed templates static
var files embed.FS

// Templates holds layout.html, partials/ and pages/.
func Templates() fs.FS { return sub("templates") }

// Static holds what is served under /static.
func Static() fs.FS { return sub("static") }

func sub(folder string) fs.FS {
	tree, err := fs.Sub(files, folder)
	if err != nil {
		panic("assets: " + err.Error()) // the folder is embedded above
	}
	return tree
}
