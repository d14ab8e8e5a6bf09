#!/bin/sh
# bin/zkSnapShotToolkit.sh [-d|-json] FILE: prints a snapshot, of Apache ZooKeeper's by Apache's own tool, or of ours; -d with the nodes' data.
set -eu
house=$(readlink -f "$0") && house=${house%/bin/*}
. "$house/bin/.java"
. "$house/bin/.files"

how=
file=
for each; do
    case $each in
        -d) how=--data ;;
        -json) how=--json ;;
        *) file=$each ;;
    esac
done
[ -n "$file" ] || { sed -n '2s/^# //p' "$0" >&2 && exit 2; }
if is_apaches "$file"; then
    apaches org.apache.zookeeper.server.SnapshotFormatter "$@"
fi
# shellcheck disable=SC2031
exec "$house/bin/loomkeeper" dump ${how:+"$how"} "$file"
