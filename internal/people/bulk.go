package people

import (
	"iter"
	"slices"
)

// chunk bounds how many rows one statement carries: a row of people has some
// fifteen values, and a statement at most 32,766 of them on SQLite.
const chunk = 500

func chunks[T any](list []T) iter.Seq[[]T] { return slices.Chunk(list, chunk) }
