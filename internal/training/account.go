package training

// MayHold answers nil where an account is ready to take a hold, else what the
// person has to do first: fill in the profile (the name is what the certificate
// says), or, where mail is sent at all, confirm the e-mail address.
func MayHold(emailConfirmed, mailOut bool, name string) error {
	switch {
	case name == "":
		return NewFault(KindNotEligible, "fault.profile_incomplete", nil)
	case mailOut && !emailConfirmed:
		return NewFault(KindNotEligible, "fault.email_not_confirmed", nil)
	}
	return nil
}
