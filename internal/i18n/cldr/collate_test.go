package cldr

import (
	"slices"
	"sync"
	"testing"
)

func TestAlphabetsPeopleWouldNotice(t *testing.T) {
	tests := []struct {
		lang string
		want []string
	}{
		{"lv", []string{"ilgs", "izeja", "yacht", "īpašs", "jahta"}},
		{"lv", []string{"ada", "azote", "āda", "bads"}},
		{"et", []string{"saar", "šahh", "zebra", "žanr", "tamm", "vaal", "veski", "watt", "õun", "äike", "öö", "üks"}},
		{"ru", []string{"112", "ежевика", "ели", "ёлка", "Эстония", "NATO", "Zürich"}},
		{"nb", []string{"Moss", "Zagreb", "Ærø", "Øksnes", "Aabenraa", "Åre"}},
		{"sv", []string{"Zagreb", "Åre", "Äänekoski", "Örebro"}},
		{"de", []string{"Äpfel", "Apfelbaum", "Arzt"}},
		{"pl", []string{"Lodz", "Luz", "Łódź", "Mława"}},
	}
	for _, tt := range tests {
		got := slices.Clone(tt.want)
		slices.Reverse(got)
		slices.SortStableFunc(got, For(tt.lang).Compare)
		expect(t, tt.lang, got, tt.want)
	}
}

func TestHowALetterIsEncodedDoesNotMatter(t *testing.T) {
	for _, lang := range Languages {
		for _, pair := range [][2]string{{"Rēzekne", "Re\u0304zekne"}, {"Йод", "И\u0306од"}, {"Ýmir", "Y\u0301mir"}, {"", ""}} {
			if got := For(lang).Compare(pair[0], pair[1]); got != 0 {
				t.Errorf("%s: Compare(%q, %q) = %d", lang, pair[0], pair[1], got)
			}
		}
	}
}

func TestManyMayCompareAtOnce(t *testing.T) {
	words := []string{"Žagarė", "Åbo", "Ystad", "yacht", "Ģibuļi", "Москва", "NATO", "Łódź", "watt", "Āda"}
	want := make(map[string][]string)
	for _, lang := range Languages {
		want[lang] = slices.SortedStableFunc(slices.Values(words), For(lang).Compare)
	}
	var all sync.WaitGroup
	for range 8 {
		for _, lang := range Languages {
			all.Go(func() {
				for range 50 {
					got := slices.SortedStableFunc(slices.Values(words), For(lang).Compare)
					if !slices.Equal(got, want[lang]) {
						t.Errorf("%s: %q, alone %q", lang, got, want[lang])
						return
					}
				}
			})
		}
	}
	all.Wait()
}
