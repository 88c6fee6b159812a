package page

import (
	"slices"
	"time"
)

// sampleText gives one certificate's sentences in each of the twelve languages.
var sampleText = map[string]Text{
	"da": {
		Heading: "Bevis for gennemført kursus", Awarded: "Dette bevis er udstedt til",
		Completed: "som har gennemført kurset",
		Course:    "Brandslukning om bord på passagerskibe",
		Facts: []Fact{
			{"Datoer", "12.–16. maj 2027"}, {"Kursussted", "Åbenrå, Danmark"},
			{"Fremmøde", "9 af 10 halve dage"}, {"Undervisningssprog", "engelsk"},
			{"Kursuskode", "SHIP-07"}, {"Myndighed", "Sønderjyllands Brand- og Redningsvæsen"}, {"Land", "Danmark"},
		},
		Signed:     "Udstedt af Beredskabsstyrelsen den 12. juni 2027",
		VerifyHint: "Kontrollér beviset på denne adresse",
	},
	"de": {
		Heading: "Lehrgangszeugnis", Awarded: "Dieses Zeugnis erhält",
		Completed: "für den erfolgreichen Abschluss des Lehrgangs",
		Course:    "Brandbekämpfung auf Fahrgastschiffen",
		Facts: []Fact{
			{"Termin", "12.–16. Mai 2027"}, {"Veranstaltungsort", "Lübeck-Travemünde, Deutschland"},
			{"Anwesenheit", "9 von 10 halben Tagen"}, {"Unterrichtssprache", "Englisch"},
			{"Lehrgangskürzel", "SHIP-07"}, {"Dienststelle", "Feuerwehr der Hansestadt Lübeck"}, {"Land", "Deutschland"},
		},
		Signed:     "Ausgestellt von der Landesfeuerwehrschule am 12. Juni 2027",
		VerifyHint: "Echtheit prüfen unter",
	},
	"en": {
		Heading: "Certificate of completion", Awarded: "This certificate is awarded to",
		Completed: "who has completed the course",
		Course:    "Firefighting on board passenger ships",
		Facts: []Fact{
			{"Dates", "12–16 May 2027"}, {"Venue", "Rīga, Latvia"},
			{"Attendance", "9 of 10 half days"}, {"Course language", "English"},
			{"Course code", "SHIP-07"}, {"Agency", "State Fire and Rescue Service"}, {"Country", "Latvia"},
		},
		Signed:     "Issued by the State Fire and Rescue Service on 12 June 2027",
		VerifyHint: "Check this certificate at",
	},
	"et": {
		Heading: "Tunnistus koolituse läbimise kohta", Awarded: "Käesolev tunnistus on välja antud isikule",
		Completed: "kes on läbinud koolituse",
		Course:    "Tulekustutus reisilaevade pardal",
		Facts: []Fact{
			{"Kuupäevad", "12.–16. mai 2027"}, {"Toimumiskoht", "Väike-Maarja, Eesti"},
			{"Kohalolek", "9 poolt päeva 10-st"}, {"Õppekeel", "inglise keel"},
			{"Koolituse kood", "SHIP-07"}, {"Asutus", "Lõuna päästekeskus"}, {"Riik", "Eesti"},
		},
		Signed:     "Välja andnud Päästeamet 12. juunil 2027",
		VerifyHint: "Kontrolli dokumendi ehtsust aadressil",
	},
	"fi": {
		Heading: "Kurssitodistus", Awarded: "Tämä todistus on myönnetty henkilölle",
		Completed: "joka on suorittanut kurssin",
		Course:    "Palontorjunta matkustaja-aluksilla",
		Facts: []Fact{
			{"Ajankohta", "12.–16. toukokuuta 2027"}, {"Pitopaikka", "Kuopio, Suomi"},
			{"Läsnäolo", "9 puolikasta päivää 10:stä"}, {"Opetuskieli", "englanti"},
			{"Kurssin tunnus", "SHIP-07"}, {"Viranomainen", "Länsi-Uudenmaan pelastuslaitos"}, {"Maa", "Suomi"},
		},
		Signed:     "Myöntänyt Pelastusopisto 12. kesäkuuta 2027",
		VerifyHint: "Tarkista todistuksen aitous osoitteessa",
	},
	"is": {
		Heading: "Staðfesting á að hafa lokið námskeiði", Awarded: "Þetta skírteini er veitt",
		Completed: "sem hefur lokið námskeiðinu",
		Course:    "Slökkvistörf um borð í farþegaskipum",
		Facts: []Fact{
			{"Dagsetningar", "12.–16. maí 2027"}, {"Staður", "Reykjavík, Ísland"},
			{"Mæting", "9 af 10 hálfum dögum"}, {"Kennslutungumál", "enska"},
			{"Auðkenni námskeiðs", "SHIP-07"}, {"Stofnun", "Slökkvilið höfuðborgarsvæðisins"}, {"Land", "Ísland"},
		},
		Signed:     "Gefið út af Húsnæðis- og mannvirkjastofnun 12. júní 2027",
		VerifyHint: "Sannreynið skírteinið á slóðinni",
	},
	"lt": {
		Heading: "Kurso baigimo pažymėjimas", Awarded: "Šis pažymėjimas išduotas",
		Completed: "baigus kursą",
		Course:    "Gaisrų gesinimas keleiviniuose laivuose",
		Facts: []Fact{
			{"Datos", "2027 m. gegužės 12–16 d."}, {"Kurso vykdymo vieta", "Klaipėda, Lietuva"},
			{"Lankomumas", "9 iš 10 pusdienių"}, {"Mokymo kalba", "anglų"},
			{"Kurso kodas", "SHIP-07"}, {"Įstaiga", "Klaipėdos priešgaisrinė gelbėjimo valdyba"}, {"Valstybė", "Lietuva"},
		},
		Signed:     "Išdavė Ugniagesių gelbėtojų mokykla 2027 m. birželio 12 d.",
		VerifyHint: "Patikrinkite šį pažymėjimą adresu",
	},
	"lv": {
		Heading: "Apliecība par kursa apguvi", Awarded: "Šī apliecība piešķirta",
		Completed: "par sekmīgi apgūtu kursu",
		Course:    "Ugunsgrēku dzēšana uz pasažieru kuģiem",
		Facts: []Fact{
			{"Norises laiks", "2027. gada 12.–16. maijs"}, {"Norises vieta", "Rīga, Latvija"},
			{"Apmeklējums", "9 no 10 pusdienām"}, {"Mācību valoda", "angļu"},
			{"Kursa kods", "SHIP-07"}, {"Iestāde", "Valsts ugunsdzēsības un glābšanas dienests"}, {"Valsts", "Latvija"},
		},
		Signed:     "Izsniedza Ugunsdrošības un civilās aizsardzības koledža 2027. gada 12. jūnijā",
		VerifyHint: "Pārbaudiet dokumenta autentiskumu šajā adresē",
	},
	"nb": {
		Heading: "Bevis for fullført kurs", Awarded: "Dette beviset er tildelt",
		Completed: "som har fullført kurset",
		Course:    "Brannslokking om bord på passasjerskip",
		Facts: []Fact{
			{"Datoer", "12.–16. mai 2027"}, {"Kurssted", "Tjeldsund, Norge"},
			{"Fremmøte", "9 av 10 halve dager"}, {"Undervisningsspråk", "engelsk"},
			{"Kurskode", "SHIP-07"}, {"Etat", "Oslo brann- og redningsetat"}, {"Land", "Norge"},
		},
		Signed:     "Utstedt av Brann- og redningsskolen 12. juni 2027",
		VerifyHint: "Kontroller kursbeviset på denne adressen",
	},
	"pl": {
		Heading: "Zaświadczenie o ukończeniu szkolenia", Awarded: "Niniejsze zaświadczenie otrzymuje",
		Completed: "w związku z ukończeniem szkolenia",
		Course:    "Gaszenie pożarów na statkach pasażerskich",
		Facts: []Fact{
			{"Termin", "12–16 maja 2027 r."}, {"Lokalizacja", "Świnoujście, Polska"},
			{"Obecność", "9 z 10 półdniowych zajęć"}, {"Język szkolenia", "angielski"},
			{"Kod szkolenia", "SHIP-07"}, {"Instytucja", "Komenda Miejska Państwowej Straży Pożarnej w Łodzi"}, {"Państwo", "Polska"},
		},
		Signed:     "Wydano przez Akademię Pożarniczą dnia 12 czerwca 2027 r.",
		VerifyHint: "Sprawdź autentyczność zaświadczenia pod adresem",
	},
	"ru": {
		Heading: "Сертификат об успешном завершении курса", Awarded: "Настоящий сертификат выдан",
		Completed: "в подтверждение успешного завершения курса",
		Course:    "Тушение пожаров на борту пассажирских судов",
		Facts: []Fact{
			{"Даты", "12–16 мая 2027 г."}, {"Место проведения", "Калининград, Россия"},
			{"Присутствие", "9 из 10 половин дня"}, {"Язык обучения", "английский"},
			{"Код курса", "SHIP-07"}, {"Ведомство", "Северо-Западный спасательный отряд"}, {"Страна", "Россия"},
		},
		Signed:     "Выдан Государственной противопожарной службой 12 июня 2027 г.",
		VerifyHint: "Проверить подлинность сертификата можно по адресу",
	},
	"sv": {
		Heading: "Intyg om genomförd kurs", Awarded: "Detta intyg tilldelas",
		Completed: "som har genomfört kursen",
		Course:    "Brandsläckning ombord på passagerarfartyg",
		Facts: []Fact{
			{"Datum", "12–16 maj 2027"}, {"Kursort", "Revinge, Sverige"},
			{"Närvaro", "9 av 10 halvdagar"}, {"Undervisningsspråk", "engelska"},
			{"Kurskod", "SHIP-07"}, {"Organisation", "Räddningstjänsten Syd"}, {"Land", "Sverige"},
		},
		Signed:     "Utfärdat av Myndigheten för civilt försvar den 12 juni 2027",
		VerifyHint: "Kontrollera intyget på denna adress",
	},
}

