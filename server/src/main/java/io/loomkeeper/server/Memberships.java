package io.loomkeeper.server;

import io.loomkeeper.net.ServerAddress;
import io.loomkeeper.net.wire.HostPort;
import io.loomkeeper.tree.Bytes;
import io.loomkeeper.tree.DataTree;
import io.loomkeeper.tree.NodeView;
import io.loomkeeper.tree.Op;
import io.loomkeeper.tree.Txn;
import io.loomkeeper.tree.TxnCodec;
import io.loomkeeper.tree.TxnFormatException;
import io.loomkeeper.zab.Configurations;
import io.loomkeeper.zab.Membership;
import java.io.IOException;
import java.io.StringReader;
import java.io.UncheckedIOException;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.agrona.DirectBuffer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The members of this server's ensemble, which change when {@code reconfigEnabled} says so: as
 * text, as files, as node, and as addresses for the links. Called on the pipeline thread; anybody
 * may look at {@link #active}.
 *
 * <p>A file that cannot be written ends the process, as with the epochs: a server that forgets a
 * configuration might vote by the one before it (S23).
 */
final class Memberships implements Configurations {
    private static final Logger LOG = LoggerFactory.getLogger(Memberships.class);

    private static final String NODE = "/zookeeper/config";

    private final long sid;
    private final EnsembleConfig.Changes changes;

    /** Told where members are, whenever that changes. */
    private Consumer<Map<Long, ServerAddress>> links = _ -> {};

    private final Map<Long, ServerAddress> addresses = new HashMap<>();
    private volatile Members active;
    private @Nullable Members next;

    /** The newest that was logged, when that is newer than what the files say. */
    private @Nullable Members logged;

    Memberships(EnsembleConfig config) {
        this(config.sid(), config.members(), config.changes());
    }

    /**
     * @param active at the start
     */
    Memberships(long sid, Members active, EnsembleConfig.Changes changes) {
        this.sid = sid;
        this.active = active;
        this.changes = changes;
    }

    Members active() {
        return active;
    }

    /** Before anything changes. */
    void tell(Consumer<Map<Long, ServerAddress>> told) {
        links = told;
    }

    /**
     * Takes note of the configuration that a recovered tree shows, which is the newest of the log.
     * Whoever has logged a configuration knows of it, even if the files were written anew, as for a
     * server that is to come back: it could take up an older one and decide by that (S23).
     */
    void learnFrom(DataTree recovered) {
        NodeView node = recovered.head().node(NODE);
        Bytes text = node == null ? null : node.data();
        if (isDynamic() && text != null && text.length() > 0) {
            logged = parse(text.utf8());
        }
    }

    /** Has the tree show the active configuration: each server writes it for itself. */
    void putInto(DataTree tree) {
        Members shown = active;
        tree.setConfig(Bytes.utf8(shown.text()), shown.version());
    }

    /** Of all that are or were members since this process began: who was removed may still ask. */
    Map<Long, ServerAddress> addresses() {
        if (next != null) {
            next.lines().forEach((sid, line) -> addresses.put(sid, addressOf(line)));
        }
        active.lines().forEach((sid, line) -> addresses.put(sid, addressOf(line)));
        return addresses;
    }

    private static ServerAddress addressOf(ServerLine line) {
        List<ServerLine.Address> all = line.addresses();
        return new ServerAddress(
                all.stream().map(a -> new HostPort(a.host(), a.quorumPort())).toList(),
                all.stream().map(a -> new HostPort(a.host(), a.electionPort())).toList());
    }

    @Override
    public boolean isDynamic() {
        return changes.isEnabled();
    }

    @Override
    public @Nullable Membership seenBefore() {
        Members seen = newer(changes.seen(), logged);
        if (seen == null || seen.version() <= active.version()) {
            return null;
        }
        next = seen;
        links.accept(addresses());
        return seen.membership();
    }

    private static @Nullable Members newer(@Nullable Members one, @Nullable Members other) {
        return one == null || (other != null && other.version() > one.version()) ? other : one;
    }

    @Override
    public @Nullable Membership read(String text) {
        Members members = parse(text);
        return members == null ? null : members.membership();
    }

    private @Nullable Members parse(String text) {
        try {
            Settings source = Settings.parse("configuration", new StringReader(text));
            Members members = Members.parse(source, Members.versionIn(source));
            return members.voters().isEmpty() ? null : members;
        } catch (IOException | ConfigException e) {
            LOG.warn("a configuration that says nothing to this server: {}", e.getMessage());
            return null;
        }
    }

    @Override
    public @Nullable Membership madeBy(DirectBuffer txn) {
        if (!TxnCodec.isOf(Op.RECONFIG, txn)) {
            return null;
        }
        try {
            Txn decoded = TxnCodec.decode(txn, 0, txn.capacity()).txn();
            return decoded instanceof Txn.ReconfigTxn(_, Bytes data, _) && data != null
                    ? read(data.utf8())
                    : null;
        } catch (TxnFormatException e) {
            throw new IllegalStateException("a reconfiguration that cannot be read", e);
        }
    }

    @Override
    public Membership renumbered(Membership membership, long version) {
        Members members = same(membership);
        return new Members(members.lines(), members.groups(), version).membership();
    }

    private Members same(Membership membership) {
        Members members = parse(membership.text());
        if (members == null) {
            throw new IllegalStateException("not a configuration: " + membership.text());
        }
        return members;
    }

    @Override
    public boolean hasMoved(long sid, Membership from, Membership to) {
        return !quorumAddresses(same(from), sid).equals(quorumAddresses(same(to), sid));
    }

    private static List<HostPort> quorumAddresses(Members members, long sid) {
        ServerLine line = members.lines().get(sid);
        return line == null ? List.of() : addressOf(line).quorum();
    }

    @Override
    public void onSeen(@Nullable Membership seen) {
        Members members = seen == null ? null : same(seen);
        next = members;
        keep(
                files -> {
                    if (members == null) {
                        files.deleteNext();
                    } else {
                        files.writeNext(members);
                    }
                });
        links.accept(addresses());
    }

    @Override
    public void onActive(Membership membership) {
        Members members = same(membership);
        active = members;
        boolean isLast = next == null || next.version() <= members.version();
        next = isLast ? null : next;
        LOG.info("goes by configuration {} from now on", Long.toHexString(members.version()));
        keep(
                files -> {
                    ServerLine self = members.lines().get(sid);
                    files.writeActive(members, self != null && self.client() != null);
                    if (isLast) {
                        files.deleteNext();
                    }
                });
        links.accept(addresses());
    }

    private interface Writing {
        void to(ConfigFiles files) throws IOException;
    }

    private void keep(Writing writing) {
        ConfigFiles files = changes.files();
        if (files == null) {
            return;
        }
        try {
            writing.to(files);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Keeps zoo.cfg as it is, before the first change takes the members out of it. */
    void backUp() {
        if (isDynamic() && changes.isInline()) {
            keep(ConfigFiles::backUp);
        }
    }
}
