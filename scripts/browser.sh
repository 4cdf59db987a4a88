#!/bin/sh
# Chromium for the browser tests: Debian's, where this machine may install it.
set -eu
if command -v chromium >/dev/null || command -v chromium-browser >/dev/null; then
  exit 0
fi
as_root=""
[ "$(id -u)" = 0 ] || as_root="sudo -n"
if command -v apt-get >/dev/null && $as_root true 2>/dev/null; then
  echo "  Installing Chromium for the browser tests …"
  if $as_root apt-get update -qq &&
    $as_root env DEBIAN_FRONTEND=noninteractive apt-get install -qq -y --no-install-recommends chromium >/dev/null; then
    exit 0
  fi
fi
if [ "${CI:-}" = true ]; then
  echo "make test: Chromium is missing and could not be installed, and CI must not skip the pages." >&2
  exit 1
fi
echo "  No Chromium here: the browser tests are skipped. Install the package chromium to run them."
