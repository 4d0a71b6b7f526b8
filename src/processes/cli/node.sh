#!/bin/sh
# Runs a script of this project with a Node that the project supports, in place of this shell:
#   sh src/processes/cli/node.sh SCRIPT [ARGUMENT ...]
# runtime.cjs has the one rule that chooses the Node, and installs the packages when they bring it.
set -eu
here=$(CDPATH='' cd -- "$(dirname -- "$0")" && pwd -P)

# Under npm, node_modules/.bin stands first in PATH; the Node that runs npm is the one of this machine.
host=${npm_node_execpath-}
[ -n "$host" ] && [ -x "$host" ] || host=$(command -v node) || {
  printf '%s\n' 'Node is not found. Install Node 22, 24 or 26; with Node 18 or newer, set-up installs its own.' >&2
  exit 1
}
node=$("$host" "$here/runtime.cjs") || exit $?
exec "$node" "$@"
