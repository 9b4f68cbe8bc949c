"""Numbers of things, as a person reads them."""


def counted(count: int, what: str) -> str:
    """So many of something that has a regular plural: ``1 image``, ``2,000 images``."""
    return f"{count:,} {what}" if count == 1 else f"{count:,} {what}s"
