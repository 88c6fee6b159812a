package training

// CanCoordinate answers nil where the actor may see all of a member state's
// enrolments: its own national coordinator, once that is confirmed, and
// administrators. As Can does, it tells a wrong role from a state that is not the
// actor's.
func CanCoordinate(actor Actor, country string) error {
	switch {
	case !actor.SignedIn():
		return &Fault{Kind: KindUnauthenticated}
	case actor.Role == RoleAdmin:
		return nil
	case actor.Role != RoleCoordinator:
		return &Fault{Kind: KindForbidden}
	case actor.Country == "" || actor.Country != country:
		return NotFound()
	}
	return nil
}
