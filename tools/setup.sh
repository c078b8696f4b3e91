#!/bin/sh
# Make this checkout ready on a Debian machine that has python3, make and apt, with or without root.
#
#   tools/setup.sh venv      .venv with everything in requirements/dev.txt (hashes checked) and this checkout itself
#   tools/setup.sh servers   sipp, promtool, mosquitto, PostgreSQL, MariaDB and both Asterisks, unpacked under $FLOORWATCH_CACHE; the system stays as it is
#   tools/setup.sh browsers  Chromium with a font, in the same way: make test-full looks at the page with it
#
# What is there already is left alone, so a second run takes a second. What cannot be had is written to .venv/skipped, one
# "name: reason" a line: tools/test.sh ends with that list, and with CI=true it fails on it.
set -eu
cd "$(dirname "$0")/.."
. tools/env.sh

# make demo beside make test: the second waits until the first has set up what both need.
exec 9<tools/setup.sh
command -v flock >/dev/null 2>&1 && flock 9

say() { echo "setup: $*"; }
skip() { echo "$*" >>.venv/skipped; say "SKIPPED: $*"; }

have() { command -v "$1" >/dev/null 2>&1; }

# --- apt without root -------------------------------------------------------------------------------------------------
# The machine's own sources and its own list of what is installed, but lists and archives in a folder of ours: nothing is
# written outside it, so this needs no right at all. Only what the machine does not have yet is downloaded.
apt_folder=$FLOORWATCH_CACHE/debs/apt.$$
trap 'rm -rf "$apt_folder"' EXIT

apt_user() {
    mkdir -p "$apt_folder/lists/partial" "$apt_folder/cache/archives/partial"
    apt-get -qq -o Dir::State::lists="$apt_folder/lists" -o Dir::Cache="$apt_folder/cache" -o Debug::NoLocking=1 \
        -o APT::Sandbox::User=root -o APT::Update::Post-Invoke::= -o APT::Update::Post-Invoke-Success::= "$@"
}

