# Go and make are all that `make build` and `make run` need. `make help` says what there is.

VERSION   ?= $(shell git describe --tags --always --dirty 2>/dev/null || echo dev)
COMMIT    ?= $(shell git rev-parse HEAD 2>/dev/null || echo unknown)
PACKAGES  ?= ./...
TESTFLAGS ?=
NAME      ?= schema
CHECKS    ?= 1000
HISTORIES ?= 300
FAULTS    ?= -rounds 5 -people 300 -seed 0

# Version and commit are set here rather than found by Go, which gives up where git does not trust the owner of the files.
GO_BUILD = go build -trimpath -buildvcs=false

.DEFAULT_GOAL := help
.NOTPARALLEL:

.PHONY: help
help: ## Say what there is to make
	@awk -F ':.*## ' '/^[a-z0-9-]+:.*## / { printf "make %-18s %s\n", $$1, $$2 }' Makefile

.PHONY: build
build: ## Build bin/varde, one static program
	CGO_ENABLED=0 $(GO_BUILD) -ldflags "-s -w -X main.version=$(VERSION) -X main.commit=$(COMMIT)" -o bin/varde ./cmd/varde

.PHONY: run
run: build ## Try Varde out: fill data/varde.db with a demonstration if it is not there, show the log-ins, serve
	@exec scripts/try-out

.PHONY: test
test: test-tools ## Run all tests; PACKAGES=./internal/hold runs some, TESTFLAGS="-run Name -v" is handed to go test
	exec bin/with-services -- go test -race -count=1 -vet=off -p 2 -timeout 20m $(TESTFLAGS) $(PACKAGES)

.PHONY: e2e
e2e: ## Run only the tests that drive a browser
	@exec $(MAKE) --no-print-directory test PACKAGES=./e2e/...

.PHONY: axe-full
axe-full: test-tools ## Look at every page and state as every role, in three languages, light and dark, narrow and wide, with axe-core
	exec go test -v -count=1 -vet=off -timeout 120m $(TESTFLAGS) ./e2e -run '^TestEveryPageAndState$$' -everything

.PHONY: screenshots
screenshots: test-tools ## Take pictures of the main pages of the demonstration into docs/images
	$(GO_BUILD) -o bin/screenshots ./e2e/screenshots
	exec bin/screenshots

.PHONY: faults
faults: test-tools ## Break servers, Redis, PostgreSQL, network and clock under load; TESTFLAGS="-run Sentinel", FAULTS="-seed 7"
	exec go test -v -count=1 -vet=off -timeout 60m $(TESTFLAGS) ./internal/proof/faults $(FAULTS)

.PHONY: model-full
model-full: test-tools ## Play thousands of random sequences of what happens to a run against a small model; CHECKS=1000 a kind
	exec env VARDE_MODEL_CHECKS=$(CHECKS) bin/with-services -- go test -v -count=1 -vet=off -timeout 120m $(TESTFLAGS) ./internal/proof/model

.PHONY: linearizable-full
linearizable-full: test-tools ## Record what many clients at once are answered, and look for an order that explains it; HISTORIES=300 a set-up
	exec env VARDE_PROOF_HISTORIES=$(HISTORIES) bin/with-services -- go test -v -count=1 -vet=off -timeout 120m $(TESTFLAGS) ./internal/proof/linearizable

.PHONY: check
check: ## Check what can be checked without running: vet, staticcheck, format, generated code, completeness of languages
	go vet ./...
	go tool staticcheck ./...
	scripts/check-format
	scripts/check-generated
	go test -count=1 ./locales/...

.PHONY: bench
bench: test-tools ## Measure, and write docs/benchmarks.md
	@scripts/install-test-tools bench
	$(GO_BUILD) -o bin/bench ./internal/bench
	exec bin/bench

.PHONY: generate
generate: test-tools ## Generate the database code and a migration from ent/schema; NAME=... names the migration
	go generate ./ent
	exec bin/with-services -- go run -buildvcs=false ./internal/store/migrationdiff -name "$(NAME)"

.PHONY: generate-locale
generate-locale: ## Generate the tables of dates and numbers for all languages (needs Node.js)
	node internal/i18n/cldr/gen/gen.mjs

.PHONY: generate-assets
generate-assets: ## Generate styles, fonts, icons and images under assets/static (needs Node.js and more)
	assets/gen/build.sh

.PHONY: clean
clean: ## Remove what was built; data/ stays
	rm -rf bin tmp

.PHONY: test-tools
test-tools:
	@scripts/install-test-tools
	@$(GO_BUILD) -o bin/with-services ./internal/testkit/services/cmd/with-services
