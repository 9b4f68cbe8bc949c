"""Which copies of a picture may go: those that look nearly the same as the one that is kept."""

from dataclasses import dataclass, field

from imgrepo_client.answers import Copy, DuplicateGroup
from imgrepo_client.tables import counted, file_size

# Groups chain: the last may be a copy of a copy, and itself another picture than the kept one.
_SURE = frozenset({"same", "near"})


def may_go(copy: Copy, distance: float | None) -> bool:
    """Whether a copy is nearly the same as the kept one, and within ``distance`` where given."""
    return copy["match"] in _SURE and (distance is None or copy["distance"] <= distance)


@dataclass(slots=True)
class Others:
    """The copies beside the kept ones: ``going`` by id, of ``size`` bytes in all; ``staying``.

    ``distance`` is what was asked for, None for the server's own.
    """

    distance: float | None
    going: list[str] = field(default_factory=list)
    size: int = 0
    staying: int = 0

    def add(self, group: DuplicateGroup) -> list[str]:
        """Take those of one more group; the ids of those that go."""
        going = [copy for copy in group["others"] if may_go(copy, self.distance)]
        ids = [copy["id"] for copy in going]
        self.going += ids
        self.size += sum(copy["size"] for copy in going)
        self.staying += len(group["others"]) - len(going)
        return ids

    @property
    def described(self) -> str:
        """How many go, and what they take, as in ``2 images (48.0 kB)``."""
        return f"{counted(len(self.going), 'image')} ({file_size(self.size)})"

    @property
    def stay(self) -> str:
        """A sentence on those that stay, with a blank before it; nothing where there are none."""
        if not self.staying:
            return ""
        stay = "is not near enough to the image to keep, and stays."
        if self.staying > 1:
            stay = "are not near enough to the images to keep, and stay."
        return f" {counted(self.staying, 'other')} {stay}"
