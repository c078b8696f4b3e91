#!/bin/sh
# Build the wheel and the sdist, then prove that what would be shipped starts: the wheel alone, in an environment made from
# requirements/run.txt, away from this checkout.
set -eu
cd "$(dirname "$0")/.."
. tools/env.sh
rm -rf dist
.venv/bin/python -m hatchling build -d dist
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
.venv/bin/python -m venv --without-pip "$scratch/venv"
pip() { .venv/bin/python -m pip --python "$scratch/venv/bin/python" --quiet "$@"; }
pip install --require-hashes --only-binary :all: -r requirements/run.txt
pip install --no-index --no-deps dist/*.whl
cd "$scratch"
"$scratch/venv/bin/floorwatch" --version
"$scratch/venv/bin/floorwatch" run --help >/dev/null
cd - >/dev/null
ls -l dist
