"""The server over real sockets: what is answered, to whom, in which format, and how it starts and stops."""

from __future__ import annotations

import asyncio
import gzip
import socket
from collections.abc import AsyncIterator, Callable
from time import perf_counter

import aiohttp
import pytest

from monitor.assess.outlook import Outlook
from monitor.core.contract import Contract
from monitor.errors import PortTaken
from monitor.outputs.daemon import DaemonFacts
from monitor.outputs.metrics import Exposition, Format
from monitor.outputs.web.auth import Token
from monitor.outputs.web.server import Web, host_allowed
from tests.outputs import hand
from tests.outputs.reading import openmetrics_families, text_families


class Desk:
    """A daemon whose answers the test sets."""

    def __init__(self) -> None:
        self.contract: Contract = hand.contract()
        self.latest: Outlook | None = hand.outlook(self.contract)
        self.state: tuple[bool, list[str]] = (True, [])

    def outlook(self) -> Outlook | None:
        return self.latest

    def daemon(self) -> DaemonFacts:
        return hand.daemon()

    def ready(self) -> tuple[bool, list[str]]:
        return self.state


@pytest.fixture
def desk() -> Desk:
    return Desk()


@pytest.fixture
async def web(desk: Desk) -> AsyncIterator[Web]:
    server = Web("127.0.0.1", 0, desk)
    await server.start()
    yield server
    await server.stop()


@pytest.fixture
async def ask(web: Web) -> AsyncIterator[aiohttp.ClientSession]:
    async with aiohttp.ClientSession(web.url) as session:
        yield session


# --- /metrics ---------------------------------------------------------------------------------------------------------------------


async def test_metrics_are_the_exposition_and_the_process(ask: aiohttp.ClientSession, desk: Desk) -> None:
    async with ask.get("/metrics", headers={"Accept-Encoding": "identity"}) as response:
        text = await response.text()
        assert (response.status, response.headers["Content-Type"]) == (200, "text/plain; version=0.0.4; charset=utf-8")
    exposition = "".join(Exposition().scrape(desk.outlook(), desk.contract, desk.daemon(), Format.TEXT))
    assert text.startswith(exposition)
    assert {family.name for family in text_families(text.removeprefix(exposition))} >= {"process_resident_memory_bytes", "python_info"}


async def test_prometheus_gets_openmetrics(ask: aiohttp.ClientSession) -> None:
    async with ask.get("/metrics", headers={"Accept": "application/openmetrics-text;version=1.0.0,text/plain;version=0.0.4;q=0.5"}) as response:
        text = await response.text()
        assert response.headers["Content-Type"] == "application/openmetrics-text; version=1.0.0; charset=utf-8"
    assert text.endswith("# EOF\n")
    assert text.count("# EOF") == 1
    names = {family.name for family in openmetrics_families(text)}
    assert {"callcenter_calls_entered", "floorwatch_build", "process_cpu_seconds"} <= names


@pytest.mark.parametrize(("offer", "packed"), [("gzip", True), ("deflate, gzip;q=0.5", True), ("gzip;q=0", False), ("br", False), ("identity", False)])
async def test_gzip_where_it_is_wanted(web: Web, offer: str, *, packed: bool) -> None:
    async with aiohttp.ClientSession(web.url, auto_decompress=False) as ask:
        async with ask.get("/metrics?client=Bank", headers={"Accept-Encoding": offer}) as response:
            body = await response.read()
        assert (response.headers.get("Content-Encoding") == "gzip") == packed
        async with ask.get("/metrics?client=Bank", headers={"Accept-Encoding": "identity"}) as response:
            assert (gzip.decompress(body) if packed else body) == await response.read()


@pytest.mark.parametrize("accept", ["text/plain", "application/openmetrics-text"])
async def test_a_client_gets_its_own_rows_and_nothing_of_the_process(ask: aiohttp.ClientSession, accept: str) -> None:
    async with ask.get("/metrics", params={"client": "Shop"}, headers={"Accept": accept}) as response:
        text = await response.text()
    assert 'client="Shop"' in text
    assert not [word for word in ("Bank", "bank", "Таксі", "taxi", "process_", "python_", "floorwatch_ami", "group=") if word in text]
    assert text.endswith("# EOF\n") == (accept == "application/openmetrics-text")


