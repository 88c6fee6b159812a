package catalogue

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/varde-platform/varde/internal/catalogue/data"
	"github.com/varde-platform/varde/internal/training"
)

func TestTheShippedCatalogueIsReadWhole(t *testing.T) {
	records, err := ParseCourses(bytes.NewReader(data.Courses))
	if err != nil {
		t.Fatal(err)
	}
	if len(records) != 100 {
		t.Errorf("%d records, want 100", len(records))
	}
	for _, r := range records {
		if r.ID != "dsb-rad10" {
			continue
		}
		if r.Title != "Grunnopplæring av mannskap i radiac måletjeneste (RAD 10)" || r.Code != "RAD 10" || r.Country != "NO" {
			t.Errorf("read as %+v", r)
		}
		if diff := cmp.Diff([]string{"nb"}, r.Languages); diff != "" {
			t.Errorf("Norwegian is nb: %s", diff)
		}
	}
}

func TestARecordMayLeaveOutWhatNobodyKnows(t *testing.T) {
	const byteOrderMark = "\ufeff"
	records, err := ParseCourses(strings.NewReader(byteOrderMark + `[{"id": " a ", "title": "A", "seats_typical": 20.0, "colour": "red",
		"topics": ["floods", "floods"], "language": null, "source": {"url": null}}]`))
	if err != nil {
		t.Fatal(err)
	}
	twenty := 20
	want := []Record{{ID: "a", Title: "A", SeatsTypical: &twenty, Topics: []string{"floods"}, Professions: []string{},
		Languages: []string{}, PrerequisiteCodes: []string{}, Inferred: []string{}}}
	if diff := cmp.Diff(want, records); diff != "" {
		t.Error(diff)
	}
}

