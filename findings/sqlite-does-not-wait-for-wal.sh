#!/usr/bin/env bash
# SQLite 3.40.1: a program that asks for the write-ahead log while another one writes is refused at once, whatever its busy timeout.
# The usual guess: `.timeout 2000` (sqlite3_busy_timeout) holds for each statement that meets a lock, so a program that opens a file
# and says `PRAGMA journal_mode=WAL` waits as its other statements do.
# What happens: the change of the mode takes a read lock first and wants the write lock then; to wait with a read lock could
# never end, so SQLite does not call its busy handler there ("the presence of a busy handler does not guarantee that it will be invoked",
# https://sqlite.org/c3ref/busy_handler.html). Of several programs that make one file at the same time all but one may fail so.
# BEGIN IMMEDIATE, which has no read lock yet, waits. Whoever opens such a file tries the pragma again.
# shellcheck source=findings/fetch
. "$(dirname "$(readlink -f "$0")")/fetch"
debian sqlite3=3.40.1-2+deb12u2 libsqlite3-0=3.40.1-2+deb12u2
export LD_LIBRARY_PATH=$work/root/usr/lib/x86_64-linux-gnu
sqlite=$work/root/usr/bin/sqlite3
"$sqlite" file.db 'CREATE TABLE t (x);'

# beside_a_writer STATEMENT: what comes of it, and whether it waited, while another program holds the write lock for longer.
beside_a_writer() {
  local holder before said
  mkfifo commands
  "$sqlite" file.db <commands >held &
  holder=$!
  exec 3>commands
  echo "BEGIN IMMEDIATE; SELECT 'holds it';" >&3
  until grep -q 'holds it' held; do sleep 0.05; done
  before=$(date +%s%N)
  said=$("$sqlite" -cmd '.timeout 2000' file.db "$1" 2>&1 | grep -o 'database is locked') || :
  if [ $((($(date +%s%N) - before) / 1000000)) -ge 2000 ]; then echo "waited 2 s; $said"; else echo "at once; $said"; fi
  exec 3>&-
  wait "$holder"
  rm commands held
}
same "BEGIN IMMEDIATE, timeout 2 s" "waited 2 s; database is locked" "$(beside_a_writer 'BEGIN IMMEDIATE')"
same "PRAGMA journal_mode=WAL, timeout 2 s" "at once; database is locked" "$(beside_a_writer 'PRAGMA journal_mode=WAL')"
