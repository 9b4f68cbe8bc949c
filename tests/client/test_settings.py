import os
import stat
import threading
from pathlib import Path

import pytest
from imgrepo_client.credentials import Credentials, Login, changing, load
from imgrepo_client.errors import InvalidInputError
from imgrepo_client.settings import Preferences, places, preferences, write_private


def test_folders_come_from_the_environment(tmp_path: Path) -> None:
    found = places(
        {
            "IMGREPO_CONFIG_DIR": f"{tmp_path}/config",
            "IMGREPO_CACHE_DIR": f"{tmp_path}/cache",
            "IMGREPO_HOME": f"{tmp_path}/home",
        }
    )
    assert found.config_file == tmp_path / "config/config.toml"
    assert found.credentials_file == tmp_path / "config/credentials.json"
    assert found.journal_file == tmp_path / "cache/journal.db"
    assert found.home == tmp_path / "home"


def test_without_the_environment_they_are_the_platforms() -> None:
    assert all("imgrepo" in str(place) for place in (places({}).config, places({}).home))


def test_environment_beats_file_beats_default(tmp_path: Path) -> None:
    file = tmp_path / "config.toml"
    assert preferences({}, file) == Preferences()
    file.write_text('visibility = "private"\nconcurrency = 3\nexclude = ["*.tmp"]\n')
    assert preferences({}, file) == Preferences("private", 3, exclude=("*.tmp",))
    environ = {"IMGREPO_CONCURRENCY": "5", "IMGREPO_EXCLUDE": "a\n\nb/"}
    assert preferences(environ, file) == Preferences("private", 5, exclude=("a", "b/"))


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("visiblity = 1", "unknown setting 'visiblity'"),
        ('visibility = "secret"', "visibility must be"),
        ("concurrency = 0", "concurrency must be"),
        ("concurrency = true", "concurrency must be"),
        ('retries = "many"', "retries must be"),
        ('exclude = "*.tmp"', "exclude must be"),
        ("exclude = [1]", "exclude must be"),
        ("= no toml", "not valid TOML"),
    ],
)
def test_a_wrong_setting_is_named_with_its_file(tmp_path: Path, text: str, complaint: str) -> None:
    file = tmp_path / "config.toml"
    file.write_text(text)
    with pytest.raises(InvalidInputError, match=complaint) as caught:
        preferences({}, file)
    assert "config.toml" in str(caught.value)


def test_a_wrong_variable_is_named(tmp_path: Path) -> None:
    with pytest.raises(InvalidInputError, match="IMGREPO_RETRIES: retries must be"):
        preferences({"IMGREPO_RETRIES": "lots"}, tmp_path / "none")


def test_private_files_are_private_from_the_first_moment(tmp_path: Path) -> None:
    file = tmp_path / "new" / "secret"
    before = os.umask(0)
    try:
        write_private(file, "x")
        write_private(file, "y")
    finally:
        os.umask(before)
    assert file.read_text() == "y"
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert stat.S_IMODE(file.parent.stat().st_mode) == 0o700
    assert list(file.parent.iterdir()) == [file]


def test_logins_come_back_as_they_were_stored(tmp_path: Path) -> None:
    file = tmp_path / "credentials.json"
    jeff, anna = Login("jeff", "t1", "2030", "a"), Login("anna", "t2")
    for login in (jeff, anna):
        with changing(file) as draft:
            draft.credentials = draft.credentials.with_login("https://one", login)
    stored = load(file)
    assert stored.default_server == "https://one"
    assert stored.login("https://one", None) == anna
    assert stored.login("https://one", "jeff") == jeff
    assert stored.login("https://two", None) is None
    assert stat.S_IMODE(file.stat().st_mode) == 0o600


def test_logging_out_chooses_nobody_and_nowhere_else() -> None:
    one, two = Login("jeff", "t"), Login("anna", "t")
    both = Credentials().with_login("s", one).with_login("s", two)
    left = both.without_login("s", "anna")
    assert left.default_server == "s"
    assert left.login("s", None) is None
    assert left.users("s") == ("jeff",)
    assert left.login("s", "jeff") == one
    assert left.without_login("s", "jeff") == Credentials(default_server="s")
    assert both.without_login("s", "jeff").login("s", None) == two
    assert both.without_login("elsewhere", "anna").login("s", None) == two


def test_a_token_is_not_shown_by_accident() -> None:
    assert "sesame" not in repr(Credentials().with_login("s", Login("jeff", "sesame")))


@pytest.mark.parametrize("content", ["", "[]", "{", '{"servers": {"s": {}}}', '{"servers": []}'])
def test_damaged_logins_are_said_to_be(tmp_path: Path, content: str) -> None:
    file = tmp_path / "credentials.json"
    file.write_text(content)
    with pytest.raises(InvalidInputError, match="log in again"):
        load(file)


def test_two_logins_at_once_are_both_kept(tmp_path: Path) -> None:
    file = tmp_path / "credentials.json"

    def log_in(name: str) -> None:
        with changing(file) as draft:
            draft.credentials = draft.credentials.with_login("s", Login(name, "t"))

    threads = [threading.Thread(target=log_in, args=(f"user{n}",)) for n in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(load(file).servers["s"].logins) == 8
