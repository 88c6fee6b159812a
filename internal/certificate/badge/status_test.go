package badge

import (
	"bytes"
	"compress/gzip"
	"encoding/json"
	"errors"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"
)

const listAddress = "https://varde.example/status/1"

// pack is any bytes as an encodedList, without the package's own code.
func pack(t testing.TB, data []byte) string {
	t.Helper()
	var b bytes.Buffer
	w := gzip.NewWriter(&b)
	if _, err := w.Write(data); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return "u" + encoding.EncodeToString(b.Bytes())
}

func mustList(t testing.TB, revoked ...int) string {
	t.Helper()
	bits, err := NewBits(0)
	if err != nil {
		t.Fatal(err)
	}
	for _, index := range revoked {
		if err := bits.Set(index); err != nil {
			t.Fatal(err)
		}
	}
	credential, err := StatusList(listAddress, issuer, bits, awarded, until)
	if err != nil {
		t.Fatal(err)
	}
	return string(credential)
}

// The list is the example of the standard, which has nothing set.
func TestTheStandardsOwnListIsRead(t *testing.T) {
	const example = "uH4sIAAAAAAAAA-3BMQEAAADCoPVPbQwfoAAAAAAAAAAAAAAAAAAAAIC3AYbSVKsAQAAA"
	bits, err := Decode(example)
	if err != nil || len(bits) != MinEntries/8 || slices.Max(bits) != 0 {
		t.Fatalf("%d bytes, %v", len(bits), err)
	}
	for _, index := range []int{0, 94567, MinEntries - 1} {
		if set, err := Bit(example, index); set || err != nil {
			t.Errorf("entry %d: %v, %v", index, set, err)
		}
	}
	for _, index := range []int{-1, MinEntries, 1 << 40} {
		if set, err := Bit(example, index); set || err == nil {
			t.Errorf("entry %d, which is not there: %v", index, set)
		}
	}
}

// The first entry is the leftmost bit of the first byte, by the standard.
func TestEntriesStandFromTheLeft(t *testing.T) {
	for index, want := range map[int]struct {
		at    int
		value byte
	}{0: {0, 0x80}, 1: {0, 0x40}, 7: {0, 0x01}, 8: {1, 0x80}, MinEntries - 1: {MinEntries/8 - 1, 0x01}} {
		data := make([]byte, MinEntries/8)
		data[want.at] = want.value
		if set, err := Bit(pack(t, data), index); !set || err != nil {
			t.Errorf("entry %d is not read at bit %x of byte %d: %v", index, want.value, want.at, err)
		}
		bits, err := NewBits(1)
		if err != nil {
			t.Fatal(err)
		}
		if err := bits.Set(index); err != nil || !bytes.Equal(bits, data) {
			t.Errorf("entry %d is not written at bit %x of byte %d: %v", index, want.value, want.at, err)
		}
	}
}

func TestAListHasRoomForAll(t *testing.T) {
	for n, want := range map[int]int{0: MinEntries, MinEntries: MinEntries, MinEntries + 1: MinEntries + 8, MaxEntries: MaxEntries} {
		bits, err := NewBits(n)
		if err != nil || len(bits)*8 != want {
			t.Errorf("for %d: %d entries, %v; want %d", n, len(bits)*8, err, want)
		}
	}
	for _, n := range []int{-1, MaxEntries + 1} {
		if _, err := NewBits(n); err == nil {
			t.Errorf("made a list of %d", n)
		}
	}
	bits := make(Bits, MinEntries/8)
	for _, index := range []int{-1, MinEntries} {
		if err := bits.Set(index); err == nil {
			t.Errorf("set entry %d", index)
		}
	}
}

func TestTheStatusListFollowsItsStandard(t *testing.T) {
	c := read(t, mustList(t, 94567))
	for _, tt := range []struct {
		path []any
		want any
	}{
		{[]any{"@context", 0}, "https://www.w3.org/ns/credentials/v2"}, {[]any{"@context", 1}, nil},
		{[]any{"id"}, listAddress},
		{[]any{"type", 0}, "VerifiableCredential"}, {[]any{"type", 1}, "BitstringStatusListCredential"},
		{[]any{"issuer"}, issuer.ID},
		{[]any{"validFrom"}, "2027-03-26T09:30:15Z"}, {[]any{"validUntil"}, "2030-03-26T00:00:00Z"},
		{[]any{"credentialSubject", "id"}, listAddress + "#list"},
		{[]any{"credentialSubject", "type"}, "BitstringStatusList"},
		{[]any{"credentialSubject", "statusPurpose"}, "revocation"},
	} {
		if got := at(c, tt.path...); got != tt.want {
			t.Errorf("%v is %v, want %v", tt.path, got, tt.want)
		}
	}
	encoded, _ := at(c, "credentialSubject", "encodedList").(string)
	for index, want := range map[int]bool{94567: true, 94566: false, 94568: false} {
		if set, err := Bit(encoded, index); set != want || err != nil {
			t.Errorf("entry %d: %v, %v", index, set, err)
		}
	}
	if len(encoded) > 200 {
		t.Errorf("a list with one entry set takes %d bytes", len(encoded))
	}
}

