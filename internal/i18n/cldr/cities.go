package cldr

import (
	_ "embed"
	"encoding/json"
	"slices"
	"strings"
	"sync"
)

// Written by gen/cities.mjs, never by hand.
//
//go:embed cities.json
var citiesJSON []byte

var cities = sync.OnceValue(func() map[string]map[string]string {
	var table map[string]map[string]string
	if err := json.Unmarshal(citiesJSON, &table); err != nil {
		panic("cldr: cities.json: " + err.Error())
	}
	return table
})

// renamed are zones that the IANA database has renamed and the CLDR knows by
// their former names.
var renamed = map[string]string{"Europe/Kyiv": "Europe/Kiev", "Atlantic/Faroe": "Atlantic/Faeroe"}

// CityNames are the names that City has from the language and not from the zone,
// for a script that does as City does: "Europe/Riga=Riika;Europe/Rome=Rooma".
func (l *Locale) CityNames() string { return cityNames()[l.lang] }

var cityNames = sync.OnceValue(func() map[string]string {
	all := map[string]string{}
	for lang, names := range cities() {
		pairs := make([]string, 0, len(names)+len(renamed))
		for zone, name := range names {
			pairs = append(pairs, zone+"="+name)
		}
		for zone := range renamed {
			pairs = append(pairs, zone+"="+For(lang).City(zone))
		}
		slices.Sort(pairs)
		all[lang] = strings.Join(pairs, ";")
	}
	return all
})

// City names the city that stands for an IANA time zone: people know "Riga",
// few know "EET".
func (l *Locale) City(zone string) string {
	if old, ok := renamed[zone]; ok {
		zone = old
	}
	if name, ok := cities()[l.lang][zone]; ok {
		return name
	}
	return strings.ReplaceAll(zone[strings.LastIndexByte(zone, '/')+1:], "_", " ")
}
