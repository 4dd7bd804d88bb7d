# TicketFlow. "make" alone lists the targets. Only Go and make are needed; the race detector needs
# a C compiler besides.

GO       ?= go
ARGS     ?=
BENCH    ?= .
FUZZTIME ?= 10s
VULNDB   ?= https://vuln.go.dev

# Tools are pinned in a module of their own, so that they don't weigh on the program's.
TOOL := $(GO) tool -modfile=tools/go.mod

.DEFAULT_GOAL := help
.PHONY: help build test race lint fmt generate check-generated fuzz bench cover demo flashsale \
	vuln clean

help: ## list the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## /{printf "  %-16s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

build: ## compile bin/ticketflow
	$(GO) build -o bin/ticketflow ./cmd/ticketflow

test: ## run all tests, in random order
	$(GO) test -shuffle=on -timeout=10m ./...

race: ## run all tests under the race detector (needs a C compiler)
	$(GO) test -race -shuffle=on -timeout=20m ./...

lint: ## check the code with the pinned linters (the first run builds them: minutes)
	$(TOOL) golangci-lint run ./...

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

cover: ## measure test coverage over the whole tree into coverage.html
	$(GO) test -coverpkg=./... -coverprofile=coverage.out ./...
	$(GO) tool cover -html=coverage.out -o coverage.html
	$(GO) tool cover -func=coverage.out | tail -n 1

demo: ## serve three demo events on http://127.0.0.1:8080
	$(GO) run ./cmd/ticketflow serve --demo $(ARGS)

flashsale: ## rehearse the rush against a server of its own (ARGS="--scenario contended")
	$(GO) run ./cmd/ticketflow flashsale $(ARGS)

vuln: ## look for known vulnerabilities (VULNDB=file:///path works offline)
	$(TOOL) govulncheck -db '$(VULNDB)' ./...

clean: ## remove what the other targets wrote
	rm -rf bin coverage.out coverage.html
