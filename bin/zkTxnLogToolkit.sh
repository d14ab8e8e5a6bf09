#!/bin/sh
# bin/zkTxnLogToolkit.sh [-d] [-r [-v] [-y]] [-c -z ZXID] FILE: prints a transaction log. A file of Apache ZooKeeper's is given to Apache's own tool,
# which also repairs and cuts; of ours, a segment or a data directory, the transactions are printed.
set -eu
house=$(readlink -f "$0") && house=${house%/bin/*}
. "$house/bin/.java"
. "$house/bin/.files"

changes=
file=
for each; do
    case $each in
        -r | --recover | -c | --chop) changes=$each ;;
        *) file=$each ;;
    esac
done
case $file in
    '' | -*) sed -n '2,3s/^# //p' "$0" >&2 && exit 2 ;;
esac
if [ -f "$file" ] && is_apaches "$file"; then
    apaches org.apache.zookeeper.server.persistence.TxnLogToolkit "$@"
fi
if [ -n "$changes" ]; then
    echo "$0: a log of Loomkeeper's is not repaired or cut by hand; see bin/loomkeeper verify, and export --zxid" >&2
    exit 2
fi
# <dataDir>/loomkeeper/log/run-<n>/<segment>
[ -d "$file" ] || file=$(dirname "$(readlink -f "$file")")/../../..
# shellcheck disable=SC2031
exec "$house/bin/loomkeeper" dump --log "$file"