var sampleHolder = map[string]string{
	"da": "Søren Kjærgaard", "de": "Jürgen Weißenböck", "en": "Anna Whitfield",
	"et": "Õnne Ööbik", "fi": "Väinö Mäkelä", "is": "Ragnheiður Þóra Guðmundsdóttir",
	"lt": "Žydrūnė Šiaučiūnaitė", "lv": "Jānis Bērziņš-Ķēniņš", "nb": "Bjørn Ødegård",
	"pl": "Łukasz Żółć-Świątek", "ru": "Юрий Щербаков", "sv": "Åsa Sjöström",
}

// samplePlaces says in English where each sample was held and who sent the holder.
var samplePlaces = map[string]struct{ venue, agency, country string }{
	"da": {"Åbenrå, Denmark", "Southern Jutland Fire and Rescue Service", "Denmark"},
	"de": {"Lübeck-Travemünde, Germany", "Lübeck Fire Department", "Germany"},
	"et": {"Väike-Maarja, Estonia", "Southern Rescue Centre", "Estonia"},
	"fi": {"Kuopio, Finland", "Länsi-Uusimaa Rescue Department", "Finland"},
	"is": {"Reykjavík, Iceland", "Capital District Fire and Rescue Service", "Iceland"},
	"lt": {"Klaipėda, Lithuania", "Klaipėda Fire and Rescue Board", "Lithuania"},
	"lv": {"Rīga, Latvia", "State Fire and Rescue Service", "Latvia"},
	"nb": {"Tjeldsund, Norway", "Oslo Fire and Rescue Department", "Norway"},
	"pl": {"Świnoujście, Poland", "Łódź City Headquarters of the State Fire Service", "Poland"},
	"ru": {"Kaliningrad, Russia", "North-West Rescue Unit", "Russia"},
	"sv": {"Revinge, Sweden", "Fire and Rescue Service South", "Sweden"},
}

const (
	sampleNumber = "7K3M-9QXA-WB5T-2HND"
	sampleURL    = "https://varde.example/verify/" + sampleNumber
	sampleIssuer = "Council of the Baltic Sea States · State Fire and Rescue Service"
)

// sample is a whole certificate in lang, with English beneath where lang is
// another language.
func sample(lang string) Facts {
	f := Facts{
		Lang:      lang,
		Number:    sampleNumber,
		VerifyURL: sampleURL,
		IssuedAt:  time.Date(2027, 6, 12, 9, 30, 0, 0, time.UTC),
		Primary:   sampleText[lang],
		Holder:    sampleHolder[lang],
		Issuer:    sampleIssuer,
	}
	if lang == "en" {
		return f
	}
	f.Secondary = sampleText["en"]
	f.Secondary.Facts = slices.Clone(f.Secondary.Facts)
	place := samplePlaces[lang]
	f.Secondary.Facts[1].Value = place.venue
	f.Secondary.Facts[5].Value = place.agency
	f.Secondary.Facts[6].Value = place.country
	return f
}
