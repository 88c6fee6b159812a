package handlers

// capitalZones are the time zones that a country's capital keeps, by ISO 3166-1
// alpha-2: the countries of Europe, in which editions are held and agencies
// stand. EU stands where its institutions are.
var capitalZones = map[string]string{
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

// otherZones are zones of regions around the Baltic Sea and of Europe that do
// not keep their capital's time.
var otherZones = []string{
	"Atlantic/Azores", "Atlantic/Canary", "Atlantic/Madeira", "Europe/Kaliningrad", "Europe/Samara", "Europe/Simferopol",
}
