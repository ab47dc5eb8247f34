"""The way to a server: proxies and authorities of the environment, for every call."""

from __future__ import annotations

import socket
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from coderchat_jupyter.client import Client
from coderchat_jupyter.errors import (
    CoderChatError,
    ConfigurationError,
    ServerUnreachableError,
)
from tests.fakes.chat import CHAT_ID
from tests.fakes.server import TOKEN, FakeCoder, listen, serving
from tests.fakes.way import (
    HOST,
    WebProxy,
    authority,
    fronting,
    into_folder,
    web_proxy,
)


@pytest.fixture
async def coder() -> AsyncIterator[FakeCoder]:
    coder = FakeCoder()
    async with serving(coder, listen()):
        yield coder


@pytest.fixture
async def proxy() -> AsyncIterator[WebProxy]:
    async with web_proxy() as proxy:
        yield proxy


@pytest.fixture
def _known_name(monkeypatch: pytest.MonkeyPatch) -> None:
    """The name of the server is known here, as it may be inside a company."""
    found = socket.getaddrinfo

    def here(host: Any, *rest: Any, **more: Any) -> Any:
        name = host.decode() if isinstance(host, bytes) else host
        return found("127.0.0.1" if name == HOST else host, *rest, **more)

    monkeypatch.setattr(socket, "getaddrinfo", here)


async def call(url: str) -> str:
    """One call and one stream: what the stream says first."""
    async with Client(url, TOKEN) as client:
        await client.users.me()
        async with client.chats.stream(CHAT_ID) as batches:
            return (await anext(aiter(batches)))[0].type


async def failures(url: str) -> list[CoderChatError]:
    """What a call and a stream fail with."""
    found = []
    async with Client(url, TOKEN) as client:
        with pytest.raises(CoderChatError) as called:
            await client.users.me()
        with pytest.raises(CoderChatError) as opened:
            async with client.chats.stream(CHAT_ID):
                pass
        found += [called.value, opened.value]
    return found


