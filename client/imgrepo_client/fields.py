"""What a person says about an image as it is uploaded."""

from dataclasses import dataclass

from imgrepo_client.settings import Visibility


@dataclass(frozen=True, slots=True)
class Fields:
    """Words for one file or for all; None where nothing was said.

    ``exif_tags`` asks for the camera and the year as tags.
    """

    title: str | None = None
    description: str | None = None
    tags: tuple[str, ...] = ()
    visibility: Visibility | None = None
    exif_tags: bool = False

    def over(self, general: "Fields") -> "Fields":
        """These, completed by what was said in general; tags add up."""
        if self is NO_FIELDS:
            return general
        return Fields(
            title=self.title if self.title is not None else general.title,
            description=self.description if self.description is not None else general.description,
            tags=tuple(dict.fromkeys(general.tags + self.tags)),
            visibility=self.visibility or general.visibility,
            exif_tags=self.exif_tags or general.exif_tags,
        )


NO_FIELDS = Fields()


def as_visibility(text: str) -> Visibility | None:
    """The visibility of that name, None for anything else."""
    known: dict[str, Visibility] = {"public": "public", "private": "private"}
    return known.get(text)
