"""The bytes of images over HTTP: ranges, ETags, and headers so that browsers do not run them."""

from collections.abc import Awaitable, Callable, Mapping
from contextlib import aclosing
from functools import partial
from types import MappingProxyType
from urllib.parse import quote

from aiohttp import ETag, web

from imgrepo_server.api.context import Call
from imgrepo_server.api.requests.images import FileQuery, PreviewQuery
from imgrepo_server.errors import ErrorCode, ImgrepoError
from imgrepo_server.imaging.formats import FORMATS
from imgrepo_server.models import Image
from imgrepo_server.services.catalog import StoredFile
from imgrepo_server.services.originals import SplicedOriginal

# The bytes never change, but who may see them does: keep them, and ask each time.
_HEADERS = {
    "Accept-Ranges": "bytes",
    "Cache-Control": "private, no-cache",
    "Content-Security-Policy": "default-src 'none'; sandbox",
    "X-Content-Type-Options": "nosniff",
}


# Tells a client that the bytes are not those whose sha256 it knows.
_STRIPPED = {"Imgrepo-Metadata": "removed"}


async def original(call: Call, query: FileQuery) -> web.StreamResponse:
    """The file as it was uploaded, byte for byte; or without its metadata."""
    image = await call.services.catalog.image_to_download(call.viewer, call.image_id)
    return await send_original(call, image, strip=query.strip is not None)


async def preview(call: Call, query: PreviewQuery) -> web.StreamResponse:
    """A small JPEG without any metadata."""
    image = await call.services.catalog.image(call.viewer, call.image_id)
    return await send_preview(call, image, query.size)


async def send_original(call: Call, image: Image, *, strip: bool) -> web.StreamResponse:
    """The original of an image, to somebody who may have it."""
    originals = call.services.originals
    stripped = originals.goes_stripped(call.viewer, asked=strip)
    return await _send(
        call.request,
        partial(originals.stripped if stripped else originals.whole, image),
        etag=f"{image.sha256}-stripped" if stripped else image.sha256,
        media_type=FORMATS[image.format].media_type,
        name=image.filename,
        more_headers=_STRIPPED if stripped else {},
    )


async def send_preview(
    call: Call, image: Image, size: int, *, name: str | None = None
) -> web.StreamResponse:
    """A preview of an image, to somebody who may see it; ``size`` in pixels of the long side.

    Tells nothing of the original's bytes, nor of its file's name where another one is given.
    """
    return await _send(
        call.request,
        partial(call.services.catalog.preview, image, size),
        etag=f"{image.id}-{size}",  # an image's bytes never change
        media_type="image/jpeg",
        name=name or f"{_stem(image)}.jpg",
    )


async def _send(
    request: web.Request,
    get: Callable[[], Awaitable[StoredFile | SplicedOriginal]],
    *,
    etag: str,
    media_type: str,
    name: str,
    more_headers: Mapping[str, str] = MappingProxyType({}),
) -> web.StreamResponse:
    headers = {
        **_HEADERS,
        **more_headers,
        "ETag": f'"{etag}"',
        "Content-Disposition": f"inline; filename*=UTF-8''{quote(name, safe='')}",
    }
    if _matches(request.if_none_match, etag):
        return web.Response(status=304, headers=headers)
    file = await get()
    start, stop = _range(request, file.size, etag)
    if (start, stop) != (0, file.size):
        headers["Content-Range"] = f"bytes {start}-{stop - 1}/{file.size}"
    response = web.StreamResponse(
        status=206 if "Content-Range" in headers else 200, headers=headers
    )
    response.content_type = media_type
    response.content_length = stop - start
    if request.method == "HEAD":
        await response.prepare(request)
        return response
    async with aclosing(file.read(start, stop)) as pieces:
        first = await anext(pieces)  # before the head goes out: a fault can still be told
        await response.prepare(request)
        await response.write(first)
        async for piece in pieces:
            await response.write(piece)
    await response.write_eof()
    return response


def _matches(tags: tuple[ETag, ...] | None, etag: str) -> bool:
    return any(tag.value in {etag, "*"} for tag in tags or ())


def _range(request: web.Request, size: int, etag: str) -> tuple[int, int]:
    """The bytes asked for, from and up to; all of them where a range does not apply.

    That is also so for what is to be ignored (RFC 9110, 14.2): other units, and what is malformed;
    and for several ranges at a time.
    """
    condition = request.headers.get("If-Range")
    if request.method != "GET" or (condition is not None and condition != f'"{etag}"'):
        return 0, size
    try:
        start, stop, _ = request.http_range.indices(size)
    except ValueError:
        return 0, size
    if start >= stop:
        raise ImgrepoError(
            ErrorCode.RANGE_NOT_SATISFIABLE,
            f"The range lies outside the file, which has {size} bytes.",
            {"size": size},
        )
    return start, stop


def _stem(image: Image) -> str:
    return image.filename.rpartition(".")[0] or image.filename
