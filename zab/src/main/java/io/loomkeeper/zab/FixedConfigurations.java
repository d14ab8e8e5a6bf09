package io.loomkeeper.zab;

import org.agrona.DirectBuffer;
import org.jspecify.annotations.Nullable;

/** The one configuration of an ensemble whose members never change. */
final class FixedConfigurations implements Configurations {
    @Override
    public boolean isDynamic() {
        return false;
    }

    @Override
    public @Nullable Membership seenBefore() {
        return null;
    }

    @Override
    public @Nullable Membership read(String text) {
        return null;
    }

    @Override
    public @Nullable Membership madeBy(DirectBuffer txn) {
        return null;
    }

    @Override
    public Membership renumbered(Membership membership, long version) {
        throw new IllegalStateException("it never changes");
    }

    @Override
    public boolean hasMoved(long sid, Membership from, Membership to) {
        return false;
    }

    @Override
    public void onSeen(@Nullable Membership next) {
        throw new IllegalStateException("it never changes");
    }

    @Override
    public void onActive(Membership membership) {
        throw new IllegalStateException("it never changes");
    }
}
