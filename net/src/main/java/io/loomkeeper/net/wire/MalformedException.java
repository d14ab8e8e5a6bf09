package io.loomkeeper.net.wire;

/**
 * Bytes that are not what the protocol says they should be.
 *
 * <p>Carries no stack trace: strangers cause it, and it must cost nothing to throw.
 */
public final class MalformedException extends Exception {
    private static final long serialVersionUID = 1;

    MalformedException(String message) {
        super(message, null, false, false);
    }
}
