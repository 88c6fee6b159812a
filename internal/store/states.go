package store

import (
	"context"
	"fmt"
	"time"

	"github.com/varde-platform/varde/ent"
	"github.com/varde-platform/varde/ent/memberstate"
	"github.com/varde-platform/varde/internal/training"
)

// SuspendedStates are the codes of the member states whose people get no new
// seats on the day (UTC) of now; with codes given, those of them.
func SuspendedStates(ctx context.Context, db *ent.Client, now time.Time, codes ...string) (map[string]bool, error) {
	query := db.MemberState.Query().Where(memberstate.SuspendedFromNotNil(), memberstate.SuspendedFromNEQ(""))
	if len(codes) > 0 {
		query.Where(memberstate.CodeIn(codes...))
	}
	rows, err := query.All(ctx)
	if err != nil {
		return nil, fmt.Errorf("ask which states are suspended: %w", err)
	}
	suspended := map[string]bool{}
	for _, row := range rows {
		suspended[row.Code] = Suspended(row.SuspendedFrom, row.MemberUntil, now)
	}
	return suspended, nil
}

// Suspended judges the days of a member state as they are stored; empty: none.
func Suspended(from, until string, now time.Time) bool {
	first, _ := training.ParseDate(from) // written by us, checked on the way in
	last, _ := training.ParseDate(until)
	return training.SuspendedOn(first, last, training.DateOf(now.UTC()))
}
