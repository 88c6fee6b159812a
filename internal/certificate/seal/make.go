package seal

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/hex"
	"encoding/pem"
	"errors"
	"fmt"
	"io/fs"
	"math/big"
	"os"
	"path/filepath"
	"time"
)

const (
	newKeyBits = 3072
	rootYears  = 10
	leafYears  = 3

	secretMode fs.FileMode = 0o600
	publicMode fs.FileMode = 0o644
)

// New says what key Make makes and where.
type New struct {
	KeyFile, ChainFile string
	// PassphraseFile opens the key. It is made where it is missing; empty: the key
	// is not encrypted.
	PassphraseFile string
	// Name is the issuer's, as readers of the signature see it.
	Name string
	// At is when the key's time begins; the root ends ten years later, the key three.
	At time.Time
	// Past is the chain of the issuer's keys until now: what they signed stays
	// genuine. Nil for a first key.
	Past *Chain
}

// Make makes a root of its own and a key that it vouches for. Files that are
// there are left as they are: of several processes that start at once one makes
// the key, and all find the same. The root's key is forgotten at once, so that
// nobody can ever make a second certificate in its name.
func Make(n New) error {
	var passphrase []byte
	if n.PassphraseFile != "" {
		if err := createOnce(n.PassphraseFile, secretMode, newPassphrase); err != nil {
			return fmt.Errorf("make the passphrase of the issuer's key: %w", err)
		}
		var err error
		if passphrase, err = readPassphrase(n.PassphraseFile); err != nil {
			return err
		}
	}
	err := createOnce(n.KeyFile, secretMode, func() ([]byte, error) { return newKeyFile(n, passphrase) })
	if err != nil {
		return fmt.Errorf("make the issuer's key: %w", err)
	}
	err = createOnce(n.ChainFile, publicMode, func() ([]byte, error) { return chainOf(n.KeyFile) })
	if err != nil {
		return fmt.Errorf("make the issuer's chain: %w", err)
	}
	return nil
}

// chainOf gives the certificates that stand in a key's file. They are kept there
// so that one single step decides which key and which chain there are, even
// where two processes make one at once or one is killed between two files.
func chainOf(keyFile string) ([]byte, error) {
	text, err := os.ReadFile(keyFile)
	if err != nil {
		return nil, err
	}
	at := bytes.Index(text, []byte("-----BEGIN "+certificateBlock))
	if at < 0 {
		return nil, fmt.Errorf("%s holds a key that was made elsewhere: name its chain", keyFile)
	}
	return text[at:], nil
}

func newPassphrase() ([]byte, error) {
	secret := make([]byte, 32)
	rand.Read(secret) //nolint:errcheck // never fails: crypto/rand ends the program instead
	return []byte(hex.EncodeToString(secret) + "\n"), nil
}

func newKeyFile(n New, passphrase []byte) ([]byte, error) {
	key, chain, err := generate(n.Name, n.At)
	if err != nil {
		return nil, err
	}
	if n.Past != nil {
		chain.links = append(chain.links, n.Past.links...)
	}
	block := &pem.Block{Type: plainBlock}
	if block.Bytes, err = x509.MarshalPKCS8PrivateKey(key); err != nil {
		return nil, err
	}
	if passphrase != nil {
		block.Type = encryptedBlock
		if block.Bytes, err = encryptKey(block.Bytes, passphrase); err != nil {
			return nil, err
		}
	}
	return append(pem.EncodeToMemory(block), chain.PEM()...), nil
}

// generate makes a key with its certificate and root. The key is RSA because
// badges are signed with RS256; the root is P-256, small in every signed file.
func generate(name string, at time.Time) (*rsa.PrivateKey, *Chain, error) {
	if name == "" {
		return nil, nil, errors.New("the issuer has no name")
	}
	at = at.UTC().Truncate(time.Second)
	rootKey, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return nil, nil, err
	}
	root, err := certify(&x509.Certificate{
		Subject:   pkix.Name{Organization: []string{name}, CommonName: name + " – root"},
		NotBefore: at, NotAfter: at.AddDate(rootYears, 0, 0),
		IsCA: true, BasicConstraintsValid: true, MaxPathLenZero: true,
		KeyUsage: x509.KeyUsageCertSign | x509.KeyUsageCRLSign,
	}, nil, &rootKey.PublicKey, rootKey)
	if err != nil {
		return nil, nil, err
	}
	key, err := rsa.GenerateKey(rand.Reader, newKeyBits)
	if err != nil {
		return nil, nil, err
	}
	leaf, err := certify(&x509.Certificate{
		Subject:   pkix.Name{Organization: []string{name}, CommonName: name},
		NotBefore: at, NotAfter: at.AddDate(leafYears, 0, 0),
		BasicConstraintsValid: true,
		KeyUsage:              x509.KeyUsageDigitalSignature | x509.KeyUsageContentCommitment,
	}, root, &key.PublicKey, rootKey)
	if err != nil {
		return nil, nil, err
	}
	return key, &Chain{links: []link{{certificate: leaf}, {certificate: root}}}, nil
}

// certify signs a certificate with its authority's key; without an authority it
// vouches for itself.
func certify(template, authority *x509.Certificate, public any, key *ecdsa.PrivateKey) (*x509.Certificate, error) {
	serial, err := rand.Int(rand.Reader, new(big.Int).Lsh(big.NewInt(1), 127))
	if err != nil {
		return nil, err
	}
	template.SerialNumber = serial.Add(serial, big.NewInt(1))
	if authority == nil {
		authority = template
	}
	der, err := x509.CreateCertificate(rand.Reader, template, authority, public, key)
	if err != nil {
		return nil, err
	}
	return x509.ParseCertificate(der)
}

// createOnce writes a file unless it is there already. It gets its name when it
// is whole, in one step.
func createOnce(path string, mode fs.FileMode, content func() ([]byte, error)) error {
	if _, err := os.Stat(path); !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	text, err := content()
	if err != nil {
		return err
	}
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return err
	}
	draft, err := os.CreateTemp(filepath.Dir(path), filepath.Base(path)+"-")
	if err != nil {
		return err
	}
	defer os.Remove(draft.Name())
	_, err = draft.Write(text)
	if err := errors.Join(err, draft.Chmod(mode), draft.Sync(), draft.Close()); err != nil {
		return err
	}
	if err := os.Link(draft.Name(), path); err != nil && !errors.Is(err, fs.ErrExist) {
		return err
	}
	return nil
}
