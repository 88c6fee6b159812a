// Package locales owns the sentences of Varde: one message file per language.
// It holds no dates, numbers or names of countries; those are CLDR's.
package locales

import "embed"

// Files holds da.json to sv.json.
//
//go:embed *.json same_as_english.txt
var Files embed.FS
