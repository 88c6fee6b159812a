package handlers

import (
	"time"

	"github.com/gofiber/fiber/v2"
	"github.com/gofiber/fiber/v2/middleware/compress"
	"github.com/gofiber/fiber/v2/middleware/recover"

	"github.com/varde-platform/varde/internal/certificate"
)

// routes is the whole route table.
func (h *Handlers) routes(app *fiber.App) {
	app.Use(recover.New(recover.Config{EnableStackTrace: true, StackTraceHandler: h.panicked}))
	app.Get("/healthz", h.healthz)
	app.Get("/readyz", h.readyz)
	app.Get("/metrics", h.metrics)
	app.Use(h.secureHeaders, storableAddress, smallBody)
	app.Get("/static/*", h.static.serve)
	app.Get("/favicon.ico", func(c *fiber.Ctx) error { return c.Redirect(h.static.Address("favicon.ico")) })
	app.Get("/robots.txt", h.robots)
	app.Use(compress.New(compress.Config{Level: compress.LevelBestSpeed, Next: isStream}))

	// Its body is no JSON: it stands before what refuses any other.
	app.Post("/api/v1/certificates/verify", h.limited("verify-file", filesAMinute, time.Minute), h.bearer, h.idempotent, h.apiVerifyFile)
	h.apiRoutes(app.Group("/api/v1", h.bearer, readable, h.idempotent))
	h.trustRoutes(app)

	app.Get("/sitemap.xml", h.limited("sitemap", 60, time.Minute), h.sitemap)
	app.Get("/sitemap/:part.xml", h.limited("sitemap", 60, time.Minute), h.sitemapPart)
	app.Get("/", h.home)
	app.Get("/verify", h.verifyHome)
	app.Get("/verify/:number", h.limited("verify", 60, time.Minute), h.session, h.needsForm, h.verifyShort)

	site := app.Group("/:lang", h.language)
	h.publicRoutes(site)
	site.Use(h.session, h.csrf, h.again)
	site.Post("/verify/file", h.limited("verify-file", filesAMinute, time.Minute), h.verifyFile)
	h.accountRoutes(site)
	h.traineeRoutes(site)
	h.instructorRoutes(site)
	h.agencyRoutes(site)
	h.adminRoutes(site)
	app.Use(func(*fiber.Ctx) error { return fiber.ErrNotFound })
}

// publicRoutes are read by everyone; a visitor's copy may be a second old.
func (h *Handlers) publicRoutes(site fiber.Router) {
	read := []fiber.Handler{h.session, h.fromCache}
	site.Get("/", h.session, h.forVisitorsOf, h.fromCache, h.front)
	search := []fiber.Handler{h.session, h.fromCache, h.limitedSearch()}
	site.Get("/courses", append(search, h.courses)...)
	site.Get("/courses/"+feedName, append(search, h.coursesFeed)...)
	site.Get("/courses/"+calendarName, append(search, h.coursesCalendar)...)
	site.Get("/courses/"+suggestName, append(read, h.limited("suggest", suggestLimit, time.Minute), h.suggest)...)
	site.Get("/courses/:slug", append(read, h.course)...)
	site.Get("/runs/:code", h.session, h.fromRunCache, h.run)
	site.Get("/runs/:code/seats", append(read, h.seatsNow)...)
	site.Get("/runs/:code/live", h.session, h.liveSeats)
	verify := []fiber.Handler{h.limited("verify", 60, time.Minute), h.session, h.needsForm}
	site.Get("/verify", append(verify, h.verifyForm)...)
	site.Get("/verify/file", h.verifyFileHome)
	site.Get("/verify/:number", append(verify, h.verify)...)
	site.Get("/about", append(read, h.about)...)
	site.Get("/privacy", append(read, h.privacy)...)
	site.Get("/accessibility", append(read, h.accessibility)...)
}

// trustRoutes are what checkers ask for who do not ask us about a certificate.
func (h *Handlers) trustRoutes(app *fiber.App) {
	app.Get("/.well-known/varde-issuer.pem", h.issuerChain)
	app.Get("/.well-known/jwks.json", h.issuerKeys)
	app.Get(certificate.IssuerPath, h.issuerProfile)
	app.Get(certificate.KeysPath+":key", h.issuerKey)
	app.Get(certificate.StatusPath+":list", h.limited("status-list", 60, time.Minute), h.statusList)
}

// perAddress: many people of one agency share the address that it shows outside.
const perAddress = 10