// with gives a list of two good records, the second changed by the patch.
func with(t *testing.T, patch string) string {
	t.Helper()
	second := map[string]any{"id": "second", "title": "Second"}
	if err := json.Unmarshal([]byte(patch), &second); err != nil {
		t.Fatal(err)
	}
	text, err := json.Marshal([]any{map[string]any{"id": "first", "title": "First"}, second})
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// badRecords are patches that spoil the second record, with the field and key
// that must be named.
var badRecords = []struct{ patch, field, key string }{
	{`{"id": null}`, "id", "import.missing"},
	{`{"id": "  "}`, "id", "import.missing"},
	{`{"id": 17}`, "id", "import.not_text"},
	{`{"id": "first"}`, "id", "import.duplicate"},
	{`{"id": "` + strings.Repeat("x", 121) + `"}`, "id", "import.too_long"},
	{`{"title": null}`, "title", "import.missing"},
	{`{"title": ["x"]}`, "title", "import.not_text"},
	{`{"title": "x\u0000"}`, "title", "import.characters"},
	{`{"title": "x\ufffd"}`, "title", "import.characters"},
	{`{"title_en": {}}`, "title_en", "import.not_text"},
	{`{"title_lang": "klingon"}`, "title_lang", "import.language"},
	{`{"code": 5}`, "code", "import.not_text"},
	{`{"country": "XX"}`, "country", "import.country"},
	{`{"country": "Norway"}`, "country", "import.country"},
	{`{"topics": ["floods", "dragons"]}`, "topics", "import.topic"},
	{`{"topics": "floods"}`, "topics", "import.not_list_of_text"},
	{`{"topics": [null]}`, "topics", "import.not_list_of_text"},
	{`{"target_professions": ["fireman"]}`, "target_professions", "import.profession"},
	{`{"language": ["english"]}`, "language", "import.language"},
	{`{"language": ["xx"]}`, "language", "import.language"},
	{`{"duration_days": "five"}`, "duration_days", "import.not_number"},
	{`{"duration_days": -1}`, "duration_days", "import.days"},
	{`{"duration_days": 1e9}`, "duration_days", "import.days"},
	{`{"seats_typical": 2.5}`, "seats_typical", "import.not_whole"},
	{`{"seats_typical": true}`, "seats_typical", "import.not_whole"},
	{`{"participants_observed": -3}`, "participants_observed", "import.between"},
	{`{"participant_states_observed": 1e300}`, "participant_states_observed", "import.between"},
	{`{"prerequisite_codes": [1]}`, "prerequisite_codes", "import.not_list_of_text"},
	{`{"description": 1}`, "description", "import.not_text"},
	{`{"source": "a book"}`, "source", "import.not_object"},
	{`{"source": {"title": 1}}`, "source.title", "import.not_text"},
	{`{"source": {"url": "javascript:alert(1)"}}`, "source.url", "import.url"},
	{`{"inferred": {}}`, "inferred", "import.not_list_of_text"},
}

func TestWhatIsWrongIsNamedByRecordAndField(t *testing.T) {
	for _, tt := range badRecords {
		t.Run(tt.patch, func(t *testing.T) {
			records, err := ParseCourses(strings.NewReader(with(t, tt.patch)))
			fault, ok := training.AsFault(err)
			if !ok || fault.Kind != training.KindInvalid || records != nil {
				t.Fatalf("got %v and error %v, want an invalid fault alone", records, err)
			}
			if len(fault.Fields) != 1 {
				t.Fatalf("fields at fault: %+v, want one", fault.Fields)
			}
			got := fault.Fields[0]
			if got.Field != "[2]."+tt.field || got.Key != tt.key || got.Args["record"] != 2 || got.Args["field"] != tt.field {
				t.Errorf("told %+v, want field [2].%s and key %s", got, tt.field, tt.key)
			}
		})
	}
}

func TestAFaultSaysWhichCourseAndWhichValue(t *testing.T) {
	_, err := ParseCourses(strings.NewReader(with(t, `{"topics": ["dragons"]}`)))
	fault, _ := training.AsFault(err)
	want := []training.FieldFault{{Field: "[2].topics", Key: "import.topic",
		Args: training.Args{"record": 2, "id": "second", "field": "topics", "value": "dragons"}}}
	if diff := cmp.Diff(want, fault.Fields); diff != "" {
		t.Error(diff)
	}
}

func TestAllFaultsAreToldAtOnceUpToABound(t *testing.T) {
	_, err := ParseCourses(strings.NewReader(`[{"id": "a"}, {"title": "B"}, 7, null, {"id": "a", "title": "A", "topics": ["x", "y"]}]`))
	fault, _ := training.AsFault(err)
	var told []string
	for _, f := range fault.Fields {
		told = append(told, f.Field+" "+f.Key)
	}
	want := []string{"[1].title import.missing", "[2].id import.missing", "[3] import.not_record", "[4] import.not_record",
		"[5].topics import.topic", "[5].topics import.topic", "[5].id import.duplicate"}
	if diff := cmp.Diff(want, told); diff != "" {
		t.Error(diff)
	}
	_, err = ParseCourses(strings.NewReader("[" + strings.Repeat("{},", 1000) + "{}]"))
	if fault, _ = training.AsFault(err); len(fault.Fields) != maxFaults {
		t.Errorf("%d faults told of thousands, want %d", len(fault.Fields), maxFaults)
	}
}

func TestBrokenFilesNameThePlace(t *testing.T) {
	tests := []struct {
		input, key string
		at, line   int
	}{
		{"[\n{\"id\": \"a\", \"title\": \"A\"},\n{\"id\" 2}]", "import.broken", 35, 3},
		{`[{"id": "a", "title": "A"} {}]`, "import.broken", 27, 1},
		{"[{\"id\": \"a\", \"title\": \"A\"},\n]", "import.broken", 28, 2},
		{"[{\"id\": \"a\",\n\"title\": \"A\"", "import.broken", 25, 2},
		{"[", "import.broken", 1, 1},
		{`[{"id": "a", "title": "A"}] []`, "import.broken", 28, 1},
		{"[{\"id\": \"a\", \"title\": \"A\"}]\n\nx", "import.broken", 29, 3},
		{"[\n\n{\"id\": \"a\nb\"}]", "import.broken", 12, 3},
		{`{"id": "a", "title": "A"}`, "import.not_list", 0, 1},
		{`"courses"`, "import.not_list", 0, 1},
		{"", "import.not_list", 0, 1},
		{"id;title\n", "import.broken", 0, 1},
	}
	for _, tt := range tests {
		t.Run(tt.input, func(t *testing.T) {
			_, err := ParseCourses(strings.NewReader(tt.input))
			fault, ok := training.AsFault(err)
			if !ok || fault.Kind != training.KindInvalid || !fault.Unreadable || len(fault.Fields) == 0 {
				t.Fatalf("error %v, want an unreadable fault", err)
			}
			got := fault.Fields[len(fault.Fields)-1]
			if got.Key != tt.key || got.Args["byte"] != int64(tt.at) || got.Args["line"] != tt.line {
				t.Errorf("told %s %v, want %s at byte %d, line %d", got.Key, got.Args, tt.key, tt.at, tt.line)
			}
		})
	}
}

func TestATooLargeFileIsRefusedWithoutReadingOn(t *testing.T) {
	for name, input := range map[string]io.Reader{
		"a good file":   strings.NewReader(`[{"id": "a", "title": "A"}]`),
		"endless text":  io.MultiReader(strings.NewReader(`[{"id": "`), repeat("x")),
		"endless space": repeat(" "),
	} {
		if _, err := parseCourses(input, 20); !training.IsKind(err, training.KindTooLarge) {
			t.Errorf("%s: error %v, want too_large", name, err)
		}
	}
	if _, err := parseCourses(strings.NewReader(`[{"id": "a", "title": "A"}]`), 27); err != nil {
		t.Errorf("a file of just the size allowed: %v", err)
	}
}

type repeat string

func (r repeat) Read(to []byte) (int, error) { return copy(to, r), nil }

func TestAFailingReaderIsNoFaultOfTheFile(t *testing.T) {
	failure := errors.New("disk")
	_, err := ParseCourses(io.MultiReader(strings.NewReader("[{}"), failing{failure}))
	if _, isFault := training.AsFault(err); isFault || !errors.Is(err, failure) {
		t.Errorf("error %v, want the reader's own", err)
	}
}

type failing struct{ err error }

func (f failing) Read([]byte) (int, error) { return 0, f.err }

func TestTheLanguageOfATitle(t *testing.T) {
	known := map[string]string{"listed": "et"}
	tests := []struct {
		name   string
		record Record
		want   string
	}{
		{"said by the record", Record{ID: "listed", TitleLang: "pl", TitleEn: "T"}, "pl"},
		{"listed with the shipped catalogue", Record{ID: "listed", Title: "X", TitleEn: "T"}, "et"},
		{"no English title beside it", Record{Title: "X", Languages: []string{"sv"}}, "en"},
		{"the English title is the title", Record{Title: "X", TitleEn: "X", Languages: []string{"de"}}, "en"},
		{"language of instruction", Record{Title: "X", TitleEn: "T", Languages: []string{"en", "sv"}, Country: "FI"}, "sv"},
		{"language of the country", Record{Title: "X", TitleEn: "T", Languages: []string{"en"}, Country: "LV"}, "lv"},
		{"letters", Record{Title: "Курс", TitleEn: "Course"}, "ru"},
		{"nothing tells", Record{Title: "X", TitleEn: "T"}, ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if got := tt.record.titleLanguage(known); got != tt.want {
				t.Errorf("got %q, want %q", got, tt.want)
			}
		})
	}
}

