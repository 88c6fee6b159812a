package training

import "time"

// CapitalZones are the time zones that a country's capital keeps, by ISO 3166-1
// alpha-2: the countries of Europe, in which editions are held and agencies
// stand. EU stands where its institutions are. It is shared by all who ask, and
// changed by nobody.
var CapitalZones = map[string]string{
	"AD": "Europe/Andorra", "AL": "Europe/Tirane", "AM": "Asia/Yerevan", "AT": "Europe/Vienna", "AX": "Europe/Mariehamn",
	"AZ": "Asia/Baku", "BA": "Europe/Sarajevo", "BE": "Europe/Brussels", "BG": "Europe/Sofia", "BY": "Europe/Minsk",
	"CH": "Europe/Zurich", "CY": "Asia/Nicosia", "CZ": "Europe/Prague", "DE": "Europe/Berlin", "DK": "Europe/Copenhagen",
	"EE": "Europe/Tallinn", "ES": "Europe/Madrid", "EU": "Europe/Brussels", "FI": "Europe/Helsinki", "FO": "Atlantic/Faroe",
	"FR": "Europe/Paris", "GB": "Europe/London", "GE": "Asia/Tbilisi", "GL": "America/Nuuk", "GR": "Europe/Athens",
	"HR": "Europe/Zagreb", "HU": "Europe/Budapest", "IE": "Europe/Dublin", "IS": "Atlantic/Reykjavik", "IT": "Europe/Rome",
	"LI": "Europe/Vaduz", "LT": "Europe/Vilnius", "LU": "Europe/Luxembourg", "LV": "Europe/Riga", "MC": "Europe/Monaco",
	"MD": "Europe/Chisinau", "ME": "Europe/Podgorica", "MK": "Europe/Skopje", "MT": "Europe/Malta", "NL": "Europe/Amsterdam",
	"NO": "Europe/Oslo", "PL": "Europe/Warsaw", "PT": "Europe/Lisbon", "RO": "Europe/Bucharest", "RS": "Europe/Belgrade",
	"RU": "Europe/Moscow", "SE": "Europe/Stockholm", "SI": "Europe/Ljubljana", "SJ": "Arctic/Longyearbyen",
	"SK": "Europe/Bratislava", "SM": "Europe/San_Marino", "TR": "Europe/Istanbul", "UA": "Europe/Kyiv", "XK": "Europe/Belgrade",
}

// OwnZone gives the time zone of a country's capital where clocks there show
// another time at t than those of zone (an IANA name); false where they show the
// same, or one of the zones is not known.
func OwnZone(t time.Time, zone, country string) (string, bool) {
	own, ok := CapitalZones[country]
	if !ok {
		return "", false
	}
	there, errThere := time.LoadLocation(zone)
	here, errHere := time.LoadLocation(own)
	if errThere != nil || errHere != nil || t.In(there).Format(time.DateTime) == t.In(here).Format(time.DateTime) {
		return "", false
	}
	return own, true
}

// ToldDeadline is the instant to tell people of a deadline. One at midnight in
// zone is told as the minute before: of "7 December at 00:00" many read that they
// have all of the seventh.
func ToldDeadline(t time.Time, zone string) time.Time {
	loc, err := time.LoadLocation(zone)
	if err != nil {
		loc = time.UTC
	}
	if t = t.In(loc); !t.IsZero() && t.Hour() == 0 && t.Minute() == 0 && t.Second() == 0 {
		return t.Add(-time.Minute)
	}
	return t
}
