"""A real S3 server on loopback, and one in front of it that ignores conditional writes."""

from __future__ import annotations

import http.client
import json
import logging
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import boto3
import pytest
from moto.server import ThreadedMotoServer

from excudit.storage.bucket import S3Access

BUCKET = "excudit-tests"
KEYS = {"AWS_ACCESS_KEY_ID": "tests", "AWS_SECRET_ACCESS_KEY": "tests"}


@contextmanager
def moto_server() -> Iterator[str]:
    """The address of a moto server with one empty bucket."""
    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    server = ThreadedMotoServer("127.0.0.1", 0, verbose=False)
    server.start()
    try:
        _, port = server.get_host_and_port()
        url = f"http://127.0.0.1:{port}"
        client(url).create_bucket(Bucket=BUCKET)
        yield url
    finally:
        server.stop()


def client(url: str):
    return boto3.client(
        "s3",
        endpoint_url=url,
        region_name="us-east-1",
        aws_access_key_id="tests",
        aws_secret_access_key="tests",
    )


def show_public(url: str, prefix: str) -> None:
    """Set the one policy that lets strangers read below the prefix."""
    statement = {
        "Sid": "ExcuditPublicRead",
        "Effect": "Allow",
        "Principal": "*",
        "Action": "s3:GetObject",
        "Resource": f"arn:aws:s3:::{BUCKET}/{prefix}/*",
    }
    policy = {"Version": "2012-10-17", "Statement": [statement]}
    client(url).put_bucket_policy(Bucket=BUCKET, Policy=json.dumps(policy))


def access(url: str) -> S3Access:
    """How to reach it; the keys stand in the environment."""
    return S3Access(endpoint=url)


@contextmanager
def careless(url: str) -> Iterator[str]:
    """The same server behind one that drops If-None-Match, as some servers do."""
    host = url.removeprefix("http://")

    class Proxy(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def pass_on(self) -> None:
            size = int(self.headers.get("content-length") or 0)
            kept = {k: v for k, v in self.headers.items() if k.lower() != "if-none-match"}
            there = http.client.HTTPConnection(host, timeout=30)
            there.request(self.command, self.path, self.rfile.read(size), kept)
            answer = there.getresponse()
            body = answer.read()
            self.send_response(answer.status)
            for name, value in answer.getheaders():
                if name.lower() not in ("connection", "transfer-encoding", "content-length"):
                    self.send_header(name, value)
            length = answer.getheader("content-length") if self.command == "HEAD" else len(body)
            self.send_header("Content-Length", str(length or 0))
            self.end_headers()
            self.wfile.write(body)
            there.close()

        do_GET = do_PUT = do_POST = do_DELETE = do_HEAD = pass_on  # noqa: N815

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002
            """Nothing."""

    proxy = ThreadingHTTPServer(("127.0.0.1", 0), Proxy)
    threading.Thread(target=proxy.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{proxy.server_port}"
    finally:
        proxy.shutdown()
        proxy.server_close()


@pytest.fixture(scope="session")
def s3_url() -> Iterator[str]:
    with moto_server() as url:
        yield url


@pytest.fixture
def s3(s3_url: str, monkeypatch: pytest.MonkeyPatch) -> S3Access:
    """How to reach the server."""
    for name, value in KEYS.items():
        monkeypatch.setenv(name, value)
    return access(s3_url)
