package training

import "testing"

func TestNoCellOfATableIsRunAsAFormula(t *testing.T) {
	for text, want := range map[string]string{
		"":                             "",
		"Jānis Bērziņš-Ķēniņš":         "Jānis Bērziņš-Ķēniņš",
		"=HYPERLINK(\"http://x\")":     "'=HYPERLINK(\"http://x\")",
		"+371 2000":                    "'+371 2000",
		"-1":                           "'-1",
		"@SUM(A1)":                     "'@SUM(A1)",
		"\t=1":                         "'\t=1",
		"\r=1":                         "'\r=1",
		"Åsa = Öst":                    "Åsa = Öst",
		"'already text":                "'already text",
		"Юрий":                         "Юрий",
		"2027-03-15T12:00:00.000000Z":  "2027-03-15T12:00:00.000000Z",
		"7K3M-9QXA-WB5T-2HNF-7K3M-9QX": "7K3M-9QXA-WB5T-2HNF-7K3M-9QX",
	} {
		if got := CSVCell(text); got != want {
			t.Errorf("CSVCell(%q) = %q, want %q", text, got, want)
		}
	}
}
