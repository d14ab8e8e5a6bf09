# Sourced by the programs beside it with $house set: finds a JDK of at least 25, or the run-time that a
# distribution brings along, and exports it as JAVA_HOME. Sets jvm_options to the file of flags.

jdk_wanted=25

# Every JVM flag, once; a distribution has it under conf/.
jvm_options=$house/config/jvm.options
[ -e "$jvm_options" ] || jvm_options=$house/conf/jvm.options

# Is $1 a JDK that will do? Reads its release file: starting a java to ask it costs more than all else here.
jdk_will_do() {
    [ -x "$1/bin/java" ] && [ -x "$1/bin/javac" ] && [ -r "$1/release" ] || return 1
    while IFS='="' read -r key _ version _; do
        [ "$key" = JAVA_VERSION ] || continue
        [ "${version%%[!0-9]*}" -ge "$jdk_wanted" ] 2>/dev/null
        return
    done <"$1/release"
    return 1
}

find_jdk() {
    [ ! -x "$house/runtime/bin/java" ] || { JAVA_HOME=$house/runtime && export JAVA_HOME && return; }
    [ -n "${JAVA_HOME:-}" ] && jdk_will_do "$JAVA_HOME" && return
    on_path=$(command -v javac) && on_path=$(readlink -f "$on_path") && on_path=${on_path%/bin/javac}
    for jdk in "${on_path:-/none}" /usr/lib/jvm/* /usr/java/* /opt/*jdk* /opt/java/* \
        "${HOME:-}"/.sdkman/candidates/java/* "${HOME:-}"/.jdks/* \
        /opt/homebrew/opt/openjdk*/libexec/openjdk.jdk/Contents/Home \
        /Library/Java/JavaVirtualMachines/*/Contents/Home; do
        jdk_will_do "$jdk" && JAVA_HOME=$jdk && export JAVA_HOME && return
    done
    cat >&2 <<END
Loomkeeper needs a JDK $jdk_wanted or newer; JAVA_HOME, PATH and the usual places have none.
Get one from your system's packages (Debian: apt-get install openjdk-$jdk_wanted-jdk-headless) or from
https://adoptium.net, then set JAVA_HOME to it or put its bin/ on PATH.
END
    exit 1
}

# Maven on that JDK, in batch, from any directory.
maven() {
    command -v mvn >/dev/null || {
        echo "Loomkeeper is built by Maven 3.8 or newer, and there is no mvn on PATH (Debian: apt-get install maven)." >&2
        exit 1
    }
    MAVEN_OPTS="--sun-misc-unsafe-memory-access=allow --enable-native-access=ALL-UNNAMED ${MAVEN_OPTS:-}" \
        mvn -B -Dstyle.color=never -f "$house/pom.xml" "$@" </dev/null
}

find_jdk
