"""The board's files: served as they are, under a policy that lets nothing else in, and written so that it need not."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator

import aiohttp
import pytest

from monitor.assess.conditions import Severity
from monitor.assess.judgement import Verdict
from monitor.core.contract import Language
from monitor.core.snapshot import State
from monitor.outputs.web import pages
from monitor.outputs.web.server import Web
from tests.outputs.web.test_server import Desk

FILES = {
    "/": ("index.html", "text/html; charset=utf-8"),
    "/board/board.css": ("board.css", "text/css; charset=utf-8"),
    "/board/board.js": ("board.js", "text/javascript; charset=utf-8"),
    "/board/lost.js": ("lost.js", "text/javascript; charset=utf-8"),
    "/board/money.js": ("money.js", "text/javascript; charset=utf-8"),
    "/board/rows.js": ("rows.js", "text/javascript; charset=utf-8"),
    "/board/words.js": ("words.js", "text/javascript; charset=utf-8"),
    "/board/english.js": ("english.js", "text/javascript; charset=utf-8"),
    "/board/ukrainian.js": ("ukrainian.js", "text/javascript; charset=utf-8"),
    "/board/icon.svg": ("icon.svg", "image/svg+xml"),
}


def text(name: str) -> str:
    return (pages.FOLDER / name).read_text(encoding="utf-8")


@pytest.fixture
async def ask() -> AsyncIterator[aiohttp.ClientSession]:
    server = Web("127.0.0.1", 0, Desk())
    await server.start()
    async with aiohttp.ClientSession(server.url) as session:
        yield session
    await server.stop()


@pytest.mark.parametrize("address", FILES)
async def test_every_file_is_served_with_its_type_and_the_policy(ask: aiohttp.ClientSession, address: str) -> None:
    name, kind = FILES[address]
    async with ask.get(address) as response:
        assert (response.status, response.headers["Content-Type"]) == (200, kind)
        assert await response.text() == text(name)
        policy = response.headers["Content-Security-Policy"]
    assert set(policy.split("; ")) >= {"default-src 'none'", "script-src 'self'", "style-src 'self'", "connect-src 'self'", "img-src 'self'"}
    assert not re.search(r"unsafe|\*|http", policy)


def test_every_file_there_is_is_served() -> None:
    assert {path.name for path in pages.FOLDER.iterdir()} == {name for name, _ in FILES.values()}


@pytest.mark.parametrize("address", ["/board/", "/board/index.html", "/board/../server.py", "/board/%2e%2e/server.py", "/favicon.ico"])
async def test_nothing_else_is(ask: aiohttp.ClientSession, address: str) -> None:
    async with ask.get(address) as response:
        assert response.status == 404


def test_the_page_holds_no_script_style_or_address_from_elsewhere() -> None:
    page = text("index.html")
    assert re.findall(r"<script\b[^>]*>(.*?)</script>", page, re.DOTALL) == [""]
    assert not re.search(r"<style|\sstyle=|\son\w+=|javascript:", page)
    for address in re.findall(r'(?:src|href)="([^"]*)"', page):
        assert address in FILES or address in {"/metrics", "/api/v1/floor", "/-/healthy", "/-/ready"}
    for name, _ in FILES.values():
        assert not re.findall(r"(?:https?:)?//[a-z0-9-]+\.[a-z]", text(name).replace("http://www.w3.org/2000/svg", ""))
    assert not re.search(r"@import|url\(", text("board.css"))


def test_the_script_never_makes_markup_of_text() -> None:
    for name in ("board.js", "lost.js", "money.js", "rows.js", "words.js", "english.js", "ukrainian.js"):
        assert not re.search(r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|\beval\b|new Function|DOMParser|setTimeout\(['\"`]", text(name))


def test_every_language_has_the_same_words() -> None:
    english, ukrainian = (re.findall(r"^  (\w+):|\b(\w+): \"", text(f"{name}.js"), re.MULTILINE) for name in ("english", "ukrainian"))
    assert english == ukrainian
    assert set(re.findall(r"^const TABLES = {(.*)}", text("words.js"), re.MULTILINE)[0].split()) >= {f"{language}:" for language in Language}


@pytest.mark.parametrize("name", ["english.js", "ukrainian.js"])
def test_every_word_of_the_page_is_in_the_table(name: str) -> None:
    """What another language has to translate is in one place; the page without a script is the exception."""
    script, page, table = text("board.js") + text("lost.js") + text("money.js") + text("rows.js"), text("index.html"), text(name)
    words = set(re.findall(r'data-word="(\w+)"', page))
    assert words
    assert [word for word in words if not re.search(rf"^  {word}: \"", table, re.MULTILINE)] == []
    body = re.sub(r"<noscript>.*?</noscript>|<a [^>]*>[^<]*</a>", "", page[page.index("<body>") :])
    assert re.sub(r"<[^>]*>", "", body).split() == ["Floorwatch"]
    assert [word for word in set(re.findall(r"\bWORDS\.(\w+)", script)) if not re.search(rf"^  {word}:", table, re.MULTILINE)] == []
    assert [word for word in re.findall(r"^  (\w+):", table, re.MULTILINE) if word not in words and not re.search(rf"\bWORDS\.{word}\b", script)] == []


@pytest.mark.parametrize("name", ["english.js", "ukrainian.js"])
def test_every_verdict_and_severity_has_a_word(name: str) -> None:
    for key, enumeration in (("verdict", Verdict), ("severity", Severity)):
        (table,) = re.findall(rf"^  {key}: {{ (.*) }},$", text(name), re.MULTILINE)
        assert re.findall(r"(\w+): \"", table) == [value.value for value in enumeration]
        assert [value for value in enumeration if not re.search(rf"\.{value}\b.* --light: ", text("board.css"))] == []


@pytest.mark.parametrize("name", ["english.js", "ukrainian.js"])
def test_every_state_has_a_word_and_a_colour(name: str) -> None:
    script, style = text(name), text("board.css")
    states = re.findall(r"(\w+): \"", script[script.index("  state: {") : script.index("  count:")])
    assert states == [state.value for state in State]  # the order is that of precedence: people are sorted by it
    for state in states:
        assert f".{state} {{ --state: var(--{state}); }}" in style
        assert style.count(f"--{state}: #") == 2  # by day and by night