@pytest.mark.parametrize(
    ("query", "status", "line"),
    [
        ("client=Nobody", 404, "no client 'Nobody'; ?client= takes a client's name as the configuration writes it\n"),
        ("client=", 404, "no client ''; ?client= takes a client's name as the configuration writes it\n"),
        ("client=Bank&client=Shop", 400, "more than one client; ask for each alone\n"),
        ("clients=Bank", 400, "unknown parameter 'clients'; /metrics knows client\n"),
    ],
)
async def test_a_question_that_might_show_too_much_is_refused(ask: aiohttp.ClientSession, query: str, status: int, line: str) -> None:
    async with ask.get(f"/metrics?{query}") as response:
        assert (response.status, await response.text()) == (status, line)


async def test_before_the_first_outlook_metrics_tell_of_the_link(ask: aiohttp.ClientSession, desk: Desk) -> None:
    desk.latest = None
    async with ask.get("/metrics") as response:
        text = await response.text()
    assert 'floorwatch_ami_up{pbx="pbx2"} 0' in text
    assert "callcenter_" not in text
    async with ask.get("/metrics?client=Bank") as response:
        assert (response.status, await response.text()) == (200, "")


async def test_two_scrapes_at_once_and_a_publication_between(ask: aiohttp.ClientSession, desk: Desk, record_property: Callable[[str, object], None]) -> None:
    """Each is one instant whole, whatever is published meanwhile; the longest step of the loop is told, not judged."""
    desk.contract, desk.latest = hand.large(500, 50)
    expected = "".join(Exposition().scrape(desk.latest, desk.contract, desk.daemon(), Format.TEXT))
    longest = 0.0

    async def watch() -> None:
        nonlocal longest
        before = perf_counter()
        while True:
            await asyncio.sleep(0)
            now = perf_counter()
            longest, before = max(longest, now - before), now

    async def text() -> str:
        async with ask.get("/metrics", headers={"Accept-Encoding": "identity"}) as response:
            return (await response.read()).decode()

    watching = asyncio.create_task(watch())
    both = asyncio.gather(text(), text())
    await asyncio.sleep(0.01)
    _, desk.latest = hand.large(1, 50)
    first, second = await both
    watching.cancel()
    record_property("longest_step_ms", round(1000 * longest, 2))
    small = "".join(Exposition().scrape(desk.latest, desk.contract, desk.daemon(), Format.TEXT))
    for answer in (first, second):
        assert answer[: answer.index("# HELP process_")] in (expected, small)


# --- health, API, index -------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("state", "status", "text"),
    [
        ((False, ["pbx1", "pbx2"]), 503, "not ready: waiting for the first state of pbx1, pbx2\n"),
        ((True, ["pbx2"]), 200, "ready\ndegraded: pbx2\n"),
        ((True, []), 200, "ready\n"),
    ],
)
async def test_ready_says_who_is_away(ask: aiohttp.ClientSession, desk: Desk, state: tuple[bool, list[str]], status: int, text: str) -> None:
    desk.state = state
    async with ask.get("/-/ready") as response:
        assert (response.status, await response.text()) == (status, text)
    async with ask.get("/-/healthy") as response:
        assert (response.status, await response.text()) == (200, "healthy\n")


async def test_the_floor_as_json(ask: aiohttp.ClientSession, desk: Desk) -> None:
    async with ask.get("/api/v1/floor") as response:
        answer = await response.json()
        assert response.headers["Content-Type"] == "application/json; charset=utf-8"
    assert [project["project"] for project in answer["projects"]] == ["bank-line", "shop-line", "taxi-line"]
    assert {(agent["agent"], agent["name"]) for agent in answer["agents"]} == {(None, None)}
    async with ask.get("/api/v1/floor?client=Bank") as response:
        assert (response.status, await response.json()) == (400, {"error": "unknown parameter 'client'; /api/v1/floor is always the whole floor"})
    desk.latest = None
    async with ask.get("/api/v1/floor") as response:
        assert (response.status, await response.json()) == (503, {"error": "nothing is known of the floor yet; see /-/ready"})


async def test_names_where_the_site_asked_for_them(desk: Desk) -> None:
    server = Web("127.0.0.1", 0, desk, names=True)
    await server.start()
    async with aiohttp.ClientSession(server.url) as session, session.get("/api/v1/floor") as response:
        assert "Олена" in await response.text()
    await server.stop()


