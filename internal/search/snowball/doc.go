// Package snowball holds the stemmers of Snowball 3.1.1 (https://snowballstem.org)
// in the folders below it, as its compiler writes them, and what they run on. It
// owns no code of Varde's: generate.sh makes all of it anew. It does not know
// Icelandic and Latvian, for which Snowball has none.
package snowball
