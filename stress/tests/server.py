"""A PostgreSQL for tests, and a way to it that can be cut.

Server: tests/postgres, in a folder of its own. Wire: a socket before the server's that passes bytes on until it is cut.
"""
import os
import pathlib
import selectors
import shutil
import socket
import subprocess
import tempfile
import threading

SCRIPT = pathlib.Path(__file__).with_name("postgres")


class Server:
    """Starts with the object, ends with end(). sql() is psql's answer, rows of fields."""

    def __init__(self, settings=""):
        self.folder = tempfile.mkdtemp(prefix="rcufarm-postgres-")
        self.environment = {**os.environ, "RCUFARM_TEST_POSTGRES": settings}
        self.url = self.do("start")

    def do(self, verb):
        return subprocess.run([SCRIPT, verb, self.folder], check=True, stdout=subprocess.PIPE, text=True,
                              env=self.environment).stdout.strip()

    def sql(self, statement):
        done = subprocess.run(["psql", "-XAtq", "-F", "\t", "-h", self.folder, "-U", "farm", "-d", "postgres", "-c", statement],
                              check=True, capture_output=True, text=True)
        return [line.split("\t") for line in done.stdout.splitlines()]

    def end(self):
        try:
            self.do("kill")
        except subprocess.CalledProcessError:
            pass  # it was stopped already
        shutil.rmtree(self.folder, ignore_errors=True)


class Wire:
    """`url` leads to the server while the wire is whole. Cut: who is connected is cut off, and nobody gets through."""

    def __init__(self, server):
        self.target = f"{server.folder}/.s.PGSQL.5432"
        self.folder = tempfile.mkdtemp(prefix="rcufarm-wire-")
        self.url = server.url.replace(server.folder, self.folder)
        self.whole = threading.Event()
        self.pairs = {}
        self.lock = threading.Lock()
        self.selector = selectors.DefaultSelector()
        self.listener = socket.socket(socket.AF_UNIX)
        self.listener.bind(f"{self.folder}/.s.PGSQL.5432")
        self.listener.listen(128)
        self.listener.setblocking(False)
        self.selector.register(self.listener, selectors.EVENT_READ)
        self.over = False
        self.whole.set()
        self.thread = threading.Thread(target=self.pass_on, daemon=True)
        self.thread.start()

    def pass_on(self):
        while not self.over:
            for key, _ in self.selector.select(0.1):
                if key.fileobj is self.listener:
                    self.take()
                    continue
                try:
                    data = key.fileobj.recv(65536)
                    if data:
                        self.pairs[key.fileobj].sendall(data)
                        continue
                except (OSError, KeyError):
                    pass
                self.drop(key.fileobj)
            if not self.whole.is_set():
                for end in list(self.pairs):
                    self.drop(end)

    def take(self):
        here, _ = self.listener.accept()
        there = socket.socket(socket.AF_UNIX)
        try:
            if not self.whole.is_set():
                raise OSError("cut")
            there.connect(self.target)
        except OSError:
            here.close()
            there.close()
            return
        for end, other in ((here, there), (there, here)):
            self.pairs[end] = other
            self.selector.register(end, selectors.EVENT_READ)

    def drop(self, end):
        if end not in self.pairs:
            return  # with its other end, before
        other = self.pairs.pop(end)
        for one in (end, other):
            if one is None:
                continue
            self.pairs.pop(one, None)
            try:
                self.selector.unregister(one)
            except KeyError:
                pass
            one.close()

    def cut(self):
        self.whole.clear()

    def mend(self):
        self.whole.set()

    def end(self):
        self.over = True
        self.thread.join()
        # Who was cut off within a transaction holds its locks until the server sees an end of the connection.
        for end in list(self.pairs):
            self.drop(end)
        self.listener.close()
        shutil.rmtree(self.folder, ignore_errors=True)
