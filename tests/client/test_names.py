import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st
from imgrepo_client.names import numbered, printable, safe_file_name

ANY_TEXT = st.text(st.characters(), max_size=300)  # lone surrogates and controls as well


@given(ANY_TEXT)
def test_nothing_that_steers_a_terminal_is_printed(text: str) -> None:
    shown = printable(text)
    assert not any(unicodedata.category(char) in ("Cc", "Cs", "Zl", "Zp") for char in shown)
    assert not set(shown) & set("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\ufeff")
    shown.encode()


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("Zürich, 東京 👨‍👩‍👧", "Zürich, 東京 👨‍👩‍👧"),
        ("\x1b]0;owned\x07", "\\x1b]0;owned\\x07"),
        ("two\nlines", "two\\nlines"),
        ("\x9b31m", "\\x9b31m"),
        ("gpj.\u202eexe", "gpj.\\u202eexe"),
        ("caf\udce9.jpg", "caf\\xe9.jpg"),
    ],
)
def test_printable(text: str, shown: str) -> None:
    assert printable(text) == shown


@given(ANY_TEXT)
def test_a_file_name_from_a_server_stays_in_its_folder(name: str) -> None:
    safe = safe_file_name(name, fallback="image")
    assert safe
    assert safe not in (".", "..")
    assert not safe.startswith((".", "-"))
    assert not set(safe) & set('/\\\0:*?"<>|\n\x1b')
    assert len(safe.encode()) <= 200
    assert safe == safe.strip()
    assert not safe.endswith(".")


@pytest.mark.parametrize(
    ("name", "safe"),
    [
        ("cat.jpg", "cat.jpg"),
        ("../../etc/passwd", "passwd"),
        ("..\\..\\boot.ini", "boot.ini"),
        ("/abs/olute.png", "olute.png"),
        ("CON", "_CON"),
        ("nul.jpg", "_nul.jpg"),
        ("..", "image"),
        ("", "image"),
        (".bashrc", "bashrc"),
        ("-rf", "rf"),
        ("a\0b.jpg", "a_b.jpg"),
        ("trailing. .", "trailing"),
        ("é" * 300 + ".jpeg", "é" * 97 + ".jpeg"),
        ("x" * 300, "x" * 200),
        ("Ünï cödé 猫.jpg", "Ünï cödé 猫.jpg"),
    ],
)
def test_safe_file_name(name: str, safe: str) -> None:
    assert safe_file_name(name, fallback="image") == safe


def test_numbered() -> None:
    assert numbered("cat.jpg", 1) == "cat.jpg"
    assert numbered("cat.jpg", 2) == "cat (2).jpg"
    assert numbered("cat", 3) == "cat (3)"
    assert numbered("a.b.tar", 2) == "a.b (2).tar"
