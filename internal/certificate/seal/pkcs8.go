package seal

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/pbkdf2"
	"crypto/rand"
	"crypto/sha256"
	"crypto/x509/pkix"
	"encoding/asn1"
	"errors"
	"fmt"
)

const (
	plainBlock     = "PRIVATE KEY"
	encryptedBlock = "ENCRYPTED PRIVATE KEY"

	// kdfRounds is what OWASP advises for PBKDF2 with SHA-256. maxRounds keeps a
	// wrong file from holding up the start for minutes.
	kdfRounds = 600_000
	maxRounds = 10_000_000
	saltBytes = 16
	keyBytes  = 32 // AES-256
)

var (
	oidPBES2      = asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 5, 13}
	oidPBKDF2     = asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 5, 12}
	oidHMACSHA256 = asn1.ObjectIdentifier{1, 2, 840, 113549, 2, 9}
	oidAES256CBC  = asn1.ObjectIdentifier{2, 16, 840, 1, 101, 3, 4, 1, 42}
)

var (
	errEncryption = errors.New("encrypted in another way than this program reads: convert it with openssl pkcs8 -topk8 -v2 aes-256-cbc -v2prf hmacWithSHA256")
	errPassphrase = errors.New("the passphrase does not open it")
)

// The structures of RFC 5958 and RFC 8018.
type encryptedKey struct {
	Algorithm pkix.AlgorithmIdentifier
	Data      []byte
}

type pbes2 struct{ KDF, Cipher pkix.AlgorithmIdentifier }

type kdfParameters struct {
	Salt   []byte
	Rounds int
	Length int                      `asn1:"optional"`
	PRF    pkix.AlgorithmIdentifier `asn1:"optional"`
}

// decryptKey opens an encrypted PKCS#8 key.
func decryptKey(der, passphrase []byte) ([]byte, error) {
	var info encryptedKey
	var scheme pbes2
	var kdf kdfParameters
	var iv []byte
	if rest, err := asn1.Unmarshal(der, &info); err != nil || len(rest) > 0 {
		return nil, errors.New("it is damaged")
	}
	if !info.Algorithm.Algorithm.Equal(oidPBES2) || !whole(info.Algorithm.Parameters.FullBytes, &scheme) ||
		!scheme.KDF.Algorithm.Equal(oidPBKDF2) || !whole(scheme.KDF.Parameters.FullBytes, &kdf) ||
		!kdf.PRF.Algorithm.Equal(oidHMACSHA256) || kdf.Rounds < 1 || kdf.Rounds > maxRounds ||
		(kdf.Length != 0 && kdf.Length != keyBytes) ||
		!scheme.Cipher.Algorithm.Equal(oidAES256CBC) || !whole(scheme.Cipher.Parameters.FullBytes, &iv) ||
		len(iv) != aes.BlockSize {
		return nil, errEncryption
	}
	if len(info.Data) == 0 || len(info.Data)%aes.BlockSize != 0 {
		return nil, errors.New("it is damaged")
	}
	block, err := keyCipher(passphrase, kdf.Salt, kdf.Rounds)
	if err != nil {
		return nil, err
	}
	plain := make([]byte, len(info.Data))
	cipher.NewCBCDecrypter(block, iv).CryptBlocks(plain, info.Data)
	pad := int(plain[len(plain)-1])
	if pad < 1 || pad > aes.BlockSize {
		return nil, errPassphrase
	}
	for _, b := range plain[len(plain)-pad:] {
		if int(b) != pad {
			return nil, errPassphrase
		}
	}
	plain = plain[:len(plain)-pad]
	// One wrong passphrase in 256 leaves a padding that could be right.
	var key asn1.RawValue
	if !whole(plain, &key) || key.Tag != asn1.TagSequence {
		return nil, errPassphrase
	}
	return plain, nil
}

// encryptKey closes a PKCS#8 key as openssl pkcs8 -topk8 -v2 aes-256-cbc does.
func encryptKey(der, passphrase []byte) ([]byte, error) {
	salt, iv := make([]byte, saltBytes), make([]byte, aes.BlockSize)
	rand.Read(salt) //nolint:errcheck // never fails: crypto/rand ends the program instead
	rand.Read(iv)   //nolint:errcheck // as above
	block, err := keyCipher(passphrase, salt, kdfRounds)
	if err != nil {
		return nil, err
	}
	pad := aes.BlockSize - len(der)%aes.BlockSize
	data := make([]byte, len(der)+pad)
	copy(data, der)
	for i := len(der); i < len(data); i++ {
		data[i] = byte(pad)
	}
	cipher.NewCBCEncrypter(block, iv).CryptBlocks(data, data)

	kdf, err1 := algorithm(oidPBKDF2, kdfParameters{Salt: salt, Rounds: kdfRounds,
		PRF: pkix.AlgorithmIdentifier{Algorithm: oidHMACSHA256, Parameters: asn1.NullRawValue}})
	aes256, err2 := algorithm(oidAES256CBC, iv)
	scheme, err3 := algorithm(oidPBES2, pbes2{KDF: kdf, Cipher: aes256})
	if err := errors.Join(err1, err2, err3); err != nil {
		return nil, fmt.Errorf("encrypt the issuer's key: %w", err)
	}
	return asn1.Marshal(encryptedKey{Algorithm: scheme, Data: data})
}

func keyCipher(passphrase, salt []byte, rounds int) (cipher.Block, error) {
	key, err := pbkdf2.Key(sha256.New, string(passphrase), salt, rounds, keyBytes)
	if err != nil {
		return nil, fmt.Errorf("derive the key from the passphrase: %w", err)
	}
	return aes.NewCipher(key)
}

func algorithm(oid asn1.ObjectIdentifier, parameters any) (pkix.AlgorithmIdentifier, error) {
	der, err := asn1.Marshal(parameters)
	return pkix.AlgorithmIdentifier{Algorithm: oid, Parameters: asn1.RawValue{FullBytes: der}}, err
}

// whole reads der into v and reports whether it is that and nothing more.
func whole(der []byte, v any) bool {
	rest, err := asn1.Unmarshal(der, v)
	return err == nil && len(rest) == 0
}
