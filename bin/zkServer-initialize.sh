#!/bin/sh
# bin/zkServer-initialize.sh [--configfile=FILE] [--myid=ID] [--force]: makes the directories of a configuration, with myid, and with the mark
# that an empty one is a new server's. --force deletes the data that is there.
set -eu
house=$(readlink -f "$0") && house=${house%/bin/*}
. "$house/bin/.conf"
shift "$shifted"
config=$(config_file "${ZOOCFG:-zoo.cfg}")
id=
force=

usage() {
    echo "usage: $0 [--configfile=FILE] [--myid=ID] [--force]" >&2
    exit 2
}

while [ $# -gt 0 ]; do
    case $1 in
        --configfile=*) config=${1#*=} ;;
        --configfile) config=${2:?"--configfile: no file"} && shift ;;
        --myid=*) id=${1#*=} ;;
        --myid) id=${2:?"--myid: no id"} && shift ;;
        --force) force=yes ;;
        *) usage ;;
    esac
    shift
done

[ -r "$config" ] || { echo "$0: cannot read $config" >&2 && exit 1; }
data=$(key dataDir)
logs=$(key dataLogDir)
[ -n "$data" ] || { echo "$0: $config has no dataDir" >&2 && exit 1; }
case $id in *[!0-9]*) usage ;; esac

for directory in "$data" ${logs:+"$logs"}; do
    for there in "$directory/loomkeeper" "$directory/version-2"; do
        if [ -e "$there" ] && [ -z "$force" ]; then
            echo "$0: $there is there already; --force deletes it" >&2
            exit 1
        fi
        rm -rf "$there"
    done
    mkdir -p "$directory"
done
if [ -n "$id" ]; then
    echo "$id" >"$data/myid"
elif grep -q '^[[:space:]]*server\.[0-9]' "$config" && [ ! -e "$data/myid" ]; then
    echo "No myid provided, be sure to specify it in $data/myid if using non-standalone"
fi
: >"$data/initialize"
