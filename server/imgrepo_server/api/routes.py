"""Every route of the server, in one table that reads as its documentation."""

from aiohttp import web

from imgrepo_server.api import (
    accounts,
    api_keys,
    duplicates,
    files,
    health,
    images,
    links,
    similar,
    tags,
    uploads,
)
from imgrepo_server.api.authentication import Authentication
from imgrepo_server.api.context import BodyLimits, Call, Services
from imgrepo_server.api.endpoint import Auth, Route, endpoint
from imgrepo_server.api.openapi import describe
from imgrepo_server.api.prefix import API
from imgrepo_server.api.proxies import Proxies
from imgrepo_server.api.requests import NoFields
from imgrepo_server.api.requests.uploads import BatchFields, UploadFields
from imgrepo_server.models import Scope

NOBODY, LOGIN = Auth.NOBODY, Auth.LOGIN
ANY = None
UPLOAD, READ, WRITE, ADMIN = Scope.UPLOAD, Scope.READ, Scope.WRITE, Scope.ADMIN


async def openapi(_: Call) -> web.Response:
    """The table below, in the words of OpenAPI."""
    return web.Response(body=describe(ROUTES), content_type="application/json")


# One route a line, and aligned: this is a table for people.
# ruff: noqa: E501
# fmt: off
ROUTES = (
    Route("GET",    "/healthz",                     health.health,            "Whether the server can answer", ANY, NOBODY),
    Route("GET",    f"{API}/openapi.json",          openapi,                  "This description", ANY, NOBODY, media="application/json"),

    Route("POST",   f"{API}/register",              accounts.register,        "Create an account and log in", ANY, NOBODY, (201,)),
    Route("POST",   f"{API}/login",                 accounts.log_in,          "Log in", ANY, NOBODY),
    Route("POST",   f"{API}/logout",                accounts.log_out,         "Revoke this login", ADMIN, NOBODY, (204,)),
    Route("GET",    f"{API}/me",                    accounts.me,              "The caller's account and use", ANY, LOGIN),
    Route("POST",   f"{API}/me/password",           accounts.change_password, "Set a new password", ADMIN, LOGIN),

    Route("GET",    f"{API}/keys",                  api_keys.list_keys,       "The caller's API keys", ADMIN, LOGIN),
    Route("POST",   f"{API}/keys",                  api_keys.create,          "Make an API key", ADMIN, LOGIN, (201,)),
    Route("DELETE", f"{API}/keys/{{key_id}}",       api_keys.revoke,          "Revoke an API key", ADMIN, LOGIN, (204,)),

    Route("POST",   f"{API}/images",                uploads.upload,           "Keep an image", UPLOAD, LOGIN, (201, 200), form=UploadFields),
    Route("POST",   f"{API}/images/batch",          uploads.upload_batch,     "Keep several small images", UPLOAD, LOGIN, form=BatchFields),
    Route("POST",   f"{API}/images/check",          images.check,             "Which bytes the caller already has", UPLOAD, LOGIN),
    Route("POST",   f"{API}/images/verify",         images.verify,            "Read and hash stored bytes again", READ),
    Route("GET",    f"{API}/images",                images.list_images,       "List and search images", READ),
    Route("GET",    f"{API}/images/{{id}}",         images.show,              "One image", READ),
    Route("PATCH",  f"{API}/images/{{id}}",         images.edit,              "Change an image's words", WRITE, LOGIN),
    Route("DELETE", f"{API}/images/{{id}}",         images.delete,            "Delete an image", WRITE, LOGIN, (204,)),
    Route("POST",   f"{API}/images/{{id}}/restore", images.restore,           "Take an image out of the trash", WRITE, LOGIN),
    Route("GET",    f"{API}/images/{{id}}/file",    files.original,           "The bytes as uploaded", READ, media="image/*"),
    Route("GET",    f"{API}/images/{{id}}/preview", files.preview,            "A small JPEG", READ, media="image/jpeg"),
    Route("POST",   f"{API}/images/{{id}}/links",   links.create_link,        "Make a link that needs no login", WRITE, LOGIN, (201,)),
    Route("DELETE", f"{API}/images/{{id}}/links",   links.revoke_links,       "End all links to an image", WRITE, LOGIN),
    Route("GET",    f"{API}/links",                 links.list_links,         "The caller's links", READ, LOGIN),
    Route("DELETE", f"{API}/links/{{link_id}}",     links.revoke_link,        "End a link", WRITE, LOGIN, (204,)),
    Route("GET",    f"{API}/shared/{{token}}",      links.open_link,          "What a link gives", ANY, NOBODY, media="image/*"),
    Route("GET",    f"{API}/images/{{id}}/similar", similar.like_stored,      "Images like this one", READ),
    Route("GET",    f"{API}/images/{{id}}/why",     similar.why_stored,       "How another image compares with this one", READ),
    Route("POST",   f"{API}/images/{{id}}/why",     similar.why_posted,       "How the posted image compares with this one", READ, form=NoFields),
    Route("POST",   f"{API}/search/similar",        similar.like_posted,      "Images like the posted one", READ, form=NoFields),
    Route("GET",    f"{API}/duplicates",            duplicates.list_duplicates, "Groups of own images of the same picture", READ, LOGIN),
    Route("POST",   f"{API}/duplicates/different",  duplicates.tell_apart,    "Tell two images apart for good", WRITE, LOGIN, (204,)),
    Route("GET",    f"{API}/tags",                  tags.list_tags,           "Tags with their counts", READ),
    Route("POST",   f"{API}/tags/rename",           tags.rename,              "Rename or merge a tag of own images", WRITE, LOGIN),
)
# fmt: on


def add_routes(
    app: web.Application,
    *,
    services: Services,
    authentication: Authentication,
    proxies: Proxies,
    limits: BodyLimits,
) -> None:
    """Put the table into an application; GET routes answer HEAD as well."""
    for route in ROUTES:
        handler = endpoint(route, services, authentication, proxies, limits)
        app.router.add_route(route.method, route.path, handler)
        if route.method == "GET":
            app.router.add_route("HEAD", route.path, handler)
