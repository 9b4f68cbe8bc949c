"""Taking an image in: bytes first, row second, reply last."""

import asyncio
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from uuid import UUID

import uuid_utils.compat as uuid7_source

from imgrepo_server.blobs.disk import full_disk_reported
from imgrepo_server.blobs.incoming import IncomingFile, finish_all
from imgrepo_server.blobs.store import BlobStore, original_key, preview_key
from imgrepo_server.db import audit, blobs, images, users
from imgrepo_server.db.database import Connection, Database
from imgrepo_server.errors import ErrorCode, ImgrepoError
from imgrepo_server.imaging.workers import WorkerPool
from imgrepo_server.models import Action, Clock, Examination, Image, NewImage, Said, User
from imgrepo_server.services.near_copies import NearCopies, NearCopy
from imgrepo_server.services.quotas import Quotas
from imgrepo_server.services.removal import Removal
from imgrepo_server.services.words import completed
from imgrepo_server.together import Together

_WRITING_THREADS = 2
_LARGER = 2  # times as many pixels, with which a picture is no mere copy of a smaller one


@dataclass(frozen=True, slots=True)
class Added:
    """The outcome of an upload; ``duplicate`` where the owner already had these bytes.

    ``similar`` is the nearest image that the owner may see, where that was asked and there is one
    near enough. ``image`` is None where the upload was not kept on its account.
    """

    image: Image | None
    duplicate: bool
    similar: NearCopy | None = None


@dataclass(frozen=True, slots=True)
class SimilarPolicy:
    """What to do about an image within ``distance`` of a new one: tell, or also not keep it.

    An original is kept all the same where there is only a thumbnail of it.
    """

    distance: float
    skip: bool


class Ingest:
    """Examines and keeps what ``Reception`` has received."""

    def __init__(
        self,
        *,
        database: Database,
        store: BlobStore,
        workers: WorkerPool,
        removal: Removal,
        near_copies: NearCopies,
        now: Clock,
        quotas: Quotas,
    ):
        self._quotas = quotas
        self._database = database
        self._removal = removal
        self._near_copies = near_copies
        self._deciding = asyncio.Lock()
        self._store = store
        self._workers = workers
        self._now = now
        self._finished = Together(finish_all, at_a_time=_WRITING_THREADS)

    async def add(
        self,
        owner: User,
        file: IncomingFile,
        said: Said,
        expected_sha256: str | None,
        policy: SimilarPolicy | None = None,
        *,
        key: str | None = None,
    ) -> Added:
        """Check, examine and keep a received file; when this returns, it is durable.

        Known bytes take the same way as new ones, so that neither the answer nor its time tells
        that somebody else has them. ``key`` is the API key that it came with. Raises EMPTY_FILE,
        CHECKSUM_MISMATCH, what the examination raises, QUOTA_EXCEEDED, STORAGE_FULL, and
        UNAUTHENTICATED for an owner who was shut out meanwhile.
        """
        await self._finished(file)
        _check(file, expected_sha256)
        preview = self._store.staging_path()
        try:
            with full_disk_reported():  # the preview is written there
                facts = await self._workers.examine(file.path, preview, file.size)
            new = completed(said, facts)
            if policy is not None and policy.skip:
                return await self._keep_unless_similar(
                    owner,
                    file,
                    preview=preview,
                    new=new,
                    facts=facts,
                    distance=policy.distance,
                    key=key,
                )
            added = await self._keep(owner, file, preview, new, facts, key=key)
        except BaseException:
            preview.unlink(missing_ok=True)
            raise
        if policy is None or added.image is None or added.duplicate:
            return added
        # Only now, so that of two copies that arrive together at least one is there for the other.
        similar = await self._near_copies.nearest(
            owner, facts.fingerprint, policy.distance, but=added.image.id
        )
        return replace(added, similar=similar)

    async def _keep_unless_similar(
        self,
        owner: User,
        file: IncomingFile,
        *,
        preview: Path,
        new: NewImage,
        facts: Examination,
        distance: float,
        key: str | None,
    ) -> Added:
        async with self._deciding:  # one after another: else both copies would find nothing
            similar = await self._near_copies.nearest(
                owner, facts.fingerprint, distance, pixels=facts.width * facts.height / _LARGER
            )
            if similar is None or await self._has(owner, file.sha256):
                return await self._keep(owner, file, preview, new, facts, key=key)
        await asyncio.to_thread(preview.unlink)
        return Added(None, duplicate=False, similar=similar)

    async def _has(self, owner: User, sha256: str) -> bool:
        return bool(
            await self._database.read(
                lambda connection: images.known(connection, owner.id, [sha256])
            )
        )

    async def _keep(
        self,
        owner: User,
        file: IncomingFile,
        preview: Path,
        new: NewImage,
        facts: Examination,
        *,
        key: str | None,
    ) -> Added:
        await self._removal.keep(file.sha256)
        try:
            await self._store.place(
                {
                    preview_key(file.sha256): preview,
                    original_key(file.sha256): file.path,
                }
            )
            file.placed()
            return await self._record(owner, file, new, facts, key)
        except BaseException:
            await self._removal.abandon(file.sha256)
            raise

    async def _record(
        self, owner: User, file: IncomingFile, new: NewImage, facts: Examination, key: str | None
    ) -> Added:
        sha256, size, now = file.sha256, file.size, self._now()

        def record(connection: Connection) -> Added:
            def note(image_id: UUID) -> None:
                audit.record(
                    connection,
                    Action.UPLOAD,
                    now=now,
                    actor=owner.name,
                    object_=str(image_id),
                    key=key,
                )

            blob = blobs.record(connection, sha256, size, facts)
            existing = None if blob.new else images.of_blob(connection, owner.id, blob.seq)
            if existing is None:
                image_id = uuid7_source.uuid7()
                tier = images.add(
                    connection,
                    image_id=image_id,
                    owner=owner,
                    blob=blob,
                    new=new,
                    now=now,
                )
                if tier is not None:
                    self._quotas.take(connection, tier, owner.id, size)
                note(image_id)
                return Added(
                    _image(owner, new, file, facts, image_id=image_id, now=now), duplicate=False
                )
            users.require_open(connection, owner.id)
            if existing.trashed_at is None:
                return Added(existing, duplicate=True)
            # Uploaded again: wanted again, under the new words.
            note(existing.id)
            return Added(images.replace_words(connection, existing, new), duplicate=False)

        return await self._database.write(record)


def _image(
    owner: User,
    new: NewImage,
    file: IncomingFile,
    facts: Examination,
    *,
    image_id: UUID,
    now: datetime,
) -> Image:
    """What a reader of the rows just written would find."""
    return Image(
        id=image_id,
        owner=owner.name,
        owner_id=owner.id,
        title=new.title,
        filename=new.filename,
        description=new.description,
        tags=tuple(sorted(set(new.tags))),
        visibility=new.visibility,
        created_at=now,
        trashed_at=None,
        sha256=file.sha256,
        size=file.size,
        format=facts.format,
        width=facts.width,
        height=facts.height,
        taken_at=facts.taken_at,
        exif=facts.exif,
        shared_with=(),
        share_location=False,
    )


def _check(file: IncomingFile, expected_sha256: str | None) -> None:
    if file.size == 0:
        raise ImgrepoError(ErrorCode.EMPTY_FILE, "The file is empty.")
    if expected_sha256 is not None and expected_sha256 != file.sha256:
        raise ImgrepoError(
            ErrorCode.CHECKSUM_MISMATCH,
            "The bytes that arrived do not have the checksum that was announced. Send them again.",
            {"expected": expected_sha256, "received": file.sha256},
        )
