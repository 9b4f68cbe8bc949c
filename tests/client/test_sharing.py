"""Options that take several names."""

import pytest
from imgrepo_client.sharing import spread

ID = "01a1fc08-72a3-7144-b772-a0f8384b4f9e"
OPTIONS = ("--with", "--without")


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        (f"{ID} --with rita", f"{ID} --with rita"),
        (f"{ID} --with rita tom", f"{ID} --with rita --with tom"),
        (f"--with rita tom {ID} {ID}", f"--with rita --with tom {ID} {ID}"),
        ("--with a b --without c d --json e", "--with a --with b --without c --without d --json e"),
        ("--with=a b", "--with=a b"),
        ("--with", "--with"),
        (f"--with {ID} b", f"--with {ID} --with b"),  # the first word is the option's, whatever
        ("x y --title z w", "x y --title z w"),
    ],
)
def test_each_name_gets_its_option(typed: str, meant: str) -> None:
    assert spread(typed.split(), OPTIONS) == meant.split()
