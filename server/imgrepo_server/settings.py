"""The server's settings: flag, then ``IMGREPO_*`` environment, then config file, then default."""

import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, Any

import platformdirs
from limits import parse_many
from pydantic import AfterValidator, BeforeValidator, Field, IPvAnyNetwork, ValidationError
from pydantic_settings import (
    BaseSettings,
    NoDecode,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
    SettingsError,
    TomlConfigSettingsSource,
)

from imgrepo_server.errors import ErrorCode, ImgrepoError
from imgrepo_server.models import RegistrationPolicy, Tier
from imgrepo_server.settings_faults import fault_of
from imgrepo_server.tiers import Tiers, unlimited_is_none

MIB = 1024 * 1024


def _registration(value: object) -> object:
    """The setting was a boolean once."""
    text = str(value).lower()
    if text in {"true", "1", "yes", "on"}:
        return RegistrationPolicy.ANYBODY
    return RegistrationPolicy.NOBODY if text in {"false", "0", "no", "off"} else value


def _failures(text: str) -> str:
    try:
        parse_many(text)
    except ValueError as error:
        raise ValueError("has to be a list of limits such as 5/minute;30/hour") from error
    return text


def _networks(value: object) -> object:
    """In the environment, several are separated by commas; a JSON list will do as well."""
    if not isinstance(value, str):
        return value
    if not value.lstrip().startswith("["):
        return [part.strip() for part in value.split(",") if part.strip()]
    try:
        return json.loads(value)
    except ValueError as error:
        raise ValueError("has to be addresses or networks, separated by commas") from error


Failures = Annotated[str, AfterValidator(_failures)]


class Settings(BaseSettings):
    """Everything about a server that its administrator may choose."""

    model_config = SettingsConfigDict(
        env_prefix="IMGREPO_", env_ignore_empty=True, extra="forbid", frozen=True
    )

    host: str = "127.0.0.1"
    port: Annotated[int, Field(ge=0, le=65535)] = 8080
    data_dir: Path = Field(default_factory=lambda: platformdirs.user_data_path("imgrepo"))
    """Holds the database and the signing keys, and the images unless told otherwise."""
    storage_dir: str | None = None
    """A folder; default: ``storage`` in the data folder."""
    database: str | None = None
    """A file; default: ``imgrepo.db`` in the data folder."""
    workers: Annotated[int, Field(ge=1)] | None = None
    """Processes that decode images; default: one per core."""
    max_file_size: Annotated[int, Field(ge=1)] = 512 * MIB
    """Bytes of the largest file that is taken."""
    max_pixels: Annotated[int, Field(ge=1)] = 250_000_000
    """Width times height of the largest picture that is decoded."""
    max_uploads: Annotated[int, Field(ge=1)] = 32
    """Uploads that are received at a time; further ones are told to come back."""
    max_queries: Annotated[int, Field(ge=1)] = 16
    """Pictures to search with that are received and compared at a time; without a login, half."""
    max_query_size: Annotated[int, Field(ge=1)] = 32 * MIB
    """Bytes of the largest picture that anonymous callers may search with."""
    registration: Annotated[RegistrationPolicy, BeforeValidator(_registration)] = (
        RegistrationPolicy.ANYBODY
    )
    """Who may create an account: anybody, invited people, or nobody."""
    require_login: bool = False
    """Whether anonymous callers see nothing at all, public images included."""
    strip_anonymous_downloads: bool = False
    """Whether anonymous callers get originals without metadata."""
    login_days: Annotated[float, Field(gt=0, le=36_500)] = 30
    """How long a login lasts."""
    login_failures: Failures = "5/minute;12/15minutes;30/hour"
    """Failed logins of one account from one address that are borne."""
    login_failures_account: Failures = "20/15minutes;50/hour"
    """The same of one account from anywhere; never refuses the first attempts of an address."""
    login_failures_address: Failures = "20/minute;100/hour"
    """The same from one address, whatever the account."""
    registrations_address: Failures = "20/minute;100/hour"
    """Attempts to register from one address that are borne."""
    default_tier: Annotated[Tier | None, BeforeValidator(unlimited_is_none)] = None
    """Tier of new accounts; None: nothing is limited."""
    tiers: Tiers = Tiers()
    """What the accounts of each tier may hold."""
    trusted_proxies: Annotated[tuple[IPvAnyNetwork, ...], NoDecode, BeforeValidator(_networks)] = ()
    """Addresses or networks whose X-Forwarded-For and X-Forwarded-Proto are believed."""
    audit_days: Annotated[float, Field(gt=0, le=36_500)] = 365
    """How long the audit log is kept."""
    bcrypt_rounds: Annotated[int, Field(ge=4, le=16)] = 12
    """Cost of a password check; each step doubles it."""
    body_stall_seconds: Annotated[float, Field(gt=0)] = 30
    """How long a client may keep the server waiting for the next piece of a body."""
    body_slowest: Annotated[int, Field(ge=1)] = 4096
    """Bytes a second below which an upload is cut off, after the first stall."""
    body_longest_seconds: Annotated[float, Field(gt=0)] = 3600
    """How long a picture may take to arrive, at whatever pace."""
    body_longest_anonymous_seconds: Annotated[float, Field(gt=0)] = 300
    """The same from anonymous callers, who can only search with it."""

    @property
    def storage_location(self) -> str:
        """Where the images are."""
        return self.storage_dir or str(self.data_dir / "storage")

    @property
    def database_location(self) -> str:
        """Where the database is."""
        return self.database or str(self.data_dir / "imgrepo.db")

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Only what is given and the environment; ``load`` adds the config file."""
        del settings_cls, dotenv_settings, file_secret_settings
        return init_settings, env_settings


def load(given: dict[str, Any], config: Path | None) -> Settings:
    """Settings from flags (``given``), the environment and a TOML file.

    Raises INVALID_REQUEST for bad values, OSError and ``tomllib.TOMLDecodeError`` for a file that
    cannot be read.
    """
    with _faults_said(given, config):
        return _load(given, config)


@contextmanager
def _faults_said(given: dict[str, Any], config: Path | None) -> Iterator[None]:
    try:
        yield
    except ValidationError as error:
        sentence = fault_of(error, Settings, given, os.environ, config)
        raise ImgrepoError(ErrorCode.INVALID_REQUEST, sentence) from error
    except SettingsError as error:
        # Only what holds others is taken apart before it is looked at, and that is the tiers.
        raise ImgrepoError(
            ErrorCode.INVALID_REQUEST,
            'IMGREPO_TIERS has to be JSON such as {"free": {"images": 5}}; a file that --config '
            "names is easier to write.",
        ) from error


def _load(given: dict[str, Any], config: Path | None) -> Settings:
    if config is None:
        return Settings(**given)

    class FromFile(Settings):
        @classmethod
        def settings_customise_sources(
            cls, settings_cls: type[BaseSettings], *sources: Any, **named: Any
        ) -> tuple[PydanticBaseSettingsSource, ...]:
            base = super().settings_customise_sources(settings_cls, *sources, **named)
            return *base, TomlConfigSettingsSource(settings_cls, config)

    return FromFile(**given)


def load_local(home: Path) -> Settings:
    """Settings of the local repository in ``home``.

    Its database and images are in there and nowhere else, also where the environment names those
    of a server. Raises INVALID_REQUEST for bad values in the environment.
    """
    with _faults_said({}, None):
        return Settings(data_dir=home, storage_dir=None, database=None)
