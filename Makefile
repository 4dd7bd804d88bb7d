# TicketFlow. "make" alone lists the targets. Go and make are needed; the race detector needs a C
# compiler besides, the tests of the cluster profile need PostgreSQL, Redis and RabbitMQ, and those of
# the pages Chromium: "make test" starts what is installed or Docker has, or installs it (as root on
# Debian).

GO       ?= go
ARGS     ?=
BENCH    ?= .
FUZZTIME ?= 10s
VULNDB   ?= https://vuln.go.dev

# Tools are pinned in a module of their own, so that they don't weigh on the program's.
TOOL := $(GO) tool -modfile=tools/go.mod

# Runs its arguments with real servers for the tests, and ends those that it started.
WITHSERVERS := bin/withservers

# The whole tree: the program, and the deployment's files, whose tests are a module of their own.
# Tests are built without the profile: it would build every package twice; and without what only
# debuggers read. What takes longest begins first, so that nothing is left to wait for in the end; a
# package that is named twice runs once.
define go-test
$(GO) test -pgo=off -ldflags=-s -shuffle=on $(1) ./cmd/... ./internal/outbound/postgres ./internal/journeys \
	./internal/inbound/worker ./... && cd deploy && \
	$(GO) test -shuffle=on $(1) ./...
endef

.DEFAULT_GOAL := help
.PHONY: help build test test-embedded race lint fmt generate check-generated fuzz bench demo \
	flashsale screenshots vuln clean $(WITHSERVERS)

help: ## list the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## /{printf "  %-16s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

build: ## compile bin/ticketflow
	$(GO) build -o bin/ticketflow ./cmd/ticketflow

$(WITHSERVERS):
	@$(GO) build -o $@ ./internal/testservers/withservers

test: $(WITHSERVERS) ## run all tests in random order, with real servers
	$(WITHSERVERS) sh -c '$(call go-test,-timeout=10m)'

test-embedded: ## run the tests that need no servers
	TICKETFLOW_TEST_REQUIRED=0 sh -c '$(call go-test,-timeout=10m)'

# Under the race detector. SQLite is C that was translated to Go: its memory lies outside of Go's heap,
# where the detector doesn't look, so that instrumenting it costs four times the time for nothing.
# Compression and signatures count on one goroutine with memory of their own.
# Nor are pointers checked, except where they are unsafe in a package of ours: that finds no races.
# "make test" has vetted already. A process doesn't wait a second at its end for further races, and
# collects its garbage less often. Three packages at a time keep two processors busy: much is waiting
# for servers. What is done less often is said by internal/effort.
race: COMPUTING := modernc.org/... github.com/andybalholm/brotli/... compress/flate \
	crypto/internal/fips140/edwards25519/...
race: export GORACE ?= atexit_sleep_ms=50
race: export GOGC ?= 300
race: $(WITHSERVERS) ## run all tests under the race detector (needs a C compiler)
	$(WITHSERVERS) sh -c '$(call go-test,-race -vet=off -p=3 -timeout=20m \
		-gcflags=all=-d=checkptr=0 -gcflags=ticketflow/internal/rush= \
		$(foreach computing,$(COMPUTING),-gcflags=$(computing)=-race=false))'

lint: ## check the code with the pinned linters (the first run builds them: minutes)
	$(TOOL) golangci-lint run ./...
	$(TOOL) tsgo -p internal/inbound/web/assets
	@! $(TOOL) tsgo -p internal/inbound/web/assets/testdata > /dev/null || \
		{ echo "tsgo does not see type errors any more"; exit 1; }
	cd deploy && $(GO) tool -modfile=../tools/go.mod golangci-lint run \
		--config=../.golangci.yml ./...

fmt: ## format the code
	$(TOOL) golangci-lint fmt ./...

generate: ## write the generated files anew
	$(GO) generate ./...

check-generated: generate ## fail if generated files are stale (wants a clean tree)
	git diff --exit-code

fuzz: ## run each fuzz test for FUZZTIME (default 10s)
	@grep -rl --include='*_test.go' '^func Fuzz' cmd internal | sort | while read -r file; do \
		for name in $$(sed -n 's/^func \(Fuzz[A-Za-z0-9_]*\)(.*/\1/p' "$$file"); do \
			echo "== $$name in $$file"; \
			$(GO) test -run='^$$' -fuzz="^$$name\$$" -fuzztime=$(FUZZTIME) \
				"./$$(dirname "$$file")" || exit 1; \
		done; \
	done

bench: ## run the benchmarks (BENCH=regexp chooses)
	$(GO) test -run='^$$' -bench='$(BENCH)' -benchmem ./...

demo: ## serve three demo events on http://127.0.0.1:8080
	$(GO) run ./cmd/ticketflow serve --demo $(ARGS)

flashsale: ## rehearse the rush against a server of its own (ARGS="--scenario contended")
	$(GO) run ./cmd/ticketflow flashsale $(ARGS)

screenshots: ## take pictures of all pages into docs/images
	TICKETFLOW_SCREENSHOTS='$(CURDIR)/docs/images' TICKETFLOW_TEST_REQUIRED=1 \
		$(GO) test -pgo=off -count=1 -run='^TestPages$$' ./internal/journeys

vuln: ## look for known vulnerabilities (VULNDB=file:///path works offline)
	$(TOOL) govulncheck -db '$(VULNDB)' ./...

clean: ## remove what the other targets wrote
	rm -rf bin
