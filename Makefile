# Everything here is a line or two that go(1) does not do by itself. What a
# target needs besides git, make and Go it looks for first, and says so.

.DEFAULT_GOAL := help
SHELL         := bash
.SHELLFLAGS   := -eu -o pipefail -c
MAKEFLAGS     += --no-builtin-rules

PREFIX   ?= /usr/local
DESTDIR  ?=
ARGS     ?=
FUZZTIME ?= 10s
TESTS    ?= ./...
TESTFLAGS ?=

GOLANGCI := v2.15.0
GOFUMPT  := v0.12.0
XTOOLS   := v0.52.0

# The front and its companions. cmd/mcr-bench is for us, not for installing.
FRONT      := mcr
COMPANIONS := $(notdir $(wildcard cmd/mcr-box cmd/mcr-lab cmd/mcr-root))
PROGRAMS   := $(FRONT) $(COMPANIONS)

VERSION ?= $(or $(shell git describe --tags --always --dirty 2>/dev/null),devel)

# A checkout that belongs to somebody else has a history that git(1) will not
# read, and then go build stops; the version is given by hand anyway.
export GOFLAGS := $(strip $(filter-out -buildvcs=%,$(shell go env GOFLAGS)) -buildvcs=false)

# Some of the tools that tests look for are root's, and are not on the PATH of others.
export PATH := $(PATH):/usr/local/sbin:/usr/sbin:/sbin

# Without a home that can be written, Go's caches are kept here. One that can
# only be read may still hold all the modules: go list knows.
CACHE := $(CURDIR)/.cache
writable = $(shell d=$$(go env $(1) 2>/dev/null); [ -n "$$d" ] && mkdir -p "$$d" 2>/dev/null && [ -w "$$d" ] && echo yes)
ifneq ($(call writable,GOCACHE),yes)
  export GOCACHE := $(CACHE)/go-build
endif
ifneq ($(call writable,GOMODCACHE),yes)
  ifneq ($(shell $(if $(GOCACHE),GOCACHE='$(GOCACHE)') GOPROXY=off go list -deps -test ./... >/dev/null 2>&1 && echo yes),yes)
    export GOMODCACHE := $(CACHE)/mod
    export GOFLAGS += -modcacherw
  endif
endif

# needs(PROGRAM PACKAGE): says in one line what is missing.
needs = command -v $(1) >/dev/null || { echo "make $@: $(1) is missing; Debian's package is $(2)" >&2; exit 1; }

.PHONY: help
help: ## say what there is to make
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-13s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

.PHONY: build
build: ## build mcr and its companions into bin/
	@# A program that is the same keeps its time: mcr-box's is the key of the default root in the cache.
	@mkdir -p bin/.new
	CGO_ENABLED=0 go build -trimpath -ldflags '-X main.version=$(VERSION)' -o bin/.new/ $(addprefix ./cmd/,$(PROGRAMS))
	@for p in $(PROGRAMS); do cmp -s bin/.new/$$p bin/$$p || mv -f bin/.new/$$p bin/$$p; done
	@rm -rf bin/.new

.PHONY: run
run: build ## run a shell in a container; make run ARGS='--trace /bin/ls /'
	@bin/mcr run $(ARGS)

.PHONY: test
test: ## run all tests, as whoever you are
	@# Never from the cache: several tests build the programs, of which go test knows nothing.
	go test -count=1 $(TESTFLAGS) $(TESTS)

.PHONY: labs
labs: ## run the lessons' tests
	go test $(TESTFLAGS) ./labs/...

.PHONY: golden
golden: ## rewrite the goldens from what the code does now
	go test $$(grep -rl --include='*_test.go' '"update"' . | xargs -r dirname | sort -u) -update

.PHONY: lint
lint: ## check format, style, layers and dead code
	go vet ./...
	@$(call tool,golangci-lint,golangci-lint has version $(GOLANGCI:v%=%),--version,github.com/golangci/golangci-lint/v2/cmd/golangci-lint@$(GOLANGCI))
	@$(call tool,gofumpt,$(GOFUMPT),--version,mvdan.cc/gofumpt@$(GOFUMPT))
	@$(call tool,deadcode,,,golang.org/x/tools/cmd/deadcode@$(XTOOLS))
	PATH='$(TOOLS)':"$$PATH" golangci-lint run ./...
	@out=$$(git ls-files -co --exclude-standard '*.go' | xargs -r '$(TOOLS)/gofumpt' -l); [ -z "$$out" ] || { echo "make $@: gofumpt would change:"; echo "$$out"; exit 1; } >&2
	@out=$$('$(TOOLS)/deadcode' -test ./...); [ -z "$$out" ] || { echo "make $@: nobody calls:"; echo "$$out"; exit 1; } >&2

