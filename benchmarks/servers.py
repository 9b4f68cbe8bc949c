"""Real servers and clients for the benchmarks, each in an empty home folder."""

import os
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import psutil

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

    def cpu_seconds(self) -> float:
        """What it and its workers have used so far."""
        whole = psutil.Process(self.process.pid)
        used = [one.cpu_times() for one in (whole, *whole.children(recursive=True))]
        return sum(times.user + times.system for times in used)

    def registered(self, home: Path, name: str = "jeff") -> dict[str, str]:
        """The environment of a client that has just registered with this server."""
        environment = client_environment(home)
        subprocess.run(
            [BIN / "imgrepo", "register", self.url, "--user", name, "--password-stdin"],
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
    serve = BIN / "imgrepo-server", "serve", "--port", "0", "--data-dir", data_dir
    with started([*serve, *options]) as server:
        yield server


def module_command(module: str, *arguments: str | Path) -> list[str | Path]:
    """The command that runs a module of these benchmarks."""
    return [sys.executable, "-m", module, *arguments]


@contextmanager
def background(command: Sequence[str | Path], file: Path) -> Iterator[None]:
    """Run a command until the context ends; first waits for the file that it writes."""
    process = subprocess.Popen(command)
    try:
        while not file.exists():
            if process.poll() is not None:
                raise SystemExit(f"{command} ended before it wrote anything")
            time.sleep(0.05)
        yield
    finally:
        process.terminate()
        process.wait()


@contextmanager
def started(command: Sequence[str | Path]) -> Iterator[RunningServer]:
    """Run a command that says where it listens, until the context ends."""
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=sys.stderr, text=True)
    try:
        assert process.stdout is not None
        line = process.stdout.readline()
        if "listening on " not in line:
            raise SystemExit(f"the server did not start: {line}")
        yield RunningServer(line.rpartition(" ")[2].strip(), process)
    finally:
        process.terminate()
        process.wait(60)
