package hold

import (
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"

	"github.com/varde-platform/varde/internal/training"
)

// A hold's token names its run and its person and is sealed with the server's
// secret. So a hold that Redis no longer knows can still be told apart from a
// forged or foreign one: expired for its owner, not found for everyone else.
const (
	numberBytes = 8
	randomBytes = 10
	sealBytes   = 12
	tokenBytes  = 2*numberBytes + randomBytes + sealBytes
)

func (k *Keeper) newToken(runID, personID int) string {
	raw := make([]byte, tokenBytes-sealBytes, tokenBytes)
	binary.BigEndian.PutUint64(raw, uint64(runID))
	binary.BigEndian.PutUint64(raw[numberBytes:], uint64(personID))
	rand.Read(raw[2*numberBytes:]) //nolint:errcheck // never fails: crypto/rand ends the program instead
	return base64.RawURLEncoding.EncodeToString(append(raw, k.seal(raw)...))
}

func (k *Keeper) seal(raw []byte) []byte {
	mac := hmac.New(sha256.New, k.secret)
	mac.Write([]byte("hold"))
	mac.Write(raw)
	return mac.Sum(nil)[:sealBytes]
}

// RunOf tells which run a person's hold belongs to. A forged token and another
// person's give not_found.
func (k *Keeper) RunOf(token string, personID int) (int, error) {
	raw, err := base64.RawURLEncoding.DecodeString(token)
	if err != nil || len(raw) != tokenBytes {
		return 0, training.NotFound()
	}
	body, seal := raw[:tokenBytes-sealBytes], raw[tokenBytes-sealBytes:]
	if !hmac.Equal(seal, k.seal(body)) || binary.BigEndian.Uint64(body[numberBytes:]) != uint64(personID) {
		return 0, training.NotFound()
	}
	return int(binary.BigEndian.Uint64(body)), nil
}
