package config

import (
	"cmp"
	"path/filepath"
)

// SigningFiles are the files of the issuer's key: the key itself, the chain that
// vouches for it, and what opens the key. Those that are empty have their
// places beside the secret.
type SigningFiles struct{ Key, Chain, Passphrase string }

// Signing are the files of the issuer's key, none of them empty.
func (s Settings) Signing() SigningFiles {
	folder := filepath.Dir(cmp.Or(s.SecretFile, "data/secret"))
	beside := func(name string) string { return filepath.Join(folder, name) }
	return SigningFiles{
		Key:        cmp.Or(s.SigningKey.Key, beside("signing.key")),
		Chain:      cmp.Or(s.SigningKey.Chain, beside("signing.pem")),
		Passphrase: cmp.Or(s.SigningKey.Passphrase, beside("signing.pass")),
	}
}
