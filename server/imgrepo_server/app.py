"""The composition root: makes every part, and gives each what it needs."""

import asyncio
import contextlib
import logging
import shlex
from collections.abc import AsyncIterator, Callable, Iterable
from datetime import UTC, datetime, timedelta

from aiohttp import web

from imgrepo_server.api.authentication import Authentication
from imgrepo_server.api.context import BodyLimits, LocalAccess, Services
from imgrepo_server.api.faults import report_faults
from imgrepo_server.api.proxies import Proxies
from imgrepo_server.api.routes import add_routes
from imgrepo_server.api.under_way import UnderWay
from imgrepo_server.blobs.open import store_at
from imgrepo_server.blobs.store import BlobStore
from imgrepo_server.db.database import Database
from imgrepo_server.db.open import database_at
from imgrepo_server.imaging.confinement import WorkerLimits
from imgrepo_server.imaging.limits import DecodeLimits
from imgrepo_server.imaging.workers import WorkerPool
from imgrepo_server.services.accounts import Accounts
from imgrepo_server.services.api_keys import ApiKeys
from imgrepo_server.services.catalog import Catalog
from imgrepo_server.services.cursors import Cursors
from imgrepo_server.services.duplicates import Duplicates
from imgrepo_server.services.fingerprint_index import FingerprintIndex
from imgrepo_server.services.guessing import Guessing, GuessLimits
from imgrepo_server.services.ingest import Ingest
from imgrepo_server.services.link_tokens import LinkTokens
from imgrepo_server.services.links import Links
from imgrepo_server.services.near_copies import NearCopies
from imgrepo_server.services.originals import Originals
from imgrepo_server.services.outdated import Outdated
from imgrepo_server.services.passwords import Passwords
from imgrepo_server.services.quotas import Quotas
from imgrepo_server.services.reception import Limits, Reception
from imgrepo_server.services.removal import Removal
from imgrepo_server.services.retagging import Retagging
from imgrepo_server.services.retention import Retention
from imgrepo_server.services.signing_keys import FILE_NAME, KeyRing
from imgrepo_server.services.similar import SimilarSearch
from imgrepo_server.services.tokens import Tokens
from imgrepo_server.services.verification import Verification
from imgrepo_server.settings import Settings

__all__ = ["READ_BUFFER", "LocalAccess", "build_application"]

log = logging.getLogger("imgrepo.server")

READ_BUFFER = 256 * 1024
"""For aiohttp's ``read_bufsize``: with its own 64 KB, pausing and resuming the connection costs as
much as the rest of receiving a large file. A connection holds twice as much at the most."""

MAX_JSON_BODY = 1024 * 1024
QUERY_WORKERS = 2
QUERY_LIMITS = WorkerLimits(niceness=0, kept=16 << 20)
GROUPING_SECONDS = 1800.0
SWEEP_EVERY = timedelta(minutes=5)
LAST_SECONDS = 10.0  # for requests that were cut off by a shutdown to put things in order


