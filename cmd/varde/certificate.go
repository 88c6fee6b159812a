package main

import (
	"cmp"
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"io/fs"
	"os"
	"time"

	"github.com/varde-platform/varde/internal/certificate/seal"
	"github.com/varde-platform/varde/internal/i18n"
	"github.com/varde-platform/varde/locales"
)

// errNotGenuine is the answer no, which was told already.
var errNotGenuine = errors.New("not genuine")

// certificateFiles is what can be done with certificates' files.
func certificateFiles(ctx context.Context, c console, args []string) error {
	switch {
	case len(args) > 0 && args[0] == "verify":
		return verifyCertificate(c, args[1:])
	case len(args) > 0 && args[0] == "forget":
		return forgetFiles(ctx, c, args[1:])
	}
	return usage("certificate verify [--chain FILE] FILE.pdf, or certificate forget --key FINGERPRINT [--delete]")
}

// verifyCertificate judges a file by the chain that it is given, or that is
// configured, and by nothing else: neither network nor database nor what the file
// itself brings.
func verifyCertificate(c console, args []string) error {
	var chainFile, stampFile string
	rest, err := flags(c, "certificate verify", func(f *flag.FlagSet) {
		f.StringVar(&chainFile, "chain", "", "the issuer's chain in PEM, as published at /.well-known/varde-issuer.pem")
		f.StringVar(&stampFile, "tsa-chain", "", "roots in PEM of the authority of time-stamps")
	}, args)
	if err != nil {
		return err
	}
	if len(rest) != 1 {
		return usage("certificate verify takes one file")
	}
	trust, err := trusted(chainFile, stampFile)
	if err != nil {
		return err
	}
	pdf, err := readFile(rest[0])
	if err != nil {
		return usage("%v", err)
	}
	return tell(c.out, seal.Check(pdf, trust))
}

// trusted is the chain that a file is judged by. Without one there is no answer.
func trusted(chainFile, stampFile string) (seal.Trust, error) {
	trust := seal.Trust{Now: time.Now()}
	if chainFile == "" || stampFile == "" {
		s, err := settings()
		if err != nil && chainFile == "" {
			return trust, err
		}
		chainFile = cmp.Or(chainFile, s.Signing().Chain)
		stampFile = cmp.Or(stampFile, s.TSAChainFile)
	}
	var err error
	if trust.Chain, err = readChain(chainFile); errors.Is(err, fs.ErrNotExist) {
		return trust, usage("there is no chain to judge by in %s: name the issuer's with --chain or VARDE_SIGNING_CHAIN_FILE", chainFile)
	}
	if err != nil {
		return trust, usage("%v", err)
	}
	if stampFile != "" {
		var roots *seal.Chain
		if roots, err = readChain(stampFile); err != nil {
			return trust, usage("%v", err)
		}
		trust.TimestampRoots = roots.Certificates()
	}
	return trust, nil
}

// readFile reads no more than can be judged.
func readFile(path string) ([]byte, error) {
	file, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer file.Close()
	return io.ReadAll(io.LimitReader(file, seal.MaxBytes+1))
}

// tell says in one line what was found, in the words of the web page.
func tell(out io.Writer, v seal.Verdict) error {
	bundle, err := i18n.Load(locales.Files)
	if err != nil {
		return err
	}
	s := bundle.For("en")
	if !v.Genuine {
		fmt.Fprintln(out, s.T("verify.file_not_genuine_line", "reason", s.T("verify.file_"+string(v.Reason))))
		return errNotGenuine
	}
	key := "verify.file_genuine_line"
	if v.TimestampTrusted {
		key = "verify.file_stamped_line"
	}
	fmt.Fprintln(out, s.T(key, "number", v.Number, "signer", v.Signer,
		"at", v.SignedAt.Format(time.RFC3339), "stamped", v.Timestamp.Format(time.RFC3339)))
	return nil
}
