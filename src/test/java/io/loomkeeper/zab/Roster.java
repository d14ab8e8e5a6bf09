package io.loomkeeper.zab;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.agrona.DirectBuffer;
import org.agrona.concurrent.UnsafeBuffer;
import org.jspecify.annotations.Nullable;

/**
 * Configurations as short texts: {@code voters;observers;moved;version}, the first three as ids
 * between commas. A transaction that begins with {@code R} makes one.
 */
final class Roster implements Configurations {
    final List<String> kept = new ArrayList<>();
    @Nullable Membership seen;
    @Nullable Membership active;

    /** Whether that one is active. */
    boolean isAt(long version) {
        return active != null && active.version() == version;
    }

    static Membership of(Set<Long> voters, Set<Long> observers, Set<Long> moved, long version) {
        String text = ids(voters) + ";" + ids(observers) + ";" + ids(moved) + ";" + version;
        return new Membership(
                new Majority(new TreeSet<>(voters)), new TreeSet<>(observers), version, text);
    }

    static Membership of(Set<Long> voters, long version) {
        return of(voters, Set.of(), Set.of(), version);
    }

    static UnsafeBuffer txn(Membership made) {
        return new UnsafeBuffer(("R" + made.text()).getBytes(StandardCharsets.US_ASCII));
    }

    private static String ids(Set<Long> sids) {
        return String.join(",", new TreeSet<>(sids).stream().map(String::valueOf).toList());
    }

    private static Set<Long> sids(String text) {
        TreeSet<Long> sids = new TreeSet<>();
        Arrays.stream(text.split(",", -1))
                .filter(t -> !t.isEmpty())
                .map(Long::valueOf)
                .forEach(sids::add);
        return sids;
    }

    @Override
    public boolean isDynamic() {
        return true;
    }

    @Override
    public @Nullable Membership seenBefore() {
        return seen;
    }

    @Override
    public @Nullable Membership read(String text) {
        String[] parts = text.split(";", -1);
        return parts.length != 4
                ? null
                : of(sids(parts[0]), sids(parts[1]), sids(parts[2]), Long.parseLong(parts[3]));
    }

    @Override
    public @Nullable Membership madeBy(DirectBuffer txn) {
        String text = txn.getStringWithoutLengthAscii(0, txn.capacity());
        return text.startsWith("R") ? read(text.substring(1)) : null;
    }

    @Override
    public Membership renumbered(Membership membership, long version) {
        String text = membership.text();
        Membership renumbered = read(text.substring(0, text.lastIndexOf(';') + 1) + version);
        if (renumbered == null) {
            throw new AssertionError(text);
        }
        return renumbered;
    }

    @Override
    public boolean hasMoved(long sid, Membership from, Membership to) {
        return !List.of(from.text().split(";", -1)[2].split(",", -1)).contains("" + sid)
                && List.of(to.text().split(";", -1)[2].split(",", -1)).contains("" + sid);
    }

    @Override
    public void onSeen(@Nullable Membership next) {
        seen = next;
        kept.add("seen " + (next == null ? "none" : next.text()));
    }

    @Override
    public void onActive(Membership membership) {
        kept.add("active " + membership.text());
        active = membership;
        if (seen != null && seen.version() <= membership.version()) {
            seen = null;
        }
    }
}
