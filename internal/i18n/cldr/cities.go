package cldr

import (
	_ "embed"
	"encoding/json"
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

// City names the city that stands for an IANA time zone: people know "Riga",
// few know "EET".
func (l *Locale) City(zone string) string {
	if name, ok := cities()[l.lang][zone]; ok {
		return name
	}
	return strings.ReplaceAll(zone[strings.LastIndexByte(zone, '/')+1:], "_", " ")
}
