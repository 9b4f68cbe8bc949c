"""Text and names from elsewhere, made safe for a terminal and for this computer's file system."""

import re
import unicodedata

_LONGEST_NAME = 200  # bytes; leaves room below the usual 255 for " (2)" and a temporary suffix
_RESERVED_STEMS = frozenset(
    ["con", "prn", "aux", "nul"] + [f"{kind}{n}" for kind in ("com", "lpt") for n in range(1, 10)]
)  # device names on Windows, whatever their extension
_FORBIDDEN = frozenset('<>:"/\\|?*')
# Letters, digits and signs are safe; these kinds can steer a terminal or reorder what is read.
_UNSAFE_CATEGORIES = frozenset(["Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"])
_SURROGATES = re.compile("[\ud800-\udfff]")
_JOINERS = frozenset("\u200c\u200d")  # between letters of some scripts, and inside emoji


def printable(text: str) -> str:
    r"""``text`` with everything that could steer a terminal written out, as in ``\x1b``.

    Newlines as well, so that one value stays on one line.
    """
    if text.isascii() and text.isprintable():
        return text
    return "".join(char if _is_safe(char) else _written_out(char) for char in text)


def sayable(text: str) -> str:
    """``text`` as UTF-8 can say it: a replacement character for each byte that was none."""
    return text if text.isascii() else _SURROGATES.sub("\ufffd", text)


def _is_safe(char: str) -> bool:
    return char in _JOINERS or unicodedata.category(char) not in _UNSAFE_CATEGORIES


def _written_out(char: str) -> str:
    code = ord(char)
    if 0xDC80 <= code <= 0xDCFF:  # a byte of a file name that is not UTF-8 (surrogateescape)
        return f"\\x{code - 0xDC00:02x}"
    return char.encode("unicode_escape", "backslashreplace").decode("ascii")


def safe_file_name(name: str, fallback: str) -> str:
    """A file name that stays in its folder on every system, as near to ``name`` as can be.

    Only the last part of a path is used; what no file system takes, and what would hide the
    file or start an option, is replaced. At most 200 bytes of UTF-8, the extension kept.
    """
    last = name.replace("\\", "/").rstrip("/").rpartition("/")[2]
    cleaned = "".join("_" if char in _FORBIDDEN or not _is_safe(char) else char for char in last)
    cleaned = cleaned.strip().rstrip(". ").lstrip(".- ")
    if not cleaned:
        cleaned = fallback
    if cleaned.partition(".")[0].rstrip().casefold() in _RESERVED_STEMS:
        cleaned = f"_{cleaned}"
    return _shortened(cleaned)


def _shortened(name: str) -> str:
    if len(name.encode()) <= _LONGEST_NAME:
        return name
    stem, dot, extension = name.rpartition(".")
    if not dot or len(extension.encode()) > 20:
        stem, dot, extension = name, "", ""
    room = _LONGEST_NAME - len(f"{dot}{extension}".encode())
    return stem.encode()[:room].decode("utf-8", "ignore").rstrip(". ") + dot + extension


def numbered(name: str, number: int) -> str:
    """``cat.jpg`` as ``cat (2).jpg``; the name itself for number 1."""
    if number == 1:
        return name
    stem, dot, extension = name.rpartition(".")
    return f"{stem} ({number}){dot}{extension}" if dot and stem else f"{name} ({number})"
