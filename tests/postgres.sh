#!/usr/bin/env bash
# Runs a command with a PostgreSQL to test on: the one named by EIDER_TEST_POSTGRES, or the one on
# this machine that lets `postgres` in, or else a server of its own in a temporary folder, which
# ends with the command.
set -euo pipefail

bin=$(ls -d /usr/lib/postgresql/*/bin 2>/dev/null | sort -V | tail -1 || true)
here=postgres://postgres@127.0.0.1:5432/test
if [ -n "${EIDER_TEST_POSTGRES:-}" ] || psql --no-password "$here" -c '' >/dev/null 2>&1 || [ -z "$bin" ]; then
  exec "$@"
fi

folder=$(mktemp -d)
as=()
if [ "$(id -u)" -eq 0 ]; then
  # The server refuses to run as root.
  chown postgres "$folder"
  as=(runuser -u postgres --)
fi
trap '"${as[@]}" "$bin/pg_ctl" -D "$folder/data" -m immediate stop >/dev/null || true; rm -rf "$folder"' EXIT
port=$((20000 + $$ % 20000))
"${as[@]}" "$bin/initdb" -D "$folder/data" -U postgres -A trust --no-sync >/dev/null
"${as[@]}" "$bin/pg_ctl" -D "$folder/data" -w -l "$folder/log" \
  -o "-h 127.0.0.1 -p $port -k $folder" start >/dev/null
EIDER_TEST_POSTGRES="postgres://postgres@127.0.0.1:$port/postgres" "$@"
