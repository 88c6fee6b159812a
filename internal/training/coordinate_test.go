package training

import "testing"

func TestAStateIsSeenByItsOwnCoordinator(t *testing.T) {
	for _, tt := range []struct {
		name    string
		actor   Actor
		country string
		want    Kind // empty: may
	}{
		{"its coordinator", Actor{PersonID: 1, Role: RoleCoordinator, Country: "LV"}, "LV", ""},
		{"the secretariat", Actor{PersonID: 1, Role: RoleAdmin}, "LV", ""},
		{"another state's", Actor{PersonID: 1, Role: RoleCoordinator, Country: "EE"}, "LV", KindNotFound},
		{"one whom nobody has confirmed", Actor{PersonID: 1, Role: RoleCoordinator}, "LV", KindNotFound},
		{"nor the state without a name", Actor{PersonID: 1, Role: RoleCoordinator}, "", KindNotFound},
		{"an officer of the state", Actor{PersonID: 1, Role: RoleAgency, AgencyID: 2, Country: "LV"}, "LV", KindForbidden},
		{"a trainee of the state", Actor{PersonID: 1, Role: RoleTrainee, Country: "LV"}, "LV", KindForbidden},
		{"an instructor", Actor{PersonID: 1, Role: RoleInstructor, Country: "LV"}, "LV", KindForbidden},
		{"a visitor", Actor{}, "LV", KindUnauthenticated},
	} {
		err := CanCoordinate(tt.actor, tt.country)
		if tt.want == "" && err != nil || tt.want != "" && !IsKind(err, tt.want) {
			t.Errorf("%s: %v, want %q", tt.name, err, tt.want)
		}
	}
}
