package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"strings"
)

// forgetFiles drops the kept files of a revoked key, so that they are sealed anew.
// Without --delete it only counts them: what is forgotten is gone.
func forgetFiles(ctx context.Context, c console, args []string) error {
	var fingerprint string
	var really bool
	rest, err := flags(c, "certificate forget", func(f *flag.FlagSet) {
		f.StringVar(&fingerprint, "key", "", "fingerprint of the revoked key, as varde keys printed it")
		f.BoolVar(&really, "delete", false, "forget the files, not only count them")
	}, args)
	if err != nil {
		return err
	}
	if err := noMore("certificate forget", rest); err != nil {
		return err
	}
	if fingerprint == "" {
		return usage("certificate forget needs --key FINGERPRINT")
	}
	a, err := open(ctx, c)
	if err != nil {
		return err
	}
	forgotten, err := a.Certificates.Forget(ctx, strings.ToLower(fingerprint), really)
	if err = errors.Join(err, a.Close()); err != nil {
		return err
	}
	outcome := "would be forgotten; --delete forgets them"
	if really {
		outcome = "forgotten; they are made anew when they are next asked for"
	}
	fmt.Fprintf(c.out, "certificates %d, PDF files %d, badges %d: %s\n", forgotten.Certificates, forgotten.PDFs, forgotten.Badges, outcome)
	return nil
}
