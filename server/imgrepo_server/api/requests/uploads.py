"""What comes with an upload."""

from enum import StrEnum

from imgrepo_server.api.requests import Request
from imgrepo_server.api.requests.fields import (
    ChosenVisibility,
    Description,
    Distance,
    Sha256,
    Tags,
    Title,
)
from imgrepo_server.models import Visibility


class OnSimilar(StrEnum):
    """What to do about an upload that looks like an image which its owner may see.

    Keep it; keep it and tell; or tell and not keep it.
    """

    STORE = "store"
    REPORT = "report"
    SKIP = "skip"


class UploadFields(Request):
    """The form fields beside ``file``.

    Title and description default to those inside the file, the title then to the file's name;
    keywords inside the file become tags, with ``exif_tags`` also the camera and the year.
    ``distance`` bounds what ``on_similar`` takes for similar.
    """

    title: Title | None = None
    description: Description | None = None
    tags: Tags = ()
    exif_tags: bool = False
    visibility: ChosenVisibility = Visibility.PUBLIC
    sha256: Sha256 | None = None
    on_similar: OnSimilar = OnSimilar.STORE
    distance: Distance = 28


class BatchFields(Request):
    """The part before each ``file`` of a batch: what the form of a single upload has as fields."""

    fields: UploadFields | None = None