@pytest.mark.parametrize("is_strict", [True, False])
async def test_an_authority_of_ones_own_is_trusted_when_it_is_named(
    is_strict: bool, coder: FakeCoder, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Companies have one, and name its file for every program."""
    trusted, context = authority(tmp_path, is_strict=is_strict)
    monkeypatch.setenv("SSL_CERT_FILE", str(trusted))

    async with fronting(coder.port, context) as port:
        said = await call(f"https://127.0.0.1:{port}")

    assert said == "status"


async def test_a_folder_of_authorities_is_trusted_when_it_is_named(
    coder: FakeCoder, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The other of the two ways in which the system is told."""
    trusted, context = authority(tmp_path)
    monkeypatch.setenv("SSL_CERT_DIR", str(into_folder(trusted)))

    async with fronting(coder.port, context) as port:
        said = await call(f"https://127.0.0.1:{port}")

    assert said == "status"


async def test_an_authority_that_nobody_named_is_not_trusted(
    coder: FakeCoder, tmp_path: Path
) -> None:
    """And both the call and the stream say what to do."""
    _, context = authority(tmp_path)

    async with fronting(coder.port, context) as port:
        found = await failures(f"https://127.0.0.1:{port}")

    assert [type(error) for error in found] == [ServerUnreachableError] * 2
    assert all("SSL_CERT_FILE" in str(error) for error in found)
    assert coder.requests == []


async def test_a_certificate_of_somebody_else_is_refused(
    coder: FakeCoder, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The token is for the server that was named."""
    trusted, context = authority(tmp_path, host="other.test")
    monkeypatch.setenv("SSL_CERT_FILE", str(trusted))

    async with fronting(coder.port, context) as port:
        found = await failures(f"https://localhost:{port}")

    assert all("certificate" in str(error) for error in found)
    assert coder.requests == []


async def test_a_server_without_tls_is_recognised(coder: FakeCoder) -> None:
    """A letter too many in the address is the usual reason."""
    found = await failures(f"https://127.0.0.1:{coder.port}")

    assert all("http://" in str(error) for error in found)


async def test_calls_and_streams_go_through_the_proxy_of_the_environment(
    coder: FakeCoder, proxy: WebProxy, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The name of the server is not even known outside of it."""
    monkeypatch.setenv("HTTP_PROXY", f"http://127.0.0.1:{proxy.port}")

    said = await call(f"http://{HOST}:{coder.port}")

    assert said == "status"
    assert f"CONNECT {HOST}:{coder.port}" in proxy.asked
    assert len(proxy.asked) >= 2


@pytest.mark.parametrize(
    ("name", "scheme"), [("ALL_PROXY", "http://"), ("HTTP_PROXY", "")]
)
async def test_calls_and_streams_go_by_the_same_proxy_however_it_is_named(
    coder: FakeCoder,
    proxy: WebProxy,
    monkeypatch: pytest.MonkeyPatch,
    name: str,
    scheme: str,
) -> None:
    """A client whose streams go another way than its calls is never live."""
    monkeypatch.setenv(name, f"{scheme}127.0.0.1:{proxy.port}")

    first = await call(f"http://{HOST}:{coder.port}")

    assert first == "status"


async def test_tls_goes_through_the_proxy_to_the_server_itself(
    coder: FakeCoder,
    proxy: WebProxy,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A tunnel: the proxy sees a name and a port, and no token."""
    trusted, context = authority(tmp_path)
    monkeypatch.setenv("SSL_CERT_FILE", str(trusted))
    monkeypatch.setenv("HTTPS_PROXY", f"http://127.0.0.1:{proxy.port}")

    async with fronting(coder.port, context) as port:
        said = await call(f"https://{HOST}:{port}")

    assert said == "status"
    assert set(proxy.asked) == {f"CONNECT {HOST}:{port}"}


@pytest.mark.parametrize("is_secure", [False, True], ids=["http", "https"])
async def test_the_way_to_the_proxy_may_be_tls_as_well(
    is_secure: bool, coder: FakeCoder, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With the authority of one's own, and within it TLS to the server or none."""
    trusted, context = authority(tmp_path)
    monkeypatch.setenv("SSL_CERT_FILE", str(trusted))
    async with web_proxy(context) as proxy, fronting(coder.port, context) as port:
        for name in ("HTTP_PROXY", "HTTPS_PROXY"):
            monkeypatch.setenv(name, f"https://127.0.0.1:{proxy.port}")

        where = f"https://{HOST}:{port}" if is_secure else f"http://{HOST}:{coder.port}"
        said = await call(where)

    assert said == "status"
    assert len(proxy.asked) >= 2


@pytest.mark.parametrize("is_secure", [False, True], ids=["http", "https"])
async def test_a_proxy_that_nobody_vouches_for_is_not_trusted(
    is_secure: bool, coder: FakeCoder, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It would see what a plain call says, its token included."""
    _, context = authority(tmp_path)
    async with web_proxy(context) as proxy, fronting(coder.port, context) as port:
        for name in ("HTTP_PROXY", "HTTPS_PROXY"):
            monkeypatch.setenv(name, f"https://127.0.0.1:{proxy.port}")

        where = f"https://{HOST}:{port}" if is_secure else f"http://{HOST}:{coder.port}"
        found = await failures(where)

    assert proxy.asked == []
    assert [type(error) for error in found] == [ServerUnreachableError] * 2
    assert all("proxy" in str(error) for error in found)


async def test_a_proxy_may_want_a_login(
    coder: FakeCoder, proxy: WebProxy, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It stands in the address of the proxy."""
    proxy.login = "user:secret-word"
    monkeypatch.setenv("HTTP_PROXY", f"http://{proxy.login}@127.0.0.1:{proxy.port}")

    assert await call(f"http://{HOST}:{coder.port}") == "status"


async def test_a_proxy_that_refuses_is_named_and_its_password_is_not(
    coder: FakeCoder,
    proxy: WebProxy,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Whoever reads it knows where to look."""
    _, context = authority(tmp_path)
    proxy.login = "user:right"
    wrong = f"http://user:secret-word@127.0.0.1:{proxy.port}"
    for name in ("HTTP_PROXY", "HTTPS_PROXY"):
        monkeypatch.setenv(name, wrong)

    found = await failures(f"http://{HOST}:{coder.port}")
    async with fronting(coder.port, context) as port:
        found += await failures(f"https://{HOST}:{port}")

    assert [type(error) for error in found] == [ServerUnreachableError] * 4
    assert all("HTTPS_PROXY" in str(error) for error in found)
    assert "secret-word" not in repr([vars(error) for error in found])
    assert coder.requests == []


@pytest.mark.usefixtures("_known_name")
@pytest.mark.parametrize("exempt", [HOST, ".test", "*"])
async def test_a_host_may_be_exempt_from_the_proxy(
    coder: FakeCoder,
    proxy: WebProxy,
    monkeypatch: pytest.MonkeyPatch,
    exempt: str,
) -> None:
    """By name, by domain, or all of them."""
    monkeypatch.setenv("HTTP_PROXY", f"http://127.0.0.1:{proxy.port}")
    monkeypatch.setenv("NO_PROXY", exempt)

    assert await call(f"http://{HOST}:{coder.port}") == "status"
    assert proxy.asked == []


@pytest.mark.parametrize(
    ("address", "words"),
    [
        ("socks5://user:secret-word@127.0.0.1:9", "SOCKS"),
        ("ftp://user:secret-word@127.0.0.1:9", "HTTPS_PROXY"),
        ("http://user:secret-word@127.0.0.1:port", "HTTPS_PROXY"),
    ],
)
async def test_a_proxy_that_cannot_be_used_is_a_matter_of_configuration(
    monkeypatch: pytest.MonkeyPatch, address: str, words: str
) -> None:
    """One sentence, not an ImportError from deep inside; and never the password."""
    monkeypatch.setenv("HTTP_PROXY", address)

    found = await failures(f"http://{HOST}:9")

    assert type(found[0]) is ConfigurationError
    assert words in str(found[0])
    assert isinstance(found[1], ConfigurationError | ServerUnreachableError)
    assert "secret-word" not in repr([str(e) + repr(vars(e)) for e in found])


async def test_cookies_are_neither_kept_nor_sent(coder: FakeCoder) -> None:
    """A server would take a token from there before it looks at ours."""
    from starlette.responses import JSONResponse, Response

    async def bake(line: str) -> Response | None:
        answer = JSONResponse({"id": "u", "organization_ids": ["o"]})
        answer.set_cookie("coder_session_token", "of-somebody-else")
        return answer

    coder.before = bake
    async with Client(coder.url, TOKEN) as client:
        await client.users.me()
        coder.before = None
        await client.users.me()
        jar = client._http._pool.client().cookies

    assert len(jar.jar) == 0
