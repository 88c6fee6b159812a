// Package search owns finding documents by words: how text is taken apart, which
// forms of a word belong together in twelve languages, which errors of typing are
// forgiven, and what ranks before what. It does not own the documents, nor what
// else they are chosen by.
package search
