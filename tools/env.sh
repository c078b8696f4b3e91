# Sourced by the other tools. FLOORWATCH_CACHE holds what is downloaded once and serves every checkout: debs/, bin/,
# asterisk-16/, asterisk-22/. Without a writable home it is .cache in the checkout.
if [ -z "${FLOORWATCH_CACHE:-}" ]; then
    if [ -n "${HOME:-}" ] && mkdir -p "$HOME/.cache/floorwatch" 2>/dev/null && [ -w "$HOME/.cache/floorwatch" ]; then
        FLOORWATCH_CACHE=$HOME/.cache/floorwatch
    else
        FLOORWATCH_CACHE=$(pwd)/.cache
    fi
fi
mkdir -p "$FLOORWATCH_CACHE"
export FLOORWATCH_CACHE
PATH=$FLOORWATCH_CACHE/bin:$PATH
export PATH PIP_DISABLE_PIP_VERSION_CHECK=1
