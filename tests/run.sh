#!/usr/bin/env bash
# Runs every test, with cargo-nextest where it is installed.
set -euo pipefail
cd "$(dirname "$0")/.."
if cargo nextest --version >/dev/null 2>&1; then
  tests/postgres.sh tests/nats.sh cargo nextest run --no-fail-fast "$@"
  cargo test --doc --quiet
else
  tests/postgres.sh tests/nats.sh cargo test --no-fail-fast "$@"
fi