# apt_unpack FOLDER PACKAGE... : download the packages with what they need and unpack them under FOLDER.
apt_unpack() {
    folder=$1
    shift
    have apt-get && have dpkg || { echo "apt-get is not on this machine" >&2; return 1; }
    [ -d "$apt_folder" ] || apt_user update >&2 || true # a source of the machine's own that fails need not be the one that is needed
    mkdir -p "$folder"
    rm -f "$apt_folder"/cache/archives/*.deb
    apt_user -y --no-install-recommends --download-only install "$@" >&2 || return 1
    for deb in "$apt_folder"/cache/archives/*.deb; do
        [ -f "$deb" ] || { echo "apt-get brought nothing for: $*" >&2; return 1; }
        dpkg -x "$deb" "$folder"
    done
}

# Run a command as root if that needs no password; otherwise fail.
as_root() {
    if [ "$(id -u)" = 0 ]; then "$@"; elif have sudo && sudo -n true 2>/dev/null; then sudo -n "$@"; else return 1; fi
}

# --- the virtual environment -----------------------------------------------------------------------------------------
# Where .venv is activated, its own python3 comes first on the PATH: what it was made from is meant.
find_python() {
    for candidate in ${PYTHON:-python3 python3.13 python3.12 python3.11}; do
        found=$("$candidate" -c '
import os, sys
if not (3, 11) <= sys.version_info[:2] < (3, 14):
    sys.exit(1)
print(os.path.realpath(getattr(sys, "_base_executable", sys.executable)))' 2>/dev/null) || continue
        echo "$found"
        return
    done
    echo "setup: no Python 3.11, 3.12 or 3.13 found (tried: ${PYTHON:-python3 python3.13 python3.12 python3.11}); install one or name it: make PYTHON=/path/to/python3.12" >&2
    return 1
}

# Debian splits ensurepip off into python3-venv. With root it is installed; without, its pip is taken out of its package.
make_venv() {
    rm -rf .venv
    if "$python" -c 'import ensurepip' 2>/dev/null; then
        "$python" -m venv .venv
        return
    fi
    version=$("$python" -c 'import sys; print("%d.%d" % sys.version_info[:2])')
    have apt-get || { echo "setup: $python has no ensurepip and apt-get is not on this machine; install python$version-venv by hand" >&2; return 1; }
    if as_root true; then
        say "installing python3-venv by apt"
        as_root apt-get -qq update || true
        as_root env DEBIAN_FRONTEND=noninteractive apt-get -qq -y --no-install-recommends install python3-venv ca-certificates >/dev/null
        "$python" -m venv .venv
        return
    fi
    say "no root: taking pip out of Debian's packages"
    wheels=$FLOORWATCH_CACHE/debs/pip
    ls "$wheels"/usr/share/python-wheels/pip-*.whl >/dev/null 2>&1 || apt_unpack "$wheels" python3-pip-whl ca-certificates
    "$python" -m venv --without-pip .venv
    packages=$(.venv/bin/python -c 'import sysconfig; print(sysconfig.get_path("purelib"))')
    for wheel in "$wheels"/usr/share/python-wheels/pip-*.whl; do
        .venv/bin/python -m zipfile -e "$wheel" "$packages"
    done
    trust "$packages/pip/_vendor/certifi/core.py"
}

# Debian's pip trusts the machine's certificates and does not start without them. Where there are none, the pip in .venv is
# told where those of the unpacked package are.
trust() {
    machine=/etc/ssl/certs/ca-certificates.crt
    [ ! -e "$machine" ] || return 0
    ours=$FLOORWATCH_CACHE/debs/ca.crt
    [ -s "$ours" ] || cat "$wheels"/usr/share/ca-certificates/mozilla/*.crt >"$ours"
    sed -i "s#$machine#$ours#" "$1"
}

setup_venv() {
    python=$(find_python)
    # Another path to the same version is no reason to take away what somebody may be running just now.
    locked="$("$python" -V) $(pwd) $(cat requirements/build.txt requirements/dev.txt | sha256sum)"
    project=$(cat pyproject.toml tools/setup.sh | sha256sum)
    if [ ! -x .venv/bin/python ] || [ "$(cat .venv/locked 2>/dev/null)" != "$locked" ]; then
        say "making .venv with $("$python" -V) ($python)"
        mkdir -p "$FLOORWATCH_CACHE/debs"
        make_venv
        .venv/bin/python -m pip install --quiet --require-hashes --only-binary :all: -r requirements/build.txt
        .venv/bin/python -m pip install --quiet --require-hashes --use-pep517 --no-build-isolation -r requirements/dev.txt
        echo "$locked" >.venv/locked
        rm -f .venv/project
    fi
    if [ "$(cat .venv/project 2>/dev/null)" != "$project" ]; then
        .venv/bin/python -m pip install --quiet --no-index --no-deps --no-build-isolation --editable .
        echo "$project" >.venv/project
    fi
}

# wrapper COMMAND PROGRAM [LINE]: put PROGRAM on the PATH of the tests as COMMAND, with the libraries unpacked under $folder.
wrapper() {
    libraries=$(find "$folder" -name '*.so*' -exec dirname {} + | sort -u | paste -sd : -)
    mkdir -p "$FLOORWATCH_CACHE/bin"
    {
        echo '#!/bin/sh'
        echo "export LD_LIBRARY_PATH='$libraries'\${LD_LIBRARY_PATH:+:\$LD_LIBRARY_PATH}"
        [ -z "${3:-}" ] || echo "$3"
        echo "exec '$2' \"\$@\""
    } >"$FLOORWATCH_CACHE/bin/$1"
    chmod +x "$FLOORWATCH_CACHE/bin/$1"
}

# --- the real servers of the tests -----------------------------------------------------------------------------------
# server COMMAND PACKAGE... : put COMMAND on the PATH of the tests, with the libraries of its packages.
server() {
    command=$1
    shift
    have "$command" && return
    folder=$FLOORWATCH_CACHE/debs/$1
    say "fetching $command ($1)"
    apt_unpack "$folder" "$@" 2>"$FLOORWATCH_CACHE/debs/error" || true
    for program in "$folder/usr/bin/$command" "$folder/usr/sbin/$command"; do
        [ -x "$program" ] || continue
        wrapper "$command" "$program"
        return
    done
    skip "$command: $(tail -n 1 "$FLOORWATCH_CACHE/debs/error")"
}

# An Asterisk is 250 MB: both are fetched at once, by the lab's own code.
asterisk() {
    fetch='import sys
from tests.lab.fetch import Unavailable, asterisk
try:
    print("setup:", asterisk(sys.argv[1]).package)
except Unavailable as error:
    sys.exit(str(error))'
    .venv/bin/python -c "$fetch" "$1" 2>"$FLOORWATCH_CACHE/debs/error-$1" || skip "Asterisk $1: $(tail -n 1 "$FLOORWATCH_CACHE/debs/error-$1")"
}

# PostgreSQL's programs find each other and their files from where they lie; tests/lab/postgresql.py starts them there.
postgresql() {
    ls /usr/lib/postgresql/*/bin/initdb >/dev/null 2>&1 && return
    folder=$FLOORWATCH_CACHE/debs/postgresql
    ls "$folder"/usr/lib/postgresql/*/bin/initdb >/dev/null 2>&1 && return
    say "fetching PostgreSQL (postgresql)"
    apt_unpack "$folder" postgresql 2>"$FLOORWATCH_CACHE/debs/error" && ls "$folder"/usr/lib/postgresql/*/bin/initdb >/dev/null 2>&1 && return
    skip "postgresql: $(tail -n 1 "$FLOORWATCH_CACHE/debs/error")"
}

