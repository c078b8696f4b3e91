#!/bin/sh
# Write requirements/*.txt anew from pyproject.toml: every version with the hashes PyPI states, for Python 3.11 to 3.13.
# UPGRADE=1 takes the newest of everything, else what is locked stays. The machine's own pip settings (mirrors, folders of
# wheels) must not leak into the files, so uv reads no configuration at all.
set -eu
cd "$(dirname "$0")/.."
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
"${PYTHON:-.venv/bin/python}" -m venv "$scratch"
"$scratch/bin/pip" install --quiet "uv==0.13.9"
lock() {
    env -u PIP_FIND_LINKS -u PIP_EXTRA_INDEX_URL -u UV_INDEX -u UV_FIND_LINKS "$scratch/bin/uv" pip compile --quiet --no-config --universal \
        --python-version 3.11 --generate-hashes --default-index https://pypi.org/simple --no-emit-index-url --no-emit-find-links \
        --no-annotate --custom-compile-command "make lock" ${UPGRADE:+--upgrade} "$@"
}
lock pyproject.toml --group dev --output-file requirements/dev.txt
lock pyproject.toml --constraint requirements/dev.txt --output-file requirements/run.txt
lock --group pyproject.toml:build --constraint requirements/dev.txt --output-file requirements/build.txt
