"""Does time tell what somebody hides? ``python -m benchmarks.privacy_timing``.

One person keeps pictures privately on a server; another asks it about copies of them, and about
pictures that nobody has, in pairs: uploads them, looks at previews of what it uploaded, checks
their hashes, searches with them, looks for a word of their titles, asks for their ids, uploads
something like them. Statuses and bodies have to be alike. For each question it prints both medians,
their difference, and the noise: how far apart the medians of the same times are when each pair is
dealt out at random, in 95 of 100 deals.
"""

import argparse
import http.client
import json
import random
import statistics
import tempfile
import time
import uuid
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from benchmarks.corpus import sources
from benchmarks.servers import PASSWORD, running_server

API = "/api/v1"
DEALS = 1000
BOUNDARY = "xxPictureFollowsxx"


@dataclass(frozen=True)
class Secret:
    """A picture, its hash, its id, and a word of its title: all real where it is hidden."""

    data: bytes
    sha256: str
    id: str
    word: str


class Person:
    """Somebody who is logged in, on a connection of their own."""

    def __init__(self, url: str, name: str):
        parts = urlsplit(url)
        self._connection = http.client.HTTPConnection(parts.hostname or "", parts.port)
        body = json.dumps({"username": name, "password": PASSWORD}).encode()
        self._headers = {"Content-Type": "application/json"}
        _, _, reply = self.ask("POST", "/register", body)
        self._headers["Authorization"] = f"Bearer {json.loads(reply)['token']}"

    def ask(
        self, method: str, path: str, body: bytes | None = None, content_type: str | None = None
    ) -> tuple[float, int, bytes]:
        """Milliseconds, the status and the body of an answer."""
        headers = self._headers | ({"Content-Type": content_type} if content_type else {})
        began = time.perf_counter()
        self._connection.request(method, API + path, body, headers)
        response = self._connection.getresponse()
        reply = response.read()
        return (time.perf_counter() - began) * 1000, response.status, reply

    def send(self, path: str, data: bytes, **fields: str) -> tuple[float, int, bytes]:
        """POST a form with a file."""
        parts = [
            f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'
            for name, value in fields.items()
        ]
        file = 'Content-Disposition: form-data; name="file"; filename="a.jpg"'
        head = "".join(parts) + f"--{BOUNDARY}\r\n{file}\r\n\r\n"
        body = head.encode() + data + f"\r\n--{BOUNDARY}--\r\n".encode()
        return self.ask("POST", path, body, f"multipart/form-data; boundary={BOUNDARY}")


Question = Callable[[Person, Secret], tuple[float, int, bytes]]
# Uploading comes last, as it leaves something behind. The owner has looked at theirs.
QUESTIONS: dict[str, Question] = {
    "check a hash": lambda who, it: who.ask(
        "POST", "/images/check", json.dumps({"sha256": [it.sha256]}).encode()
    ),
    "search with a copy": lambda who, it: who.send("/search/similar", it.data),
    "search for a word": lambda who, it: who.ask("GET", f"/images?keyword={it.word}"),
    "ask for an id": lambda who, it: who.ask("GET", f"/images/{it.id}"),
    "upload its like": lambda who, it: who.send(
        "/images", commented(it.data), visibility="private", on_similar="report"
    ),
    "upload a copy": lambda who, it: who.send("/images", it.data, visibility="private"),
    "preview of the copy": lambda who, it: preview_of_own(who, it.data),
}


def preview_of_own(who: Person, data: bytes) -> tuple[float, int, bytes]:
    """The preview of an image that was uploaded before, in another size than uploads make."""
    _, _, reply = who.send("/images", data, visibility="private")
    elapsed, status, _ = who.ask("GET", _preview_path(reply))
    return elapsed, status, b"{}"


def commented(data: bytes) -> bytes:
    """A JPEG of the same pixels in bytes that nobody has."""
    said = uuid.uuid4().bytes
    return data[:2] + b"\xff\xfe" + (len(said) + 2).to_bytes(2, "big") + said + data[2:]


def _preview_path(reply: bytes) -> str:
    return f"/images/{json.loads(reply)['image']['id']}/preview?size=1024"


