package handlers

import "github.com/varde-platform/varde/internal/training"

// capitalZones are the time zones of capitals, by country.
var capitalZones = training.CapitalZones

// otherZones are zones of regions around the Baltic Sea and of Europe that do
// not keep their capital's time.
var otherZones = []string{
	"Atlantic/Azores", "Atlantic/Canary", "Atlantic/Madeira", "Europe/Kaliningrad", "Europe/Samara", "Europe/Simferopol",
}
