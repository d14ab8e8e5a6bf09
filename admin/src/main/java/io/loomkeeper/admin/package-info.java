/**
 * What an operator asks over HTTP: commands, health, metrics. It knows nothing of what it shows:
 * the server hands it commands and sources of metrics through the ports of {@link
 * io.loomkeeper.admin.AdminServer} (ADR 10). No other room knows HTTP.
 */
@NullMarked
package io.loomkeeper.admin;

import org.jspecify.annotations.NullMarked;
