package main

import (
	"context"
	"fmt"
	"net/http"

	"github.com/varde-platform/varde/internal/app"
	"github.com/varde-platform/varde/internal/training"
)

// shot is one picture; its file is called after name, language and device.
type shot struct {
	name, lang, path string
	role             training.Role // of the reader; empty: a visitor
	device           device
	dark             bool
	// before does what the picture shows the outcome of, and gives the path.
	before func(context.Context, *app.App, training.Actor) (string, error)
	status int64 // zero: 200
	// paper gives a PDF, of whose first page the picture is then.
	paper func(context.Context, *app.App, training.Actor, string) ([]byte, error)
}

type device struct {
	name          string
	width, height int64
}

var (
	desk   = device{"desk", 1280, 860}
	tablet = device{"tablet", 768, 1024}
	phone  = device{"phone", 390, 844}
)

// shots are taken one after the other of the demonstration, whose editions have
// these codes; what one does is there for those after it.
var shots = []shot{
	{name: "front", lang: "en", path: "/", device: desk},
	{name: "front", lang: "fi", path: "/", device: phone},
	{name: "front", lang: "et", path: "/", device: tablet},
	{name: "front-dark", lang: "pl", path: "/", device: desk, dark: true},
	{name: "courses", lang: "en", path: "/courses", device: desk},
	{name: "courses", lang: "ru", path: "/courses", device: phone},
	{name: "courses", lang: "de", path: "/courses", device: tablet},
	{name: "courses-month", lang: "en", path: "/courses?view=calendar", device: desk},
	{name: "course", lang: "en", path: "/courses/modules-basic-course", device: desk},
	{name: "course", lang: "lt", path: "/courses/modules-basic-course", device: phone},
	{name: "run", lang: "en", path: "/runs/OPCW-KUO-9", device: desk},
	{name: "run", lang: "lv", path: "/runs/OPCW-KUO-9", device: phone, role: training.RoleTrainee},
	{name: "run", lang: "da", path: "/runs/OPCW-KUO-9", device: tablet, role: training.RoleTrainee},
	{name: "mine", lang: "lv", path: "/me", device: desk, role: training.RoleTrainee},
	{name: "profile", lang: "sv", path: "/me/profile", device: phone, role: training.RoleTrainee},
	{name: "hold", lang: "en", device: desk, role: training.RoleTrainee, before: hold},
	{name: "hold", lang: "lv", device: phone, role: training.RoleTrainee, before: hold},
	{name: "receipt", lang: "en", device: desk, role: training.RoleTrainee, before: enrol},
	{name: "waiting", lang: "nb", device: phone, role: training.RoleTrainee, before: wait},
	{name: "teach", lang: "et", path: "/teach", device: desk, role: training.RoleInstructor},
	{name: "roster", lang: "en", path: "/teach/MBC-32", device: desk, role: training.RoleAdmin},
	{name: "agency", lang: "en", path: "/agency", device: desk, role: training.RoleAgency},
	{name: "agency-dark", lang: "lv", path: "/agency", device: phone, role: training.RoleAgency, dark: true},
	{name: "secretariat", lang: "en", path: "/admin", device: desk, role: training.RoleAdmin},
	{name: "secretariat-runs", lang: "en", path: "/admin/runs", device: desk, role: training.RoleAdmin},
	{name: "secretariat-texts", lang: "en", path: "/admin/courses/modules-basic-course/texts?lang=fi", device: desk, role: training.RoleAdmin},
	{name: "verify", lang: "de", path: "/verify", device: phone},
	{name: "verdict", lang: "is", device: phone, role: training.RoleTrainee, before: verdict},
	{name: "certificate", lang: "lv", device: desk, role: training.RoleTrainee, paper: certificate},
	{name: "error", lang: "en", path: "/courses/no-such-course", device: desk, status: http.StatusNotFound},
}

// holdable and full are editions, one with seats left and one without.
const (
	holdable = "CBR-TTT-4"
	full     = "UMI-15"
)

// held is what the reader has reserved.
func held(ctx context.Context, a *app.App, reader training.Actor) (string, error) {
	seats, err := a.Enrolment.Seats(ctx, reader, holdable)
	if err != nil {
		return "", fmt.Errorf("read the seats: %w", err)
	}
	if seats.Mine != nil {
		return seats.Mine.Token, nil
	}
	taken, err := a.Enrolment.Hold(ctx, reader, holdable)
	if err != nil {
		return "", fmt.Errorf("reserve a seat: %w", err)
	}
	return taken.Token, nil
}

func hold(ctx context.Context, a *app.App, reader training.Actor) (string, error) {
	_, err := held(ctx, a, reader)
	return "/runs/" + holdable + "/enrol", err
}

func enrol(ctx context.Context, a *app.App, reader training.Actor) (string, error) {
	token, err := held(ctx, a, reader)
	if err != nil {
		return "", err
	}
	made, err := a.Enrolment.Confirm(ctx, reader, holdable, token)
	if err != nil {
		return "", fmt.Errorf("enrol: %w", err)
	}
	return "/me/enrolments/" + made.Ref + "?done=1", nil
}

func wait(ctx context.Context, a *app.App, reader training.Actor) (string, error) {
	made, err := a.Enrolment.ConfirmOrWait(ctx, reader, full, "")
	if err != nil {
		return "", fmt.Errorf("join the waiting list: %w", err)
	}
	return "/me/enrolments/" + made.Ref, nil
}

// number is that of the reader's first certificate.
func number(ctx context.Context, a *app.App, reader training.Actor) (string, error) {
	mine, err := a.Certificates.Mine(ctx, reader)
	if err != nil {
		return "", fmt.Errorf("list the certificates: %w", err)
	}
	if len(mine) == 0 {
		return "", fmt.Errorf("person %d has no certificate", reader.PersonID)
	}
	return mine[0].Number, nil
}

func verdict(ctx context.Context, a *app.App, reader training.Actor) (string, error) {
	n, err := number(ctx, a, reader)
	return "/verify/" + n, err
}

func certificate(ctx context.Context, a *app.App, reader training.Actor, lang string) ([]byte, error) {
	n, err := number(ctx, a, reader)
	if err != nil {
		return nil, err
	}
	file, err := a.Certificates.PDF(ctx, reader, n, lang)
	if err != nil {
		return nil, fmt.Errorf("fetch the certificate: %w", err)
	}
	return file.Bytes, nil
}
