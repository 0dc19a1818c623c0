"""Web hooks: what a receiver gets, signed and once, though it was away. python3 -m unittest, RCUFARM_BIN set.

Receiver is the example of one: it checks the signature before it believes a body.
"""
import hashlib
import hmac
import http.server
import json
import threading
import unittest

from farm import BIN, FarmCase, config

DEFECT = BIN / "rcufarm-defect-04"
SECRET = b"a secret"


class Receiver(http.server.ThreadingHTTPServer):
    """Keeps the deliveries that were signed with the secret; answers 500 while `away`."""

    def __init__(self, port=0):
        super().__init__(("127.0.0.1", port), Handler)
        self.taken, self.tries, self.away = [], 0, False
        threading.Thread(target=self.serve_forever, daemon=True).start()

    def url(self):
        return f"http://127.0.0.1:{self.server_address[1]}/hook"


class Handler(http.server.BaseHTTPRequestHandler):
    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"]))
        wanted = "sha256=" + hmac.new(SECRET, body, hashlib.sha256).hexdigest()
        self.server.tries += 1
        good = hmac.compare_digest(self.headers["X-Rcufarm-Signature-256"], wanted) and not self.server.away
        if good:
            self.server.taken.append((self.headers["X-Rcufarm-Delivery"], json.loads(body)))
        self.send_response(204 if good else 500)
        self.end_headers()

    def log_message(self, *_):
        pass


class NotifyTest(FarmCase):
    def setUp(self):
        super().setUp()
        self.receiver = Receiver()
        self.addCleanup(self.receiver.server_close)
        self.addCleanup(self.receiver.shutdown)
        self.secret = self.folder / "secret"
        self.secret.write_bytes(SECRET + b"\n")

    def hooked(self, explore, lanes, more=""):
        return self.farm(config(explore=explore, lanes=lanes, more=f'[notify]\nurl = "{self.receiver.url()}"\n'
                                f'secret_file = "{self.secret}"\n{more}'))

    def events(self, what):
        return [body for _, body in self.receiver.taken if body["event"] == what]

    def test_each_finding_and_state_is_told_once_though_the_receiver_was_away(self):
        self.receiver.away = True
        farm = self.hooked(DEFECT, ["explore"])
        farm.wait_for("two tries", lambda: self.receiver.tries >= 2, 180)
        self.receiver.away = False
        new, = farm.wait_for("one", lambda: self.events("new")[:1], 180)
        self.assertTrue(new["signature"].startswith(new["kind"]))
        farm.wait_for("the metric", lambda: farm.metric("rcufarm_bugs", f'kind="{new["kind"]}",state="open"'))
        farm.end()
        fixed = self.hooked(BIN / "rcufarm", ["canary"])
        fixed.wait_for("that it is fixed", lambda: new["finding"] in [e["finding"] for e in self.events("fixed")], 180)
        fixed.end()
        deliveries = [delivery for delivery, _ in self.receiver.taken]
        self.assertEqual(len(deliveries), len(set(deliveries)))

    def test_a_blind_farm_and_a_full_disk_are_told_once_while_they_last(self):
        # Its canary has no mistake, so that none is ever found.
        text = '[limits]\ndisk_free_mb = 1048576\n[canary]\nevery_seconds = 0\nblind_seconds = 2\n'
        farm = self.farm(config(lanes=["canary"], more=f'[notify]\nurl = "{self.receiver.url()}"\nsecret_file = "{self.secret}"\n{text}')
                         .replace(str(DEFECT), str(BIN / "rcufarm")))
        for what, words in (("blind", "no planted mistake"), ("disk", "MB free")):
            body, = farm.wait_for(what, lambda w=what: self.events(w)[:1], 180)
            self.assertIn(words, body["text"])
        again = self.receiver.tries
        self.receiver.away = True
        farm.get("/")
        self.assertEqual(len(self.events("disk")), 1)
        self.assertGreaterEqual(again, 2)
        farm.end()

    def test_a_hook_that_cannot_be_is_said_at_the_start(self):
        for url, secret, words in (("ftp://x", self.secret, "no address"), ("http://x/", "/none", "openssl rand")):
            farm = self.farm(config(lanes=["canary"], more=f'[notify]\nurl = "{url}"\nsecret_file = "{secret}"\n'))
            self.assertEqual(farm.process.wait(60), 2, farm.said())
            self.assertIn(words, farm.said())


if __name__ == "__main__":
    unittest.main()
