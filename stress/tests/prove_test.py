"""A proof as a kind of worker, with real ones. python3 -m unittest, RCUFARM_BIN set."""
import contextlib
import json
import re
import subprocess
import unittest

from farm import BIN, Farm, FarmCase, Ledger, config
from server import Server

OPERATIONS = 3
MODELS = ["sc", "kernel"]


def alone(model):
    """What one machine counts: programs and executions with at most so many operations."""
    said = subprocess.run([BIN / "rcufarm", "prove", "--all", str(OPERATIONS), "--model", model, "--json"],
                          capture_output=True, text=True, check=True)
    last = json.loads(said.stdout)["sizes"][-1]
    return last["programs"], last["executions"]


def proving(explore=BIN / "rcufarm", more="", slots=1):
    text = config(explore=explore, lanes=["prove"], more=f'[proof]\noperations = {OPERATIONS}\n{more}', slots=slots)
    # A claim of a killed farm runs out soon.
    return text.replace("[stints]\n", "[stints]\ngrace_seconds = 5\n")


class ProveTest(FarmCase):
    def test_two_farms_prove_what_one_machine_does_though_one_is_killed(self):
        server = Server("-c fsync=off")
        self.addCleanup(server.end)
        farms = []
        for name in ("a", "b"):
            folder = self.folder / name
            folder.mkdir()
            farms.append(Farm(folder, proving(more=f'models = {json.dumps(MODELS)}\n[store]\nurl = "{server.url}"\n')))
            self.addCleanup(farms[-1].__exit__)
        killed, other = farms
        node = killed.wait_for("its name", lambda: re.search("rcufarm on ([^<]+)<", killed.get("/"))).group(1)
        killed.wait_for("a claim", lambda: int(server.sql(
            f"SELECT count(*) FROM proof_claim JOIN farm ON instance = owner WHERE farm.node = '{node}'")[0][0]))
        killed.kill()
        other.wait_for("the proofs", lambda: all(
            other.metric("rcufarm_proof_operations", f'model="{model}"') == OPERATIONS for model in MODELS), 300)
        sentences = []
        for model in MODELS:
            (programs, executions, others, open_), = server.sql(
                "SELECT sum(proven), sum(executions), sum(limited + wrong), sum(CASE WHEN state = 'open' THEN 1 ELSE 0 END) "
                f"FROM proof_part JOIN proof ON key = proof WHERE operations <= {OPERATIONS} AND model = '{model}'")
            self.assertEqual((int(programs), int(executions)), alone(model), model)
            self.assertEqual((int(others), int(open_)), (0, 0))
            self.assertEqual(other.metric("rcufarm_proof_executions", f'model="{model}"'), int(executions))
            sentences.append(f"every program with at most {OPERATIONS} operations: {int(programs):,} programs, "
                             f"{int(executions):,} executions under {model}, none fails")
        page = other.get("/")
        self.assertEqual(other.end()[0], 0, other.said())
        for sentence in sentences:
            self.assertIn(sentence, page)
            self.assertIn(sentence, other.said())

    def test_a_farm_that_starts_again_goes_on_and_each_model_has_a_proof(self):
        text = proving(more='models = ["sc", "kernel"]\n', slots=2)
        farm = self.farm(text)
        farm.port()

        def begun():
            with contextlib.closing(Ledger(farm.state).database) as store:
                return store.execute("SELECT count(*) FROM proof_part WHERE state = 'over'").fetchone()[0]
        farm.wait_for("a part", begun)
        farm.kill()
        farm = self.farm(text)
        farm.wait_for("both proofs", lambda: all(
            farm.metric("rcufarm_proof_operations", f'model="{model}"') == OPERATIONS for model in ("sc", "kernel")), 300)
        counted = dict(Ledger(farm.state).rows("SELECT model, sum(executions) FROM proof JOIN proof_part ON proof = key GROUP BY model"))
        for model, executions in counted.items():
            self.assertEqual(executions, alone(model)[1], model)
        self.assertEqual(farm.metric("rcufarm_proof_operations", 'model="tso"'), 0)

    def test_what_a_proof_finds_is_a_finding_like_others(self):
        farm = self.farm(proving(explore=BIN / "rcufarm-defect-04", slots=2))
        farm.port()  # the store is there by then
        key, signature = farm.wait_for("a finding", lambda: next(iter(Ledger(farm.state).findings().items()), None), 300)
        program, replays, reproduced = Ledger(farm.state).rows("SELECT program, replays, reproduced FROM finding")[0]
        self.assertEqual((program, replays), ("explore", reproduced))
        self.assertGreater(replays, 0)
        farm.wait_for("the page", lambda: signature.split(":")[0] in farm.get(f"/findings/{key}"))
        self.assertIn("Interleaving", farm.get(f"/findings/{key}"))
        farm.wait_for("the programs that fail", lambda: farm.metric("rcufarm_proof_programs", 'model="sc",state="wrong"'))
        self.assertEqual(farm.end()[0], 0, farm.said())
        # The line that is shown, as somebody pastes it into a shell.
        shown = self.run_farm("findings", "show", key[:8], "--state", farm.state).stdout
        replay = subprocess.run(["bash", "-c", re.search(r"^again: (.*)$", shown, re.M).group(1)], cwd=self.folder, capture_output=True,
                                text=True, check=False)
        self.assertEqual(replay.returncode, 1, replay.stdout + replay.stderr)

    def test_a_proof_under_no_model_is_refused(self):
        farm = self.farm(proving(more="models = [\"risc\"]\n"))
        self.assertEqual(farm.process.wait(60), 2, farm.said())
        self.assertIn('[proof] models: there is no model "risc". Allowed: sc, tso, c11, kernel', farm.said())


if __name__ == "__main__":
    unittest.main()
