package training

import "testing"

// The agency that the tests' people are of, and their subjects name.
const ownAgency = 10

func TestCan(t *testing.T) {
	const (
		yes      = ""
		notFound = string(KindNotFound)
		no       = string(KindForbidden)
	)
	type answers struct{ trainee, instructor, agency, coordinator, admin string }
	own := Subject{PersonID: 1}
	foreign := Subject{PersonID: 2}
	ofAgency := Subject{PersonID: 2, AgencyID: ownAgency}
	otherAgency := Subject{PersonID: 2, AgencyID: 11}
	instructs := Subject{PersonID: 2, Instructs: true}
	tests := []struct {
		what    string
		action  Action
		subject Subject
		want    answers
	}{
		{"own account", ActOwnAccount, own, answers{yes, yes, yes, yes, yes}},
		{"another's account", ActOwnAccount, foreign, answers{notFound, notFound, notFound, notFound, notFound}},
		{"hold for oneself", ActHold, own, answers{yes, yes, yes, yes, no}},
		{"hold for another", ActHold, ofAgency, answers{notFound, notFound, notFound, notFound, no}},
		{"accept one's offer", ActAccept, own, answers{yes, yes, yes, yes, no}},
		{"accept another's offer", ActAccept, ofAgency, answers{notFound, notFound, notFound, notFound, no}},

		{"decline one's own", ActDecline, own, answers{yes, yes, yes, yes, yes}},
		{"decline for the agency", ActDecline, ofAgency, answers{notFound, notFound, yes, notFound, yes}},
		{"decline for another agency", ActDecline, otherAgency, answers{notFound, notFound, notFound, notFound, yes}},
		{"decline as instructor", ActDecline, instructs, answers{notFound, notFound, notFound, notFound, yes}},
		{"approve for the agency", ActApprove, ofAgency, answers{no, no, yes, no, yes}},
		{"approve for another agency", ActApprove, otherAgency, answers{no, no, notFound, no, yes}},
		{"approve one's own", ActApprove, own, answers{no, no, notFound, no, yes}},
		{"cancel one's own", ActCancel, own, answers{yes, yes, yes, yes, yes}},
		{"cancel for the agency", ActCancel, ofAgency, answers{notFound, notFound, yes, notFound, yes}},
		{"cancel for another agency", ActCancel, otherAgency, answers{notFound, notFound, notFound, notFound, yes}},
		{"cancel as instructor", ActCancel, instructs, answers{notFound, yes, notFound, notFound, yes}},
		{"cancel a stranger's", ActCancel, foreign, answers{notFound, notFound, notFound, notFound, yes}},

		{"view one's own", ActViewEnrolment, own, answers{yes, yes, yes, yes, yes}},
		{"view for the agency", ActViewEnrolment, ofAgency, answers{notFound, notFound, yes, notFound, yes}},
		{"view for another agency", ActViewEnrolment, otherAgency, answers{notFound, notFound, notFound, notFound, yes}},
		{"view as instructor", ActViewEnrolment, instructs, answers{notFound, yes, notFound, notFound, yes}},
		{"fetch one's own certificate", ActFetchCertificate, own, answers{yes, yes, yes, yes, yes}},
		{"fetch for the agency", ActFetchCertificate, ofAgency, answers{notFound, notFound, yes, notFound, yes}},
		{"fetch for another agency", ActFetchCertificate, otherAgency, answers{notFound, notFound, notFound, notFound, yes}},
		{"fetch as instructor", ActFetchCertificate, instructs, answers{notFound, yes, notFound, notFound, yes}},
		{"fetch where none is named", ActFetchCertificate, foreign, answers{notFound, notFound, notFound, notFound, yes}},

		{"teach one's run", ActTeach, instructs, answers{no, yes, no, no, yes}},
		{"teach another's run", ActTeach, foreign, answers{no, notFound, no, no, yes}},
		{"manage the agency", ActManageAgency, Subject{AgencyID: ownAgency}, answers{no, no, yes, no, yes}},
		{"manage another agency", ActManageAgency, Subject{AgencyID: 11}, answers{no, no, notFound, no, yes}},
		{"administer", ActAdminister, Subject{}, answers{no, no, no, no, yes}},
		{"something nobody knows", Action("juggle"), own, answers{notFound, notFound, notFound, notFound, yes}},
	}
	for _, tt := range tests {
		for role, want := range map[Role]string{RoleTrainee: tt.want.trainee, RoleInstructor: tt.want.instructor,
			RoleAgency: tt.want.agency, RoleCoordinator: tt.want.coordinator, RoleAdmin: tt.want.admin} {
			actor := Actor{PersonID: 1, Role: role, AgencyID: ownAgency, Country: "LV"}
			if got := kindOf(Can(actor, tt.action, tt.subject)); got != want {
				t.Errorf("%s, %s: %q, want %q", role, tt.what, got, want)
			}
		}
		if got := kindOf(Can(Actor{}, tt.action, tt.subject)); got != string(KindUnauthenticated) {
			t.Errorf("a visitor, %s: %q", tt.what, got)
		}
		// A visitor is nobody, not the person number nought.
		if got := kindOf(Can(Actor{Role: RoleAdmin}, tt.action, Subject{})); got != string(KindUnauthenticated) {
			t.Errorf("nobody as administrator, %s: %q", tt.what, got)
		}
	}
}

