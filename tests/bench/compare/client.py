"""A small HTTP client for what is not measured: filling the shop, comparing answers."""

import http.client
import json
import threading
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any


@dataclass
class Answer:
    status: int
    headers: dict[str, str]
    body: Any


class Client:
    """One connection, kept open; one thread at a time."""

    def __init__(self, port: int, token: str = ""):
        self.connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
        self.headers = {"Authorization": f"Bearer {token}"} if token else {}

    def call(self, method: str, path: str, body: Any = None) -> Answer:
        data = None if body is None else json.dumps(body)
        headers = {**self.headers, **({"Content-Type": "application/json"} if data else {})}
        try:
            self.connection.request(method, path, data, headers)
            response = self.connection.getresponse()
        except (http.client.RemoteDisconnected, BrokenPipeError, ConnectionResetError):
            if method != "GET":
                raise
            self.connection.close()  # it was idle for too long
            self.connection.request(method, path, data, headers)
            response = self.connection.getresponse()
        text = response.read()
        return Answer(response.status, {name.lower(): value for name, value in response.getheaders()}, json.loads(text) if text else None)

    def demand(self, method: str, path: str, body: Any = None) -> Any:
        answer = self.call(method, path, body)
        if answer.status >= 400:
            raise AssertionError(f"{method} {path}: {answer.status} {answer.body}")
        return answer.body


def in_parallel(port: int, threads: int, jobs: list, work) -> list:
    """work(client, job) for each job, by threads with a connection each; the results in the jobs' order."""
    local = threading.local()

    def run(job):
        if not hasattr(local, "client"):
            local.client = Client(port)
        return work(local.client, job)

    with ThreadPoolExecutor(threads) as pool:
        return list(pool.map(run, jobs))
