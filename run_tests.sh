#!/usr/bin/env bash
# Runs every check: formatting, lint, types, layers, tests. Makes its own environment first.
#   ./run_tests.sh               everything
#   ./run_tests.sh tests/client  only these tests (any arguments of pytest), without the linters
# PYTHON chooses the interpreter, VENV the environment's folder.
set -euo pipefail
cd "$(dirname "$0")"
venv=${VENV:-.venv}

if [[ ! -x $venv/bin/python ]]; then
  "${PYTHON:-python3}" -c 'import sys; sys.exit(sys.version_info < (3, 11))' || {
    echo "run_tests.sh: Python 3.11 or newer is needed; set PYTHON to one." >&2
    exit 2
  }
  "${PYTHON:-python3}" -m venv "$venv"
fi
# Installing takes seconds; skip it while nothing that decides about packages has changed.
stamp=$venv/.installed-from
wanted=$(cat setup.py pyproject.toml server/imgrepo_server/imaging/*.[ch] | cksum)
if [[ $(cat "$stamp" 2>/dev/null) != "$wanted" ]]; then
  "$venv/bin/python" -m pip install --quiet --disable-pip-version-check --editable '.[dev]'
  echo "$wanted" >"$stamp"
fi

bin=$PWD/$venv/bin
[[ $venv = /* ]] && bin=$venv/bin
if (($#)); then
  exec "$bin/python" -m pytest "$@"
fi
echo '== ruff';        "$bin/ruff" check .
                       "$bin/ruff" format --check .
echo '== mypy';        "$bin/mypy"
echo '== import-linter'; "$bin/lint-imports" --no-logo 2>/dev/null || "$bin/lint-imports"
# A third of the time passes in waiting for servers and clients that the tests start.
echo '== pytest';      "$bin/python" -m pytest --durations=10 --numprocesses=3 --dist=worksteal
