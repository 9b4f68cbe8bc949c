"""Real servers and clients for the benchmarks, each in an empty home folder."""

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

BIN = Path(sys.executable).parent
PASSWORD = "correct horse battery staple"  # of an account that lives for one run


def client_environment(home: Path) -> dict[str, str]:
    """An environment in which ``imgrepo`` knows nothing of this machine's user."""
    environment = {
        name: value for name, value in os.environ.items() if not name.startswith("IMGREPO_")
    }
    return environment | {
        "HOME": str(home),
        "IMGREPO_HOME": str(home / "repository"),
        "IMGREPO_CONFIG_DIR": str(home / "config"),
        "IMGREPO_CACHE_DIR": str(home / "cache"),
    }


@dataclass(frozen=True)
class RunningServer:
    """A server process and where it listens."""

    url: str
    process: subprocess.Popen[str]

    def registered(self, home: Path) -> dict[str, str]:
        """The environment of a client that has just registered with this server."""
        environment = client_environment(home)
        subprocess.run(
            [BIN / "imgrepo", "register", self.url, "--user", "jeff", "--password-stdin"],
            env=environment,
            input=PASSWORD + "\n",
            text=True,
            check=True,
            capture_output=True,
        )
        return environment


@contextmanager
def running_server(data_dir: Path, *options: str) -> Iterator[RunningServer]:
    """``imgrepo-server serve`` on a free port, until the context ends."""
    process = subprocess.Popen(
        [BIN / "imgrepo-server", "serve", "--port", "0", "--data-dir", data_dir, *options],
        stdout=subprocess.PIPE,
        stderr=sys.stderr,
        text=True,
    )
    try:
        assert process.stdout is not None
        line = process.stdout.readline()
        if "listening on " not in line:
            raise SystemExit(f"the server did not start: {line}")
        yield RunningServer(line.rpartition(" ")[2].strip(), process)
    finally:
        process.terminate()
        process.wait(60)
