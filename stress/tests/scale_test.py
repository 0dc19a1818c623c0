#!/usr/bin/env python3
"""Many farms on one PostgreSQL, on this machine: what is lost, doubled or done twice when they and it are killed.

scale_test.py [--farms 8] [--seconds 600] [--kill-every 30] [--restarts 3] [--cut 120] [--throughput 60]
It prints a table and exits with 1 if something did not hold. Workers are the explorer on an allocator with a planted mistake, and the
canary; each farm has one slot. At every kill the dead farm's journal is read, and what stood in it has to reach the store.
"""
import argparse
import os
import pathlib
import random
import re
import shutil
import sqlite3
import struct
import sys
import tempfile
import time

from farm import BIN, Farm, config
from server import Server, Wire

DEFECT = BIN / "rcufarm-defect-04"
SCENARIO = pathlib.Path(__file__).resolve().parents[2] / "corpus/regressions/06-extra-rcu-drained-unprotected.finding"


def cbor(data, at=0):
    """One value of the journal's CBOR, and where the next begins."""
    head = data[at]
    kind, low = head >> 5, head & 31
    at += 1
    if kind == 7:
        if low in (20, 21, 22):
            return {20: False, 21: True, 22: None}[low], at
        return struct.unpack(">d", data[at:at + 8])[0], at + 8
    size = {24: 1, 25: 2, 26: 4, 27: 8}.get(low, 0)
    n = int.from_bytes(data[at:at + size], "big") if size else low
    at += size
    if kind == 0:
        return n, at
    if kind in (2, 3):
        return (data[at:at + n] if kind == 2 else data[at:at + n].decode()), at + n
    values = []
    for _ in range(n * (2 if kind == 5 else 1)):
        value, at = cbor(data, at)
        values.append(value)
    return (dict(zip(values[::2], values[1::2])) if kind == 5 else values), at


def owed(state):
    """Keys of the sightings and events in a dead farm's journal."""
    keys = {"sighting": set(), "event": set()}
    file = pathlib.Path(state, "journal.sqlite")
    if not file.exists():
        return keys
    database = sqlite3.connect(f"file:{file}?mode=ro", uri=True, timeout=30)
    for packed, in database.execute("SELECT content FROM entry"):
        entry, _ = cbor(packed)
        if entry["do"] == "sighting":
            keys["sighting"].add(entry["sighting"]["key"].decode())
        elif entry["do"] == "counted":
            keys["event"].add(entry["event"].decode())
    database.close()
    return keys


class Fleet:
    def __init__(self, folder, url, farms, explore, lanes, slots=1, more=""):
        self.folder, self.url, self.explore, self.lanes, self.slots, self.more = folder, url, explore, lanes, slots, more
        self.farms = [self.start(i) for i in range(farms)]

    def start(self, i):
        place = self.folder / f"farm-{i}"
        place.mkdir(exist_ok=True)
        store = f'[store]\nurl = "{self.url}"\n' if self.url else ""
        text = config(explore=self.explore, lanes=self.lanes, slots=self.slots,
                      more=f"{store}[canary]\nevery_seconds = 5\n[restart]\nbackoff_ms = 100\ncrash_loop = 1000\n{self.more}")
        text = text.replace("explore_seconds = 1\n", "explore_seconds = 5\n")
        return Farm(place, text)

    def end(self):
        for farm in self.farms:
            if farm.process.poll() is None:
                farm.process.terminate()
        return [farm.process.wait(60) for farm in self.farms]


def executions(farm):
    return int(re.search(r"^all .*?(\d[\d,]*) +[\d.]+ +", farm.said(), re.M).group(1).replace(",", ""))


class Books:
    """What was counted so far; nothing of it may fall."""

    def __init__(self, server):
        self.server, self.seen, self.back = server, {}, []

    def look(self):
        rows = self.server.sql("SELECT 'tally ' || finding || node, count FROM tally UNION ALL "
                               "SELECT 'counter ' || name || labels || node, value FROM counter UNION ALL "
                               "SELECT 'sightings', count(*) FROM sighting")
        now = {name: int(value) for name, value in rows}
        self.back += [name for name, value in self.seen.items() if now.get(name, 0) < value]
        self.seen = now


def torment(options, folder, chance):
    server = Server()
    wire = Wire(server)
    fleet = Fleet(folder, wire.url, options.farms, DEFECT, ["explore", "canary"])
    books = Books(server)
    all_owed = {"sighting": set(), "event": set()}
    acknowledged = set()
    begin = time.monotonic()
    cut_at = options.seconds * 0.45
    restarts = [options.seconds * share for share in [0.2, 0.75, 0.9, 0.3, 0.85][:options.restarts]]
    kills, next_kill, cut, mended = 0, options.kill_every, False, False
    try:
        while (now := time.monotonic() - begin) < options.seconds:
            time.sleep(1)
            if now >= next_kill:
                next_kill += options.kill_every
                i = chance.randrange(options.farms)
                fleet.farms[i].kill()
                kills += 1
                for kind, keys in owed(fleet.farms[i].state).items():
                    all_owed[kind] |= keys
                fleet.farms[i] = fleet.start(i)
            if restarts and now >= min(restarts):
                restarts.remove(min(restarts))
                server.do(chance.choice(["stop", "kill"]))
                time.sleep(2)
                server.do("start")
            if not cut and now >= cut_at:
                cut = True
                wire.cut()
            if cut and not mended and now >= cut_at + options.cut:
                mended = True
                wire.mend()
            books.look()
        wire.mend()
        # In peace: everything that waits is delivered.
        end = time.monotonic() + 120
        while time.monotonic() < end and any(farm.metric("rcufarm_journal_entries") for farm in fleet.farms):
            time.sleep(1)
        codes = fleet.end()
        books.look()
        for i in range(options.farms):
            for keys in owed(folder / f"farm-{i}" / "state").values():
                assert not keys, f"farm-{i} still owes {len(keys)}"
            log = (folder / f"farm-{i}" / "log").read_text(errors="replace")
            acknowledged |= set(re.findall(r"(?:new|known) finding ([0-9a-f]{12})", log))
        return report(options, server, books, all_owed, acknowledged, kills, codes, folder)
    finally:
        for farm in fleet.farms:
            if farm.process.poll() is None:
                farm.process.kill()
        wire.end()
        server.end()


