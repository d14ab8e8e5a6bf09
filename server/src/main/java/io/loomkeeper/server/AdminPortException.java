package io.loomkeeper.server;

import java.io.IOException;

/** The admin server's port cannot be had; a server that stands alone does not start without. */
final class AdminPortException extends IOException {
    private static final long serialVersionUID = 1;

    AdminPortException(AdminConfig.Commands config, IOException cause) {
        super(
                "Problem starting AdminServer on address %s, port %d and command URL %s: %s"
                        .formatted(
                                config.address().getHostString(),
                                config.address().getPort(),
                                config.commandUrl(),
                                cause.getMessage()),
                cause);
    }
}