# MariaDB finds its files by what it is told; tests/lab/mariadb.py starts it from where it lies.
mariadb() {
    [ -x /usr/sbin/mariadbd ] && return
    folder=$FLOORWATCH_CACHE/debs/mariadb-server-core
    [ -x "$folder/usr/sbin/mariadbd" ] && return
    say "fetching MariaDB (mariadb-server-core)"
    apt_unpack "$folder" mariadb-server-core 2>"$FLOORWATCH_CACHE/debs/error" && [ -x "$folder/usr/sbin/mariadbd" ] && return
    skip "mariadb: $(tail -n 1 "$FLOORWATCH_CACHE/debs/error")"
}

setup_servers() {
    : >.venv/skipped
    mkdir -p "$FLOORWATCH_CACHE/debs"
    asterisk 16 &
    asterisk 22 &
    server sipp sip-tester
    server promtool prometheus
    server mosquitto mosquitto
    server openssl openssl
    postgresql
    mariadb
    wait
}

# --- the browser of the tests ----------------------------------------------------------------------------------------
# Debian's own /usr/bin/chromium looks under /usr, so the program itself is started, with the fonts of its folder beside the machine's.
setup_browsers() {
    ! have chromium || return 0
    folder=$FLOORWATCH_CACHE/debs/chromium
    program=$folder/usr/lib/chromium/chromium
    mkdir -p "$FLOORWATCH_CACHE/debs" "$FLOORWATCH_CACHE/bin"
    say "fetching chromium"
    if ! apt_unpack "$folder" chromium fontconfig-config fonts-dejavu-core 2>"$FLOORWATCH_CACHE/debs/error-chromium" || [ ! -x "$program" ]; then
        skip "chromium: $(tail -n 1 "$FLOORWATCH_CACHE/debs/error-chromium")"
        return
    fi
    {
        echo '<?xml version="1.0"?><!DOCTYPE fontconfig SYSTEM "urn:fontconfig:fonts.dtd">'
        echo "<fontconfig><dir>$folder/usr/share/fonts</dir><dir>/usr/share/fonts</dir><cachedir>$folder/fontcache</cachedir>"
        echo "<match><edit name='family' mode='append' binding='strong'><string>DejaVu Sans</string></edit></match>"
        echo "</fontconfig>"
    } >"$folder/fonts.conf"
    wrapper chromium "$program" "export FONTCONFIG_FILE='$folder/fonts.conf'"
}

case ${1:-} in
    venv) setup_venv ;;
    servers) setup_servers ;;
    browsers) setup_browsers ;;
    *) echo "usage: tools/setup.sh venv|servers|browsers" >&2; exit 2 ;;
esac
