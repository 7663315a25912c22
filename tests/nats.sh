#!/usr/bin/env bash
# Runs a command with a NATS server to test on: the one named by EIDER_TEST_NATS (host:port), or the
# one on this machine, or else one of its own, which ends with the command.
set -euo pipefail

PATH=$PATH:/usr/sbin
if [ -n "${EIDER_TEST_NATS:-}" ] || (: >/dev/tcp/127.0.0.1/4222) 2>/dev/null || ! command -v nats-server >/dev/null; then
  exec "$@"
fi

port=$((40000 + $$ % 20000))
nats-server -a 127.0.0.1 -p "$port" >/dev/null 2>&1 &
server=$!
trap 'kill "$server" 2>/dev/null || true' EXIT
for _ in $(seq 50); do
  (: >/dev/tcp/127.0.0.1/"$port") 2>/dev/null && break
  sleep 0.1
done
EIDER_TEST_NATS="127.0.0.1:$port" "$@"
