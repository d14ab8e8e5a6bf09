package io.loomkeeper.tree;

import org.jspecify.annotations.Nullable;

/**
 * Who somebody is under one authentication scheme: {@code digest}, {@code ip}, {@code world}, …
 * (protocol 8.4).
 *
 * <p>Both parts may be null in what a client sends; the ACL rules refuse that.
 */
public record AuthId(@Nullable String scheme, @Nullable String id) {
    public static final AuthId ANYONE = new AuthId("world", "anyone");
}
