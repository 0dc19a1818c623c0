"""The farm from outside: real workers, a bad environment, hostile clients. python3 -m unittest, RCUFARM_BIN set."""
import os
import pathlib
import signal
import socket
import subprocess
import tempfile
import threading
import time
import unittest

from farm import BIN, FARM, Farm, Ledger, config

DEFECT = BIN / "rcufarm-defect-04"


def run(*arguments):
    return subprocess.run([FARM, *map(str, arguments)], capture_output=True, text=True, timeout=60, check=False)


class FarmTest(unittest.TestCase):
    def setUp(self):
        scratch = tempfile.TemporaryDirectory(prefix="rcufarm-farm-", ignore_cleanup_errors=True)
        self.addCleanup(scratch.cleanup)
        self.folder = pathlib.Path(scratch.name)

    def farm(self, text, **more):
        farm = Farm(self.folder, text, **more)
        self.addCleanup(farm.__exit__)
        return farm

    # ---- what it is for ----

    def test_a_planted_mistake_reaches_store_metrics_and_page(self):
        farm = self.farm(config(explore=DEFECT, lanes=["explore"]))
        farm.wait_for("a bug", lambda: farm.total("rcufarm_bugs", 'state="open"'), 120)
        key = farm.wait_for("a row", lambda: list(Ledger(farm.state).findings()))[0]
        page = farm.get(f"/findings/{key}")
        self.assertIn("Interleaving", page)
        self.assertIn(key, farm.get("/"))
        code, seconds = farm.end()
        self.assertEqual(code, 0)
        self.assertLess(seconds, 10)  # the promise
        self.assertEqual(farm.workers(), [])
        shown = run("findings", "show", key[:12], "--state", farm.state)
        self.assertEqual(shown.returncode, 0, shown.stderr)
        self.assertIn("CPU 0", shown.stdout)
        Ledger(farm.state).check()

        # Another farm with the same store knows it, and its counters go on.
        findings = len(Ledger(farm.state).findings())
        crashes = sum(Ledger(farm.state).counts().values())
        again = self.farm(config(explore=DEFECT, lanes=["canary"]))
        again.wait_for("the counters", lambda: again.total("rcufarm_crashes_total") == crashes)
        self.assertEqual(again.total("rcufarm_crashes_total", 'novelty="new"'), findings)

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

    def test_a_hanging_worker_is_a_finding_with_stacks(self):
        sleeper = self.folder / "sleeper"
        sleeper.write_text("#!/bin/sh\nexec sleep 1000\n")
        sleeper.chmod(0o755)
        (self.folder / "regressions").mkdir()
        (self.folder / "regressions" / "one.scenario").write_bytes(b"input")
        farm = self.farm(config(lanes=["regressions"], programs={"replay_native": sleeper, "root": f"{self.folder}/"},
                                more='replay_seconds = 5\n[corpus]\nregressions = "regressions"\n').replace(
                                    "[findings]", "grace_seconds = 5\n[findings]"))
        farm.wait_for("the finding", lambda: farm.metric("rcufarm_bugs", 'kind="hang",state="open"'), 120)
        page = farm.get("/findings/" + list(Ledger(farm.state).findings())[0])
        self.assertRegex(page, "by gdb|from /proc")
        self.assertRegex(page, "(?i)thread")

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
        farm.wait_for("schedules", lambda: farm.metric("rcufarm_executions_total", 'engine="simulator"'))

    def test_a_missing_program_is_said(self):
        farm = self.farm(config(lanes=["canary", "libfuzzer_sim"]))
        self.assertEqual(farm.wait_for("check", lambda: farm.metric("rcufarm_preflight_ok", 'check="canary"')), 1)
        self.assertEqual(farm.metric("rcufarm_preflight_ok", 'check="libfuzzer_sim"'), 0)
        farm.wait_for("the page", lambda: "libfuzzer_sim cannot run" in farm.get("/"))

    # ---- a bad environment ----

    def test_a_port_in_use(self):
        with socket.create_server(("127.0.0.1", 0)) as taken:
            port = taken.getsockname()[1]
            done = run("run", "--state", self.folder / "s", "--port", port)
        self.assertEqual(done.returncode, 2)
        self.assertIn(f"cannot listen on 127.0.0.1:{port}", done.stderr)
        self.assertIn("--port", done.stderr)

    def test_two_farms_on_one_state_folder(self):
        farm = self.farm(config(lanes=["canary"]))
        farm.port()
        done = run("run", "--state", farm.state, "--port", 0)
        self.assertEqual(done.returncode, 2)
        self.assertIn("another farm", done.stderr)

    def test_a_folder_that_cannot_be_written(self):
        done = run("run", "--state", "/proc/farm", "--port", 0)
        self.assertEqual(done.returncode, 2)
        self.assertIn("--state DIR", done.stderr)

    def test_a_wrong_config(self):
        file = self.folder / "wrong.toml"
        file.write_text("[http]\nport = \"x\"\n")
        for verb in (["run", "--state", self.folder / "s"], ["config"]):
            done = run(*verb, "--config", file)
            self.assertEqual(done.returncode, 2)
            self.assertIn("wrong.toml:2: [http] port", done.stderr)

    @unittest.skipIf(os.geteuid() != 0, "mounting a small file system needs root: run this test as root")
    def test_a_full_disk_stops_nothing_and_loses_nothing(self):
        disk = self.folder / "disk"
        disk.mkdir()
        subprocess.run(["mount", "-t", "tmpfs", "-o", "size=32m", "tmpfs", disk], check=True)
        self.addCleanup(subprocess.run, ["umount", "-l", disk], check=False)
        farm = self.farm(config(explore=DEFECT, lanes=["explore"], more="[limits]\ndisk_free_mb = 0\n"), state=disk / "s")
        farm.wait_for("a finding", lambda: farm.total("rcufarm_bugs", 'state="open"'), 120)
        before = Ledger(farm.state).counts()
        filler = disk / "filler"
        with open(filler, "wb", buffering=0) as file:
            try:
                while True:
                    file.write(b"x" * 4096)
            except OSError:
                pass  # full, as wanted
        farm.wait_for("the complaint", lambda: "space" in farm.said() or "full" in farm.said(), 120)
        self.assertIsNone(farm.process.poll(), farm.said())
        farm.get("/metrics")
        filler.unlink()
        farm.wait_for("readiness", lambda: self.ready(farm), 120)
        farm.wait_for("more of it", lambda: sum(Ledger(farm.state).counts().values()) > sum(before.values()), 120)
        farm.end()
        Ledger(farm.state).check()

    @staticmethod
    def ready(farm):
        try:
            return farm.get("/readyz") == "ok\n"
        except OSError:
            return False

    # ---- hostile clients ----

    def send(self, port, data, pause=0.0):
        """Sends bytes, waits, and gives the answer's first line."""
        with socket.create_connection(("127.0.0.1", port), timeout=20) as client:
            try:
                client.sendall(data)
                time.sleep(pause)
                return client.recv(4096).split(b"\r\n")[0]
            except ConnectionError:
                return b""  # cut off

    def test_hostile_requests_are_refused_and_it_serves_on(self):
        farm = self.farm(config(lanes=["canary"]))
        port = farm.port()
        for data in (b"\0" * 5000, b"GET " + b"/" * 20000 + b" HTTP/1.1\r\n\r\n", b"GET / HTTP/1.1\r\nA: " + b"x" * 20000,
                     b"POST /metrics HTTP/1.1\r\nContent-Length: 999999999\r\n\r\n" + b"x" * 20000,
                     b"DELETE /findings/abcdef HTTP/1.1\r\n\r\n", b"GET /../../etc/passwd HTTP/1.1\r\n\r\n",
                     b"GET /blob/" + b"0" * 64 + b" HTTP/1.1\r\n\r\n", b"GET /findings/%00 HTTP/1.1\r\n\r\n"):
            answer = self.send(port, data)
            self.assertFalse(answer.startswith(b"HTTP/1.1 200"), (data[:40], answer))
        self.assertIn("rcufarm_build_info", farm.get("/metrics"))

    def test_slow_clients_do_not_keep_others_out(self):
        farm = self.farm(config(lanes=["canary"]))
        port = farm.port()
        slow = [socket.create_connection(("127.0.0.1", port)) for _ in range(200)]
        stop = threading.Event()

        def drip():
            while not stop.wait(0.2):
                for client in slow:
                    try:
                        client.send(b"G")
                    except OSError:
                        continue  # cut off, as it should be

        dripping = threading.Thread(target=drip)
        dripping.start()
        try:
            for _ in range(40):
                self.assertIn("rcufarm_build_info", farm.get("/metrics"))
            farm.wait_for("the cut", lambda: self.is_cut(slow[0]), 30)
        finally:
            stop.set()
            dripping.join()
            for client in slow:
                client.close()

    @staticmethod
    def is_cut(client):
        try:
            client.setblocking(False)
            return client.recv(4096) is not None  # an error page or the end
        except BlockingIOError:
            return False
        except OSError:
            return True


if __name__ == "__main__":
    unittest.main()
