package catalogue

// chains are the languages in which a reader of each language is shown a text
// that is not there in the own one, best first. What people read without having
// learnt it, or because their school or their office makes them, comes before
// English; English is what all of them work in together. A neighbour is named
// only where most readers of the page manage, and the other way round only where
// that holds too.
//
//	nb, da, sv  read one another: nb and da nearly as their own, sv with more care
//	is          has Danish at school, which opens the other two
//	et          reads Finnish, kin and for decades on its television; Finns do not
//	            read Estonian in turn: it looks alike and means other things
//	fi          has Swedish: the other language of the country, asked of officials
//	lv, lt      read neither each other nor, all of them, any neighbour: English
//	pl, de, ru  have no neighbour here that they read: English
var chains = map[string][]string{
	"nb": {"da", "sv", "en"},
	"da": {"nb", "sv", "en"},
	"sv": {"nb", "da", "en"},
	"is": {"da", "nb", "sv", "en"},
	"et": {"fi", "en"},
	"fi": {"sv", "en"},
	"lv": {"en"},
	"lt": {"en"},
	"pl": {"en"},
	"de": {"en"},
	"ru": {"en"},
	"en": {},
}

// choose gives the text that serves a reader of lang best, or false where there
// is none. texts has originals first, then translations, then the machine's. The
// own language comes first, whoever put the text into it. After it come the
// languages of the chain as people wrote them: to read a foreign language and to
// doubt the text as well is too much. Then the original, then any.
func choose(texts []Text, lang string) (Text, bool) {
	if len(texts) == 0 {
		return Text{}, false
	}
	if own, ok := in(texts, lang); ok {
		return own, true
	}
	chain, known := chains[lang]
	if !known {
		chain = []string{"en"}
	}
	for _, other := range chain {
		if t, ok := in(texts, other); ok && t.Origin != OriginMachine {
			return t, true
		}
	}
	return texts[0], true
}

func in(texts []Text, lang string) (Text, bool) {
	for _, t := range texts {
		if t.Lang == lang {
			return t, true
		}
	}
	return Text{}, false
}
