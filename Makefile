# make dev    sets up what is missing and runs the whole system until Ctrl-C
# make test   everything that has to pass before a commit lands
# make panel  builds the chat panel anew, after a change of gateway/panel/src
# make screenshots   pictures of the panel's main states, in gateway/panel/screenshots
# make chaos SEED=… MINUTES=…   a storm of faults on three gateways; the seed gives the same plan again
# make test-versions FORMER=<commit>   this version and a former one side by side, through a deploy and its rollback
# make measure-chat CLIENTS=… SECONDS=…   messages a second that are acknowledged, through one gateway and through two
# make bench QUICK=1   the gateway and its peers under the same work; without QUICK three rounds of full sizes, and tests/bench/RESULTS.md
# make test-hostile   what brought other servers down, floods, slow readers, attacks on sessions: in the making, not yet green each time
# make test-slow   what takes longer: long runs of the codecs' properties and of presence's model, plans of all statements on a large
#             database, storms, Prisma Migrate, what deploy/ describes and its image's build

SHELL := /bin/bash
MAKEFLAGS += --no-print-directory
NODE_TEST := node --import tsx --test --test-reporter spec

DEV_PACKAGES := redis-server postgresql nginx openssl
PYTHON_PACKAGES := python3 python3-venv
BROWSER_PACKAGES := chromium fonts-liberation
NODE_PACKAGES := gateway/panel/node_modules/.package-lock.json tests/node_modules/.package-lock.json tests/existing-api/node_modules/.package-lock.json
PRISMA_CLIENT := tests/existing-api/generated/prisma/client.ts

.PHONY: dev test install machine binary

dev: machine install binary
	@cd tests && exec node --import tsx stack/dev.ts

machine:
	@tests/stack/install-missing.sh $(DEV_PACKAGES)

binary:
	@cargo build --locked --bin realtime-gateway

install: $(NODE_PACKAGES) $(PRISMA_CLIENT)

# npm writes this file last, so it is older than the lock until an install has ended well.
%/node_modules/.package-lock.json: %/package-lock.json %/package.json
	@echo "npm ci in $*"
	@cd $* && npm ci --no-audit --no-fund --loglevel=error >/dev/null && touch node_modules/.package-lock.json

$(PRISMA_CLIENT): tests/existing-api/prisma/schema.prisma tests/existing-api/node_modules/.package-lock.json
	@echo "generating the Prisma client"
	@cd tests/existing-api && npm run --silent generate >/dev/null && touch generated/prisma/client.ts

.PHONY: panel screenshots

panel: install
	cd gateway/panel && npm run --silent build

screenshots: machine install panel
	@tests/stack/install-missing.sh $(BROWSER_PACKAGES)
	cd tests && node --import tsx panel/screenshots.ts

