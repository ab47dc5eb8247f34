"""What may stand between a client and its server: TLS of one's own, a proxy."""

from __future__ import annotations

import asyncio
import base64
import contextlib
import datetime
import hashlib
import ipaddress
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Final

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

__all__ = ["HOST", "WebProxy", "authority", "fronting", "into_folder", "web_proxy"]

HOST: Final = "coder.test"
"""A name that no resolver knows, but the proxy does."""

_DAY: Final = datetime.timedelta(days=1)

_SIGNS: Final = x509.KeyUsage(
    digital_signature=False,
    content_commitment=False,
    key_encipherment=False,
    data_encipherment=False,
    key_agreement=False,
    key_cert_sign=True,
    crl_sign=True,
    encipher_only=False,
    decipher_only=False,
)


def authority(
    folder: Path, *, host: str = HOST, is_strict: bool = True
) -> tuple[Path, ssl.SSLContext]:
    """An authority of one's own, and a server that it vouches for.

    Args:
        folder: Where to put the files.
        host: The server's name.
        is_strict: The authority's certificate says what its key is for, as RFC 5280
            wants it; many in use do not.

    Returns:
        The file that names the authority, and what the server serves with.
    """
    root, root_key = _certificate(
        "Own Authority", None, None, host, is_strict=is_strict
    )
    leaf, leaf_key = _certificate(host, root, root_key, host, is_strict=False)
    trusted, served = folder / "authority.pem", folder / "server.pem"
    trusted.write_bytes(root.public_bytes(serialization.Encoding.PEM))
    key = leaf_key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
    served.write_bytes(key + leaf.public_bytes(serialization.Encoding.PEM))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(served)
    return trusted, context


def into_folder(trusted: Path) -> Path:
    """A folder of authorities, as `c_rehash` makes one, that holds just this one.

    OpenSSL finds a file there by a hash of the subject in its canonical form: in lower
    case, as UTF-8.
    """
    subject = x509.load_pem_x509_certificate(trusted.read_bytes()).subject
    (name,) = subject.get_attributes_for_oid(NameOID.COMMON_NAME)
    text = str(name.value).lower().encode()
    value = b"\x06\x03\x55\x04\x03\x0c" + bytes([len(text)]) + text
    pair = b"\x30" + bytes([len(value)]) + value
    canonical = b"\x31" + bytes([len(pair)]) + pair
    digest = hashlib.sha1(canonical, usedforsecurity=False).digest()
    folder = trusted.parent / "authorities"
    folder.mkdir()
    found = folder / f"{int.from_bytes(digest[:4], 'little'):08x}.0"
    found.write_bytes(trusted.read_bytes())
    return folder


def _certificate(
    name: str,
    issuer: x509.Certificate | None,
    issuer_key: ec.EllipticCurvePrivateKey | None,
    host: str,
    *,
    is_strict: bool,
) -> tuple[x509.Certificate, ec.EllipticCurvePrivateKey]:
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    now = datetime.datetime.now(datetime.UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject if issuer is None else issuer.subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - _DAY)
        .not_valid_after(now + _DAY)
        .add_extension(x509.BasicConstraints(issuer is None, None), critical=True)
    )
    signer = key if issuer_key is None else issuer_key
    signed_by = x509.AuthorityKeyIdentifier.from_issuer_public_key(signer.public_key())
    made = made.add_extension(signed_by, critical=False)
    own = x509.SubjectKeyIdentifier.from_public_key(key.public_key())
    made = made.add_extension(own, critical=False)
    if is_strict:
        made = made.add_extension(_SIGNS, critical=True)
    if issuer is not None:
        names: list[x509.GeneralName] = [x509.DNSName(host)]
        names.append(x509.IPAddress(ipaddress.ip_address("127.0.0.1")))
        made = made.add_extension(x509.SubjectAlternativeName(names), critical=False)
    return made.sign(signer, hashes.SHA256()), key


