#!/bin/sh
# bin/zkCli.sh [-server HOST:PORT[,...][/chroot]] [-timeout MS] [-r] [command]: Apache ZooKeeper's own shell. ZK_CLIENT_HEAP (MB), CLIENT_JVMFLAGS
# and JVMFLAGS count.
set -eu
house=$(readlink -f "$0") && house=${house%/bin/*}
. "$house/bin/.java"
. "$house/bin/.conf"
shift "$shifted"
. "$house/bin/.shell"

# The flags are lists of words.
# shellcheck disable=SC2086
exec "$JAVA_HOME/bin/java" "-Xmx${ZK_CLIENT_HEAP:-256}m" ${CLIENT_JVMFLAGS:-} ${JVMFLAGS:-} -cp "$shell" \
    org.apache.zookeeper.ZooKeeperMain "$@"
