"""One shape for every fault, on every route."""

import io
import re
from typing import Any

import pytest
from imgrepo_server.api.endpoint import Auth
from imgrepo_server.api.faults import STATUS
from imgrepo_server.api.prefix import API
from imgrepo_server.api.routes import ROUTES
from imgrepo_server.errors import ErrorCode

NO_ID = "00000000-0000-7000-8000-000000000000"
JSON_ROUTES = [route for route in ROUTES if route.takes("body") is not None]
FORM_ROUTES = [route for route in ROUTES if route.form is not None]


def path_of(route: Any) -> str:
    return re.sub(r"{\w+}", NO_ID, route.path).removeprefix(API)


def assert_fault(status: int, body: Any, *codes: ErrorCode) -> None:
    error = body["error"]
    assert set(body) == {"error"}
    assert set(error) == {"code", "message", "details", "request_id"}
    assert ErrorCode(error["code"]) in codes, error
    assert status == STATUS[ErrorCode(error["code"])]
    assert error["message"].endswith(".")
    assert len(error["request_id"]) == 16


def test_every_code_has_a_status() -> None:
    assert set(STATUS) == set(ErrorCode)


async def test_routes_with_a_json_body_refuse_anything_else(server: Any) -> None:
    someone = await server.person("jeff")
    for route in JSON_ROUTES:
        status, body = await someone.ask(route.method, path_of(route), data=b"{")
        assert_fault(status, body, ErrorCode.UNSUPPORTED_MEDIA_TYPE)
        for bad in (b"{", b"[]", b'{"no_such_field": 1}', b'"\xff"', b"null", b"{}" * 3):
            status, body = await someone.ask(
                route.method, path_of(route), data=bad, headers={"Content-Type": "application/json"}
            )
            assert_fault(status, body, ErrorCode.INVALID_REQUEST)


async def test_a_body_over_the_limit_is_refused(server: Any) -> None:
    someone = await server.person("jeff")
    huge = b'{"sha256": ["' + b"a" * 2_000_000 + b'"]}'
    status, body = await someone.ask(
        "POST", "/images/check", data=io.BytesIO(huge), headers={"Content-Type": "application/json"}
    )
    assert_fault(status, body, ErrorCode.FILE_TOO_LARGE)


async def test_unknown_and_repeated_parameters_are_refused(server: Any) -> None:
    someone = await server.person("jeff")
    for route in ROUTES:
        status, body = await someone.ask(route.method, path_of(route), params={"bogus": "1"})
        assert_fault(status, body, ErrorCode.INVALID_REQUEST)
    status, body = await someone.ask("GET", "/images?limit=1&limit=2")
    assert_fault(status, body, ErrorCode.INVALID_REQUEST)
    for bad in ("limit=0", "limit=x", "sort=upside", "cursor=abc", "cursor=%00%FF"):
        status, body = await someone.ask("GET", f"/images?{bad}")
        assert_fault(status, body, ErrorCode.INVALID_REQUEST)


async def test_routes_that_need_a_login_say_so(server: Any) -> None:
    nobody = server.anonymous()
    for route in ROUTES:
        status, body = await nobody.ask(route.method, path_of(route))
        if route.auth is Auth.LOGIN:
            assert_fault(status, body, ErrorCode.UNAUTHENTICATED)
        nobody.headers = {"Authorization": "Bearer nonsense"}
        status, body = await nobody.ask(route.method, path_of(route))
        assert_fault(status, body, ErrorCode.UNAUTHENTICATED)
        nobody.headers = {}


async def test_what_is_not_there_and_what_is_not_done(server: Any) -> None:
    someone = await server.person("jeff")
    for path in ("/", "/nothing", "/images/x/y/z"):
        status, body = await someone.ask("GET", path)
        assert_fault(status, body, ErrorCode.ROUTE_NOT_FOUND)
    for route in ROUTES:
        status, body = await someone.ask("PUT", path_of(route))
        assert_fault(status, body, ErrorCode.METHOD_NOT_ALLOWED)
    for image_id in (NO_ID, "x", "%2e%2e", "1" * 500, "%F0%9F%98%BC"):
        for method, path in (
            ("GET", ""), ("GET", "/file"), ("GET", "/preview"), ("GET", "/similar"),
            ("DELETE", ""), ("POST", "/restore"),
        ):  # fmt: skip
            status, body = await someone.ask(method, f"/images/{image_id}{path}")
            assert_fault(status, body, ErrorCode.IMAGE_NOT_FOUND, ErrorCode.ROUTE_NOT_FOUND)


