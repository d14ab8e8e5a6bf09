package org.apache.zookeeper;

import io.loomkeeper.conformance.FreePort;

/**
 * Replaces the class of this name in Apache's test jar, so that several test JVMs never meet on a
 * port.
 */
public final class PortAssignment {
    private PortAssignment() {}

    public static int unique() {
        return FreePort.next();
    }
}
