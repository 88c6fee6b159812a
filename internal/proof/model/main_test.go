package model_test

import (
	"flag"
	"os"
	"testing"
)

// checksVariable asks for so many sequences of each kind and set-up, from a seed
// that nobody knows before; without it few sequences run, always the same.
const checksVariable = "VARDE_MODEL_CHECKS"

func TestMain(m *testing.M) {
	settings := map[string]string{"rapid.nofailfile": "true", "rapid.checks": "25", "rapid.seed": "1", "rapid.steps": "40"}
	if n := os.Getenv(checksVariable); n != "" {
		settings["rapid.checks"], settings["rapid.seed"], settings["rapid.shrinktime"] = n, "0", "2m"
	}
	for name, value := range settings {
		if err := flag.Set(name, value); err != nil {
			panic(err)
		}
	}
	os.Exit(m.Run())
}
