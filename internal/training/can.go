package training

// Actor is who asks. The zero value is a visitor who is not signed in.
type Actor struct {
	PersonID int
	Role     Role
	// AgencyID and Country are the person's confirmed ones; zero and empty
	// while they are only declared, so that an unconfirmed officer is none.
	AgencyID int
	Country  string
}

// SignedIn reports whether the actor has an account.
func (a Actor) SignedIn() bool { return a.PersonID != 0 }

// Action is something that somebody may do or not.
type Action string

// The actions.
const (
	ActOwnAccount         Action = "own_account"
	ActHold               Action = "hold"   // take, prolong, drop, confirm a hold; enrol
	ActAccept             Action = "accept" // an offer
	ActDecline            Action = "decline"
	ActApprove            Action = "approve"
	ActCancel             Action = "cancel"
	ActReplace            Action = "replace" // one person of an agency by another
	ActAdmit              Action = "admit"   // somebody who waits, once the course has begun
	ActViewEnrolment      Action = "view_enrolment"
	ActTeach              Action = "teach" // see and mark a roster, close a run
	ActManageAgency       Action = "manage_agency"
	ActFetchCertificate   Action = "fetch_certificate"
	ActConfirmAffiliation Action = "confirm_affiliation"
	ActAdminister         Action = "administer" // catalogue, runs, accounts, outbox
)

// Subject is what an action is done to; only the fields that the action's rule
// looks at need to be set.
type Subject struct {
	PersonID   int  // whose it is
	AgencyID   int  // the agency that the enrolment or certificate names; 0: none
	Instructs  bool // the actor is an instructor of the subject's run
	PersonRole Role // of the person whose affiliation is to be confirmed
}

// Can answers nil where the actor may do it. A visitor gets unauthenticated, a
// wrong role forbidden whatever the subject, and a right role with a subject
// that is not its own not_found, exactly as for a missing one.
func Can(actor Actor, action Action, s Subject) error {
	if !actor.SignedIn() {
		return &Fault{Kind: KindUnauthenticated}
	}
	if !roleMay(actor.Role, action) {
		return &Fault{Kind: KindForbidden}
	}
	if !ownMay(actor, action, s) {
		return NotFound()
	}
	return nil
}

func roleMay(role Role, action Action) bool {
	switch action {
	case ActHold, ActAccept:
		return role != RoleAdmin
	case ActTeach, ActAdmit:
		return role == RoleInstructor || role == RoleAdmin
	case ActManageAgency, ActConfirmAffiliation:
		return role == RoleAgency || role == RoleAdmin
	case ActApprove, ActReplace:
		return role == RoleAgency || role == RoleAdmin
	case ActAdminister:
		return role == RoleAdmin
	}
	return true
}

func ownMay(a Actor, action Action, s Subject) bool {
	own := s.PersonID == a.PersonID
	officer := a.Role == RoleAgency && a.AgencyID != 0 && s.AgencyID == a.AgencyID
	instructs := a.Role == RoleInstructor && s.Instructs
	switch action {
	case ActAdminister:
		return true
	case ActOwnAccount, ActHold, ActAccept:
		return own
	}
	if a.Role == RoleAdmin {
		return true
	}
	switch action {
	case ActDecline:
		return own || officer
	case ActApprove, ActReplace, ActManageAgency:
		return officer
	case ActConfirmAffiliation:
		// An officer makes no officers: a person whose role has power over
		// others is confirmed by an administrator.
		return officer && !own && (s.PersonRole == RoleTrainee || s.PersonRole == RoleInstructor)
	case ActCancel, ActViewEnrolment, ActFetchCertificate:
		return own || officer || instructs
	case ActTeach, ActAdmit:
		return instructs
	}
	return false
}
