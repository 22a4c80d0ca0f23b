# make demo   sets everything up where needed, and shows it at work
# make test   sets everything up where needed, and runs every test
# make check  what is quick: style, types, floors, and the tests that need no server
# make bench  measures speed, latency and memory; see benchmarks/README.md
# make fmt    puts the code into shape
# ARGS="…"    goes to pytest, as in: make test ARGS="-k outbox -x"; with bench to the benchmark

BIN := .venv/bin
ARGS ?=
# Many tests wait for servers and leases: twice as many at once as there are processors.
WORKERS := $(shell echo $$(( $$(nproc) * 2 )))

.PHONY: demo test check static bench fmt setup

demo:
	@scripts/setup demo
	$(BIN)/helpdesk demo $(ARGS)

test: setup
	$(BIN)/pytest -n $(WORKERS) --dist worksteal $(ARGS)

check: static
	$(BIN)/pytest -n auto -q -m "not server and not slow" $(ARGS)

static: setup
	@scripts/check-static

bench: setup
	$(BIN)/python -m benchmarks.intake $(ARGS)

fmt: setup
	$(BIN)/ruff check --fix --quiet . || true
	$(BIN)/ruff format .

setup:
	@scripts/setup