func TestTextsOfARecord(t *testing.T) {
	r := Record{Title: "Kurs", TitleLang: "nb", TitleEn: "Course", Description: "d", PrerequisiteText: "p", ApplicationRoute: "r",
		Costs: "c", DurationNote: "n", DatesObserved: "o", DeadlineObserved: "l"}
	want := []courseText{
		{"title", "nb", "Kurs", "original", ""}, {"title", "en", "Course", "translated", sum("Kurs")}, {"summary", "en", "d", "original", ""},
		{"prerequisites", "en", "p", "original", ""}, {"route", "en", "r", "original", ""}, {"costs", "en", "c", "original", ""},
		{"duration_note", "en", "n", "original", ""}, {"dates_note", "en", "o", "original", ""}, {"deadline_note", "en", "l", "original", ""},
	}
	if diff := cmp.Diff(want, r.texts(), cmp.AllowUnexported(courseText{})); diff != "" {
		t.Error(diff)
	}
	english := Record{Title: "Course", TitleLang: "en", TitleEn: "Course"}
	if diff := cmp.Diff([]courseText{{"title", "en", "Course", "original", ""}}, english.texts(), cmp.AllowUnexported(courseText{})); diff != "" {
		t.Error(diff)
	}
	unknown := Record{Title: "X", TitleEn: "Course"}
	if diff := cmp.Diff([]courseText{{"title", "en", "Course", "translated", ""}}, unknown.texts(), cmp.AllowUnexported(courseText{})); diff != "" {
		t.Error(diff)
	}
}

func TestSlugsAreReadableAndNeverTheSame(t *testing.T) {
	taken := map[string]bool{}
	tests := []struct{ title, id, want string }{
		{"Övning i Łódź", "a", "ovning-i-lodz"},
		{"Øving i Lodz", "b", "oving-i-lodz"},
		{"Ovning i Lodz", "c", "ovning-i-lodz-c"},
		{"ovning i lodz", "C!", "ovning-i-lodz-2"},
		{"Курс спасателей", "d", "kurs-spasatelei"},
		{"Rescuers' course / 1", "e", "rescuers-course-1"},
		{"消防", "f", "course"},
		{"警察", "g", "course-g"},
		{strings.Repeat("word ", 40), "h", strings.TrimSuffix(strings.Repeat("word-", 16), "-")},
		{strings.Repeat("x", 300), "i", strings.Repeat("x", 80)},
	}
	for _, tt := range tests {
		if got := newSlug(tt.title, tt.id, taken); got != tt.want {
			t.Errorf("slug of %q (%s) is %q, want %q", tt.title, tt.id, got, tt.want)
		}
	}
	for i := range 1000 {
		if slug := newSlug(strings.Repeat("word ", 40), fmt.Sprint(i), taken); len(slug) > 120 {
			t.Fatalf("slug %q is longer than the database takes", slug)
		}
	}
	if len(taken) != 1000+len(tests) {
		t.Errorf("%d different slugs for %d courses", len(taken), 1000+len(tests))
	}
}
