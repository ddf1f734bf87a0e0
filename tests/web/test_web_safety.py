"""What stands between the network and the page: hosts, origins, the key, headers, the lock."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from engine.errors import UsageError
from engine.web.desk import Desk
from engine.web.safety import Access, access, is_loopback

ROOT = Path(__file__).parent.parent.parent
KEY = "0123456789abcdef-key"


@pytest.fixture(scope="module")
def locked(desk: Desk) -> Iterator[Any]:
    """A page that asks for a key, in this process."""
    from starlette.testclient import TestClient

    from engine.web.app import create_app

    made = create_app(desk, access("0.0.0.0", KEY, ("search.example",)))
    with TestClient(made, base_url="http://search.example", follow_redirects=False) as client:
        yield client


@pytest.mark.parametrize(
    ("host", "status"),
    [
        ("localhost", 200), ("127.0.0.1:8000", 200), ("[::1]:8000", 200), ("LOCALHOST", 200),
        ("evil.example", 421), ("127.0.0.1.evil.example", 421), ("localhost.evil.example", 421),
        ("192.168.0.7", 421), ("", 421), ("localhost@evil.example", 421), ("[::1", 421),
    ],
)  # fmt: skip
def test_only_our_own_names_are_answered(desk: Desk, host: str, status: int) -> None:
    from starlette.testclient import TestClient

    from engine.web.app import create_app

    with TestClient(create_app(desk)) as client:
        assert client.get("/api/status", headers={"host": host}).status_code == status


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({}, 200),
        ({"sec-fetch-site": "same-origin"}, 200),
        ({"sec-fetch-site": "none"}, 200),
        ({"sec-fetch-site": "cross-site"}, 403),
        ({"sec-fetch-site": "same-site"}, 403),
        ({"origin": "OWN"}, 200),
        ({"origin": "http://evil.example"}, 403),
        ({"origin": "null"}, 403),
        ({"origin": "http://127.0.0.1:1"}, 403),
        ({"sec-fetch-site": "cross-site", "origin": "OWN"}, 403),
    ],
)
def test_other_sites_may_not_post(
    send: Any, address: str, headers: dict[str, str], status: int
) -> None:
    given = {name: address if value == "OWN" else value for name, value in headers.items()}
    for path in ("/api/search", "/search"):
        answer = send.post(path, data={"text": "chair"}, headers=given)
        assert answer.status_code == status, path


def test_every_answer_carries_the_headers(send: Any) -> None:
    for path in ("/", "/api/status", "/none", "/static/app.js", "/api/designs/none"):
        headers = send.get(path).headers
        policy = headers["content-security-policy"]
        assert "default-src 'none'" in policy and "unsafe" not in policy and "http" not in policy
        assert headers["x-content-type-options"] == "nosniff"
        assert headers["referrer-policy"] == "no-referrer"
        assert headers["cross-origin-resource-policy"] == "same-origin"
        assert "access-control-allow-origin" not in headers
    assert send.post("/search", data={"text": "chair"}).headers["cache-control"] == "no-store"


def test_head_answers_as_get_does_without_the_body(address: str, index: Any) -> None:
    import httpx

    figure = next(iter(index.scroll(keys=()))).id
    paths = (
        "/", "/login", "/classes?find=seats", "/designs/DM000001", "/designs/none", "/api/status",
        "/api/designs/DM000001", f"/figures/{figure}.png", f"/thumbs/{figure}.png",
        "/static/app.js", "/static/none", "/api/openapi.json", "/none",
    )  # fmt: skip
    with httpx.Client(base_url=address) as client:
        for path in paths:
            head, got = client.head(path), client.get(path)
            assert head.status_code == got.status_code, path
            assert head.content == b""
            for answer in (head, got):
                answer.headers.pop("date")
            assert head.headers == got.headers, path
            assert int(head.headers["content-length"]) == len(got.content), path
        assert client.head("/search").status_code == 405  # only POST there


def test_head_needs_the_key_too(locked: Any) -> None:
    assert locked.head("/api/status").status_code == 401
    assert locked.head("/", headers={"accept": "text/html"}).headers["location"] == "/login"
    known = locked.head("/api/status", headers={"api-key": KEY})
    assert (known.status_code, known.content) == (200, b"")
    assert locked.head("/", headers={"host": "evil.example"}).status_code == 421


def test_pages_hold_no_inline_script_or_style_and_ask_nobody(send: Any) -> None:
    from lxml import html

    pages = [
        send.get("/"),
        send.post("/search", data={"text": "chair"}),
        send.get("/designs/DM000002"),
    ]
    for answer in pages:
        tree = html.fromstring(answer.text)
        assert not tree.xpath("//script[not(@src)] | //style | //*[@style]")
        assert not [name for e in tree.iter() for name in e.attrib if name.startswith("on")]
        for link in tree.xpath("//@src | //@href | //@action"):
            assert link.startswith(("/", "#")) and not link.startswith("//")


def test_titles_are_text(send: Any) -> None:
    for answer in (send.get("/designs/DM000002"), send.post("/search", data={"like": "DM000001"})):
        assert "&lt;script&gt;document.title" in answer.text
        assert "<script>document" not in answer.text


def test_beyond_loopback_only_with_a_key(locked: Any) -> None:
    assert locked.get("/api/status").status_code == 401
    page = locked.get("/", headers={"accept": "text/html"})
    assert (page.status_code, page.headers["location"]) == (303, "/login")
    assert locked.post("/api/search", data={"text": "chair"}).status_code == 401
    assert locked.get("/figures/00000000-0000-0000-0000-000000000000.png").status_code == 401
    for headers in ({"authorization": f"Bearer {KEY}"}, {"api-key": KEY}):
        assert locked.get("/api/status", headers=headers).status_code == 200
    for headers in (
        {"authorization": f"Bearer {KEY}x"}, {"api-key": KEY[:-1]}, {"api-key": ""},
        {"cookie": "engine_session=guess"}, {"cookie": "engine_session="}, {"cookie": ";;;=,"},
    ):  # fmt: skip
        assert locked.get("/api/status", headers=headers).status_code == 401


def test_the_login_page_sets_a_cookie_scripts_cannot_read(locked: Any) -> None:
    began = time.monotonic()
    assert locked.post("/login", data={"key": "wrong"}).status_code == 401
    assert time.monotonic() - began >= 1  # guessing is slow
    answer = locked.post("/login", data={"key": KEY})
    cookie = answer.headers["set-cookie"].lower()
    assert "httponly" in cookie and "samesite=strict" in cookie and KEY not in cookie
    assert locked.get("/").status_code == 200
    locked.cookies.clear()


def test_addresses_and_keys() -> None:
    assert all(is_loopback(host) for host in ("127.0.0.1", "127.9.9.9", "::1", "localhost"))
    assert not any(is_loopback(host) for host in ("0.0.0.0", "::", "10.0.0.1", "example.org", ""))
    with pytest.raises(UsageError, match="--page-key"):
        access("0.0.0.0", "")
    with pytest.raises(UsageError, match="16"):
        access("127.0.0.1", "short")
    with pytest.raises(UsageError, match="ASCII"):
        access("127.0.0.1", "ä" * 20)
    assert access("127.0.0.1", "").key == ""
    assert Access(key=KEY).token() != Access(key=KEY).token()  # another after each start


def test_commands_say_that_the_page_holds_the_store(
    tmp_path: Path, register: Path, encoder: Any
) -> None:
    from qdrant import open_store

    folder = tmp_path / "store"
    with open_store(folder) as store:
        store.open_or_create("designs", encoder.card).close()
    command = [sys.executable, str(ROOT / "cli.py")]
    page = subprocess.Popen(
        [*command, "serve", "--store", str(folder), "--port", "0"],
        stderr=subprocess.PIPE, text=True, cwd=tmp_path,
    )  # fmt: skip
    try:
        assert page.stderr is not None
        said = page.stderr.readline()
        assert "http://127.0.0.1:" in said
        address = said.split()[1]
        done = subprocess.run(
            [*command, "status", "--store", str(folder)],
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 4
        assert f"in use by the page at {address}" in done.stderr and "stop it" in done.stderr
        import httpx

        assert httpx.get(address + "api/status").json()["figures"] == 0
    finally:
        page.terminate()
        page.communicate(timeout=20)
    again = subprocess.run(
        [*command, "status", "--store", str(folder)], capture_output=True, text=True, check=False
    )
    assert again.returncode == 0
    refused = subprocess.run(
        [*command, "serve", "--store", str(folder), "--host", "0.0.0.0"],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert refused.returncode == 2 and "--page-key" in refused.stderr