def build_application(
    settings: Settings,
    local: LocalAccess | None = None,
    *,
    when_loaded: Callable[[], None] = lambda: None,
) -> web.Application:
    """The server. Makes the data folder's keys at once, and opens the rest when it is set up.

    With ``local``, it is one person's local repository and asks for no login. ``when_loaded`` is
    called once a server has read what it keeps in memory, some seconds after its start.
    """
    keys = KeyRing(settings.data_dir / FILE_NAME)
    database = database_at(settings.database_location)
    store = store_at(settings.storage_location)
    workers = WorkerPool(DecodeLimits(settings.max_pixels), workers=settings.workers)
    # Of their own, so that somebody who searches does not wait behind a thousand uploads.
    query_workers = WorkerPool(DecodeLimits(settings.max_pixels), QUERY_LIMITS, QUERY_WORKERS)
    # And these take minutes for millions of images; one at a time is enough.
    grouping_workers = WorkerPool(limits=WorkerLimits(seconds=GROUPING_SECONDS), workers=1)
    index = FingerprintIndex(database)
    passwords = Passwords(settings.bcrypt_rounds)
    retention = Retention(database=database, now=_now, keep=timedelta(days=settings.audit_days))
    removal = Removal(database=database, store=store, now=_now)
    accounts = Accounts(
        database=database,
        passwords=passwords,
        tokens=Tokens(keys),
        guessing=Guessing(
            GuessLimits(
                together=settings.login_failures,
                account=settings.login_failures_account,
                address=settings.login_failures_address,
            )
        ),
        now=_now,
        lifetime=timedelta(days=settings.login_days),
        registration=settings.registration,
        registrations=settings.registrations_address,
        default_tier=settings.default_tier,
    )
    api_keys = ApiKeys(database=database, now=_now)
    quotas = Quotas(database=database, tiers=settings.tiers.limits())
    outdated = Outdated(database)
    similar = SimilarSearch(
        database=database, store=store, workers=query_workers, index=index, outdated=outdated
    )
    catalog = Catalog(database=database, store=store, workers=workers, now=_now)
    services = Services(
        accounts=accounts,
        api_keys=api_keys,
        catalog=catalog,
        cursors=Cursors(keys),
        duplicates=Duplicates(
            database=database, workers=grouping_workers, catalog=catalog, now=_now
        ),
        quotas=quotas,
        ingest=Ingest(
            database=database,
            store=store,
            workers=workers,
            removal=removal,
            near_copies=NearCopies(index),
            now=_now,
            quotas=quotas,
        ),
        links=Links(database=database, tokens=LinkTokens(keys), now=_now),
        originals=Originals(
            store=store,
            workers=workers,
            strip_anonymous=settings.strip_anonymous_downloads,
        ),
        reception=Reception(
            store=store,
            quotas=quotas,
            limits=Limits(
                uploads=settings.max_uploads,
                queries=settings.max_queries,
                file_size=settings.max_file_size,
                query_size=settings.max_query_size,
                shared=local is None,
            ),
        ),
        retagging=Retagging(database=database, now=_now),
        similar=similar,
        verification=Verification(database=database, store=store),
    )
    under_way = UnderWay()
    app = web.Application(
        middlewares=[under_way.middleware, report_faults], client_max_size=MAX_JSON_BODY
    )
    add_routes(
        app,
        services=services,
        authentication=Authentication(
            accounts=accounts,
            api_keys=api_keys,
            local=local,
            require_login=settings.require_login,
        ),
        proxies=Proxies(settings.trusted_proxies),
        limits=BodyLimits(
            stall=settings.body_stall_seconds,
            slowest=settings.body_slowest,
            longest=settings.body_longest_seconds,
            longest_anonymous=settings.body_longest_anonymous_seconds,
        ),
    )

    async def lifetime(_: web.Application) -> AsyncIterator[None]:
        pools = (workers, query_workers, grouping_workers)
        async with _opened(
            database, store, pools=pools, passwords=passwords, index=index, under_way=under_way
        ):
            background = [asyncio.create_task(_sweep_for_ever(removal, retention))]
            if local is None:  # a command on a local repository may end without ever searching
                loading = _load(index, outdated, settings, when_loaded)
                background.append(asyncio.create_task(loading))
            yield
            for task in background:
                task.cancel()
            await asyncio.gather(*background, return_exceptions=True)

    app.cleanup_ctx.append(lifetime)
    return app


@contextlib.asynccontextmanager
async def _opened(
    database: Database,
    store: BlobStore,
    *,
    pools: Iterable[WorkerPool],
    passwords: Passwords,
    index: FingerprintIndex,
    under_way: UnderWay,
) -> AsyncIterator[None]:
    async with contextlib.AsyncExitStack() as stack:
        stack.callback(passwords.close)
        stack.push_async_callback(database.close)
        await database.open()
        stack.push_async_callback(store.close)
        await store.open()
        stack.callback(index.close)
        # After the workers: what waits for them ends with them.
        stack.push_async_callback(under_way.ended, LAST_SECONDS)
        for pool in pools:
            stack.push_async_callback(pool.close)
        yield


async def _load(
    index: FingerprintIndex,
    outdated: Outdated,
    settings: Settings,
    when_loaded: Callable[[], None],
) -> None:
    try:
        await index.load()
        when_loaded()
        await outdated.warn(_reindex(settings))
    except Exception:
        # The first search tries again, and answers with what is wrong.
        log.exception("reading the fingerprints failed")


def _reindex(settings: Settings) -> str:
    """The command that computes fingerprints of this server's pictures anew."""
    words = ["imgrepo-server", "reindex", "--data-dir", str(settings.data_dir)]
    if settings.storage_dir is not None:
        words += ["--storage-dir", settings.storage_dir]
    if settings.database is not None:
        words += ["--database", settings.database]
    return shlex.join(words)


async def _sweep_for_ever(removal: Removal, retention: Retention) -> None:
    while True:
        try:
            await removal.sweep()
            await retention.sweep()
        except Exception:
            # A full disk or a busy database now is no reason never to sweep again.
            log.exception("removing what is old failed; trying again later")
        await asyncio.sleep(SWEEP_EVERY.total_seconds())


def _now() -> datetime:
    return datetime.now(UTC)
