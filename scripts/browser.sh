#!/bin/sh
# Chromium for the browser tests: Debian's, where this machine may install it.
set -eu
command -v chromium >/dev/null && exit 0
if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
  echo "  Installing Chromium for the browser tests …"
  if apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -qq -y --no-install-recommends chromium >/dev/null; then
    exit 0
  fi
fi
[ "${CI:-}" = true ] && { echo "browser.sh: Chromium is missing and could not be installed." >&2; exit 1; }
echo "  No Chromium here: the browser tests are skipped. Install the package chromium to run them."
