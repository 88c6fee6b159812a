package people

import (
	"context"
	"crypto/rand"
	"crypto/subtle"
	"encoding/base64"
	"errors"
	"fmt"
	"runtime"
	"strings"
	"unicode/utf8"

	"golang.org/x/crypto/argon2"
	"golang.org/x/text/unicode/norm"

	"github.com/varde-platform/varde/internal/training"
)

// The length of a password in characters. The upper bound keeps nobody from a
// long sentence; it keeps a stranger from having megabytes hashed.
const (
	minPassword = 10
	maxPassword = 128
)

type argonCost struct {
	memory  uint32 // KiB
	passes  uint32
	threads uint8
}

// cost is what new hashes cost (OWASP's first choice for argon2id); tests lower
// it. A stored hash names its own, so raising it leaves old passwords good.
var cost = argonCost{memory: 19 * 1024, passes: 2, threads: 1}

const (
	saltLength = 16
	keyLength  = 32
)

// hashSlots: no more hashes at once than processors. More would be no quicker,
// and each takes its memory.
var hashSlots = make(chan struct{}, runtime.NumCPU())

func derive(ctx context.Context, password string, salt []byte, c argonCost, length uint32) ([]byte, error) {
	select {
	case hashSlots <- struct{}{}:
	case <-ctx.Done():
		return nil, fmt.Errorf("wait to hash a password: %w", ctx.Err())
	}
	defer func() { <-hashSlots }()
	// The same letters typed on two systems may be composed differently.
	return argon2.IDKey(norm.NFC.Bytes([]byte(password)), salt, c.passes, c.memory, c.threads, length), nil
}

// hashPassword gives the PHC string: algorithm, cost, salt and hash.
func hashPassword(ctx context.Context, password string) (string, error) {
	salt := make([]byte, saltLength)
	rand.Read(salt) //nolint:errcheck // never fails: it ends the program instead
	key, err := derive(ctx, password, salt, cost, keyLength)
	if err != nil {
		return "", err
	}
	encode := base64.RawStdEncoding.EncodeToString
	return fmt.Sprintf("$argon2id$v=%d$m=%d,t=%d,p=%d$%s$%s", argon2.Version,
		cost.memory, cost.passes, cost.threads, encode(salt), encode(key)), nil
}

// passwordFits compares a password with a stored PHC string. An empty one, of
// nobody or of a person without a password, takes the same time and never fits:
// so an answer's delay does not tell which addresses have an account.
func passwordFits(ctx context.Context, phc, password string) (bool, error) {
	if phc == "" {
		_, err := derive(ctx, password, make([]byte, saltLength), cost, keyLength)
		return false, err
	}
	c, salt, want, err := parsePHC(phc)
	if err != nil {
		return false, err
	}
	got, err := derive(ctx, password, salt, c, uint32(len(want)))
	if err != nil {
		return false, err
	}
	return subtle.ConstantTimeCompare(got, want) == 1, nil
}

var errPHC = errors.New("stored password hash is not an argon2id PHC string")

func parsePHC(phc string) (argonCost, []byte, []byte, error) {
	parts := strings.Split(phc, "$")
	if len(parts) != 6 || parts[0] != "" || parts[1] != "argon2id" || parts[2] != fmt.Sprintf("v=%d", argon2.Version) {
		return argonCost{}, nil, nil, errPHC
	}
	var c argonCost
	if _, err := fmt.Sscanf(parts[3], "m=%d,t=%d,p=%d", &c.memory, &c.passes, &c.threads); err != nil {
		return argonCost{}, nil, nil, errPHC
	}
	salt, saltErr := base64.RawStdEncoding.DecodeString(parts[4])
	key, keyErr := base64.RawStdEncoding.DecodeString(parts[5])
	if saltErr != nil || keyErr != nil || len(key) == 0 || c.passes == 0 || c.threads == 0 {
		return argonCost{}, nil, nil, errPHC
	}
	return c, salt, key, nil
}

// checkPassword judges a new password. email may be empty where it is unknown.
func checkPassword(password, email string) []training.FieldFault {
	n := utf8.RuneCountInString(norm.NFC.String(password))
	if n < minPassword || n > maxPassword {
		return []training.FieldFault{{Field: "password", Key: "invalid.password_length",
			Args: training.Args{"min": minPassword, "max": maxPassword}}}
	}
	if email != "" && strings.EqualFold(strings.TrimSpace(password), email) {
		return []training.FieldFault{{Field: "password", Key: "invalid.password_is_email"}}
	}
	return nil
}