def hidden(owner: Person, data: bytes) -> Secret:
    """Keep a picture privately."""
    word = uuid.uuid4().hex
    _, status, reply = owner.send("/images", data, visibility="private", title=f"the {word} one")
    image = json.loads(reply)["image"]
    if status != 201:
        raise SystemExit(f"the upload was refused: {reply!r}")
    owner.ask("GET", _preview_path(reply))
    return Secret(data, image["sha256"], image["id"], word)


def unknown(data: bytes, chance: random.Random) -> Secret:
    """A picture that the server never saw; its id is of the present, as those of the others."""
    near = uuid.uuid4().int & (1 << 74) - 1
    stamp = int(time.time() * 1000) << 80
    made_up = uuid.UUID(int=stamp | 7 << 76 | near & ~(3 << 62) | 2 << 62)
    return Secret(data, chance.randbytes(32).hex(), str(made_up), uuid.uuid4().hex)


def differing(times: Sequence[tuple[float, float]]) -> float:
    """The difference of the medians."""
    hidden, unknown = zip(*times, strict=True)
    return float(statistics.median(hidden) - statistics.median(unknown))


def noise(times: Sequence[tuple[float, float]], chance: random.Random) -> float:
    """The difference of medians that 95 of 100 random deals stay below."""
    found = []
    for _ in range(DEALS):
        dealt = [pair if chance.random() < 0.5 else pair[::-1] for pair in times]
        found.append(abs(differing(dealt)))
    return sorted(found)[DEALS * 95 // 100]


def measured(
    name: str, who: Person, pairs: Sequence[tuple[Secret, Secret]]
) -> list[tuple[float, float]]:
    """Milliseconds for the hidden and for the unknown one of each pair.

    The two of a pair are asked about one right after the other, either first, so that whatever
    else the machine is doing meets both.
    """
    chance = random.Random(name)
    times = []
    alike = set()
    for pair in pairs:
        taken = [0.0, 0.0]
        for which in chance.sample((0, 1), 2):
            taken[which], status, reply = QUESTIONS[name](who, pair[which])
            alike.add((status, _shape(reply, pair[which])))
        times.append((taken[0], taken[1]))
    if len(alike) != 1:
        raise SystemExit(f"{name}: the answers differ: {alike}")
    return times


def _shape(reply: bytes, secret: Secret) -> str:
    """An answer without what differs in any two answers."""

    def plain(value: object) -> object:
        if isinstance(value, dict):
            return {name: plain(one) for name, one in value.items() if name not in _EACH_ITS_OWN}
        return [plain(one) for one in value] if isinstance(value, list) else value

    return json.dumps(plain(json.loads(reply))).replace(secret.id, "ID")


_EACH_ITS_OWN = frozenset({"id", "sha256", "size", "created_at", "links", "request_id", "flat"})


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--tries", type=int, default=200, help="of each kind, for each question")
    parser.add_argument("--photos", type=Path, help="folder of photographs; else they are drawn")
    parser.add_argument("--work", type=Path, help="folder for the server's data")
    options = parser.parse_args()
    chance = random.Random(8)
    pictures = sources(options.photos, 640, 480, 85, 2 * options.tries)
    if len(set(pictures)) < len(pictures):
        raise SystemExit(f"{options.photos} holds fewer than {len(pictures)} photographs")
    chance.shuffle(pictures)
    with (
        tempfile.TemporaryDirectory(dir=options.work) as folder,
        running_server(Path(folder, "server")) as server,
    ):
        owner, other = Person(server.url, "owner"), Person(server.url, "other")
        pairs = [
            (hidden(owner, one), unknown(other_one, chance))
            for one, other_one in zip(pictures[::2], pictures[1::2], strict=True)
        ]
        print(f"{options.tries} tries each; milliseconds")
        print(f"{'':20} {'hidden':>8} {'unknown':>8} {'differ':>8} {'noise':>8}")
        for name in QUESTIONS:
            times = measured(name, other, pairs)
            medians = [statistics.median(several) for several in zip(*times, strict=True)]
            differ, limit = differing(times), noise(times, chance)
            said = "" if abs(differ) <= limit else "  more than noise"
            print(
                f"{name:20} {medians[0]:8.3f} {medians[1]:8.3f} {differ:+8.3f} {limit:8.3f}{said}"
            )


if __name__ == "__main__":
    main()
