package people

import (
	"sync"
	"time"
)

// tokenLife is how long another server's change of an account may go unseen by
// whoever uses a token or a session.
const tokenLife = time.Second

// maxTokens bounds the memory of the copies.
const maxTokens = 50_000

// tokenCache keeps accounts by the hash of their API token or session, so that
// who asks a thousand times a second is looked up once. Only what was found is
// kept: a new one works at once.
type tokenCache struct {
	mu    sync.RWMutex
	kept  map[string]keptAccount
	epoch int // raised whenever all is dropped
}

type keptAccount struct {
	account Account
	until   time.Time
}

func (c *tokenCache) get(hash string, now time.Time) (Account, bool) {
	c.mu.RLock()
	defer c.mu.RUnlock()
	k, ok := c.kept[hash]
	return k.account, ok && now.Before(k.until)
}

// shownLife is how long an account that was found is still shown as that of its
// reader where nothing is decided by it.
const shownLife = 2 * time.Minute

// lately gives what get gave not long ago, though it may be out of date.
func (c *tokenCache) lately(hash string, now time.Time) (Account, bool) {
	c.mu.RLock()
	defer c.mu.RUnlock()
	if k, ok := c.kept[hash]; ok && now.Before(k.until.Add(shownLife)) {
		return k.account, true
	}
	return Account{}, false
}

// since tells the epoch, for put.
func (c *tokenCache) since() int {
	c.mu.RLock()
	defer c.mu.RUnlock()
	return c.epoch
}

// put keeps an account that was read since the epoch was asked for: if somebody
// was changed meanwhile, it may be out of date.
func (c *tokenCache) put(hash string, account Account, now time.Time, since int) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.epoch != since {
		return
	}
	if c.kept == nil || len(c.kept) >= maxTokens {
		c.kept = map[string]keptAccount{}
	}
	c.kept[hash] = keptAccount{account, now.Add(tokenLife)}
}

// forget drops all copies: this server changed somebody.
func (c *tokenCache) forget() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.kept = nil
	c.epoch++
}
