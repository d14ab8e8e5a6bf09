package io.loomkeeper.net.wire;

/**
 * Where a server listens.
 *
 * @param host a name, or an address without brackets
 */
public record HostPort(String host, int port) {
    private static final int PORT_MAX = 0xffff;

    /**
     * @param text {@code host:port}, a host with colons in brackets
     */
    static HostPort parse(String text) throws MalformedException {
        boolean bracketed = text.startsWith("[");
        int hostFrom = bracketed ? 1 : 0;
        int hostTo = bracketed ? text.indexOf(']') : text.indexOf(':');
        int colon = bracketed ? hostTo + 1 : hostTo;
        if (hostTo <= hostFrom || colon >= text.length() || text.charAt(colon) != ':') {
            throw new MalformedException("not a host and a port: " + text);
        }
        return new HostPort(text.substring(hostFrom, hostTo), parsePort(text, colon + 1));
    }

    private static int parsePort(String text, int from) throws MalformedException {
        int port = 0;
        for (int i = from; i < text.length() && port <= PORT_MAX; i++) {
            int digit = text.charAt(i) - '0';
            port = digit < 0 || digit > 9 ? PORT_MAX + 1 : 10 * port + digit;
        }
        if (port > PORT_MAX || from == text.length()) {
            throw new MalformedException("not a host and a port: " + text);
        }
        return port;
    }

    /** As {@link #parse} takes it. */
    @Override
    public String toString() {
        return (host.indexOf(':') < 0 ? host : "[" + host + "]") + ":" + port;
    }
}
