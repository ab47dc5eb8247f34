"""The server's parts, put together once and handed to every endpoint."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, nullcontext
from dataclasses import dataclass
from uuid import UUID, uuid5

from coderchat_jupyter.server.auth import Sessions
from coderchat_jupyter.server.engine.asides import Asides
from coderchat_jupyter.server.engine.debug import Recorder
from coderchat_jupyter.server.engine.models import Build, Models
from coderchat_jupyter.server.engine.moves import Clock, Moves, utc_now
from coderchat_jupyter.server.engine.ownership import Ownership
from coderchat_jupyter.server.engine.parking import Deadlines
from coderchat_jupyter.server.engine.silence import Silence
from coderchat_jupyter.server.engine.sweep import Sweep
from coderchat_jupyter.server.engine.upkeep import Upkeep
from coderchat_jupyter.server.engine.worker import Worker
from coderchat_jupyter.server.providers import build_provider
from coderchat_jupyter.server.pubsub.channels import Pubsub
from coderchat_jupyter.server.pubsub.local import LocalPubsub
from coderchat_jupyter.server.pubsub.postgres import PostgresPubsub
from coderchat_jupyter.server.settings import ServerSettings
from coderchat_jupyter.server.storage import users
from coderchat_jupyter.server.storage.addresses import PostgresUrl
from coderchat_jupyter.server.storage.database import Database
from coderchat_jupyter.server.storage.hold import held
from coderchat_jupyter.server.storage.rows import OrganizationRow
from coderchat_jupyter.server.streaming.hub import Hub

__all__ = ["Service"]


@dataclass(frozen=True, slots=True)
class Service:
    """A server that runs: its storage, its engine, its listeners."""

    settings: ServerSettings
    deployment_id: str
    database: Database
    hub: Hub
    moves: Moves
    models: Models
    asides: Asides
    worker: Worker
    sessions: Sessions

    @classmethod
    @asynccontextmanager
    async def running(
        cls,
        settings: ServerSettings,
        build: Build = build_provider,
        clock: Clock = utc_now,
    ) -> AsyncIterator[Service]:
        """Open the database, take up what was left, and stop in order at the end.

        Args:
            settings: How it behaves.
            build: Makes the adapter of a provider that is configured.
            clock: The time.

        Raises:
            DatabaseServedError: Another server serves the SQLite file.
        """
        hold = nullcontext() if settings.is_held else held(settings.database)
        async with hold, _opened(settings) as database:
            async with database.write() as connection:
                home = await users.ensure_organization(connection, clock())
            hub = Hub(strict_g1=settings.strict_g1)
            ownership = Ownership(stale_seconds=settings.stale_seconds)
            moves = Moves(
                database,
                hub,
                clock,
                action_seconds=settings.action_seconds,
                ownership=ownership,
                pubsub=_pubsub(settings, database, ownership.worker_id),
            )
            models = Models(database, build, allows_user_keys=settings.allow_user_keys)
            debug = Recorder(moves, forced=settings.force_debug)
            asides = Asides(moves, models, debug)
            silence = Silence.of(settings.silence, settings.silence_seconds)
            service = cls(
                settings,
                _deployment_id(home),
                database,
                hub,
                moves,
                models,
                asides,
                Worker(moves, models, asides, silence),
                Sessions(database),
            )
            async with _at_work(service, debug):
                yield service


@asynccontextmanager
async def _at_work(service: Service, debug: Recorder) -> AsyncIterator[None]:
    """Let everything run that runs beside the calls; stop it in order at the end."""
    moves = service.moves
    deadlines = Deadlines(moves)
    sweep = Sweep(moves, deadlines)
    upkeep = Upkeep(moves)
    await debug.start()
    try:
        await moves.start()
        await sweep.recover()
        await service.worker.start()
        await deadlines.start()
        sweep.start()
        upkeep.start()
        yield
    finally:
        await upkeep.stop()
        await sweep.stop()
        await deadlines.stop()
        await service.worker.stop()
        await service.asides.stop()
        await moves.stop()
        await debug.stop()
        await service.models.aclose()


def _deployment_id(home: OrganizationRow) -> str:
    """As lasting as the database, and of no use for anything else."""
    return str(uuid5(UUID(home.id), "deployment"))


@asynccontextmanager
async def _opened(settings: ServerSettings) -> AsyncIterator[Database]:
    database = await Database.open(settings.database)
    try:
        yield database
    finally:
        await database.close()


def _pubsub(settings: ServerSettings, database: Database, worker_id: str) -> Pubsub:
    if isinstance(settings.database, PostgresUrl):
        return PostgresPubsub(settings.database, database, worker_id)
    return LocalPubsub(worker_id)
