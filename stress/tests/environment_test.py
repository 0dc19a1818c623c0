"""The farm in a bad environment, and beset by clients: it says what is wrong, goes on, and loses nothing."""
import glob
import os
import pathlib
import re
import socket
import subprocess
import sys
import threading
import time
import unittest
import urllib.error
import urllib.request

from farm import BIN, FarmCase, Ledger, config

DEFECT = BIN / "rcufarm-defect-04"


class EnvironmentTest(FarmCase):
    def test_a_port_in_use(self):
        with socket.create_server(("127.0.0.1", 0)) as taken:
            port = taken.getsockname()[1]
            done = self.run_farm("run", "--state", self.folder / "s", "--port", port)
        self.assertEqual(done.returncode, 2)
        self.assertIn(f"cannot listen on 127.0.0.1:{port}", done.stderr)
        self.assertIn("--port", done.stderr)

    def test_two_farms_on_one_state_folder(self):
        farm = self.farm(config(lanes=["canary"]))
        farm.port()
        done = self.run_farm("run", "--state", farm.state, "--port", 0)
        self.assertEqual(done.returncode, 2)
        self.assertIn("another farm", done.stderr)

    def test_a_folder_that_cannot_be_written(self):
        done = self.run_farm("run", "--state", "/proc/farm", "--port", 0)
        self.assertEqual(done.returncode, 2)
        self.assertIn("--state DIR", done.stderr)

    def test_a_wrong_config(self):
        file = self.folder / "wrong.toml"
        file.write_text("[http]\nport = \"x\"\n")
        for verb in (["run", "--state", self.folder / "s"], ["config"]):
            done = self.run_farm(*verb, "--config", file)
            self.assertEqual(done.returncode, 2)
            self.assertIn("wrong.toml:2: [http] port", done.stderr)

    def test_what_cannot_be_is_said_by_config_as_at_the_start(self):
        file = self.folder / "farm.toml"
        for text, said in (('[http]\naddress = "999.1.2.3"\n', "no address"), ('[http]\naddress = ""\n', "no address"),
                           ('[programs]\nroot = "/nonexistent"\n', "/nonexistent"),
                           ('[corpus]\nseeds = ["/nonexistent/seeds"]\n', "/nonexistent/seeds")):
            file.write_text(text)
            for verb in (["run", "--state", self.folder / "s", "--port", 0, "--duration", 5], ["config"]):
                done = self.run_farm(*verb, "--config", file)
                self.assertEqual(done.returncode, 2, text)
                self.assertIn(said, done.stderr)

    def test_a_farm_that_can_run_nothing_is_an_error(self):
        for text in (config(), config(explore="/nonexistent/rcufarm", lanes=["explore"])):
            file = self.folder / "farm.toml"
            file.write_text(text)
            done = self.run_farm("run", "--config", file, "--state", self.folder / "s", "--port", 0, "--duration", 5)
            self.assertEqual(done.returncode, 2, done.stdout)
            self.assertIn("no kind of worker", done.stderr)
            self.assertNotIn("no findings", done.stdout)

    def test_a_farm_whose_programs_go_away_is_not_ready_and_has_no_verdict(self):
        program = self.folder / "rcufarm"
        program.write_text("#!/bin/sh\nexec sleep 1000\n")
        program.chmod(0o755)
        farm = self.farm(config(explore=program, lanes=["explore"]), arguments=["--duration", "20"])
        farm.wait_for("readiness", lambda: self.ready(farm))
        program.unlink()
        farm.wait_for("the truth", lambda: not self.ready(farm))
        self.assertIn("Nothing is started", farm.get("/"))
        self.assertEqual(farm.process.wait(60), 2, farm.said())
        self.assertNotIn("no findings", farm.said())

    def test_one_person_at_the_page_takes_few_threads(self):
        farm = self.farm(config(lanes=["explore"]))
        for _ in range(5):
            farm.get("/")
        threads = len(os.listdir(f"/proc/{farm.process.pid}/task"))
        self.assertLess(threads, 12)

    def test_an_address_of_the_newer_kind_is_printed_as_a_url(self):
        try:
            socket.create_server(("::1", 0), family=socket.AF_INET6).close()
        except OSError:
            return  # a machine without it
        farm = self.farm(config(lanes=["explore"], more='[http]\naddress = "::1"\n'))
        url = farm.wait_for("address", lambda: re.search(r"http://\[::1\]:\d+/", farm.said())).group(0)
        self.assertIn("rcufarm on", urllib.request.urlopen(url, timeout=30).read().decode())

    def test_an_unknown_page_says_what_there_is(self):
        farm = self.farm(config(lanes=["explore"]))
        with self.assertRaises(urllib.error.HTTPError) as refused:
            farm.get("/nothing")
        self.assertEqual(refused.exception.code, 404)
        self.assertIn("there is no page /nothing", refused.exception.read().decode())

    @unittest.skipIf(os.geteuid() != 0, "mounting a small file system needs root: run this test as root")
    def test_a_full_disk_stops_nothing_and_loses_nothing(self):
        disk = self.folder / "disk"
        disk.mkdir()
        subprocess.run(["mount", "-t", "tmpfs", "-o", "size=32m", "tmpfs", disk], check=True)
        self.addCleanup(subprocess.run, ["umount", "-l", disk], check=False)
        # One failure parks a worker, for longer than anybody waits here: the disk's failures are not its own.
        farm = self.farm(config(explore=DEFECT, lanes=["explore"],
                                more="[limits]\ndisk_free_mb = 0\n[restart]\ncrash_loop = 1\nparked_seconds = 3600\n"),
                         state=disk / "s")
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
        farm.wait_for("the check", lambda: farm.metric("rcufarm_preflight_ok", 'check="store"') == 0)
        farm.wait_for("that nothing which is found now can be kept", lambda: not self.ready(farm))
        farm.wait_for("a worker that is parked", lambda: "parked" in farm.get("/"), 120)
        ran = farm.total("rcufarm_executions_total")
        filler.unlink()
        farm.wait_for("readiness", lambda: self.ready(farm), 120)
        farm.wait_for("workers that run again", lambda: farm.total("rcufarm_executions_total") > ran, 60)
        farm.wait_for("more of it", lambda: sum(Ledger(farm.state).counts().values()) > sum(before.values()), 120)
        farm.end()
        Ledger(farm.state).check()

    @unittest.skipIf(os.geteuid() != 0, "mounting a file system needs root: run this test as root")
    def test_a_read_only_store_is_said_at_the_start(self):
        disk = self.folder / "disk"
        disk.mkdir()
        subprocess.run(["mount", "-t", "tmpfs", "tmpfs", disk], check=True)
        self.addCleanup(subprocess.run, ["umount", "-l", disk], check=False)
        farm = self.farm(config(lanes=["explore"]), state=disk / "s")
        farm.port()
        farm.end()
        subprocess.run(["mount", "-o", "remount,ro", disk], check=True)
        done = self.run_farm("run", "--port", 0, "--state", farm.state)
        self.assertEqual(done.returncode, 2)
        self.assertRegex(done.stderr, "(?i)read-only|may be written")
        self.assertIn("--state DIR", done.stderr)
        # Who only reads writes nothing.
        self.assertEqual(self.run_farm("findings", "list", "--state", farm.state).returncode, 0)

    def test_a_store_that_turns_read_only_loses_nothing(self):
        farm = self.farm(config(explore=DEFECT, lanes=["explore"]), **self.as_nobody())
        farm.wait_for("a finding", lambda: farm.total("rcufarm_bugs", 'state="open"'), 120)
        folders = [folder for folder in (farm.state, *farm.state.rglob("*")) if folder.is_dir()]
        for folder in folders:
            folder.chmod(0o555)
        farm.wait_for("the complaint", lambda: "cannot" in farm.said(), 120)
        self.assertIsNone(farm.process.poll(), farm.said())
        self.assertIn("rcufarm_build_info", farm.get("/metrics"))
        seen = sum(Ledger(farm.state).counts().values())
        for folder in filter(pathlib.Path.exists, folders):
            folder.chmod(0o755)
        farm.wait_for("readiness", lambda: self.ready(farm), 120)
        farm.wait_for("more of it", lambda: sum(Ledger(farm.state).counts().values()) > seen, 120)
        farm.end()
        Ledger(farm.state).check()

    def as_nobody(self):
        """How to start a farm that has no privilege, which root has to give up first."""
        self.folder.chmod(0o777)
        return {"before": ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups"] if os.geteuid() == 0 else [], "cwd": "/"}

    def test_a_clock_that_is_set_back(self):
        library, = glob.glob("/usr/lib/*/faketime/libfaketime.so.1")
        clock = self.folder / "clock"

        def set_to(text):
            # As a whole: who reads the file between its emptying and its filling is at no time at all.
            (self.folder / "clock.new").write_text(text)
            os.replace(self.folder / "clock.new", clock)
        set_to("+0d\n")
        faked = {"LD_PRELOAD": library, "FAKETIME_TIMESTAMP_FILE": str(clock), "FAKETIME_NO_CACHE": "1",
                 "FAKETIME_DONT_FAKE_MONOTONIC": "1", "NO_FAKE_STAT": "1"}
        text = config(explore=DEFECT, lanes=["explore", "canary"], more="[canary]\nevery_seconds = 1\n")
        farm = self.farm(text, environment=faked)
        farm.wait_for("a finding", lambda: farm.total("rcufarm_bugs", 'state="open"'), 120)
        (newest,), = Ledger(farm.state).rows("SELECT MAX(last_seen) FROM tally")
        set_to("-2d\n")

        def set_back():
            return Ledger(farm.state).rows("SELECT COUNT(*) FROM sighting WHERE at < ?", newest - 86_400_000)[0][0]
        for again in (farm, None):  # as it runs, and when it starts anew
            farm = again or self.farm(text, environment=faked)
            farm.port()
            seen = set_back()
            sung = farm.metric("rcufarm_canary_detections_total")
            # What was seen before, and is counted now, says nothing.
            farm.wait_for("more of it", lambda: set_back() > seen, 120)
            farm.wait_for("the canary", lambda: farm.metric("rcufarm_canary_detections_total") > sung, 120)
            farm.wait_for("readiness", lambda: self.ready(farm))
            self.assertEqual(farm.get("/healthz"), "ok\n")
            self.assertNotIn("The farm is blind", farm.get("/"))
            farm.end()
            Ledger(farm.state).check()
        (first, last), = Ledger(farm.state).rows("SELECT MIN(last_seen - first_seen), MAX(last_seen) FROM tally")
        self.assertGreaterEqual(first, 0)
        self.assertGreaterEqual(last, newest)

    def test_no_permission_for_core_files(self):
        dying = self.folder / "dying"
        dying.write_text("#!/bin/sh\nkill -SEGV $$\n")
        dying.chmod(0o755)
        how = self.as_nobody()
        how["before"] = ["prlimit", "--core=0:0", *how["before"]]
        farm = self.farm(config(explore=dying, lanes=["explore"]), **how)
        farm.wait_for("the finding", lambda: farm.metric("rcufarm_bugs", 'kind="crash",state="open"'), 120)
        self.assertEqual(list(farm.state.rglob("core*")) + list(self.folder.glob("core*")), [])

    def test_a_hanging_worker_is_a_finding_with_stacks(self):
        sleeper = self.folder / "sleeper"
        sleeper.write_text("#!/bin/sh\nexec sleep 1000\n")
        sleeper.chmod(0o755)
        farm = self.farm(self.with_regression(sleeper))
        farm.wait_for("the finding", lambda: farm.metric("rcufarm_bugs", 'kind="hang",state="open"'), 120)
        page = farm.get("/findings/" + list(Ledger(farm.state).findings())[0])
        self.assertRegex(page, "by gdb|from /proc")
        self.assertRegex(page, "(?i)thread")

    def test_a_starved_worker_does_not_hang(self):
        cpu = min(os.sched_getaffinity(0))
        slow = self.folder / "slow"
        slow.write_text("#!/usr/bin/env python3\nimport os, time\n"
                        f"os.sched_setaffinity(0, {{{cpu}}})\nwhile time.process_time() < 2: pass\n")
        slow.chmod(0o755)
        for _ in range(4):  # at a higher priority, on the same CPU
            burner = subprocess.Popen(["taskset", "-c", str(cpu), sys.executable, "-c", "while True: pass"])
            self.addCleanup(burner.wait)
            self.addCleanup(burner.kill)
        farm = self.farm(self.with_regression(slow))
        begin = time.monotonic()
        farm.wait_for("its end", lambda: farm.metric("rcufarm_executions_total", 'engine="replay",target="native"'), 600)
        self.assertGreater(time.monotonic() - begin, 10, "it was not starved for long enough for the test to mean something")
        self.assertEqual(Ledger(farm.state).findings(), {})

    def with_regression(self, program):
        """A config whose only worker runs `program` on a regression, which has to end within 10 s."""
        (self.folder / "regressions").mkdir()
        (self.folder / "regressions" / "one.scenario").write_bytes(b"input")
        text = config(lanes=["regressions"], programs={"replay_native": program, "root": f"{self.folder}/"},
                      more='replay_seconds = 5\n[corpus]\nregressions = "regressions"\n')
        return text.replace("[findings]", "grace_seconds = 5\n[findings]")

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