func (h *Handlers) accountRoutes(site fiber.Router) {
	quarter := h.limited("sign-in", perAddress*h.options.SignInLimit, 15*time.Minute)
	site.Get("/signup", h.needsForm, h.signUpForm)
	site.Post("/signup", quarter, h.signUp)
	site.Get("/login", h.needsForm, h.logInForm)
	site.Post("/login", quarter, h.logIn)
	site.Post("/login/link", quarter, h.sendLogInLink)
	site.Get("/link/:token", h.needsForm, h.linkForm)
	site.Post("/link/:token", quarter, h.useLink)
	site.Get("/reset", h.needsForm, h.resetForm)
	site.Post("/reset", quarter, h.sendReset)
	site.Get("/reset/:token", h.needsForm, h.newPasswordForm)
	site.Post("/reset/:token", quarter, h.newPassword)
	site.Post("/logout", h.logOut)
}

func (h *Handlers) traineeRoutes(site fiber.Router) {
	me := site.Group("/me", mustSignIn)
	me.Get("/", h.me)
	me.Get("/profile", h.profileForm)
	me.Post("/profile", h.saveProfile)
	me.Post("/password", h.changePassword)
	me.Post("/confirm-email", h.sendEmailConfirmation)
	me.Get("/enrolments/:ref", h.enrolmentPage)
	me.Get("/enrolments/:ref/calendar.ics", h.enrolmentCalendar)
	me.Post("/enrolments/:ref/accept", h.acceptSeat)
	me.Post("/enrolments/:ref/decline", h.declineSeat)
	me.Post("/enrolments/:ref/cancel", h.cancelEnrolment)
	me.Get("/certificates/:number.pdf", h.certificateFile)
	me.Get("/certificates/:number.badge.jwt", h.certificateBadge)

	site.Post("/runs/:code/hold", mustSignIn, h.takeHold)
	site.Post("/runs/:code/wait", mustSignIn, h.joinList)
	site.Get("/runs/:code/enrol", mustSignIn, h.enrolForm)
	site.Post("/runs/:code/enrol", mustSignIn, h.enrol)
	site.Post("/runs/:code/prolong", mustSignIn, h.prolongHold)
	site.Post("/runs/:code/release", mustSignIn, h.releaseHold)
}

func (h *Handlers) instructorRoutes(site fiber.Router) {
	teach := site.Group("/teach", mustSignIn)
	teach.Get("/", h.teach)
	teach.Get("/:code", h.rosterPage)
	teach.Post("/:code/presence", h.markPresence)
	teach.Post("/:code/results", h.setResults)
	teach.Post("/:code/close", h.closeRun)
	teach.Post("/:code/certificates", h.issueAgain)
	teach.Post("/:code/enrolments/:ref/cancel", h.instructorCancels)
	teach.Post("/:code/enrolments/:ref/admit", h.admitWaiting)
	teach.Get("/:code/certificates/:number.pdf", h.certificateFile)
	teach.Get("/:code/certificates/:number.badge.jwt", h.certificateBadge)
}

func (h *Handlers) agencyRoutes(site fiber.Router) {
	site.Get(statePath, mustSignIn, h.statePage)
	site.Post(statePath+"/runs/:code/release", mustSignIn, h.stateReleases)
	agency := site.Group("/agency", mustSignIn)
	agency.Get("/", h.agencyHome)
	agency.Get("/:slug", h.agencyPage)
	agency.Post("/:slug/people/:person/confirm", h.confirmMember)
	agency.Post("/:slug/people/:person/reject", h.rejectMember)
	agency.Post("/:slug/enrolments/:ref/approve", h.approveEnrolment)
	agency.Post("/:slug/enrolments/:ref/decline", h.declineEnrolment)
	agency.Post("/:slug/enrolments/:ref/cancel", h.agencyCancels)
	agency.Get("/:slug/enrolments/:ref/replace", h.replaceForm)
	agency.Post("/:slug/enrolments/:ref/replace", h.replaceParticipant)
	agency.Get("/:slug/certificates.zip", h.agencyArchive)
	agency.Get("/:slug/certificates/progress/:token", h.archiveProgress)
	agency.Get("/:slug/certificates/:number.pdf", h.certificateFile)
	agency.Get("/:slug/certificates/:number.badge.jwt", h.certificateBadge)
}

