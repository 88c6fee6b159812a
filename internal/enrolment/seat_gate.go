package enrolment

import (
	"entgo.io/ent/dialect/sql"

	"github.com/varde-platform/varde/ent/seatpool"
)

// hasFreeSeat is the condition of the conditional update that alone gives
// seats: taken < size, judged and changed in one statement.
func hasFreeSeat(s *sql.Selector) {
	s.Where(sql.ColumnsLT(s.C(seatpool.FieldTaken), s.C(seatpool.FieldSize)))
}
