#!/bin/sh
# bin/zkCleanup.sh [dataLogDir [dataDir]] -n COUNT: deletes all but the newest COUNT snapshots, at least 3, and the log that only they need. Without
# directories those of the configuration. A running server does this by itself (autopurge), and is left alone.
set -eu
house=$(readlink -f "$0") && house=${house%/bin/*}
. "$house/bin/.conf"
shift "$shifted"

usage() {
    echo "usage: $0 [dataLogDir [dataDir]] -n COUNT" >&2
    exit 2
}

count=
logs=
data=
while [ $# -gt 0 ]; do
    case $1 in
        -n) count=${2:-} && shift ;;
        -*) usage ;;
        *) if [ -z "$logs" ]; then logs=$1; else data=$1; fi ;;
    esac
    [ $# -eq 0 ] || shift
done
case $count in '' | *[!0-9]*) usage ;; esac
if [ -z "$logs" ]; then
    config=$(config_file "${ZOOCFG:-zoo.cfg}")
    [ -r "$config" ] || { echo "$0: cannot read $config" >&2 && exit 1; }
    data=$(key dataDir)
    logs=$(key dataLogDir)
fi
data=${data:-$logs}
exec "$house/bin/loomkeeper" purge "$data" --data-log-dir "${logs:-$data}" -n "$count"
