"""How text is compared: :func:`fold` for searching, :func:`normalize_tag` for the names of tags."""

import unicodedata

from imgrepo_server.errors import ErrorCode, ImgrepoError

MAX_TAG_LENGTH = 100
"""Characters (code points) of a normalised tag."""

# Letters that Unicode does not take apart, spelt as people without the key for them type them
# (the rules of CLDR's Latin-ASCII transform for the alphabets in use). Folded, hence lower case.
_PLAIN_LETTERS = str.maketrans(
    {
        "\N{LATIN SMALL LETTER AE}": "ae",
        "\N{LATIN SMALL LIGATURE OE}": "oe",
        "\N{LATIN SMALL LETTER O WITH STROKE}": "o",
        "\N{LATIN SMALL LETTER D WITH STROKE}": "d",
        "\N{LATIN SMALL LETTER ETH}": "d",
        "\N{LATIN SMALL LETTER H WITH STROKE}": "h",
        "\N{LATIN SMALL LETTER L WITH STROKE}": "l",
        "\N{LATIN SMALL LETTER T WITH STROKE}": "t",
        "\N{LATIN SMALL LETTER THORN}": "th",
        "\N{LATIN SMALL LETTER DOTLESS I}": "i",
    }
)

# Invisible and without meaning in a name: they come with pasted text and would make two tags
# that look the same. (The joiners stay, for emoji and Persian are spelt with them.)
_PASTED_DEBRIS = dict.fromkeys(
    map(
        ord,
        "\N{SOFT HYPHEN}\N{ZERO WIDTH SPACE}\N{WORD JOINER}\N{ZERO WIDTH NO-BREAK SPACE}",
    )
)

_BIDI_CONTROLS = frozenset({"LRE", "RLE", "LRO", "RLO", "PDF", "LRI", "RLI", "FSI", "PDI"})


def fold(text: str) -> str:
    """``text`` as it is compared in searches: without case, accents, variants and extra space.

    ``fold("Łódź")`` is ``"lodz"``, ``fold("STRASSE") == fold("Straße")``, full-width letters and
    ligatures equal the plain ones, white space is one blank between words and none around them.
    One text contains another, for a search, if its folded form contains the other's.
    ``fold(fold(x)) == fold(x)``. May be empty: for a lone accent, for instance.

    What is taken away are accents, points and stress marks, not every combining character:
    the vowel signs of Thai and Devanagari and the voicing marks of kana make another word.
    """
    # Unicode's compatibility caseless matching (The Unicode Standard, D146), with the marks
    # removed and put together again, so that a Hangul syllable is not a part of a longer one.
    folded = _without_marks(unicodedata.normalize("NFKD", text)).casefold()
    folded = _without_marks(unicodedata.normalize("NFKD", folded.translate(_PLAIN_LETTERS)))
    return unicodedata.normalize("NFC", " ".join(folded.split()))


def normalize_tag(text: str) -> str:
    """The one spelling under which a tag is stored: NFC, lower case, single blanks.

    Lower case rather than case folding, since tags are shown to people: "Straße" stays "straße".
    Accents stay too. ``normalize_tag(normalize_tag(x)) == normalize_tag(x)``.

    Raises :class:`ImgrepoError` (``INVALID_REQUEST``) where nothing visible is left, for more
    than ``MAX_TAG_LENGTH`` characters, and for control characters other than white space.
    """
    tag = unicodedata.normalize("NFC", text.translate(_PASTED_DEBRIS))
    # Python's lower() makes "i" and a loose combining dot of the Turkish capital.
    lowered = tag.replace("\N{LATIN CAPITAL LETTER I WITH DOT ABOVE}", "i").lower()
    tag = " ".join(unicodedata.normalize("NFC", lowered).split())
    for character in tag:
        if _is_control(character):
            raise ImgrepoError(
                ErrorCode.INVALID_REQUEST,
                f"A tag contains the control character U+{ord(character):04X}; remove it.",
                {"field": "tags"},
            )
    if not fold(tag):
        raise ImgrepoError(
            ErrorCode.INVALID_REQUEST,
            "A tag is empty; give it at least one visible character, or leave it out.",
            {"field": "tags"},
        )
    if len(tag) > MAX_TAG_LENGTH:
        raise ImgrepoError(
            ErrorCode.INVALID_REQUEST,
            f"A tag has {len(tag)} characters ({tag[:20]}…);"
            f" shorten it to {MAX_TAG_LENGTH} or fewer.",
            {"field": "tags", "limit": MAX_TAG_LENGTH},
        )
    return tag


def _without_marks(decomposed: str) -> str:
    if decomposed.isascii():  # most of what is ever folded
        return decomposed
    return "".join(character for character in decomposed if not _is_ignored(character))


def _is_ignored(character: str) -> bool:
    # By canonical combining class: 1 overlays, 10 to 36 Hebrew and Arabic points, from 200 marks
    # above and below. Between them: vowels and tones (Telugu, Thai, Lao, Tibetan); 0: vowel
    # signs; 7 to 9: nukta, kana voicing, virama. All of those are part of the spelling.
    mark = unicodedata.combining(character)
    if mark:
        return mark == 1 or 10 <= mark <= 36 or mark >= 200
    # Invisible (joiners, soft hyphens), enclosing (keycaps), and choosing between glyphs.
    return (
        unicodedata.category(character) in {"Cf", "Me"}
        or "\N{VARIATION SELECTOR-1}" <= character <= "\N{VARIATION SELECTOR-16}"
        or character == "\N{COMBINING GRAPHEME JOINER}"
    )


def _is_control(character: str) -> bool:
    # Lone surrogates cannot be stored; the marks that turn the direction of writing would turn
    # the line that a tag is shown in as well.
    return (
        unicodedata.category(character) in {"Cc", "Cs"}
        or unicodedata.bidirectional(character) in _BIDI_CONTROLS
    )
