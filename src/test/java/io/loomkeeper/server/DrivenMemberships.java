package io.loomkeeper.server;

import io.loomkeeper.tree.DataTree;
import io.loomkeeper.tree.Reconfigurations;
import io.loomkeeper.zab.Configurations;
import io.loomkeeper.zab.Membership;
import io.loomkeeper.zab.Peer;
import java.io.IOException;
import java.io.StringReader;
import java.util.Set;
import java.util.function.Supplier;
import java.util.logging.Level;
import java.util.logging.Logger;
import org.jspecify.annotations.Nullable;

/**
 * What one server makes of configurations, for somebody in another package who keeps what
 * production keeps in files.
 */
public final class DrivenMemberships {
    /** Thousands of changes are told to nobody. */
    private static final Logger LOGGER = Logger.getLogger(Memberships.class.getName());

    private final Memberships memberships;
    private final int votersMin;
    private Set<Long> known;

    /**
     * @param active the configuration that the server was last told to go by, as text
     * @param seen what was proposed and is not active, as text
     * @param votersMin that an ensemble keeps
     */
    public DrivenMemberships(long sid, String active, @Nullable String seen, int votersMin) {
        this.votersMin = votersMin;
        LOGGER.setLevel(Level.WARNING);
        EnsembleConfig.Changes changes =
                new EnsembleConfig.Changes(
                        true, null, false, votersMin, seen == null ? null : members(seen));
        this.memberships = new Memberships(sid, members(active), changes);
        this.known = Set.copyOf(memberships.addresses().keySet());
        memberships.tell(addresses -> known = Set.copyOf(addresses.keySet()));
    }

    private static Members members(String text) {
        try {
            Settings source = Settings.parse("configuration", new StringReader(text));
            return Members.parse(source, Members.versionIn(source));
        } catch (ConfigException | IOException e) {
            throw new AssertionError(text, e);
        }
    }

    /** The agreement core's port. */
    public Configurations port() {
        return memberships;
    }

    public Membership active() {
        return memberships.active().membership();
    }

    /** Whose connections are taken, and who can be dialled. */
    public Set<Long> known() {
        return known;
    }

    /** What production learns of a state that was recovered, before it is completed. */
    public void learnFrom(DataTree recovered) {
        memberships.learnFrom(recovered);
    }

    /** As a state that was recovered or received is completed. */
    public void putInto(DataTree tree) {
        memberships.putInto(tree);
    }

    /** What a leader judges requests by. */
    Reconfigurations rules(Supplier<Peer> peer) {
        return new ReconfigRules(
                memberships,
                new ReconfigRules.Standing() {
                    @Override
                    public boolean isReconfiguring() {
                        return peer.get().isReconfiguring();
                    }

                    @Override
                    public boolean isQuorumSynced(Membership next) {
                        return peer.get().isQuorumSynced(next);
                    }
                },
                votersMin,
                false);
    }
}