@pytest.mark.parametrize(
    ("header", "status", "shown"),
    [
        (None, 200, False),
        ("Basic dXNlcjpwYXNz", 200, False),  # a proxy's own
        ("Bearer look", 200, True),
        ("Bearer change", 200, True),
        ("Bearer guess", 401, False),
        ("Bearer bank", 403, False),
    ],
)
async def test_money_is_for_who_has_a_token(desk: Desk, header: str | None, status: int, *, shown: bool) -> None:
    tokens = (Token.of("looker", "look", ["read"]), Token.of("desk", "change", ["write"]), Token.of("bank", "bank", ["client:Bank"]))
    server = Web("127.0.0.1", 0, desk, tokens=tokens)
    await server.start()
    async with aiohttp.ClientSession(server.url) as ask:
        async with ask.get("/api/v1/floor", headers={"Authorization": header} if header else {}) as response:
            assert response.status == status
            text = await response.text()
        assert ("96240.50" in text) == shown
        if status == 403:
            assert text == '{"error": "this token may not do that; its scopes need \\"read\\""}\n'
        async with ask.get("/metrics") as response:
            assert "96240.50" in await response.text()
    await server.stop()


async def test_money_is_for_everybody_where_the_site_says_so(desk: Desk) -> None:
    server = Web("127.0.0.1", 0, desk, money=True, tokens=(Token.of("looker", "look", ["read"]),))
    await server.start()
    async with aiohttp.ClientSession(server.url) as ask:
        for header in ({}, {"Authorization": "Bearer guess"}):
            async with ask.get("/api/v1/floor", headers=header) as response:
                assert "96240.50" in await response.text()
        async with ask.get("/api/v1/stream") as response:
            async for line in response.content:
                if line.startswith(b"data: "):
                    assert b"96240.50" in line
                    break
        server.money = False  # a reload
        async with ask.get("/api/v1/floor") as response:
            assert "96240.50" not in await response.text()
    await server.stop()


async def test_where_no_token_may_look_a_stranger_s_is_not_asked_for(desk: Desk) -> None:
    server = Web("127.0.0.1", 0, desk)
    await server.start()
    async with aiohttp.ClientSession(server.url) as ask, ask.get("/api/v1/floor", headers={"Authorization": "Bearer of-a-proxy"}) as response:
        assert (response.status, "96240.50" in await response.text()) == (200, False)
    await server.stop()


async def test_a_network_address_is_reached_by_any_name(desk: Desk) -> None:
    server = Web("0.0.0.0", 0, desk)
    await server.start()
    url = f"http://127.0.0.1:{server.port}/-/healthy"
    async with aiohttp.ClientSession() as session, session.get(url, headers={"Host": "pbx.example"}) as response:
        assert response.status == 200
    await server.stop()


async def test_the_board_links_every_page_there_is(ask: aiohttp.ClientSession) -> None:
    async with ask.get("/") as response:
        page = await response.text()
    for path in ("/metrics", "/api/v1/floor", "/-/healthy", "/-/ready"):
        assert f'href="{path}"' in page
        async with ask.get(path) as response:
            assert response.status == 200


# --- HTTP ---------------------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("path", ["/", "/board/board.js", "/metrics", "/api/v1/floor", "/-/healthy", "/-/ready"])
async def test_get_and_head_only(ask: aiohttp.ClientSession, path: str) -> None:
    async with ask.get(path, headers={"Accept-Encoding": "identity"}) as full, ask.head(path, headers={"Accept-Encoding": "identity"}) as head:
        assert (head.status, head.headers["Content-Type"], await head.read()) == (200, full.headers["Content-Type"], b"")
    for method in ("POST", "PUT", "DELETE", "PATCH", "OPTIONS"):
        async with ask.request(method, path) as refused:
            assert (refused.status, refused.headers["Allow"]) == (405, "GET, HEAD")
            assert f"{method} is not for {path}; allowed: GET, HEAD" in await refused.text()


async def test_a_page_that_is_not_there(ask: aiohttp.ClientSession) -> None:
    for path, line in (("/metric", "/metric"), ("/metrics/", "/metrics/"), ("/a%0Ab", "/a\\nb"), ("/" + "x" * 300, "/" + "x" * 99)):
        async with ask.get(path) as response:
            assert (response.status, await response.text()) == (404, f"no page {line} here; / lists what there is\n")
    async with ask.get("/api/v2/floor") as response:
        assert (response.status, await response.json()) == (404, {"error": "no page /api/v2/floor here; / lists what there is"})