def report(options, server, books, all_owed, acknowledged, kills, codes, folder):
    sightings = {key for key, in server.sql("SELECT key FROM sighting")}
    events = {key for key, in server.sql("SELECT key FROM event")}
    findings = {key[:12] for key, in server.sql("SELECT key FROM finding")}
    lost = len(all_owed["sighting"] - sightings) + len(all_owed["event"] - events) + len(acknowledged - findings)
    doubled = server.sql(
        "SELECT f.key FROM finding f WHERE (SELECT sum(count) FROM tally WHERE finding = f.key) NOT BETWEEN "
        "(SELECT COALESCE(sum(seen), 0) FROM sighting s WHERE settled = 1 AND s.signature = f.signature) AND "
        "(SELECT COALESCE(sum(seen), 0) FROM sighting s WHERE settled = 1 AND s.signature IN (f.signature, ''))")
    logs = "".join((folder / f"farm-{i}" / "log").read_text(errors="replace") for i in range(options.farms))
    late = len(re.findall(r"another farm works there", logs))
    examined = len(re.findall(r"(?:new|known) finding [0-9a-f]{12}", logs))
    new = len(re.findall(r"new finding [0-9a-f]{12}", logs))
    counted, = server.sql("SELECT sum(value) FROM counter WHERE name = 'crashes_total'")[0]
    tallied, = server.sql("SELECT sum(count) FROM tally")[0]
    ok = not lost and not doubled and not books.back and counted == tallied and not late and set(codes) <= {0}
    print(f"""
{options.farms} farms with one slot each on one PostgreSQL, {options.seconds} s, {time.strftime('%F')}

kills of a farm                                {kills}
restarts of the database                       {options.restarts}
database cut off                               {options.cut} s
findings                                       {len(findings)}
sightings in the store                         {len(sightings)}
seen in a dead farm's journal, then delivered  {len(all_owed['sighting'])} sightings, {len(all_owed['event'])} counts
examinations that ended, of them new findings  {examined}, {new}
acknowledged and lost                          {lost}
findings whose count is not that of sightings  {len(doubled)}
crashes_total, and tallies                     {counted}, {tallied}
counters that went back                        {len(books.back)}
exit codes                                     {sorted(set(codes))}
{'everything held' if ok else 'IT DID NOT HOLD'}""", flush=True)
    if not findings or not all_owed["sighting"] | all_owed["event"]:
        print("too little was found or owed for this to mean something: give it more --seconds")
    return ok


def throughput(options, folder):
    """Executions of one farm with two slots on SQLite, and of all with one each on PostgreSQL, by turns; either is first once.

    All run one scenario by one strategy: executions of what is drawn differ tenfold, and get shorter the longer a search lasts.
    """
    explore = folder / "explore"
    explore.write_text(f"""#!/bin/sh
exec {BIN / 'rcufarm'} $(printf '%s\\n' "$@" | sed '/^--strategy$/{{n;s/.*/random/}}') --scenario {SCENARIO}
""")
    explore.chmod(0o755)
    rates = {"one": [], "all": []}
    for turn, who in enumerate(("one", "all", "all", "one")):
        place = folder / f"throughput-{turn}"
        place.mkdir()
        server = Server() if who == "all" else None
        count, slots = (options.farms, 1) if server else (1, 2)
        fleet = Fleet(place, server.url if server else "", count, explore, ["explore"], slots,
                      more="[models]\nsc = 1\ntso = 0\nc11 = 0\nkernel = 0\n")
        for farm in fleet.farms:
            farm.port()
        time.sleep(options.throughput)
        fleet.end()
        rates[who].append(sum(executions(farm) for farm in fleet.farms) / options.throughput)
        if server:
            server.end()
    one, many = (sum(rates[who]) / len(rates[who]) for who in ("one", "all"))
    print(f"\nthroughput, executions/s: one farm with 2 slots {one:,.0f}, {options.farms} farms {many:,.0f}: {many / one:.2f} "
          f"({', '.join(f'{who} {[round(r) for r in rate]}' for who, rate in rates.items())}; "
          f"load {os.getloadavg()[0]:.1f})", flush=True)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--farms", type=int, default=8)
    parser.add_argument("--seconds", type=int, default=600)
    parser.add_argument("--kill-every", type=int, default=30)
    parser.add_argument("--restarts", type=int, default=3)
    parser.add_argument("--cut", type=int, default=120)
    parser.add_argument("--throughput", type=int, default=60, help="seconds of each measurement; 0: none")
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    folder = pathlib.Path(tempfile.mkdtemp(prefix="rcufarm-scale-"))
    try:
        held = torment(options, folder, random.Random(options.seed))
        if options.throughput:
            throughput(options, folder)
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    return 0 if held else 1


if __name__ == "__main__":
    sys.exit(main())