# tool(NAME, WORDS, HOW, MODULE): has a tool of the pinned version in TOOLS:
# the one on PATH if its answer to HOW has WORDS in it, else a new build. The
# first build of golangci-lint takes minutes.
TOOLS := $(CACHE)/tools
tool = mkdir -p '$(TOOLS)'; right() { [ -x "$$1" ] && { [ -z '$(2)' ] || "$$1" $(3) 2>&1 | grep -qF '$(2)'; }; }; \
	right '$(TOOLS)/$(1)' || { on=$$(command -v $(1) || true); \
	if [ -n '$(2)' ] && right "$$on"; then ln -sf "$$on" '$(TOOLS)/$(1)'; \
	else echo "go install $(4)"; GOBIN='$(TOOLS)' GOFLAGS=-trimpath go install $(4); fi; }

.PHONY: strace-check
strace-check: ## let strace(1) judge every plan of the corpus
	@$(call needs,strace,strace)
	MCR_FULL=1 go test $(TESTFLAGS) ./cmd/mcr/judge -run TestStrace -v

.PHONY: sweep
sweep: ## leave out and refuse every action of a plan, one at a time
	MCR_FULL=1 go test $(TESTFLAGS) ./cmd/mcr/judge -run TestSweep -v

.PHONY: death
death: ## kill mcr at every point of a start and look at what is left
	MCR_FULL=1 go test $(TESTFLAGS) ./cmd/mcr -run TestDeath -v

.PHONY: filter-bench
filter-bench: ## measure how long the kernel takes to load each filter
	MCR_BENCH=1 go test $(TESTFLAGS) -count=1 -run TestLoadTime -v ./runtime/filter

.PHONY: bench
bench: build ## measure starts against the floor and the peers
	@if [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null && ! { command -v bwrap && command -v crun && command -v runc; } >/dev/null; then \
		apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -qq -y --no-install-recommends bubblewrap crun runc; fi
	@$(call needs,gcc,gcc)
	@$(call needs,strace,strace)
	@$(call needs,bwrap,bubblewrap)
	@$(call needs,crun,crun)
	@$(call needs,runc,runc)
	go build -trimpath -o bin/mcr-bench ./cmd/mcr-bench
	bin/mcr-bench check
	@# crun refuses hybrid control groups: root can show it a mount table without the old ones.
	@[ "$$(id -u)" != 0 ] || set -- testdata/bench/cgroup2.sh; "$$@" bin/mcr-bench run --check $(ARGS)

.PHONY: programs
programs: ## run Alpine's and Debian's programs under the default filter
	@[ "$$(id -u)" != 0 ] || { $(call needs,mmdebstrap,mmdebstrap); }
	MCR_PROGRAMS=1 go test $(TESTFLAGS) -count=1 -timeout 15m -run TestPrograms -v ./cmd/mcr

PORTABLE := $(addprefix ./runtime/,plan trace explain compile filter sys spec)

.PHONY: cross
cross: ## build for the other architectures, and what is portable for macOS
	@for arch in amd64 arm64; do \
		echo "linux/$$arch: everything"; \
		CGO_ENABLED=0 GOOS=linux GOARCH=$$arch go build ./...; \
		CGO_ENABLED=0 GOOS=linux GOARCH=$$arch go vet ./...; \
		echo "darwin/$$arch: cmd/mcr $(notdir $(PORTABLE))"; \
		CGO_ENABLED=0 GOOS=darwin GOARCH=$$arch go build $(PORTABLE) ./cmd/mcr; \
		CGO_ENABLED=0 GOOS=darwin GOARCH=$$arch go vet $(PORTABLE); \
	done

.PHONY: fuzz
fuzz: ## run each fuzz target for FUZZTIME, 10s if not given
	@grep -rn --include='*_test.go' '^func Fuzz' . | sed -E 's/^(.*)\/[^/]*:[0-9]+:func (Fuzz[A-Za-z0-9_]*).*/\1 \2/' | sort -u | while read -r dir name; do \
		echo "$$dir $$name"; go test "$$dir" -run '^$$' -fuzz "^$$name\$$" -fuzztime $(FUZZTIME) </dev/null; done

.PHONY: install
install: build ## install below PREFIX, /usr/local if not given; DESTDIR= for packagers
	install -d '$(DESTDIR)$(PREFIX)/bin' '$(DESTDIR)$(PREFIX)/libexec/mcr'
	install -m 755 bin/$(FRONT) '$(DESTDIR)$(PREFIX)/bin/'
	install -m 755 $(addprefix bin/,$(COMPANIONS)) '$(DESTDIR)$(PREFIX)/libexec/mcr/'

.PHONY: clean
clean: ## remove what was built, the tools and the unpacked roots too
	rm -rf bin
	@# The module cache is read-only unless it was made here.
	@[ ! -d .cache ] || chmod -R u+w .cache
	rm -rf .cache
