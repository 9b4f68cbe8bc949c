"""``python -m imgrepo_client``: the program where its script is not on the path."""

from imgrepo_client.cli import main

main()