func kindOf(err error) string {
	if err == nil {
		return ""
	}
	fault, ok := AsFault(err)
	if !ok {
		return err.Error()
	}
	return string(fault.Kind)
}

func TestAnUnconfirmedOfficerIsNone(t *testing.T) {
	actor := Actor{PersonID: 1, Role: RoleAgency}
	for _, action := range []Action{ActApprove, ActManageAgency, ActConfirmAffiliation, ActDecline, ActCancel, ActViewEnrolment, ActFetchCertificate} {
		for _, s := range []Subject{{PersonID: 2}, {PersonID: 2, AgencyID: ownAgency, PersonRole: RoleTrainee}} {
			if got := kindOf(Can(actor, action, s)); got != string(KindNotFound) {
				t.Errorf("%s %+v: %q", action, s, got)
			}
		}
	}
}

func TestAnOfficerMakesNoOfficers(t *testing.T) {
	officer := Actor{PersonID: 1, Role: RoleAgency, AgencyID: ownAgency}
	admin := Actor{PersonID: 3, Role: RoleAdmin}
	for _, role := range Roles {
		s := Subject{PersonID: 2, AgencyID: ownAgency, PersonRole: role}
		may := role == RoleTrainee || role == RoleInstructor
		if got := Can(officer, ActConfirmAffiliation, s); (got == nil) != may {
			t.Errorf("the officer confirms a %s: %v", role, got)
		}
		if err := Can(admin, ActConfirmAffiliation, s); err != nil {
			t.Errorf("the administrator confirms a %s: %v", role, err)
		}
		for _, other := range []Role{RoleTrainee, RoleInstructor, RoleCoordinator} {
			actor := Actor{PersonID: 4, Role: other, AgencyID: ownAgency}
			if got := kindOf(Can(actor, ActConfirmAffiliation, s)); got != string(KindForbidden) {
				t.Errorf("a %s confirms a %s: %q", other, role, got)
			}
		}
	}
	for what, s := range map[string]Subject{
		"of another agency":   {PersonID: 2, AgencyID: 11, PersonRole: RoleTrainee},
		"of no agency":        {PersonID: 2, PersonRole: RoleTrainee},
		"themself":            {PersonID: 1, AgencyID: ownAgency, PersonRole: RoleTrainee},
		"of a role not known": {PersonID: 2, AgencyID: ownAgency},
	} {
		if got := kindOf(Can(officer, ActConfirmAffiliation, s)); got != string(KindNotFound) {
			t.Errorf("the officer confirms somebody %s: %q", what, got)
		}
	}
}
