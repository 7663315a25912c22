# `make test` sets up what the tests need on a fresh Debian machine and runs all of them.

.PHONY: help build test setup lint eval bench

help:                ## Say what can be made
	@grep -E '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:[^#]*##/:/' | column -t -s:

build:               ## Build the release binary
	cargo build --release

setup:               ## Install what the tests need: Chromium, Node.js, PostgreSQL, NATS, the browser tests' packages
	tests/setup.sh

# A test that cannot run for want of something says so; here that is a failure.
test: setup          ## Run every test
	EIDER_REQUIRE_ALL=1 tests/run.sh

lint:                ## Check formatting, lints and documentation
	cargo fmt --check
	cargo clippy --all-targets -- -D warnings
	RUSTDOCFLAGS='-D warnings' cargo doc --no-deps --quiet
	npm run --silent check

eval: build          ## Ask the golden questions, and score the public question sets when they are there
	./target/release/eider eval
	./target/release/eider eval --triage
	eval/retrieval.py
	eval/names.py

bench: build         ## Measure this machine
	./target/release/eider bench
