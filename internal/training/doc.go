// Package training owns the vocabulary and the rules of cross-border training:
// statuses and their transitions, seat arithmetic, who may do what, attendance,
// and the faults that people are told. Everything in it is a pure function of
// its arguments over the standard library alone. It does not own storage, the
// clock, wording in any language, or any way of asking or answering.
package training
