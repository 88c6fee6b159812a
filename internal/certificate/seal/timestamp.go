package seal

import (
	"bytes"
	"context"
	"crypto"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/asn1"
	"errors"
	"fmt"
	"io"
	"math/big"
	"net/http"
	"time"
)

const (
	// maxToken is the room kept for a time-stamp in a signature. Like all of the
	// room it must stay as it is.
	maxToken = 12 << 10
	// stampTimeout holds where the client has no limit of its own.
	stampTimeout = 20 * time.Second
)

// Timestamper gets a time-stamp token (RFC 3161) for a signature.
type Timestamper interface {
	Timestamp(ctx context.Context, signature []byte) ([]byte, error)
}

// HTTPTimestamper asks a time-stamping authority by HTTP.
type HTTPTimestamper struct {
	URL    string
	Client *http.Client // nil: one that waits twenty seconds
	// Roots must vouch for the authority. Without any, its tokens are used if they
	// are whole, and it is for the checker to trust them or not.
	Roots []*x509.Certificate
}

type stampRequest struct {
	Version      int
	Imprint      messageImprint
	Nonce        *big.Int
	Certificates bool
}

type stampResponse struct {
	Status struct {
		Status int
		Text   []string       `asn1:"optional"`
		Fail   asn1.BitString `asn1:"optional"`
	}
	Token asn1.RawValue `asn1:"optional"`
}

// Timestamp asks for a token and checks it before it is used: that it is granted
// for this signature and this question, that it is whole, and that the roots
// vouch for its authority.
func (h HTTPTimestamper) Timestamp(ctx context.Context, signature []byte) ([]byte, error) {
	nonce, err := rand.Int(rand.Reader, new(big.Int).Lsh(big.NewInt(1), 63))
	if err != nil {
		return nil, fmt.Errorf("ask for a time-stamp: %w", err)
	}
	request, err := asn1.Marshal(stampRequest{Version: 1, Nonce: nonce, Certificates: true, Imprint: messageImprint{
		Algorithm: pkix.AlgorithmIdentifier{Algorithm: oidSHA256, Parameters: asn1.NullRawValue},
		Hash:      digest(crypto.SHA256, signature),
	}})
	if err != nil {
		return nil, fmt.Errorf("ask for a time-stamp: %w", err)
	}
	answer, err := h.post(ctx, request)
	if err != nil {
		return nil, fmt.Errorf("ask for a time-stamp: %w", err)
	}
	token, err := granted(answer)
	if err != nil {
		return nil, err
	}
	s, err := readStamp(token)
	if err != nil {
		return nil, err
	}
	if !s.covers(signature) || s.nonce == nil || s.nonce.Cmp(nonce) != 0 {
		return nil, errors.New("the time-stamp answers another question")
	}
	if len(h.Roots) == 0 {
		return token, nil
	}
	if err := s.trusted(h.Roots); err != nil {
		return nil, fmt.Errorf("the time-stamp's authority is not trusted: %w", err)
	}
	return token, nil
}

func (h HTTPTimestamper) post(ctx context.Context, request []byte) ([]byte, error) {
	client := h.Client
	if client == nil {
		client = &http.Client{Timeout: stampTimeout}
	}
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, h.URL, bytes.NewReader(request))
	if err != nil {
		return nil, err
	}
	r.Header.Set("Content-Type", "application/timestamp-query")
	r.Header.Set("Accept", "application/timestamp-reply")
	answer, err := client.Do(r)
	if err != nil {
		return nil, err
	}
	defer answer.Body.Close()
	if answer.StatusCode != http.StatusOK {
		return nil, fmt.Errorf("the authority answered %s", answer.Status)
	}
	body, err := io.ReadAll(io.LimitReader(answer.Body, maxToken+1))
	if err != nil {
		return nil, err
	}
	if len(body) > maxToken {
		return nil, errors.New("the authority's answer is too long")
	}
	return body, nil
}

// granted gives the token of an answer that has one.
func granted(answer []byte) ([]byte, error) {
	var response stampResponse
	if !whole(answer, &response) {
		return nil, errors.New("the authority's answer is no time-stamp")
	}
	const grantedAsAsked, grantedChanged = 0, 1
	if s := response.Status.Status; s != grantedAsAsked && s != grantedChanged {
		return nil, fmt.Errorf("the authority refused: status %d", s)
	}
	if len(response.Token.FullBytes) == 0 {
		return nil, errTokenDamaged
	}
	return response.Token.FullBytes, nil
}
