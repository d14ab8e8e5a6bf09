package io.loomkeeper.server;

import io.loomkeeper.net.Asked;
import io.loomkeeper.tree.Acl;
import io.loomkeeper.tree.AclRules;
import io.loomkeeper.tree.Change;
import io.loomkeeper.tree.EventType;
import io.loomkeeper.tree.KeeperError;
import io.loomkeeper.tree.Reads;
import io.loomkeeper.tree.Request;
import io.loomkeeper.tree.Response;
import io.loomkeeper.tree.TreeVersion;
import io.loomkeeper.tree.Watches;
import java.util.List;
import java.util.function.Consumer;
import org.agrona.collections.Long2ObjectHashMap;

/**
 * What the pipeline says to connections: replies, watch events, and the answers to requests that
 * are no writes but need the one thread, because they leave a watch or stand behind a write of
 * their connection.
 */
final class Answers {
    /** Catch-up events carry no transaction's zxid (protocol 11.6). */
    private static final long CATCH_UP_ZXID = -1;

    private static final List<EventType> TYPES = List.of(EventType.values());

    private final Reads reads;
    private final Watches watches;
    private final AclRules aclRules;
    private final Long2ObjectHashMap<Client> clients;
    private final PipelineMeter meter;
    private final Delivery delivery = new Delivery();

    Answers(Pipeline.Parts parts, Long2ObjectHashMap<Client> clients, PipelineMeter meter) {
        this.reads = parts.reads();
        this.watches = parts.watches();
        this.aclRules = parts.aclRules();
        this.clients = clients;
        this.meter = meter;
    }

    /** Answers from {@code version}, which every earlier request of the client is part of. */
    void answer(Client client, Asked asked, Request request, TreeVersion version) {
        Response response =
                switch (request) {
                    case Request.Read read -> read(client, read, version);
                    case Request.Sync(String path) -> new Response.Path(path);
                    case Request.Ping _ -> Response.Empty.INSTANCE;
                    case Request.Unreadable(KeeperError error) -> new Response.Failed(error);
                    case Request.Auth _, Request.Sasl _, Request.Write _ ->
                            throw new AssertionError("not for the pipeline: " + asked);
                };
        client.link.reply(asked, version.zxid(), response);
    }

    private Response read(Client client, Request.Read request, TreeVersion version) {
        long watcher = client.link.id();
        return switch (request) {
            case Request.AddWatch add -> watches.addWatch(watcher, add);
            case Request.CheckWatches check -> watches.checkWatches(watcher, check);
            case Request.RemoveWatches remove -> watches.removeWatches(watcher, remove);
            case Request.SetWatches set -> {
                delivery.zxid = CATCH_UP_ZXID;
                yield watches.setWatches(watcher, set, version, delivery);
            }
            default -> {
                Response response =
                        reads.read(version, request, client.sessionId, client.link.identities());
                watches.leave(watcher, request, response);
                yield response;
            }
        };
    }

    /** Tells whom one change concerns; each connection told goes to {@code told}. */
    void fire(Change change, long zxid, Consumer<Client> told) {
        delivery.zxid = zxid;
        delivery.told = told;
        watches.fire(change, delivery);
        delivery.tellMeter();
    }

    void forget(Client client) {
        watches.removeAll(client.link.id());
    }

    private final class Delivery implements Watches.Sink {
        long zxid;
        Consumer<Client> told = _ -> {};

        /** Connections told of each type of event, by its code, since the meter was. */
        private final int[] connections = new int[TYPES.size() + 1];

        private boolean isSilent = true;

        void tellMeter() {
            if (isSilent) {
                return;
            }
            for (EventType type : TYPES) {
                if (connections[type.code()] > 0) {
                    meter.onFired(type, connections[type.code()]);
                    connections[type.code()] = 0;
                }
            }
            isSilent = true;
        }

        @Override
        public void onEvent(long watcher, EventType type, String path, List<Acl> acl) {
            Client client = clients.get(watcher);
            if (client != null && aclRules.permits(acl, Acl.READ, client.link.identities())) {
                client.link.event(zxid, type, path);
                told.accept(client);
                if (zxid != CATCH_UP_ZXID) {
                    connections[type.code()]++;
                    isSilent = false;
                }
            }
        }
    }
}
