package cluster

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"time"
)

// Client asks the JSON interface. It is safe for concurrent use.
type Client struct{ http *http.Client }

// NewClient makes a client for that many people at once, each of whom waits for
// an answer so long and no longer.
func NewClient(people int, limit time.Duration) *Client {
	transport := &http.Transport{MaxIdleConnsPerHost: people, MaxIdleConns: 0, IdleConnTimeout: time.Minute}
	return &Client{http: &http.Client{Transport: transport, Timeout: limit}}
}

// Request is one question.
type Request struct {
	Method string
	Path   string // below /api/v1
	Token  string
	Key    string // Idempotency-Key; empty: none
	Body   any    // nil: none
}

// Answer is what came back.
type Answer struct {
	Status int
	Code   string // of a problem document; empty: it is none
	Body   []byte
}

// Do asks a server. An error means that nobody knows what became of it.
func (c *Client) Do(ctx context.Context, s *Server, r Request) (Answer, error) {
	request, err := c.request(ctx, s, r)
	if err != nil {
		return Answer{}, err
	}
	response, err := c.http.Do(request)
	if err != nil {
		return Answer{}, err
	}
	defer response.Body.Close()
	a := Answer{Status: response.StatusCode}
	if a.Body, err = io.ReadAll(response.Body); err != nil {
		return Answer{}, fmt.Errorf("%s %s: read the answer: %w", r.Method, r.Path, err)
	}
	var problem struct {
		Code string `json:"code"`
	}
	if a.Status >= 400 && json.Unmarshal(a.Body, &problem) == nil {
		a.Code = problem.Code
	}
	return a, nil
}

func (c *Client) request(ctx context.Context, s *Server, r Request) (*http.Request, error) {
	var body io.Reader
	if r.Body != nil {
		text, err := json.Marshal(r.Body)
		if err != nil {
			return nil, fmt.Errorf("%s %s: %w", r.Method, r.Path, err)
		}
		body = bytes.NewReader(text)
	}
	request, err := http.NewRequestWithContext(ctx, r.Method, s.URL+"/api/v1"+r.Path, body)
	if err != nil {
		return nil, err
	}
	request.Header.Set("Authorization", "Bearer "+r.Token)
	if r.Key != "" {
		request.Header.Set("Idempotency-Key", r.Key)
	}
	return request, nil
}

// Into reads an answer's document.
func (a Answer) Into(document any) error {
	if err := json.Unmarshal(a.Body, document); err != nil {
		return fmt.Errorf("read %.200q: %w", a.Body, err)
	}
	return nil
}
