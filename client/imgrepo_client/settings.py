"""Where the client keeps things, and what the person has configured.

Precedence everywhere: flag > ``IMGREPO_*`` environment > ``config.toml`` > default. The
environment is passed in as a mapping and read nowhere else.
"""

import os
from collections.abc import Mapping
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any, Literal

from imgrepo_client.errors import InvalidInputError

Visibility = Literal["public", "private"]
DEFAULT_CONCURRENCY = 8
DEFAULT_RETRIES = 8


@dataclass(frozen=True, slots=True)
class Places:
    """The folders of one person: settings, the upload journal, and the local repository."""

    config: Path
    cache: Path
    home: Path

    @property
    def config_file(self) -> Path:
        """What the person edits by hand."""
        return self.config / "config.toml"

    @property
    def credentials_file(self) -> Path:
        """Stored logins, readable by their owner only."""
        return self.config / "credentials.json"

    @property
    def journal_file(self) -> Path:
        """What is known about files on this computer and where they were uploaded."""
        return self.cache / "journal.db"


def places(environ: Mapping[str, str]) -> Places:
    """The folders to use: ``IMGREPO_CONFIG_DIR``, ``_CACHE_DIR``, ``_HOME``, or the platform's."""

    def place(variable: str, platform_folder: str) -> Path:
        if given := environ.get(variable):
            return Path(given).expanduser().absolute()
        import platformdirs  # noqa: PLC0415 - not needed where the environment says it all

        return Path(getattr(platformdirs, platform_folder)("imgrepo", appauthor=False))

    return Places(
        config=place("IMGREPO_CONFIG_DIR", "user_config_dir"),
        cache=place("IMGREPO_CACHE_DIR", "user_cache_dir"),
        home=place("IMGREPO_HOME", "user_data_dir"),
    )


@dataclass(frozen=True, slots=True)
class Preferences:
    """The keys of ``config.toml``; each can also be set as ``IMGREPO_<KEY>``.

    ``exclude`` holds patterns in gitignore's rules, one a line in the environment.
    """

    visibility: Visibility = "public"
    concurrency: int = DEFAULT_CONCURRENCY
    retries: int = DEFAULT_RETRIES
    exclude: tuple[str, ...] = ()


def preferences(environ: Mapping[str, str], config_file: Path) -> Preferences:
    """What the person prefers.

    Raises InvalidInputError: a key or value that means nothing; names the place to correct.
    """
    values: dict[str, Any] = {}
    for key, value in _read_toml(config_file).items():
        values[key] = _checked(key, value, f"{config_file}")
    for field in fields(Preferences):
        variable = f"IMGREPO_{field.name.upper()}"
        if text := environ.get(variable):
            values[field.name] = _checked(field.name, _from_text(field.name, text), variable)
    return Preferences(**values)


def _read_toml(path: Path) -> dict[str, Any]:
    try:
        text = path.read_text(encoding="utf-8")
    except FileNotFoundError:
        return {}
    except (OSError, UnicodeDecodeError) as error:
        raise InvalidInputError(f"Cannot read {path}: {error}. Correct or remove it.") from error
    import tomllib  # noqa: PLC0415 - most people have no config.toml

    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise InvalidInputError(f"{path} is not valid TOML: {error}. Correct it.") from error


def _from_text(key: str, text: str) -> object:
    if key == "exclude":
        return [line for line in text.splitlines() if line.strip()]
    if key in ("concurrency", "retries"):
        try:
            return int(text)
        except ValueError:
            return text
    return text


def _checked(key: str, value: object, source: str) -> object:
    """The value in its own type; anything else is an error that names where it was found."""

    def number(least: int) -> bool:
        return isinstance(value, int) and not isinstance(value, bool) and least <= value <= 1000

    match key:
        case "visibility":
            good, wanted = value in ("public", "private"), '"public" or "private"'
        case "concurrency":
            good, wanted = number(1), "a whole number from 1 to 1000"
        case "retries":
            good, wanted = number(0), "a whole number from 0 to 1000"
        case "exclude":
            good = isinstance(value, list) and all(isinstance(item, str) for item in value)
            wanted = "a list of patterns"
        case _:
            known = ", ".join(field.name for field in fields(Preferences))
            raise InvalidInputError(f"{source}: unknown setting {key!r}. Known are: {known}.")
    if not good:
        raise InvalidInputError(f"{source}: {key} must be {wanted}, not {value!r}.")
    return tuple(value) if isinstance(value, list) else value


def write_private(path: Path, text: str) -> None:
    """Replace ``path`` in one step by a file that only its owner can read (mode 0600).

    Raises InvalidInputError: the folder cannot be written.
    """
    temporary = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        temporary.unlink(missing_ok=True)
        descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        try:
            with os.fdopen(descriptor, "w", encoding="utf-8") as file:
                file.write(text)
                file.flush()
                os.fsync(file.fileno())
            temporary.replace(path)
        finally:
            temporary.unlink(missing_ok=True)
    except OSError as error:
        raise InvalidInputError(
            f"Cannot write {path}: {error.strerror}. Set IMGREPO_CONFIG_DIR to a folder of yours."
        ) from error
