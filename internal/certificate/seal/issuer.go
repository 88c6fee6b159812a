// Package seal owns the seal on a certificate's file: the issuer's key and
// chain, the signature put on a PDF, and the judgement of a PDF that somebody
// brings. It knows neither what the page says nor who may have it.
package seal

import (
	"bytes"
	"crypto"
	"crypto/rsa"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"fmt"
	"os"
)

// minKeyBits is what the algorithms' guides ask for at the least.
const minKeyBits = 2048

// Issuer is a key that signs certificates, with the chain that vouches for it.
// It does not change and is safe for use by several goroutines at once.
type Issuer struct {
	key   *rsa.PrivateKey
	leaf  *x509.Certificate
	chain *Chain
	path  []*x509.Certificate
}

// Load reads an issuer: its RSA key as PKCS#8 in PEM, encrypted or not, and its
// chain in PEM, the key's own certificate first. passphraseFile holds what opens
// the key, a final line break aside; it is empty for a key that is not encrypted.
// The errors name the file that is at fault and nothing that it holds.
func Load(keyFile, chainFile, passphraseFile string) (*Issuer, error) {
	key, err := readKey(keyFile, passphraseFile)
	if err != nil {
		return nil, err
	}
	text, err := os.ReadFile(chainFile)
	if err != nil {
		return nil, fmt.Errorf("read the issuer's chain: %w", err)
	}
	chain, err := ParseChain(text)
	if err != nil {
		return nil, fmt.Errorf("the issuer's chain in %s: %w", chainFile, err)
	}
	issuer, err := newIssuer(key, chain)
	if err != nil {
		return nil, fmt.Errorf("the issuer's key in %s with the chain in %s: %w", keyFile, chainFile, err)
	}
	return issuer, nil
}

func newIssuer(key *rsa.PrivateKey, chain *Chain) (*Issuer, error) {
	leaf := chain.links[0].certificate
	const signing = x509.KeyUsageDigitalSignature | x509.KeyUsageContentCommitment
	path := chain.path(leaf)
	switch {
	case !key.PublicKey.Equal(leaf.PublicKey):
		return nil, errors.New("the first certificate of the chain is not that of the key")
	case key.N.BitLen() < minKeyBits:
		return nil, fmt.Errorf("the key has %d bits: at least %d are needed", key.N.BitLen(), minKeyBits)
	case leaf.IsCA:
		return nil, errors.New("the first certificate of the chain is that of an authority, which must not sign certificates of courses")
	case leaf.KeyUsage != 0 && leaf.KeyUsage&signing == 0:
		return nil, errors.New("the first certificate of the chain is not one for signing")
	case !chain.Revoked(leaf).IsZero():
		return nil, errors.New("the key is marked as revoked: a new one is needed")
	}
	if err := chain.Complete(); err != nil {
		return nil, err
	}
	return &Issuer{key: key, leaf: leaf, chain: chain, path: path}, nil
}

// Certificate is the certificate of the issuer's present key.
func (i *Issuer) Certificate() *x509.Certificate { return i.leaf }

// Chain is what others need to check what the issuer signed.
func (i *Issuer) Chain() *Chain { return i.chain }

// PrivateKey signs with the issuer's RSA key. It must never be written anywhere.
func (i *Issuer) PrivateKey() crypto.Signer { return i.key }

// Fingerprint names the issuer's present certificate.
func (i *Issuer) Fingerprint() string { return Fingerprint(i.leaf) }

func readKey(keyFile, passphraseFile string) (*rsa.PrivateKey, error) {
	text, err := os.ReadFile(keyFile)
	if err != nil {
		return nil, fmt.Errorf("read the issuer's key: %w", err)
	}
	block, err := keyBlock(text)
	if err != nil {
		return nil, fmt.Errorf("the issuer's key in %s: %w", keyFile, err)
	}
	der := block.Bytes
	if block.Type == encryptedBlock {
		if passphraseFile == "" {
			return nil, fmt.Errorf("the issuer's key in %s is encrypted: name the file with its passphrase", keyFile)
		}
		passphrase, err := readPassphrase(passphraseFile)
		if err != nil {
			return nil, err
		}
		if der, err = decryptKey(der, passphrase); err != nil {
			return nil, fmt.Errorf("the issuer's key in %s, opened with the passphrase in %s: %w", keyFile, passphraseFile, err)
		}
	}
	// What the parser says of a key is left out: it may quote it.
	parsed, err := x509.ParsePKCS8PrivateKey(der)
	if err != nil {
		return nil, fmt.Errorf("the issuer's key in %s is damaged", keyFile)
	}
	key, ok := parsed.(*rsa.PrivateKey)
	if !ok {
		return nil, fmt.Errorf("the issuer's key in %s is no RSA key: badges are signed with RS256", keyFile)
	}
	return key, nil
}

// keyBlock finds the key. Certificates may stand beside it, as Make leaves them.
func keyBlock(text []byte) (*pem.Block, error) {
	for {
		var block *pem.Block
		block, text = pem.Decode(text)
		switch {
		case block == nil:
			return nil, errors.New("no key in PEM format")
		case block.Type == plainBlock, block.Type == encryptedBlock:
			return block, nil
		case block.Type != certificateBlock:
			return nil, fmt.Errorf("a block %q where PKCS#8 is expected: convert it with openssl pkcs8 -topk8 -v2 aes-256-cbc", block.Type)
		}
	}
}

func readPassphrase(path string) ([]byte, error) {
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("read the passphrase of the issuer's key: %w", err)
	}
	text = bytes.TrimRight(text, "\r\n")
	if len(text) == 0 {
		return nil, fmt.Errorf("the passphrase in %s is empty", path)
	}
	return text, nil
}
