#!/bin/sh
# A tool that tests need, as Debian's package, where this machine may install it.
# Usage: debian_tool.sh PACKAGE "THE TESTS THAT NEED IT" COMMAND...
set -eu
package=$1
tests=$2
shift 2
for command in "$@"; do
  if command -v "$command" >/dev/null; then
    exit 0
  fi
done
as_root=""
[ "$(id -u)" = 0 ] || as_root="sudo -n"
if command -v apt-get >/dev/null && $as_root true 2>/dev/null; then
  echo "  Installing $package for $tests …"
  if $as_root apt-get update -qq &&
    $as_root env DEBIAN_FRONTEND=noninteractive apt-get install -qq -y --no-install-recommends "$package" >/dev/null; then
    exit 0
  fi
fi
if [ "${CI:-}" = true ]; then
  echo "make test: $package is missing and could not be installed, and CI must not skip $tests." >&2
  exit 1
fi
echo "  No $package here: $tests are skipped. Install the package $package to run them."
