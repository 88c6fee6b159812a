package cldr

import "testing"

func TestWhatPeopleTypeFindsTheName(t *testing.T) {
	tests := []struct{ typed, name string }{
		{"lodz", "Łódź"},
		{"ovning", "övning"},
		{"Aland", "Åland"},
		{"tromso", "TROMSØ"},
		{"aero", "Ærø"},
		{"thingvellir", "Þingvellir"},
		{"isafjordur", "Ísafjörður"},
		{"gibuli", "Ģibuļi"},
		{"siauliai", "Šiauliai"},
		{"zagare", "Žagarė"},
		{"pollu", "PÕLLU"},
		{"strasse", "Straße"},
		{"STRASSE", "STRAẞE"},
		{"oeuvre", "Œuvre"},
		{"sapmi anar", "Sápmi Aŋár"},
		{"izmir", "İzmir"},
		{"diyarbakir", "Diyarbakır"},
		{"щелково", "Щёлково"},
		{"йошкар-ола", "Йошкар-Ола"},
		{"иошкар-ола", "Йошкар-Ола"},
		{"re\u0304zekne", "Rēzekne"},
		{"ice rescue", " Ice\u00a0\n rescue\t"},
		{"search and rescue", "Search and res\u00adcue"},
		{"no 12", "№ 12"},
		{"", " \u200b "},
	}
	for _, tt := range tests {
		if Fold(tt.typed) != Fold(tt.name) {
			t.Errorf("%q folds to %q, but %q to %q", tt.typed, Fold(tt.typed), tt.name, Fold(tt.name))
		}
	}
}

func TestFoldKeepsApartWhatDiffers(t *testing.T) {
	expect(t, "plain", Fold("Łódź, Øst 2"), "lodz, ost 2")
	for _, pair := range [][2]string{{"Lund", "Lünen"}, {"край", "кран"}, {"ice rescue", "icerescue"}} {
		if Fold(pair[0]) == Fold(pair[1]) {
			t.Errorf("%q and %q are folded alike", pair[0], pair[1])
		}
	}
}

func TestWhatIsFoldedStaysAsItIs(t *testing.T) {
	for _, s := range []string{"Łódź", "ſtraße", "ΟΔΟΣ", "İ", "ﬁre", "\xff", "Ǆ", "ϒ\u0308", "Ǿ ǽ", "１２"} {
		once := Fold(s)
		expect(t, s, Fold(once), once)
	}
}
