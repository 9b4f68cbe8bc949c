import pytest
from imgrepo_client.errors import (
    ErrorCode,
    ExitCode,
    ServerError,
    UnreachableError,
    worst_exit_code,
)
from imgrepo_server.errors import ErrorCode as ServerErrorCode


def test_the_client_knows_every_code_of_the_server_and_no_other() -> None:
    assert {code.value for code in ErrorCode} == {code.value for code in ServerErrorCode}


@pytest.mark.parametrize(
    ("status", "code", "exit_code"),
    [
        (400, "invalid_request", ExitCode.USAGE),
        (401, "unauthenticated", ExitCode.NOT_ALLOWED),
        (401, "invalid_credentials", ExitCode.NOT_ALLOWED),
        (403, "forbidden", ExitCode.NOT_ALLOWED),
        (403, "a_code_of_next_year", ExitCode.NOT_ALLOWED),
        (404, "image_not_found", ExitCode.NO_SUCH_IMAGE),
        (415, "not_an_image", ExitCode.SOME_FAILED),
        (500, "internal", ExitCode.UNEXPECTED),
        (507, "storage_full", ExitCode.UNEXPECTED),
        (418, "a_code_of_next_year", ExitCode.UNEXPECTED),
    ],
)
def test_exit_codes(status: int, code: str, exit_code: ExitCode) -> None:
    assert ServerError(status, code, "No.").exit_code is exit_code


def test_only_what_may_pass_is_retryable() -> None:
    retryable = {s for s in range(400, 600) if ServerError(s, "internal", "No.").retryable}
    assert retryable == {408, 429, 502, 503, 504}
    assert UnreachableError("gone").retryable


def test_a_fault_of_the_server_can_be_found_in_its_log() -> None:
    fault = ServerError(500, "internal", "It failed.", request_id="abc")
    assert str(fault) == "It failed. (request abc)"
    fault = ServerError(500, "internal", "It failed.", request_id="abc", log="/home/log")
    assert str(fault) == "It failed. (/home/log, request abc)"
    assert str(ServerError(404, "image_not_found", "None.", request_id="abc")) == "None."
    assert str(ServerError(507, "storage_full", "Full.", request_id="abc")) == "Full."


def test_one_shared_reason_keeps_its_code_and_a_mixture_is_some_failed() -> None:
    missing, refused = ExitCode.NO_SUCH_IMAGE, ExitCode.NOT_ALLOWED
    assert worst_exit_code([], succeeded=True) is ExitCode.DONE
    assert worst_exit_code([missing, missing], succeeded=False) is missing
    assert worst_exit_code([missing], succeeded=True) is ExitCode.SOME_FAILED
    assert worst_exit_code([missing, refused], succeeded=False) is ExitCode.SOME_FAILED
