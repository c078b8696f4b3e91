#!/bin/sh
# The whole suite in the order in which a mistake is cheapest to find: lint, types, import contracts, tests, real servers.
#
#   tools/test.sh lint | short | full
#
# short: what every change has to pass. full: more examples for the properties, the long tests, the page in Chromium, 500 real calls per Asterisk.
# With CI=true a real server that is missing is a failure; elsewhere it is named at the end.
set -eu
cd "$(dirname "$0")/.."
. tools/env.sh
PATH=$(pwd)/.venv/bin:$PATH
started=$(date +%s)

step() { printf '\n== %s (%s s)\n' "$*" "$(($(date +%s) - started))"; }

lint() {
    step "ruff"
    ruff check .
    ruff format --check .
    step "mypy --strict"
    mypy
    step "import contracts"
    lint-imports --no-logo
}

# The last words, so that nobody takes a short run for a whole one.
skipped() {
    [ -s .venv/skipped ] || return 0
    echo
    sed 's/^/SKIPPED: /' .venv/skipped
}

tests() {
    if [ "${CI:-}" = true ] && [ -s .venv/skipped ]; then
        skipped
        echo "CI=true: every real server has to be there" >&2
        exit 1
    fi
    step "units, golden worlds, properties"
    if ! python -m pytest --quiet --numprocesses auto --dist worksteal --timeout "${FLOORWATCH_FULL:+6}60" -m "$1"; then
        echo "the real servers were not asked: mend this first" >&2
        exit 1
    fi
    step "real Asterisk, $2 calls on each version"
    status=0
    FLOORWATCH_LAB_CALLS=$2 python -m pytest --quiet -m "$3" tests/lab || status=$?
    skipped
    [ "$status" != 0 ] || echo "all of it passed in $(($(date +%s) - started)) s"
    exit "$status"
}

case ${1:-} in
    lint) lint ;;
    short) lint; tests "not lab and not full" 120 "lab and not full" ;;
    full) lint; FLOORWATCH_FULL=1; export FLOORWATCH_FULL; tests "not lab" 500 lab ;;
    *) echo "usage: tools/test.sh lint|short|full" >&2; exit 2 ;;
esac