func (h *Handlers) adminRoutes(site fiber.Router) {
	admin := site.Group("/admin", mustSignIn)
	admin.Get("/", h.admin)
	admin.Get("/courses", h.adminCourses)
	admin.Get("/import", h.importForm)
	admin.Post("/import", h.importCourses)
	admin.Get("/courses/:slug/texts", h.courseTexts)
	admin.Post("/courses/:slug/texts", h.saveCourseTexts)
	admin.Get("/texts", h.adminTexts)
	admin.Get("/courses/:slug/runs/new", h.newRunForm)
	admin.Post("/courses/:slug/runs/new", h.createRun)
	admin.Get("/runs", h.adminRuns)
	admin.Get("/runs/:code", h.adminSeats)
	admin.Post("/runs/:code/pools/:pool", h.adminResizes)
	admin.Post("/runs/:code/pools/:pool/release", h.adminReleases)
	admin.Get("/states", h.adminStates)
	admin.Post("/states/:state/suspend", h.adminSuspends)
	admin.Post("/states/:state/restore", h.adminRestores)
	admin.Get("/people", h.adminPeople)
	admin.Post("/people/:person/confirm", h.adminConfirms)
	admin.Post("/people/:person/reject", h.adminRejects)
	admin.Get("/outbox", h.adminOutbox)
	admin.Get("/certificates", h.adminCertificates)
	admin.Get("/certificates/looks", h.adminLooks)
	admin.Get("/certificates/programme", h.lookForm)
	admin.Post("/certificates/programme", h.saveLook)
	admin.Get("/certificates/sample.pdf", h.lookSample)
	admin.Get("/certificates/logo.png", h.lookLogo)
	admin.Get("/certificates/:number.pdf", h.certificateFile)
	admin.Get("/certificates/:number.badge.jwt", h.certificateBadge)
	admin.Get("/certificates/:number", h.adminCertificate)
	admin.Get("/certificates/:number/revoke", h.revokeHome)
	admin.Post("/certificates/:number/revoke", h.revokeCertificate)
	admin.Get("/certificates/:number/reissue", h.correctionForm)
	admin.Post("/certificates/:number/reissue", h.correctCertificate)
}

func (h *Handlers) apiRoutes(api fiber.Router) {
	api.Get("/courses", h.limitedSearch(), h.apiCourses)
	api.Post("/courses/:slug/runs", h.apiCreateRun)
	api.Get("/runs/:code", h.apiRun)
	api.Post("/runs/:code/holds", h.apiHold)
	api.Post("/holds/:hold/prolong", h.apiProlong)
	api.Delete("/holds/:hold", h.apiDropHold)
	api.Post("/runs/:code/enrolments", h.apiEnrol)
	api.Get("/me/certificates", h.apiMyCertificates)
	api.Get("/me/enrolments", h.apiMyEnrolments)
	api.Get("/enrolments/:id", h.apiEnrolment)
	api.Post("/enrolments/:id/accept", h.apiAccept)
	api.Post("/enrolments/:id/decline", h.apiDecline)
	api.Post("/enrolments/:id/approve", h.apiApprove)
	api.Post("/enrolments/:id/cancel", h.apiCancel)
	api.Post("/enrolments/:id/admit", h.apiAdmit)
	api.Post("/enrolments/:id/replace", h.apiReplace)
	api.Post("/runs/:code/pools/:pool/release", h.apiReleaseQuota)
	api.Put("/runs/:code/pools/:pool", h.apiResize)
	api.Post("/states/:state/suspend", h.apiSuspend)
	api.Post("/states/:state/restore", h.apiRestore)
	api.Get("/agencies/:slug/enrolments", h.apiAgencyEnrolments)
	api.Get("/agencies/:slug/certificates", h.apiAgencyCertificates)
	api.Get("/agencies/:slug/certificates.zip", h.apiAgencyArchive)
	api.Get("/runs/:code/roster", h.apiRoster)
	api.Put("/runs/:code/roster/:enrolment", h.apiMark)
	api.Post("/runs/:code/close", h.apiClose)
	api.Post("/runs/:code/reopen", h.apiReopen)
	api.Post("/runs/:code/certificates", h.apiIssueAgain)
	api.Post("/certificates/:number/revoke", h.apiRevoke)
	api.Get("/certificates/:number.pdf", h.apiCertificateFile)
	api.Get("/certificates/:number.badge", h.certificateBadge)
	api.Get("/certificates/:number", h.limited("verify", 60, time.Minute), h.apiCertificate)
	api.Use(func(*fiber.Ctx) error { return fiber.ErrNotFound })
}
