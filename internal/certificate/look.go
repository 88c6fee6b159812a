package certificate

import (
	"context"
	"fmt"
	"sync"

	"github.com/varde-platform/varde/ent"
	"github.com/varde-platform/varde/ent/logo"
	"github.com/varde-platform/varde/ent/programme"
)

// appearanceOf is how the certificates of a programme look now. Programmes for which
// nothing is set have the look of the row without a name.
func (s *Service) appearanceOf(ctx context.Context, name string) (Appearance, error) {
	hashAlone := func(q *ent.LogoQuery) { q.Select(logo.FieldSha256) }
	rows, err := s.db.Ent.Programme.Query().Where(programme.NameIn(name, "")).
		WithLeftLogo(hashAlone).WithRightLogo(hashAlone).Order(ent.Desc(programme.FieldName)).All(ctx)
	if err != nil {
		return Appearance{}, fmt.Errorf("read the look of programme %q: %w", name, err)
	}
	for _, row := range rows {
		look := Appearance{Organisers: row.Organisers, Signatories: row.Signatories}
		for i, l := range []*ent.Logo{row.Edges.LeftLogo, row.Edges.RightLogo} {
			if l != nil {
				look.Logos[i] = l.Sha256
			}
		}
		if !look.unset() {
			return look, nil
		}
	}
	return Appearance{}, nil
}

func (a Appearance) unset() bool {
	return a.Organisers == "" && len(a.Signatories) == 0 && a.Logos == [2]string{}
}

// keptLogos bounds the logos kept in memory: a few programmes have them.
const keptLogos = 16

// logoCache keeps logos, which never change, as they are drawn for one
// certificate after the other.
type logoCache struct {
	mutex sync.Mutex
	kept  map[string]*ent.Logo
}

func (c *logoCache) get(hash string) *ent.Logo {
	c.mutex.Lock()
	defer c.mutex.Unlock()
	return c.kept[hash]
}

func (c *logoCache) put(l *ent.Logo) {
	c.mutex.Lock()
	defer c.mutex.Unlock()
	if c.kept == nil || len(c.kept) >= keptLogos {
		c.kept = map[string]*ent.Logo{}
	}
	c.kept[l.Sha256] = l
}

// logo is the picture of a hash; nil for none.
func (s *Service) logo(ctx context.Context, hash string) (*ent.Logo, error) {
	if hash == "" {
		return nil, nil
	}
	if l := s.logos.get(hash); l != nil {
		return l, nil
	}
	l, err := s.db.Ent.Logo.Query().Where(logo.Sha256(hash)).Only(ctx)
	if err != nil {
		return nil, fmt.Errorf("read logo %s: %w", hash, err)
	}
	s.logos.put(l)
	return l, nil
}
