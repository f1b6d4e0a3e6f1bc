#!/usr/bin/env bash
# Installs the Debian packages among its arguments that are not there. Says what it installs; installs nothing twice.
set -euo pipefail

is_there() {
  case $1 in
    postgresql) compgen -G '/usr/lib/postgresql/*/bin/postgres' >/dev/null || command -v postgres >/dev/null ;;
    nginx | haproxy | pgbouncer) PATH=$PATH:/usr/sbin command -v "$1" >/dev/null ;;
    prometheus) command -v promtool >/dev/null ;;
    systemd) command -v systemd-analyze >/dev/null ;;
    fonts-liberation) compgen -G '/usr/share/fonts/truetype/liberation*/*.ttf' >/dev/null ;;
    python3-venv) /usr/bin/python3 -c 'import ensurepip' 2>/dev/null ;;
    *) command -v "$1" >/dev/null ;;
  esac
}

missing=()
for package in "$@"; do
  is_there "$package" || missing+=("$package")
done
[ ${#missing[@]} -eq 0 ] && exit 0

if ! command -v apt-get >/dev/null; then
  echo "missing: ${missing[*]}; this machine has no apt-get, install them by its own means" >&2
  exit 1
fi
if [ "$(id -u)" -ne 0 ]; then
  echo "missing: ${missing[*]}; run this first: sudo apt-get install --no-install-recommends ${missing[*]}" >&2
  exit 1
fi

# The system-wide servers that these packages bring are not needed here, so they are not started; ours use ports of their own.
policy=/usr/sbin/policy-rc.d
if [ ! -e $policy ]; then
  trap 'rm -f $policy' EXIT
  printf '#!/bin/sh\nexit 101\n' >$policy
  chmod +x $policy
fi

echo "installing ${missing[*]}"
export DEBIAN_FRONTEND=noninteractive
log=$(mktemp)
if ! { apt-get update -q && apt-get install -y -q --no-install-recommends "${missing[@]}"; } >"$log" 2>&1; then
  tail -n 15 "$log" >&2
  echo "apt-get could not install ${missing[*]} (log: $log)" >&2
  exit 1
fi
rm -f "$log"
