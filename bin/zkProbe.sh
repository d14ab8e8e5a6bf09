#!/usr/bin/env bash
# bin/zkProbe.sh live|ready [PORT] [HOST]: exit code 0 when the server answers, or when it serves clients; by the word srvr, and without a JVM.
set -eu
wanted='^Mode: '
if [ "${1:-}" = live ]; then
    # srvr is answered whatever the whitelist says, and by a server that looks for a leader too
    wanted='.'
elif [ "${1:-}" != ready ]; then
    sed -n '2s/^# //p' "$0" >&2
    exit 2
fi
exec 3<>"/dev/tcp/${3:-127.0.0.1}/${2:-2181}"
printf srvr >&3
timeout 4 cat <&3 | grep -q "$wanted"
