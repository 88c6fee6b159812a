package main

import (
	"context"
	"flag"
	"fmt"
	"os"

	"github.com/varde-platform/varde/internal/app"
	"github.com/varde-platform/varde/internal/certificate/seal"
	"github.com/varde-platform/varde/internal/config"
)

// keys makes the secret and the issuer's key where they are missing.
func keys(_ context.Context, c console, args []string) error {
	var pastFile string
	rest, err := flags(c, "keys", func(f *flag.FlagSet) {
		f.StringVar(&pastFile, "past", "", "chain of the issuer's keys until now, for a new key")
	}, args)
	if err != nil {
		return err
	}
	if err := noMore("keys", rest); err != nil {
		return err
	}
	s, err := settings()
	if err != nil {
		return err
	}
	var past *seal.Chain
	if pastFile != "" {
		if past, err = readChain(pastFile); err != nil {
			return err
		}
	}
	secret, err := config.Secret(s.SecretFile, true)
	if err != nil {
		return err
	}
	issuer, err := app.MakeIssuer(s, past)
	if err != nil {
		return err
	}
	fmt.Fprintf(c.out, "secret %s %s\n", config.Fingerprint(secret), s.SecretFile)
	fmt.Fprintf(c.out, "signing %s %s\n", issuer.Fingerprint(), s.Signing().Chain)
	return nil
}

func readChain(path string) (*seal.Chain, error) {
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("read the issuer's chain: %w", err)
	}
	chain, err := seal.ParseChain(text)
	if err != nil {
		return nil, fmt.Errorf("the issuer's chain in %s: %w", path, err)
	}
	return chain, nil
}