func TestListsThatCannotBe(t *testing.T) {
	bits := make(Bits, MinEntries/8)
	for name, err := range map[string]error{
		"no address":          errorOf(StatusList("", issuer, bits, awarded, until)),
		"no issuer":           errorOf(StatusList(listAddress, Profile{}, bits, awarded, until)),
		"too few entries":     errorOf(StatusList(listAddress, issuer, bits[1:], awarded, until)),
		"too many entries":    errorOf(StatusList(listAddress, issuer, make(Bits, MaxEntries/8+1), awarded, until)),
		"no instant":          errorOf(StatusList(listAddress, issuer, bits, time.Time{}, until)),
		"ends before it does": errorOf(StatusList(listAddress, issuer, bits, until, awarded)),
	} {
		if err == nil {
			t.Errorf("%s: made", name)
		}
	}
	if _, err := StatusList(listAddress, issuer, bits, awarded, time.Time{}); err != nil {
		t.Errorf("a list without end: %v", err)
	}
}

func errorOf(_ []byte, err error) error { return err }

func TestEncodedListsThatAreRefused(t *testing.T) {
	good := pack(t, make([]byte, MinEntries/8))
	packed, err := encoding.DecodeString(good[1:])
	if err != nil {
		t.Fatal(err)
	}
	spoilt := slices.Clone(packed)
	spoilt[len(spoilt)-6] ^= 1 // its checksum
	for name, tt := range map[string]struct {
		encoded string
		want    Refusal
	}{
		"nothing":              {"", Malformed},
		"no multibase":         {good[1:], Malformed},
		"another multibase":    {"z" + good[1:], Malformed},
		"padding":              {good + "=", Malformed},
		"a new line":           {good[:10] + "\n" + good[10:], Malformed},
		"no gzip":              {"u" + encode("no gzip at all"), Malformed},
		"cut off":              {"u" + encoding.EncodeToString(packed[:len(packed)-4]), Malformed},
		"a wrong checksum":     {"u" + encoding.EncodeToString(spoilt), Malformed},
		"two lists":            {"u" + encoding.EncodeToString(slices.Concat(packed, packed)), Malformed},
		"more behind":          {"u" + encoding.EncodeToString(append(slices.Clone(packed), 0)), Malformed},
		"one entry too few":    {pack(t, make([]byte, MinEntries/8-1)), Malformed},
		"empty":                {pack(t, nil), Malformed},
		"one byte beyond":      {pack(t, make([]byte, MaxEntries/8+1)), TooLarge},
		"more than a list has": {"u" + strings.Repeat("A", listKind.max), TooLarge},
	} {
		if _, err := Bit(tt.encoded, 0); !errors.Is(err, tt.want) {
			t.Errorf("%s: %v, want %s", name, err, tt.want)
		}
	}
	if _, err := Bit(pack(t, make([]byte, MaxEntries/8)), MaxEntries-1); err != nil {
		t.Errorf("the largest list: %v", err)
	}
}

