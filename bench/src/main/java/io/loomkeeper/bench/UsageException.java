package io.loomkeeper.bench;

/** A command line that cannot be obeyed; the message tells its author why and what can be. */
final class UsageException extends RuntimeException {
    private static final long serialVersionUID = 1;

    UsageException(String message) {
        super(message);
    }
}
