"""The farm at work: what it finds, counts and shows, with real workers. python3 -m unittest, RCUFARM_BIN set."""
import os
import re
import signal
import subprocess
import unittest
import urllib.request

from farm import BIN, FarmCase, Ledger, config

DEFECT = BIN / "rcufarm-defect-04"


class FarmTest(FarmCase):
    def test_a_planted_mistake_reaches_store_metrics_and_page(self):
        farm = self.farm(config(explore=DEFECT, lanes=["explore"]))
        farm.wait_for("a bug", lambda: farm.total("rcufarm_bugs", 'state="open"'), 120)
        key = farm.wait_for("a row", lambda: list(Ledger(farm.state).findings()))[0]
        page = farm.get(f"/findings/{key}")
        self.assertIn("Interleaving", page)
        self.assertIn(key, farm.get("/"))
        code, seconds = farm.end()
        self.assertEqual(code, 0)
        self.assertIn(key[:12], farm.said())  # in the summary
        self.assertLess(seconds, 10)  # the promise
        self.assertEqual(farm.workers(), [])
        shown = self.run_farm("findings", "show", key[:12], "--state", farm.state)
        self.assertEqual(shown.returncode, 0, shown.stderr)
        self.assertRegex(shown.stdout, r"CPU \d: ")
        Ledger(farm.state).check()

        # Another farm with the same store knows it, and its counters go on.
        findings = len(Ledger(farm.state).findings())
        crashes = sum(Ledger(farm.state).counts().values())
        again = self.farm(config(explore=DEFECT, lanes=["canary"]))
        again.wait_for("the counters", lambda: again.total("rcufarm_crashes_total") == crashes)
        self.assertEqual(again.total("rcufarm_crashes_total", 'novelty="new"'), findings)

    def test_a_finding_is_one_file_that_replays_and_can_be_acknowledged(self):
        farm = self.farm(config(explore=BIN / "rcufarm-defect-04", lanes=["explore"]))
        seen = lambda: farm.total("rcufarm_bugs", 'state="open"') - farm.total("rcufarm_bugs_unacknowledged")
        farm.wait_for("a finding", lambda: farm.total("rcufarm_bugs_unacknowledged"), 120)
        self.assertEqual(seen(), 0)
        key, *_ = Ledger(farm.state).findings()
        name = f"{key[:12]}.finding"
        answer = urllib.request.urlopen(f"http://127.0.0.1:{farm.port()}/findings/{name}", timeout=30)
        self.assertIn(f'filename="{name}"', answer.headers["Content-Disposition"])
        there = answer.read()
        done = self.run_farm("findings", "ack", key[:8], "--note", "reported <upstream>", "--state", farm.state)
        self.assertEqual(done.returncode, 0, done.stderr)
        farm.wait_for("the metric", lambda: seen() == 1)
        farm.wait_for("the page", lambda: "reported &lt;upstream&gt;" in farm.get("/"))
        code, _ = farm.end()
        self.assertEqual(code, 0, "it was asked to stop, and stopped")
        done = self.run_farm("findings", "get", key[:8], "-o", self.folder / name, "--state", farm.state)
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertEqual((self.folder / name).read_bytes(), there)
        # The line that is shown, as somebody pastes it into a shell.
        shown = self.run_farm("findings", "show", key[:8], "--state", farm.state).stdout
        self.assertNotIn("KEY", shown)
        line = re.search(r"^again: (.*)$", shown, re.M).group(1)
        pasted = subprocess.run(["bash", "-c", line], cwd=self.folder, capture_output=True, text=True, check=False)
        self.assertEqual(pasted.returncode, 1, pasted.stderr)
        self.assertIn("BAD:", pasted.stdout)
        # A colleague's store: the build is looked at before anything runs.
        exported = self.folder / "findings.json"
        self.assertEqual(self.run_farm("findings", "export", exported, "--state", farm.state).returncode, 0)
        theirs = self.folder / "theirs"
        self.assertEqual(self.run_farm("findings", "import", exported, "--state", theirs).returncode, 0)
        refused = self.run_farm("findings", "replay", key[:8], "--state", theirs)
        self.assertEqual(refused.returncode, 2, refused.stdout)
        self.assertRegex(refused.stderr, "was found by build [0-9a-f]+ of explore|there is no .*Build it")
        self.assertEqual(refused.stdout, "")
        if "was found by" in refused.stderr:
            again = self.run_farm("findings", "replay", key[:8], "--any-build", "--state", theirs)
            self.assertEqual(again.returncode, 1, again.stderr)
            self.assertIn("BAD:", again.stdout)

    def test_findings_fail_a_script_that_asks_for_it(self):
        farm = self.farm(config(explore=BIN / "rcufarm-defect-04", lanes=["explore"]), arguments=["--fail-on-findings"])
        farm.wait_for("a finding", lambda: farm.total("rcufarm_bugs", 'state="open"'), 120)
        self.assertEqual(farm.end()[0], 1)

    def test_a_state_folder_that_may_not_be_written_is_read(self):
        farm = self.farm(config(explore=BIN / "rcufarm-defect-04", lanes=["explore"]))
        farm.wait_for("a finding", lambda: farm.total("rcufarm_bugs", 'state="open"'), 120)
        key, *_ = Ledger(farm.state).findings()
        farm.kill()  # what it wrote last stands in the log beside the database
        disk = self.folder / "disk"
        disk.mkdir()
        if os.geteuid() == 0:
            subprocess.run(["mount", "--bind", "-o", "ro", farm.state, disk], check=True)
            self.addCleanup(subprocess.run, ["umount", "-l", disk], check=False)
            subprocess.run(["mount", "-o", "remount,bind,ro", disk], check=True)
        else:
            disk = farm.state
            for path in [disk, *disk.rglob("*")]:
                path.chmod(path.stat().st_mode & ~0o222)
        listed = self.run_farm("findings", "list", "--state", disk)
        self.assertEqual(listed.returncode, 0, listed.stderr)
        self.assertIn(key[:12], listed.stdout)
        self.assertEqual(self.run_farm("findings", "get", key[:8], "-o", "-", "--state", disk).returncode, 0)

    def test_a_fixed_finding_is_marked_and_reopened(self):
        farm = self.farm(config(explore=DEFECT, lanes=["explore"]))
        farm.wait_for("a finding", lambda: farm.total("rcufarm_bugs", 'state="open"'), 120)
        farm.end()
        # The correct build shows none of them.
        fixed = self.farm(config(explore=BIN / "rcufarm", lanes=["canary"]))
        fixed.wait_for("fixed", lambda: fixed.total("rcufarm_bugs", 'state="fixed"') == len(Ledger(farm.state).findings()))
        fixed.end()
        back = self.farm(config(explore=DEFECT, lanes=["canary"]))
        back.wait_for("reopened", lambda: back.total("rcufarm_bugs", 'state="reopened"') == len(Ledger(farm.state).findings()))

    def test_the_canary_sings_and_wakes_nobody(self):
        farm = self.farm(config(lanes=["canary"]))
        farm.wait_for("a detection", lambda: farm.metric("rcufarm_canary_detections_total"), 120)
        self.assertEqual(farm.metric("rcufarm_seeded_bug_trials_total", 'outcome="found"'),
                         farm.metric("rcufarm_canary_detections_total"))
        self.assertEqual(Ledger(farm.state).findings(), {})

    def test_findings_in_a_kernels_file_are_kept_apart(self):
        # Any explorer can stand in for that of a kernel's file: the farm knows its lane.
        farm = self.farm(config(lanes=["explore_linux"], programs={"explore_linux": DEFECT}))
        farm.wait_for("a bug", lambda: farm.total("rcufarm_bugs", 'state="open"'), 120)
        farm.wait_for("its executions", lambda: farm.metric("rcufarm_executions_total", 'engine="simulator",target="linux"'))
        self.assertEqual(farm.metric("rcufarm_executions_total", 'engine="simulator",target="sim"'), 0)
        farm.end()
        for signature, in Ledger(farm.state).rows("SELECT signature FROM finding"):
            self.assertTrue(signature.startswith("linux: "), signature)
        # Checked on its own explorer, not on that of this project's allocator.
        again = self.farm(config(lanes=["canary"], programs={"explore_linux": BIN / "rcufarm"}))
        again.wait_for("fixed", lambda: again.total("rcufarm_bugs", 'state="fixed"') == len(Ledger(farm.state).findings()))

    def test_findings_in_an_adopted_allocator_have_its_name(self):
        # Any explorer can stand in: the farm knows its lane, and its name by that of the program.
        mine = self.folder / "rcufarm-mine"
        mine.symlink_to(DEFECT)
        farm = self.farm(config(lanes=["explore_adopted"], programs={"explore_adopted": mine}))
        farm.wait_for("a bug", lambda: farm.total("rcufarm_bugs", 'state="open"'), 120)
        farm.wait_for("its executions", lambda: farm.metric("rcufarm_executions_total", 'engine="simulator",target="mine"'))
        self.assertEqual(farm.metric("rcufarm_executions_total", 'engine="simulator",target="sim"'), 0)
        farm.end()
        found = list(Ledger(farm.state).rows("SELECT signature FROM finding"))
        self.assertTrue(found)
        for signature, in found:
            self.assertTrue(signature.startswith("mine: "), signature)

    def test_findings_of_an_allocator_that_was_adopted_before_stay(self):
        def lane(name, program):
            (self.folder / f"rcufarm-{name}").symlink_to(program)
            return config(lanes=["explore_adopted"], programs={"explore_adopted": self.folder / f"rcufarm-{name}"})
        state = "SELECT state, checked_build FROM finding WHERE signature LIKE ? AND replays > 0"
        farm = self.farm(lane("mine", DEFECT))
        farm.wait_for("a bug", lambda: farm.total("rcufarm_bugs", 'state="open"'), 120)
        farm.wait_for("its replays", lambda: Ledger(farm.state).rows(state, "mine: %"), 120)
        farm.end()
        before = Ledger(farm.state).rows(state, "mine: %")
        # It shows none of them, being another. Its own are found and checked, one after those that were there before it.
        other = self.farm(lane("other", BIN / "rcufarm-defect-01"))
        other.wait_for("a finding of its own", lambda: Ledger(farm.state).rows(state, "other: %"), 120)
        other.wait_for("the page", lambda: "other: " in other.get("/target/other"))
        self.assertNotIn("mine: ", other.get("/target/other"))
        other.end()
        self.assertEqual(Ledger(farm.state).rows(state, "mine: %"), before)

    def test_explorers_share_with_fuzz_engines(self):
        corpus = self.folder / "state/corpus/sim"
        corpus.mkdir(parents=True)
        (corpus / "theirs").write_bytes(bytes(range(200)))
        farm = self.farm(config(lanes=["explore"]))
        given = farm.wait_for("scenarios from an explorer", lambda: [f for f in corpus.iterdir() if f.name != "theirs"], 120)
        self.assertTrue(all(f.stat().st_size > 0 for f in given))
        takes = ("--inputs\0" + str(corpus)).encode()
        farm.wait_for("an explorer that takes theirs", lambda: any(takes in command for command in farm.commands()))
        code, _ = farm.end()
        self.assertEqual(code, 0, farm.said())

    def test_a_run_of_some_seconds_ends_with_a_summary(self):
        farm = self.farm(config(lanes=["explore"]), arguments=["--duration", "10"])
        self.assertEqual(farm.process.wait(120), 0, farm.said())
        self.assertRegex(farm.said(), r"explore +\d+ s +\d+ +[1-9][\d,]* ")
        self.assertIn("no findings", farm.said())
        self.assertRegex(farm.said(), r"supervisor: \d+\.\d+ s of CPU")
        self.assertEqual(farm.workers(), [])

    def test_sigint_stops_it_cleanly(self):
        farm = self.farm(config(lanes=["explore"]))
        farm.wait_for("a worker", farm.workers)
        farm.process.send_signal(signal.SIGINT)
        self.assertEqual(farm.process.wait(30), 0, farm.said())
        self.assertIn("no findings", farm.said())
        self.assertEqual(farm.workers(), [])

    def test_planted_mistakes_stand_on_the_page(self):
        farm = self.farm(config(lanes=["canary"], more="[canary]\nevery_seconds = 1\n"))
        farm.wait_for("the table", lambda: re.search(r"rcufarm-defect-04</td>.*?>([1-9]\d*) of \1<", farm.get("/")), 120)

    def test_a_leak_is_counted_for_the_list_that_lost_it(self):
        farm = self.farm(config(explore=BIN / "rcufarm-defect-01", lanes=["explore"]))
        for what in ("objects", "bytes"):
            farm.wait_for(what, lambda w=what: farm.metric(f"rcufarm_leaked_{w}_total", 'list="free_by_rcu_ttrace"'), 120)

    def test_stress_shows_the_allocator(self):
        farm = self.farm(config(lanes=["stress_asan"]))
        farm.wait_for("destroys", lambda: farm.metric("rcufarm_destroys_total", 'result="ok"'))
        for name in ("rcufarm_grace_period_duration_seconds_count", "rcufarm_callbacks_invoked_total"):
            for flavor in ("regular", "tasks_trace"):
                farm.wait_for(name, lambda n=name, f=flavor: farm.metric(n, f'flavor="{f}"'))
        self.assertGreater(farm.metric("rcufarm_executions_total", 'engine="stress",target="native"'), 0)

    def test_a_killed_workers_input_runs_again(self):
        farm = self.farm(config(lanes=["stress_asan"]))
        farm.wait_for("runs", lambda: farm.metric("rcufarm_executions_total", 'engine="stress",target="native"'))
        for worker in farm.workers():
            os.kill(worker, signal.SIGKILL)
        farm.wait_for("the restart", lambda: farm.metric("rcufarm_worker_restarts_total", 'reason="oom"'))
        farm.wait_for("the examination", lambda: "shows nothing in" in farm.said(), 120)
        self.assertEqual(Ledger(farm.state).findings(), {})

    def test_a_crash_loop_is_parked(self):
        broken = self.folder / "broken"
        broken.write_text("#!/bin/sh\nexit 3\n")
        broken.chmod(0o755)
        farm = self.farm(config(explore=broken, lanes=["explore"], more="[restart]\nbackoff_ms = 10\ncrash_loop = 3\n"))
        farm.wait_for("parking", lambda: farm.metric("rcufarm_workers", 'state="parked"'))
        # The other slot may have had one under way.
        self.assertIn(farm.metric("rcufarm_worker_restarts_total", 'reason="exit"'), (3, 4))

    def test_a_worker_over_its_memory_is_ended(self):
        greedy = self.folder / "greedy"
        greedy.write_text("#!/usr/bin/env python3\nimport time\nx = b'x' * (200 << 20)\ntime.sleep(100)\n")
        greedy.chmod(0o755)
        farm = self.farm(config(explore=greedy, lanes=["explore"], more="[limits]\nmemory_mb = 100\n"))
        farm.wait_for("its end", lambda: farm.metric("rcufarm_worker_restarts_total", 'reason="oom"'))
        self.assertEqual(Ledger(farm.state).findings(), {})

    def test_sighup_reads_the_config_and_keeps_the_old_one_if_it_is_wrong(self):
        farm = self.farm(config(lanes=["canary"]))
        farm.port()
        farm.config.write_text("[shares]\nexplor = 1\n")
        farm.process.send_signal(signal.SIGHUP)
        farm.wait_for("the complaint", lambda: "unknown key 'explor'" in farm.said())
        farm.config.write_text(config(lanes=["explore"]))
        farm.process.send_signal(signal.SIGHUP)
        farm.wait_for("schedules", lambda: farm.metric("rcufarm_executions_total", 'engine="simulator",target="sim"'))

    def test_a_missing_program_is_said(self):
        farm = self.farm(config(lanes=["canary", "libfuzzer_sim"]))
        self.assertEqual(farm.wait_for("check", lambda: farm.metric("rcufarm_preflight_ok", 'check="canary"')), 1)
        self.assertEqual(farm.metric("rcufarm_preflight_ok", 'check="libfuzzer_sim"'), 0)
        farm.wait_for("the page", lambda: "libfuzzer_sim cannot run" in farm.get("/"))

    def test_a_program_that_is_being_built_is_no_failure(self):
        builder = subprocess.Popen(["sleep", "1000"])
        self.addCleanup(builder.wait)
        self.addCleanup(builder.kill)
        farm = self.farm(config(lanes=["explore", "libfuzzer_sim"]), arguments=["--builder", str(builder.pid)])
        farm.wait_for("schedules", lambda: farm.metric("rcufarm_executions_total", 'engine="simulator",target="sim"'))
        page = farm.get("/")
        self.assertIn("Not built yet: libfuzzer_sim", page)
        self.assertNotIn("cannot run", page + farm.said())
        builder.kill()
        builder.wait()
        farm.wait_for("the complaint", lambda: "libfuzzer_sim cannot run" in farm.get("/"))


if __name__ == "__main__":
    unittest.main()