@pytest.mark.parametrize("path", ["/", "/board/board.css", "/metrics", "/metrics?client=Nobody", "/api/v1/floor", "/-/ready", "/nowhere"])
async def test_no_answer_is_stored_or_guessed_at(ask: aiohttp.ClientSession, path: str) -> None:
    async with ask.get(path) as response:
        assert (response.headers["Cache-Control"], response.headers["X-Content-Type-Options"]) == ("no-store", "nosniff")
        assert "Access-Control-Allow-Origin" not in response.headers


async def test_a_foreign_name_for_this_machine_is_refused(ask: aiohttp.ClientSession, web: Web) -> None:
    for path in ("/metrics", "/api/v1/floor", "/-/healthy", "/nowhere"):
        async with ask.get(path, headers={"Host": "evil.example"}) as response:
            assert response.status == 421
            assert f"this server is not called 'evil.example'; ask for {web.url}; a proxy has to send that as Host" in await response.text()
    async with ask.get("/metrics", headers={"Host": "localhost:9877"}) as response:
        assert response.status == 200


@pytest.mark.parametrize(
    ("header", "allowed"),
    [
        (None, True), ("127.0.0.1", True), ("127.0.0.1:9877", True), ("[::1]:9877", True), ("[::1]", True), ("10.0.0.7:9877", True),
        ("localhost", True), ("LOCALHOST:9877", True), ("floor.localhost", True), ("localhost.", True),
        ("evil.example", False), ("evil.example:9877", False), ("127.0.0.1.evil.example", False), ("localhost.evil.example", False),
        ("evillocalhost", False), ("", False), (":9877", False),
    ],
)  # fmt: skip
def test_hosts(header: str | None, *, allowed: bool) -> None:
    assert host_allowed(header) is allowed


# --- start and stop -------------------------------------------------------------------------------------------------------------------


async def test_a_taken_port_is_one_clear_line(desk: Desk) -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        with pytest.raises(PortTaken) as refused:
            await Web("127.0.0.1", port, desk).start()
    assert str(refused.value) == f"cannot listen on 127.0.0.1:{port}: another program listens there; free the port or choose another in [web] listen"


async def test_an_address_that_is_not_ours_is_one_clear_line(desk: Desk) -> None:
    with pytest.raises(PortTaken, match=r"cannot listen on 192\.0\.2\.1:9877: this machine has no such address; "):
        await Web("192.0.2.1", 9877, desk).start()


@pytest.mark.parametrize("host", ["floor..example", "a" * 64])
async def test_a_name_no_resolver_can_be_asked_for_is_one_clear_line(desk: Desk, host: str) -> None:
    with pytest.raises(PortTaken, match=f"cannot listen on {host}:9877: nobody knows this name; "):
        await Web(host, 9877, desk).start()


async def test_it_stops_at_once_though_somebody_keeps_a_connection_open(desk: Desk) -> None:
    server = Web("127.0.0.1", 0, desk)
    await server.start()
    async with aiohttp.ClientSession(server.url) as session:
        async with session.get("/-/healthy") as response:
            assert response.status == 200
        started = perf_counter()
        await server.stop()
        assert perf_counter() - started < 2
    with pytest.raises(ConnectionRefusedError):
        await asyncio.open_connection("127.0.0.1", server.port)
    await server.stop()


async def test_the_port_is_free_again_after_a_stop(desk: Desk) -> None:
    server = Web("127.0.0.1", 0, desk)
    await server.start()
    again = Web("127.0.0.1", server.port, desk)
    await server.stop()
    await again.start()
    assert again.port == server.port
    await again.stop()


async def test_no_reverse_lookup_for_a_request_without_a_host(web: Web) -> None:
    """aiohttp's `request.host` asks the resolver then, and would hold the loop."""
    reader, writer = await asyncio.open_connection("127.0.0.1", web.port)
    writer.write(b"GET /-/healthy HTTP/1.0\r\n\r\n")
    answer = await reader.read()
    assert answer.startswith(b"HTTP/1.0 200 OK")
    writer.close()
    await writer.wait_closed()
    assert answer.endswith(b"healthy\n")