// Sixty-four megabytes of nothing pack into a few hundred kilobytes.
func TestUnpackingIsBounded(t *testing.T) {
	var b bytes.Buffer
	w, err := gzip.NewWriterLevel(&b, gzip.BestSpeed)
	if err != nil {
		t.Fatal(err)
	}
	nothing := make([]byte, 1<<20)
	for range 64 {
		if _, err := w.Write(nothing); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	bomb := "u" + encoding.EncodeToString(b.Bytes())

	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	_, err = Decode(bomb)
	runtime.ReadMemStats(&after)
	if !errors.Is(err, TooLarge) {
		t.Errorf("%v, want %s", err, TooLarge)
	}
	if used := after.TotalAlloc - before.TotalAlloc; used > 24<<20 {
		t.Errorf("%d bytes were taken for it", used)
	}
}

func TestARevokedBadgeIsInItsList(t *testing.T) {
	keys := Keys{mustKey(t, signer())}
	claims, err := Verify(mustJWT(t, mustCredential(t, sample()), signer()), keys, during)
	if err != nil {
		t.Fatal(err)
	}
	for name, tt := range map[string]struct {
		set  []int
		want bool
	}{
		"nobody": {nil, false}, "its neighbours": {[]int{94566, 94568}, false}, "it": {[]int{94567}, true},
	} {
		token := mustJWT(t, []byte(mustList(t, tt.set...)), signer())
		if head := read(t, part(t, token, 0)); head["typ"] != "vc+jwt" || len(head) != 3 {
			t.Errorf("the list's header is %v", head)
		}
		list, err := VerifyList(token, keys, during)
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		if list.Address != listAddress || list.Issuer != issuer.ID || !list.ValidUntil.Equal(until) {
			t.Errorf("%s: %+v", name, list)
		}
		if revoked, err := claims.Revoked(list); revoked != tt.want || err != nil {
			t.Errorf("%s: %v, %v; want %v", name, revoked, err, tt.want)
		}
		list.Address += "0"
		if _, err := claims.Revoked(list); err == nil {
			t.Errorf("%s: looked up in another list", name)
		}
	}
	claims.Status.Index = MinEntries
	if _, err := claims.Revoked(List{Address: listAddress, Bits: make(Bits, MinEntries/8)}); err == nil {
		t.Error("an entry that the list does not have was looked up")
	}
	if revoked, err := (Claims{}).Revoked(List{}); revoked || err != nil {
		t.Errorf("a badge without status: %v, %v", revoked, err)
	}
}

func TestListsThatAreNotBelieved(t *testing.T) {
	good, keys := mustList(t), Keys{mustKey(t, signer())}
	token := mustJWT(t, []byte(good), signer())
	head := part(t, token, 0)
	spoilt := func(change func(o, subject map[string]any)) string {
		o := read(t, part(t, token, 1))
		change(o, o["credentialSubject"].(map[string]any))
		data, err := json.Marshal(o)
		if err != nil {
			t.Fatal(err)
		}
		return forge(t, head, string(data))
	}
	for name, tt := range map[string]struct {
		token string
		want  Refusal
	}{
		"a badge":              {mustJWT(t, mustCredential(t, sample()), signer()), BadHeader},
		"a badge as a list":    {forge(t, head, part(t, mustJWT(t, mustCredential(t, sample()), signer()), 1)), NotBadge},
		"a stranger's":         {mustJWT(t, []byte(good), stranger()), UnknownKey},
		"for suspension":       {spoilt(func(_, s map[string]any) { s["statusPurpose"] = "suspension" }), NotBadge},
		"two bits an entry":    {spoilt(func(_, s map[string]any) { s["statusSize"] = 2 }), NotBadge},
		"no list":              {spoilt(func(_, s map[string]any) { s["type"] = "StatusList2021" }), NotBadge},
		"no bits":              {spoilt(func(_, s map[string]any) { delete(s, "encodedList") }), Malformed},
		"an end moved":         {spoilt(func(o, _ map[string]any) { o["validUntil"] = "2099-01-01T00:00:00Z" }), Differs},
		"another list's name":  {spoilt(func(o, _ map[string]any) { o["id"] = listAddress + "0" }), Differs},
		"another's list":       {spoilt(func(o, _ map[string]any) { o["issuer"] = "https://evil.example/" }), Differs},
		"larger than any list": {strings.Repeat("A", listKind.max+1), TooLarge},
	} {
		if _, err := VerifyList(tt.token, keys, during); !errors.Is(err, tt.want) {
			t.Errorf("%s: %v, want %s", name, err, tt.want)
		}
	}
	if _, err := Verify(token, keys, during); !errors.Is(err, BadHeader) {
		t.Errorf("a list passes for a badge: %v", err)
	}
	if _, err := VerifyList(token, keys, until); !errors.Is(err, Expired) {
		t.Errorf("a list that is too old: %v", err)
	}
	several := spoilt(func(_, s map[string]any) { s["statusPurpose"] = []any{"suspension", "revocation"} })
	if _, err := VerifyList(several, keys, during); err != nil {
		t.Errorf("a list for two purposes: %v", err)
	}
}

// The largest list, as full as can be, must still be one that is read.
func TestTheLargestListIsReadAgain(t *testing.T) {
	bits := make(Bits, MaxEntries/8)
	state := uint64(88172645463325252)
	for i := range bits { // a simple generator, whose numbers do not pack
		state ^= state << 13
		state ^= state >> 7
		state ^= state << 17
		bits[i] = byte(state)
	}
	credential, err := StatusList(listAddress, issuer, bits, awarded, until)
	if err != nil {
		t.Fatal(err)
	}
	list, err := VerifyList(mustJWT(t, credential, signer()), Keys{mustKey(t, signer())}, during)
	if err != nil || !bytes.Equal(list.Bits, bits) {
		t.Errorf("%d of %d bytes came back, %v", len(list.Bits), len(bits), err)
	}
}
