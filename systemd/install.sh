#!/bin/sh
# Installs TradeBot as a service of this user: links the unit, writes the paths of this clone, reloads the user manager.
# Needs no root, can be run again, and changes nothing when it refuses.
#
#   systemd/install.sh [--home DIR]     DIR: the home of the bot (default: the folder of the program)
set -eu

refuse() {
  printf '%s\n' "$1" >&2
  exit 1
}

UNIT=tbot_bot.service
HERE=$(CDPATH='' cd -- "$(dirname -- "$0")" && pwd -P)
ROOT=$(dirname -- "$HERE")
BOT_HOME=$ROOT

while [ $# -gt 0 ]; do
  case $1 in
    --home)
      [ $# -ge 2 ] && [ -n "$2" ] || refuse '--home needs a folder.'
      case $2 in
        /*) BOT_HOME=$2 ;;
        *) BOT_HOME=$PWD/$2 ;;
      esac
      shift 2
      ;;
    --help | -h)
      sed -n 's/^# \{0,1\}//; 2,5p' "$0"
      exit 0
      ;;
    *) refuse "Unknown option $1. Usage: systemd/install.sh [--home DIR]" ;;
  esac
done

case $ROOT$BOT_HOME in
  *'"'* | *\\* | *'
'*) refuse "The paths of program and home must not contain quotes, backslashes or line breaks: $ROOT, $BOT_HOME" ;;
esac

command -v systemctl >/dev/null 2>&1 || refuse 'This machine has no systemctl. Run the bot with: src/processes/cli/tradebot run.'
if [ "$(id -u)" -eq 0 ] && ! systemctl --user show --property=Version >/dev/null 2>&1; then
  refuse 'root has no user manager here. Run this as the user who will own the bot, without sudo.'
fi
NODE=$(command -v node) || refuse 'Node is not found. Install Node 22, 24 or 26, then run this again.'
case $NODE in
  /*) ;;
  *) refuse "node resolves to $NODE, which is not an absolute path. Add its folder to PATH and run this again." ;;
esac
# The launcher chooses the Node at each start, by the same rule; this check only reports an obstacle early.
why=$("$NODE" "$ROOT/src/processes/cli/runtime.cjs" --check 2>&1) || refuse "$why"

TARGET=${XDG_CONFIG_HOME:-$HOME/.config}/systemd/user
LINK=$TARGET/$UNIT
DROP_IN=$TARGET/$UNIT.d/10-place.conf
if [ -e "$LINK" ] && [ ! -L "$LINK" ]; then
  refuse "$LINK is a file, not our link. Move it away, then run this again."
fi

# In a unit, % starts a specifier; a folder may have one in its name.
escaped() {
  printf '%s' "$1" | sed 's/%/%%/g; s/\$/$$/g'
}
verbatim() {
  printf '%s' "$1" | sed 's/%/%%/g'
}

mkdir -p -- "$TARGET/$UNIT.d"
ln -sfn -- "$HERE/$UNIT" "$LINK"
cat >"$DROP_IN.new" <<END
# Written by systemd/install.sh; run it again after moving the program.
[Service]
WorkingDirectory=$(verbatim "$ROOT")
ExecStart=
ExecStart=/bin/sh "$(escaped "$ROOT")/src/processes/cli/tradebot" run
Environment="TRADEBOT_HOME=$(verbatim "$BOT_HOME")"
Environment="PATH=$(verbatim "$(dirname -- "$NODE")"):/usr/local/bin:/usr/bin:/bin"
END
mv -f -- "$DROP_IN.new" "$DROP_IN"

systemctl --user daemon-reload || refuse "The unit is linked, but the user manager did not respond. Log in again, then run: systemctl --user daemon-reload"

printf 'Linked %s\n' "$LINK"
WHO=$(id -un)
if [ "$(loginctl show-user "$WHO" --property=Linger --value 2>/dev/null || true)" != yes ]; then
  printf 'Lingering is off: the bot would stop when you log out. Enable it with:\n  loginctl enable-linger %s\n' "$WHO"
fi
printf 'Enable and start the bot with:\n  systemctl --user enable --now %s\n' "$UNIT"