BROKEN_FORMS = {
    "no boundary": ("multipart/form-data", b"x"),
    "empty": ("multipart/form-data; boundary=b", b""),
    "not closed": (
        "multipart/form-data; boundary=b",
        b'--b\r\nContent-Disposition: form-data; name="file"; filename="a"\r\n\r\nabc',
    ),
    "bad headers": ("multipart/form-data; boundary=b", b"--b\r\n\xff\xfe\r\n\r\nabc\r\n--b--\r\n"),
    "no file": (
        "multipart/form-data; boundary=b",
        b'--b\r\nContent-Disposition: form-data; name="title"\r\n\r\nabc\r\n--b--\r\n',
    ),
    "not UTF-8": (
        "multipart/form-data; boundary=b",
        b'--b\r\nContent-Disposition: form-data; name="title"\r\n\r\n\xff\r\n--b--\r\n',
    ),
    "a form inside": (
        "multipart/form-data; boundary=b",
        (
            b"--b\r\nContent-Type: multipart/mixed; boundary=c\r\n\r\n"
            b"--c\r\n\r\nx\r\n--c--\r\n--b--\r\n"
        ),
    ),
    "another type": ("text/plain", b"hello"),
}


@pytest.mark.parametrize("form", BROKEN_FORMS.values(), ids=BROKEN_FORMS)
async def test_broken_forms_are_refused_and_leave_nothing(
    server: Any, form: tuple[str, bytes]
) -> None:
    someone = await server.person("jeff")
    for route in FORM_ROUTES:
        status, body = await someone.ask(
            "POST", path_of(route), data=form[1], headers={"Content-Type": form[0]}
        )
        assert_fault(
            status,
            body,
            ErrorCode.INVALID_REQUEST,
            ErrorCode.UNSUPPORTED_MEDIA_TYPE,
            ErrorCode.EMPTY_FILE,
            ErrorCode.NOT_AN_IMAGE,
        )
    assert server.files() == []


async def test_no_fault_repeats_a_password(server: Any) -> None:
    status, body = await server.anonymous().ask(
        "POST", "/register", json={"username": "jeff", "password": "hunter2"}
    )
    assert status == 400
    assert "hunter2" not in str(body)


async def test_the_description_covers_every_route_and_resolves(server: Any) -> None:
    _, document = await server.anonymous().ask("GET", "/openapi.json", expect=200)
    assert set(document["paths"]) == {route.path for route in ROUTES}
    described = {(path, method) for path, item in document["paths"].items() for method in item}
    assert described == {(route.path, route.method.lower()) for route in ROUTES}

    def references(node: Any) -> list[str]:
        if isinstance(node, dict):
            own = [node["$ref"]] if "$ref" in node else []
            return own + [ref for value in node.values() for ref in references(value)]
        return [ref for item in node for ref in references(item)] if isinstance(node, list) else []

    for reference in references(document):
        target = document
        for step in reference.removeprefix("#/").split("/"):
            target = target[step]
    ids = [
        operation["operationId"]
        for item in document["paths"].values()
        for operation in item.values()
    ]
    assert len(ids) == len(set(ids))

    for route in ROUTES:
        operation = document["paths"][route.path][route.method.lower()]
        assert set(operation["responses"]) == {"default", *map(str, route.statuses)}
        assert all(
            "description" in response
            for response in operation["responses"].values()
            if "$ref" not in response
        )
        in_path = {one["name"] for one in operation["parameters"] if one["in"] == "path"}
        assert in_path == set(re.findall(r"{(\w+)}", route.path))
        takes_body = route.takes("body") is not None or route.form is not None
        assert ("requestBody" in operation) == takes_body
