package catalogue

import (
	"encoding/json"
	"os"
	"strings"
	"testing"
)

func TestWhatIsWrongWithAnImportIsSaidWithRecordAndField(t *testing.T) {
	text, err := os.ReadFile("../../locales/en.json")
	if err != nil {
		t.Fatal(err)
	}
	var messages map[string]any
	if err := json.Unmarshal(text, &messages); err != nil {
		t.Fatal(err)
	}
	for _, tt := range badRecords {
		sentence, _ := messages[tt.key].(string)
		if !strings.Contains(sentence, "{{.record}}") || !strings.Contains(sentence, "{{.id}}") || !strings.Contains(sentence, "{{.field}}") {
			t.Errorf("%s: %q does not name record, course and field", tt.key, sentence)
		}
	}
}