# What takes longer than a change should wait for.
.PHONY: test-slow
test-slow: test-deploy test-image machine install binary tests/prisma-migrate/node_modules/.package-lock.json
	cd tests && $(NODE_TEST) prisma-migrate/*.test.ts
	PROPTEST_CASES=200000 cargo test --locked -p shared-protocol
	PRESENCE_MODEL_SEEDS=100-163 cargo test --locked -p gateway --lib presence::tests::model
	cargo test --locked -p gateway --lib chat::tests::plans -- --ignored --nocapture
	cd tests && STORY_REDIS_AWAY_MS=20000 $(NODE_TEST) clients/redis-away.test.ts
	@# A socket each for thousands of users, at both ends.
	cd tests && ulimit -n 20000 && $(NODE_TEST) --test-concurrency=1 storm/*.test.ts
	@printf '\nmake test-slow: everything passed\n'

# A second, independent client for the tests. Made anew when the versions change.
PYTHON := tests/python/.venv/installed

$(PYTHON): tests/python/requirements.txt
	@tests/stack/install-missing.sh $(PYTHON_PACKAGES)
	@echo "installing python-socketio"
	@rm -rf tests/python/.venv && PATH=/usr/bin:$$PATH python3 -m venv tests/python/.venv
	@tests/python/.venv/bin/pip install --quiet --no-deps --disable-pip-version-check --requirement $< && touch $@

# What `make test` does, in this order. Each step can be called alone.
TEST_STEPS := test-format test-lint test-rust test-types test-panel test-stack test-deploy-files test-wire test-existing-api test-clients test-roles test-chaos test-matrix test-browser

.PHONY: $(TEST_STEPS)

test:
	@started=$$SECONDS; passed=0; \
	for step in $(TEST_STEPS); do \
	  printf '\n== %s\n' $$step; begun=$$SECONDS; \
	  $(MAKE) $$step || { printf '\nmake test: %s failed\nsteps: %s passed, 1 failed\n' $$step $$passed; exit 1; }; \
	  echo "== $$step: passed in $$((SECONDS - begun)) s"; passed=$$((passed + 1)); \
	done; \
	printf '\nmake test: everything passed in %s s\nsteps: %s passed, 0 failed\n' $$((SECONDS - started)) $$passed

test-format:
	cargo fmt --all --check

test-lint:
	cargo clippy --workspace --all-targets --locked -- -D warnings

test-rust: machine
	cargo test --workspace --locked

test-types: install
	cd tests && npx --no-install tsc --noEmit
	cd tests && npx --no-install tsc --noEmit --strict --skipLibCheck false ../shared-protocol/typescript/index.d.ts
	cd tests/existing-api && npm run --silent typecheck
	cd gateway/panel && npm run --silent typecheck

test-panel: install
	cd gateway/panel && npm test --silent

test-stack: install
	cd tests && $(NODE_TEST) stack/*.test.ts

test-wire: install
	@cargo build --locked -p gateway --example conformance
	cd tests && $(NODE_TEST) --test-concurrency=1 wire/*.test.ts

test-existing-api: machine install
	cd tests/existing-api && npm test --silent

test-clients: machine install binary $(PYTHON)
	@tests/stack/install-missing.sh prometheus
	cd tests && $(NODE_TEST) clients/all.ts

# What a hostile or mistaken client can say, and what it hears.
test-matrix: machine install binary
	cd tests && $(NODE_TEST) matrix/all.ts

# The files of deploy/ that no test runs: manifests, alerts, dashboard, images, units. Checked by those who read them, and the settings that
# they hand out by the programs that these are for.
DEPLOY_CHECKERS := tests/deploy/files/.venv/installed

$(DEPLOY_CHECKERS): tests/deploy/files/requirements.txt
	@tests/stack/install-missing.sh $(PYTHON_PACKAGES)
	@echo "installing kubernetes-validate and compose-spec"
	@rm -rf $(@D) && PATH=/usr/bin:$$PATH python3 -m venv $(@D)
	@$(@D)/bin/pip install --quiet --no-deps --disable-pip-version-check --requirement $<
	@tests/deploy/files/install-kubectl.sh $(@D) && touch $@

.PHONY: test-deploy-files
test-deploy-files: machine install binary $(DEPLOY_CHECKERS)
	@tests/stack/install-missing.sh prometheus systemd
	cd tests && $(NODE_TEST) deploy/files/*.test.ts

# Two gateways that may do no more than the Redis user and the Postgres roles of deploy/ let them, and what they say of a Redis that refuses.
.PHONY: test-roles
test-roles: machine install binary
	cd tests && $(NODE_TEST) deploy/least-privilege.test.ts deploy/refusing-redis.test.ts

# What brought other servers down, floods, half-open links and attacks on sessions, against two gateways in use. Attackers hold thousands
# of sockets.
.PHONY: test-hostile
test-hostile: machine install binary
	@tests/stack/install-missing.sh python3
	cd tests && ulimit -n 20000 && $(NODE_TEST) --test-concurrency=1 hostile/*.test.ts

# The steps of deploy/Dockerfile in a clean folder, without a container engine. Builds everything once more.
.PHONY: test-image
test-image: install
	cd tests && $(NODE_TEST) deploy/image/*.test.ts

# This version and a former one side by side; the former one is built from its commit, in a work tree that goes afterwards.
FORMER ?= HEAD~1
FORMER_TARGET := $(CURDIR)/target/former

.PHONY: test-versions
test-versions: machine install binary
	@tree=$$(mktemp -d) && trap 'git worktree remove --force $$tree' EXIT && git worktree add --quiet --detach $$tree $(FORMER) && \
	  echo "building $$(git -C $$tree log -1 --format='%h %s')" && \
	  (cd $$tree && CARGO_TARGET_DIR=$(FORMER_TARGET) cargo build --locked --bin realtime-gateway) && \
	  cd tests && FORMER_GATEWAY=$(FORMER_TARGET)/debug/realtime-gateway $(NODE_TEST) deploy/versions/*.test.ts

# What deploy/ describes, run with two gateways: the balancers, the Redis user and the Postgres roles, PgBouncer.
.PHONY: test-deploy
test-deploy: machine install binary
	@tests/stack/install-missing.sh haproxy pgbouncer
	cd tests && $(NODE_TEST) deploy/*.test.ts

# The short storm, the tests of its checker, and what the checker finds when the system is sabotaged. A failed storm leaves links open:
# it must end all the same.
.PHONY: test-chaos
test-chaos: machine install binary
	cd tests && $(NODE_TEST) --test-force-exit chaos/*.test.ts

# Of the release build, which takes minutes the first time.
.PHONY: measure-chat
measure-chat: machine install
	@cargo build --locked --release --bin realtime-gateway
	@cd tests && GATEWAY_PROFILE=release node --import tsx measure/chat.ts

# The gateway, its peers and the load generator, all of the release build. The servers get a core of their own (SERVER_CORES), the rest
# shares the other one (LOAD_CORES). tests/bench/README.md has the other variables.
PEERS := tests/bench/peers

.PHONY: bench
bench: machine install $(PEERS)/node/node_modules/.package-lock.json
	@cargo build --locked --release --bin realtime-gateway --bin load-generator
	@cargo build --locked --release --manifest-path $(PEERS)/Cargo.toml --target-dir $${CARGO_TARGET_DIR:-target}/peers
	@# A socket each for thousands of users, at both ends.
	@cd tests && ulimit -n 20000 && GATEWAY_PROFILE=release taskset --cpu-list $${LOAD_CORES:-1} node --import tsx bench/run.ts

.PHONY: chaos
chaos: machine install binary
	@cd tests && SEED=$(SEED) MINUTES=$(MINUTES) node --import tsx chaos/cli.ts

test-browser: machine install binary
	@tests/stack/install-missing.sh $(BROWSER_PACKAGES)
	cd tests && $(NODE_TEST) --test-concurrency=1 browser/*.test.ts panel/*.test.ts
