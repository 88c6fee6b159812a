package training

import "testing"

func TestMayHold(t *testing.T) {
	tests := []struct {
		what               string
		confirmed, mailOut bool
		name               string
		key                string // empty: may hold
	}{
		{"a confirmed address and a name", true, true, "Anna Bērziņa", ""},
		{"no mail is sent, so no address can be confirmed", false, false, "Anna Bērziņa", ""},
		{"the address is not confirmed yet", false, true, "Anna Bērziņa", "fault.email_not_confirmed"},
		{"the profile is not filled in", true, true, "", "fault.profile_incomplete"},
		{"the profile comes first", false, true, "", "fault.profile_incomplete"},
	}
	for _, tt := range tests {
		t.Run(tt.what, func(t *testing.T) {
			err := MayHold(tt.confirmed, tt.mailOut, tt.name)
			if tt.key == "" {
				if err != nil {
					t.Fatalf("refused: %v", err)
				}
				return
			}
			fault, ok := AsFault(err)
			if !ok || fault.Kind != KindNotEligible || fault.Key != tt.key {
				t.Fatalf("got %v, want not_eligible with %s", err, tt.key)
			}
		})
	}
}