async def _pump(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    with contextlib.suppress(OSError):
        while piece := await reader.read(65536):
            writer.write(piece)
            await writer.drain()
        if writer.can_write_eof():
            writer.write_eof()


class _Relay:
    """Passes bytes on both ways; every connection ends with the relay."""

    def __init__(self) -> None:
        self.tasks: set[asyncio.Task[None]] = set()

    def accept(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        task = asyncio.create_task(self._serve(reader, writer))
        self.tasks.add(task)
        task.add_done_callback(self.tasks.discard)
        # Also if it was cancelled before it began.
        task.add_done_callback(lambda _: writer.close())

    async def _serve(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        try:
            await self.serve(reader, writer)
        finally:
            writer.close()
            with contextlib.suppress(OSError):
                await writer.wait_closed()

    async def serve(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        raise NotImplementedError

    async def join(
        self,
        reader: asyncio.StreamReader,
        writer: asyncio.StreamWriter,
        port: int,
        first: bytes = b"",
    ) -> None:
        """Connect to a port of this machine, and pass on until one side ends."""
        up_reader, up_writer = await asyncio.open_connection("127.0.0.1", port)
        up_writer.write(first)
        upward = asyncio.create_task(_pump(reader, up_writer))
        try:
            await _pump(up_reader, writer)
        finally:
            # First of all: this may be cancelled while it waits.
            up_writer.close()
            upward.cancel()
            await asyncio.wait([upward])
            with contextlib.suppress(OSError):
                await up_writer.wait_closed()

    async def aclose(self) -> None:
        for task in tuple(self.tasks):
            task.cancel()
        await asyncio.gather(*self.tasks, return_exceptions=True)


class _Front(_Relay):
    def __init__(self, port: int) -> None:
        super().__init__()
        self._port = port

    async def serve(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        await self.join(reader, writer, self._port)


class WebProxy(_Relay):
    """A company's proxy: takes tunnels and whole addresses, and any host is here.

    Attributes:
        asked: The first line of every request.
        login: User and password that it wants; None lets everybody through.
    """

    def __init__(self) -> None:
        super().__init__()
        self.asked: list[str] = []
        self.login: str | None = None
        self.port = 0

    async def serve(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        with contextlib.suppress(asyncio.IncompleteReadError, OSError):
            head = await reader.readuntil(b"\r\n\r\n")
            method, target, _ = head.split(b"\r\n", 1)[0].decode().split(" ")
            self.asked.append(f"{method} {target}")
            if not self._lets_through(head):
                writer.write(
                    b"HTTP/1.1 407 Proxy Authentication Required\r\n"
                    b"Proxy-Authenticate: Basic\r\nContent-Length: 0\r\n\r\n"
                )
                await writer.drain()
                return
            if method == "CONNECT":
                writer.write(b"HTTP/1.1 200 Connection established\r\n\r\n")
                await self.join(reader, writer, int(target.rpartition(":")[2]))
                return
            where, _, path = target.removeprefix("http://").partition("/")
            line = f"{method} /{path} HTTP/1.1\r\nConnection: close\r\n".encode()
            rest = head.split(b"\r\n", 1)[1]
            await self.join(reader, writer, int(where.rpartition(":")[2]), line + rest)

    def _lets_through(self, head: bytes) -> bool:
        if self.login is None:
            return True
        basic = base64.b64encode(self.login.encode())
        return b"proxy-authorization: basic " + basic.lower() in head.lower()


@asynccontextmanager
async def fronting(port: int, context: ssl.SSLContext) -> AsyncIterator[int]:
    """TLS in front of a port; gives the port to connect to."""
    front = _Front(port)
    async with _listening(front, context) as own:
        yield own


@asynccontextmanager
async def web_proxy(
    context: ssl.SSLContext | None = None,
) -> AsyncIterator[WebProxy]:
    """A proxy on a free port, until the context is left; with TLS to it if given."""
    proxy = WebProxy()
    async with _listening(proxy, context) as proxy.port:
        yield proxy


@asynccontextmanager
async def _listening(
    relay: _Relay, context: ssl.SSLContext | None
) -> AsyncIterator[int]:
    server = await asyncio.start_server(relay.accept, "127.0.0.1", 0, ssl=context)
    try:
        yield server.sockets[0].getsockname()[1]
    finally:
        server.close()
        await relay.aclose()
        await server.wait_closed()
