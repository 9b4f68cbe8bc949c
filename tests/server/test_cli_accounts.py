"""``imgrepo-server user``, ``keys`` and ``audit`` as they are typed."""

import json
import shlex
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result
from imgrepo_server.cli import cli

PASSWORD = "a long enough password"


@pytest.fixture
def run(tmp_path: Path) -> Any:
    runner = CliRunner(env={"IMGREPO_PASSWORD": None, "IMGREPO_BCRYPT_ROUNDS": "4"})

    def run(*words: str, given: str = "") -> Result:
        return runner.invoke(cli, [*words, "--data-dir", str(tmp_path / "data")], input=given)

    return run


@pytest.fixture
def jeff(run: Any) -> Any:
    made = run("user", "add", "jeff", "--password-stdin", given=f"{PASSWORD}\n")
    assert (made.exit_code, made.stdout) == (0, "")
    return run


def listed(run: Any) -> list[dict[str, Any]]:
    return [json.loads(line) for line in run("user", "list", "--json").stdout.splitlines()]


def test_accounts_come_and_change_and_go(jeff: Any) -> None:
    assert jeff("user", "set", "jeff", "--tier", "free", "--role", "admin").exit_code == 0
    shut_out = jeff("user", "disable", "Jeff")
    assert shut_out.exit_code == 0
    undo = shlex.split(shut_out.stderr.partition("Undo it with: ")[2])
    assert undo[:4] == ["imgrepo-server", "user", "enable", "Jeff"]
    assert CliRunner().invoke(cli, undo[1:]).exit_code == 0, "it can be typed as it is"
    assert jeff("user", "disable", "jeff").exit_code == 0
    (account,) = listed(jeff)
    assert (account["name"], account["tier"], account["role"]) == ("jeff", "free", "admin")
    assert account["disabled_at"] is not None
    assert "disabled" in jeff("user", "list").stdout
    assert jeff("user", "enable", "jeff").exit_code == 0
    assert jeff("user", "set", "jeff", "--tier", "unlimited").exit_code == 0
    assert (listed(jeff)[0]["tier"], listed(jeff)[0]["disabled_at"]) == (None, None)
    assert jeff("user", "delete", "jeff").exit_code == 0
    assert listed(jeff) == []


@pytest.mark.parametrize(
    ("words", "given", "code", "said"),
    [
        (["user", "add", "jeff", "--password-stdin"], PASSWORD, 1, "is taken"),
        (["user", "add", "rita", "--password-stdin"], "short", 1, "password: A password"),
        (
            ["user", "add", "two words", "--password-stdin"],
            PASSWORD,
            1,
            "username: A user name begins",
        ),
        (["user", "add", "rita"], "", 2, "--password-stdin or IMGREPO_PASSWORD"),
        (["user", "set", "jeff"], "", 2, "Say what to change"),
        (["user", "set", "jeff", "--password-stdin"], "short", 1, "new_password: "),
        (["user", "set", "nobody", "--tier", "free"], "", 1, "There is no account nobody"),
        (["user", "delete", "nobody"], "", 1, "There is no account nobody"),
        (["user", "delete", "jeff", "--purge", "--reassign-to", "x"], "", 2, "not both"),
        (["user", "invite", "--expires", "soon"], "", 2, "Write it like"),
        (["audit", "--since", "lately"], "", 2, "is no moment"),
    ],
)
def test_what_cannot_be_is_said_in_a_sentence(
    *, jeff: Any, words: list[str], given: str, code: int, said: str
) -> None:
    result = jeff(*words, given=f"{given}\n" if given else "")
    assert result.exit_code == code
    assert said in result.stderr
    assert "Traceback" not in result.output
    assert isinstance(result.exception, SystemExit)


def test_each_command_says_where_it_works_and_an_account_what_it_may(
    run: Any, tmp_path: Path
) -> None:
    config = tmp_path / "server.toml"
    config.write_text('default_tier = "free"\n')
    words = ["user", "add", "bob", "--password-stdin"]
    made = run(*words, "--config", str(config), given=PASSWORD)
    place = f"In {tmp_path / 'data'}:\n"
    assert made.stderr == f"{place}Created the account bob: user, tier free.\n"
    words[2:3] = ["rita", "--role", "admin"]
    assert "rita: admin, tier unlimited." in run(*words, given=PASSWORD).stderr
    for words in (["user", "list"], ["keys", "rotate"], ["audit"], ["user", "invite"]):
        assert run(*words).stderr.startswith(place)


@pytest.mark.parametrize(
    ("line", "told"),
    [
        ("regsitration = false", "no setting regsitration; did you mean registration?"),
        ("zzz = 1", "There is no setting zzz.\n"),
    ],
)
def test_a_misspelt_setting_is_told_the_right_word(
    run: Any, tmp_path: Path, line: str, told: str
) -> None:
    config = tmp_path / "server.toml"
    config.write_text(f"{line}\n")
    refused = run("user", "list", "--config", str(config))
    assert (refused.exit_code, told in refused.stderr) == (2, True)


def test_a_mistyped_folder_is_no_new_repository(run: Any, tmp_path: Path) -> None:
    result = run("user", "list")
    assert (result.exit_code, "There is no database" in result.stderr) == (1, True)
    assert not (tmp_path / "data").exists()


def test_an_invitation_is_printed_alone_and_kept_hashed(jeff: Any, tmp_path: Path) -> None:
    made = jeff("user", "invite", "--expires", "1h")
    code = made.stdout.strip()
    assert made.stdout == f"{code}\n"
    assert len(code) == 24
    assert code not in (tmp_path / "data" / "imgrepo.db").read_text("latin-1")


def test_keys_are_rotated_and_forgotten(jeff: Any, tmp_path: Path) -> None:
    path = tmp_path / "data" / "signing_keys.json"
    for count in (2, 3):
        assert jeff("keys", "rotate").exit_code == 0
        assert len(json.loads(path.read_text())["keys"]) == count
    assert jeff("keys", "rotate", "--forget-old").exit_code == 0
    assert len(json.loads(path.read_text())["keys"]) == 1


def test_the_log_tells_of_people_and_times(jeff: Any) -> None:
    jeff("user", "invite")
    jeff("user", "set", "jeff", "--role", "admin")
    lines = jeff("audit", "--json").stdout.splitlines()
    assert [json.loads(line)["action"] for line in lines] == [
        "user.add", "user.invite", "user.set",
    ]  # fmt: skip
    assert len(jeff("audit", "--user", "jeff").stdout.splitlines()) == 2
    assert len(jeff("audit", "--user", "JÉFF").stdout.splitlines()) == 2  # as names are compared
    assert jeff("audit", "--user", "rita").stdout == ""
    assert len(jeff("audit", "--since", "1h").stdout.splitlines()) == 3
    assert jeff("audit", "--since", "2100-01-01").stdout == ""


def test_the_data_are_nobody_elses(jeff: Any, tmp_path: Path) -> None:
    assert (tmp_path / "data").stat().st_mode & 0o777 == 0o700
    del jeff
