"""The status page as a proxy serves it: below a path, compressed, asked by HEAD. python3 -m unittest, RCUFARM_BIN set."""
import base64
import gzip
import json
import pathlib
import re
import shutil
import socket
import subprocess
import unittest
import urllib.error
import urllib.parse
import urllib.request

from farm import BIN, FarmCase, config

EXAMPLE = pathlib.Path(__file__).parents[2] / "docker/nginx.conf"


def free_port():
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return one.getsockname()[1]


class ProxyTest(FarmCase):
    def ask(self, url, method="GET", **headers):
        headers = {"Authorization": "Basic " + base64.b64encode(b"me:secret").decode(), **headers}
        request = urllib.request.Request(url, method=method, headers=headers)
        return urllib.request.urlopen(request, timeout=30)

    def proxy(self, farm):
        """The example, but for TLS, its ports and where the password is."""
        port = free_port()
        site = "".join(line for line in EXAMPLE.read_text().splitlines(True) if "# TLS" not in line)
        passwords = self.folder / "htpasswd"
        passwords.write_text("me:{PLAIN}secret\n")
        passwords.chmod(0o644)
        self.folder.chmod(0o755)
        site = site.replace("server {", f"server {{\n  listen 127.0.0.1:{port};", 1).replace("127.0.0.1:9464", f"127.0.0.1:{farm.port()}")
        site = site.replace("/etc/nginx/rcufarm.htpasswd", str(passwords))
        file = self.folder / "nginx.conf"
        paths = "".join(f"{kind}_temp_path {self.folder}/{kind};\n" for kind in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi"))
        file.write_text(f"daemon off;\npid {self.folder}/nginx.pid;\nerror_log stderr;\nevents {{}}\nhttp {{\naccess_log off;\n{paths}{site}}}\n")
        nginx = shutil.which("nginx") or "/usr/sbin/nginx"
        process = subprocess.Popen([nginx, "-c", file, "-p", self.folder])
        self.addCleanup(process.wait)
        self.addCleanup(process.terminate)
        base = f"http://127.0.0.1:{port}/rcufarm/"

        def answers():
            try:
                return self.ask(base).status == 200
            except urllib.error.URLError:
                return False
        farm.wait_for("nginx", answers)
        return base

    def test_every_link_survives_a_path_prefix(self):
        farm = self.farm(config(explore=BIN / "rcufarm-defect-04", lanes=["explore"]))
        farm.wait_for("a finding", lambda: 'href="findings/' in farm.get("/"), 120)
        base = self.proxy(farm)
        with self.assertRaises(urllib.error.HTTPError) as refused:
            urllib.request.urlopen(base, timeout=30)
        self.assertEqual(refused.exception.code, 401)
        seen, wanted = set(), [base, base + "findings"]
        while wanted and len(seen) < 60:
            page = wanted.pop()
            if page in seen:
                continue
            seen.add(page)
            with self.subTest(page=page):
                answer = self.ask(page)
            if "html" not in answer.headers["Content-Type"]:
                continue
            for link in re.findall(r'(?:href|src|action)="([^"]+)"', answer.read().decode()):
                if not link.startswith("data:"):
                    wanted.append(urllib.parse.urljoin(page, link.replace("&amp;", "&")))
        self.assertTrue(all(page.startswith(base) for page in seen), seen)
        self.assertTrue(any(page.endswith(".finding") for page in seen), seen)
        self.assertTrue(any(page.endswith(".svg") for page in seen), seen)
        # A redirect, too.
        self.assertRegex(self.ask(base + "findings/newest").geturl(), re.escape(base) + "findings/[0-9a-f]{32}$")

    def test_a_patch_is_posted_through_a_proxy_that_wants_a_password(self):
        token = self.folder / "token"
        token.write_text("sixteen-letters-1\n")
        farm = self.farm(config(lanes=["canary"], more=f'[changes]\nseconds = 0\n[http]\ntoken_file = "{token}"\n'))
        base = self.proxy(farm)
        headers = {"Authorization": "Basic " + base64.b64encode(b"me:secret").decode(), "X-Rcufarm-Token": "sixteen-letters-1"}
        request = urllib.request.Request(base + "api/patches", b"Subject: [PATCH] a <b>\n\n--- a/alloc/x\n", headers)
        with urllib.request.urlopen(request, timeout=30) as answer:
            key = json.load(answer)["key"]
        page = self.ask(f"{base}changes/{key}").read().decode()
        self.assertIn("[PATCH] a &lt;b&gt;", page)
        self.assertIn(f'href="{key}/patch"', page)
        large = urllib.request.Request(base + "api/patches", b"x" * (3 << 20), headers)
        with self.assertRaises(urllib.error.URLError):
            urllib.request.urlopen(large, timeout=30)

    def test_findings_are_searched(self):
        farm = self.farm(config(explore=BIN / "rcufarm-defect-04", lanes=["explore"]))
        farm.wait_for("a finding", lambda: 'href="findings/' in farm.get("/"), 120)
        signature = re.search(r'href="findings/[0-9a-f]+">([^<]+)<', farm.get("/")).group(1)
        word = urllib.parse.quote(signature.split()[-1])
        self.assertIn(signature, farm.get(f"/findings?text={word}&state=open"))
        self.assertNotIn(signature, farm.get("/findings?text=no%25such%22thing"))
        self.assertNotIn(signature, farm.get("/findings?state=fixed"))
        self.assertNotIn(signature, farm.get("/findings?page=2"))

    def test_head_and_gzip_are_answered(self):
        farm = self.farm(config(lanes=["canary"]))
        farm.port()
        base = f"http://127.0.0.1:{farm.port()}"
        head = self.ask(base + "/metrics", "HEAD")
        self.assertEqual((head.status, head.read()), (200, b""))
        accept = "application/openmetrics-text;version=1.0.0,text/plain;version=0.0.4;q=0.5"
        answer = self.ask(base + "/metrics", Accept=accept, **{"Accept-Encoding": "gzip"})
        self.assertEqual(answer.headers["Content-Encoding"], "gzip")
        self.assertTrue(answer.headers["Content-Type"].startswith("application/openmetrics-text; version=1.0.0"))
        text = gzip.decompress(answer.read())
        self.assertIn(b"rcufarm_build_info", text)
        self.assertIn(b"# TYPE rcufarm_executions counter\nrcufarm_executions_total{", text)
        self.assertTrue(text.endswith(b"# EOF\n"))
        plain = self.ask(base + "/metrics", **{"Accept-Encoding": "gzip"})
        self.assertTrue(plain.headers["Content-Type"].startswith("text/plain; version=0.0.4"))
        self.assertIn(b"# TYPE rcufarm_executions_total counter", gzip.decompress(plain.read()))

    def test_the_log_is_json_if_wanted(self):
        farm = self.farm(config(lanes=["canary"]), arguments=["--log-format", "json"])
        farm.port()
        farm.end()
        lines = [line for line in farm.said().splitlines() if line.startswith("{")]
        told = [json.loads(line) for line in lines]
        self.assertTrue(any("status page" in one["text"] and one["level"] == "info" for one in told), farm.said())

    def test_a_config_is_checked_before_a_start(self):
        good = self.folder / "good.toml"
        good.write_text(config(lanes=["canary"]))
        done = self.run_farm("check-config", good)
        self.assertEqual(done.returncode, 0, done.stderr)
        for text, words in (("[shares]\nexplor = 1\n", "good.toml:2: unknown key 'explor'"),
                            ('[store]\nurl = "postgresql://farm:pw@/x"\n', "PGPASSFILE"),
                            ('[store]\nurl = "host=/nowhere"\n', "Does the server run")):
            good.write_text(text)
            done = self.run_farm("check-config", good)
            self.assertEqual(done.returncode, 2, done.stdout)
            self.assertIn(words, done.stderr)
            self.assertEqual(done.stderr.count("\n"), 1, done.stderr)
        self.assertEqual(self.run_farm("check-config", self.folder / "none.toml").returncode, 2)


if __name__ == "__main__":
    unittest.main()
