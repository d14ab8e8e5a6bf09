#!/bin/sh
# bin/zkSnapshotComparer.sh -l LEFT -r RIGHT [-b BYTES] [-n NODES] [-d] [-i]: compares two snapshots. Two of Apache ZooKeeper's are given to Apache's own
# tool; otherwise the differences are printed, whatever the thresholds.
set -eu
house=$(readlink -f "$0") && house=${house%/bin/*}
. "$house/bin/.java"
. "$house/bin/.files"

left=
right=
previous=
for each; do
    case $previous in
        -l | --left) left=$each ;;
        -r | --right) right=$each ;;
    esac
    previous=$each
done
if [ -z "$left" ] || [ -z "$right" ]; then
    sed -n '2,3s/^# //p' "$0" >&2
    exit 2
fi
if is_apaches "$left" && is_apaches "$right"; then
    apaches org.apache.zookeeper.server.SnapshotComparer "$@"
fi
# shellcheck disable=SC2031
exec "$house/bin/loomkeeper" diff "$left" "$right"
