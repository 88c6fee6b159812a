package page

// mostSignatories is how many find room beside the issuer.
const mostSignatories = 2

// footPlan is how wide the parts of the foot are, by the number of signatories.
type footPlan struct {
	rule   float64 // over the issuer
	issuer float64
	person float64
	verify float64
}

const footGap = 7.0

var footPlans = [mostSignatories + 1]footPlan{
	{rule: 72, issuer: 118, verify: 84},
	{rule: 66, issuer: 66, person: 48, verify: 80},
	{rule: 48, issuer: 48, person: 42, verify: 56},
}

// foot sets issuer and signatories under rules at one height, verification beside
// the code, all upon the same bottom. It gives the height where the foot begins,
// with the room to sign in.
func (c composer) foot(s *sheet) float64 {
	plan := footPlans[len(c.facts.Signatories)]
	signed := []*block{c.issuer(plan)}
	for i, person := range c.facts.Signatories {
		x := left + plan.issuer + footGap + float64(i)*(plan.person+footGap)
		signed = append(signed, c.signatory(person, x, plan.person))
	}
	height := 0.0
	for _, b := range signed {
		height = max(height, b.height)
	}
	for _, b := range signed {
		s.place(b, footBottom-height)
	}
	if len(c.facts.Signatories) > 0 {
		const roomToSign = 10
		height += c.space(roomToSign)
	}
	verification := c.verification(plan.verify)
	s.place(verification, footBottom-verification.height)
	s.links = append(s.links, area{codeX, codeY, codeSize, codeSize})
	return footBottom - max(height, verification.height, codeSize)
}

// issuer is the line of who issued the certificate, and when.
func (c composer) issuer(plan footPlan) *block {
	name := style{face: c.fonts.serif, size: 13, leading: 1.3, colour: ink, gap: 2, evenly: true}
	signed := style{face: c.fonts.sans, size: 9.5, leading: 1.35, colour: stone, gap: 0.6, evenly: true}
	small := style{face: c.fonts.sans, size: 7.5, leading: 1.35, colour: stone, gap: 0.2, evenly: true}
	if plan.person > 0 {
		name.size, signed.size = 11, 8.5
	}
	b := c.block()
	b.rules = append(b.rules, rule{x: left, width: plan.rule})
	b.paragraph(b.onOneLine(name, c.facts.Issuer, plan.issuer, 0.8), c.facts.Issuer, left, plan.issuer)
	b.paragraph(signed, c.facts.Primary.Signed, left, plan.issuer)
	b.paragraph(small, c.facts.Secondary.Signed, left, plan.issuer)
	return b
}

// signatory is a person's name and role under a rule.
func (c composer) signatory(who Signatory, x, width float64) *block {
	name := style{face: c.fonts.serif, size: 11, leading: 1.3, colour: ink, gap: 2, evenly: true}
	role := style{face: c.fonts.sans, size: 8.5, leading: 1.35, colour: stone, gap: 0.6, evenly: true}
	small := style{face: c.fonts.sans, size: 7.5, leading: 1.35, colour: stone, gap: 0.2, evenly: true}

	b := c.block()
	b.rules = append(b.rules, rule{x: x, width: width})
	b.paragraph(b.onOneLine(name, who.Name, width, 0.8), who.Name, x, width)
	b.paragraph(role, who.Role, x, width)
	if who.RoleSecondary != who.Role {
		b.paragraph(small, who.RoleSecondary, x, width)
	}
	return b
}

// verification is hint, number and address, set against the QR code.
func (c composer) verification(width float64) *block {
	hint := style{face: c.fonts.sans, size: 9.5, leading: 1.35, colour: stone, evenly: true}
	small := style{face: c.fonts.sans, size: 7.5, leading: 1.35, colour: stone, gap: 0.2}
	number := style{face: c.fonts.sans, size: 13, leading: 1.3, colour: ink, gap: 1.6}
	address := style{face: c.fonts.sans, size: 8, leading: 1.35, colour: fjord, gap: 0.4}

	x := verifyRight - width
	b := c.block()
	b.paragraph(b.onOneLine(hint, c.facts.Primary.VerifyHint, width, 0.8), c.facts.Primary.VerifyHint, x, width)
	b.paragraph(small, c.facts.Secondary.VerifyHint, x, width)
	b.paragraph(b.onOneLine(number, c.facts.Number, width, 0.7), c.facts.Number, x, width)
	top := b.height
	b.paragraph(b.onOneLine(address, c.facts.VerifyURL, width, 0.75), c.facts.VerifyURL, x, width)
	b.links = append(b.links, area{x, top, width, b.height - top})
	b.alignRight(verifyRight)
	return b
}
