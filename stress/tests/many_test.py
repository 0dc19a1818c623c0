"""Several farms on one PostgreSQL, with real workers. python3 -m unittest, RCUFARM_BIN set."""
import contextlib
import re
import sqlite3
import time
import unittest

from farm import BIN, Farm, FarmCase, config
from server import Server, Wire

DEFECT = BIN / "rcufarm-defect-04"


def sightings_in_journal(farm):
    with contextlib.closing(sqlite3.connect(f"file:{farm.state}/journal.sqlite?mode=ro", uri=True, timeout=30)) as journal:
        return sum(re.search(rb"do.sighting", content) is not None for content, in journal.execute("SELECT content FROM entry"))


class ManyTest(FarmCase):
    @classmethod
    def setUpClass(cls):
        cls.server = Server("-c fsync=off")
        cls.addClassCleanup(cls.server.end)

    def setUp(self):
        super().setUp()
        # Each test has the store to itself.
        self.server.sql("DROP SCHEMA public CASCADE; CREATE SCHEMA public")

    def member(self, name, url, explore=DEFECT, lanes=("explore",), more=""):
        folder = self.folder / name
        folder.mkdir(exist_ok=True)
        farm = Farm(folder, config(explore=explore, lanes=lanes, more=f'[store]\nurl = "{url}"\n{more}'))
        self.addCleanup(farm.__exit__)
        return farm

    def bugs(self, farms):
        return [farm.total("rcufarm_bugs") for farm in farms]

    def test_two_farms_share_findings_and_one_of_them_counts(self):
        farms = [self.member(name, self.server.url) for name in ("a", "b")]
        farms[0].port()  # it has made the tables
        found = lambda: int(self.server.sql("SELECT count(*) FROM finding")[0][0])
        farms[0].wait_for("findings", found, 120)
        farms[0].wait_for("both", lambda: len(self.server.sql("SELECT DISTINCT node FROM tally")) == 2, 120)
        # A sum over farms is right: one of them tells what is of both.
        farms[0].wait_for("the leader's metric", lambda: sum(b > 0 for b in self.bugs(farms)) == 1)
        self.assertEqual(sum(f.metric("rcufarm_leads") for f in farms), 1)
        for farm in farms:
            farm.wait_for("the page", lambda f=farm: re.search(r'href="findings/[0-9a-f]{32}"', f.get("/")))
            self.assertEqual(farm.end()[0], 0, farm.said())
        key, = self.server.sql("SELECT key FROM finding LIMIT 1")[0]
        shown = self.run_farm("findings", "show", key[:12], "--state", farms[1].state)
        self.assertEqual(shown.returncode, 0, shown.stderr)
        # Nothing is counted twice: each sighting once.
        (tallied, seen), = self.server.sql(
            "SELECT (SELECT sum(count) FROM tally), (SELECT sum(seen) FROM sighting WHERE settled = 1)")
        self.assertEqual(tallied, seen)

    def test_a_leader_that_dies_is_followed(self):
        farms = [self.member(name, self.server.url, lanes=["canary"]) for name in ("a", "b")]
        leader = farms[0].wait_for("a leader", lambda: next((f for f in farms if f.metric("rcufarm_leads")), None))
        leader.kill()
        other, = [f for f in farms if f is not leader]
        other.wait_for("the successor", lambda: other.metric("rcufarm_leads"), 120)

    def test_a_store_that_is_away_loses_nothing_and_stops_nobody(self):
        wire = Wire(self.server)
        self.addCleanup(wire.end)
        farm = self.member("a", wire.url)
        farm.port()  # it has made the tables
        farm.wait_for("a finding", lambda: int(self.server.sql("SELECT count(*) FROM finding")[0][0]), 120)
        wire.cut()
        farm.wait_for("the complaint", lambda: farm.metric("rcufarm_preflight_ok", 'check="store"') == 0)
        done = farm.metric("rcufarm_executions_total", 'engine="simulator",target="sim"')
        farm.wait_for("work meanwhile", lambda: farm.metric("rcufarm_executions_total", 'engine="simulator",target="sim"') > done)
        # Counts wait there, too: they alone bring no sighting.
        farm.wait_for("a sighting that waits", lambda: sightings_in_journal(farm), 120)
        self.assertEqual(farm.get("/readyz"), "ok\n")
        self.assertIn("wait in the journal", farm.get("/"))
        farm.kill()  # and what waits outlives it
        owed = sightings_in_journal(farm)
        again = self.member("a", wire.url)
        again.wait_for("the complaint", lambda: "waits in the journal" in again.said())
        before = int(self.server.sql("SELECT count(*) FROM sighting")[0][0])
        wire.mend()
        again.wait_for("delivery", lambda: again.metric("rcufarm_journal_entries") == 0, 120)
        self.assertGreaterEqual(int(self.server.sql("SELECT count(*) FROM sighting")[0][0]), before + owed)
        again.wait_for("no complaint", lambda: again.metric("rcufarm_preflight_ok", 'check="store"') == 1)

    def test_a_server_that_does_not_answer_holds_up_no_end(self):
        wire = Wire(self.server)
        self.addCleanup(wire.end)
        farm = self.member("a", wire.url, lanes=["canary"])
        farm.port()
        wire.over = True  # nothing passes, and nobody is told
        wire.thread.join()
        time.sleep(1)
        code, seconds = farm.end()
        self.assertEqual(code, 0, farm.said())
        self.assertLess(seconds, 20)

    def test_corpora_are_shared(self):
        corpus = self.folder / "a/state/corpus/sim"
        corpus.mkdir(parents=True)
        (corpus / "theirs").write_bytes(bytes(range(200)))
        farms = [self.member(name, self.server.url, lanes=["canary"]) for name in ("a", "b")]
        there = self.folder / "b/state/corpus/sim"
        farms[1].wait_for("the input", lambda: there.is_dir() and any(
            f.read_bytes() == bytes(range(200)) for f in there.iterdir()), 120)

    def test_an_url_that_leads_nowhere_is_said_at_the_start(self):
        for url, words in (("postgresql://farm:pw@/x", "PGPASSFILE"), ("host=/nowhere", "Does the server run"),
                           (self.server.url.replace("/postgres?", "/none?"), "does not exist")):
            farm = self.member("x", url, lanes=["canary"])
            self.assertEqual(farm.process.wait(60), 2, farm.said())
            self.assertIn(words, farm.said())

    def test_an_older_farm_refuses_a_newer_store(self):
        self.member("a", self.server.url, lanes=["canary"]).port()
        self.server.sql("UPDATE rcufarm_schema SET version = version + 1")
        farm = self.member("b", self.server.url, lanes=["canary"])
        self.assertEqual(farm.process.wait(60), 2, farm.said())
        self.assertIn("newer farm", farm.said())


if __name__ == "__main__":
    unittest.main()
