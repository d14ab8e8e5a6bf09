package io.loomkeeper.server;

import io.loomkeeper.admin.Command;
import io.loomkeeper.admin.Guard;
import io.loomkeeper.net.Connections;
import io.loomkeeper.tree.AclRules;
import io.loomkeeper.tree.TreeOptions;
import java.io.IOException;
import java.util.List;

/** What not everybody may who reaches the admin port, and who says who may. */
record GuardedCommands(List<Command> commands, Guard guard) {

    /** What they work on. */
    record Parts(
            PublishedState published,
            RequestRing ring,
            Snapshotter snapshotter,
            Pipeline pipeline,
            AclRules aclRules,
            TreeOptions options,
            Room room,
            Connections connections,
            ServerMetrics metrics) {}

    /**
     * @param isAlone whether the server is no member of an ensemble
     */
    static GuardedCommands of(AdminConfig config, boolean isAlone, Parts parts) {
        return config.server()
                .map(server -> of(server.snapshots(), isAlone, parts))
                .orElse(new GuardedCommands(List.of(), _ -> Guard.Verdict.REFUSED));
    }

    private static GuardedCommands of(AdminConfig.Snapshots asked, boolean isAlone, Parts parts) {
        RequestRing ring = parts.ring();
        SnapshotCommand snapshot =
                new SnapshotCommand(
                        asked,
                        parts.published(),
                        answer ->
                                ring.offerTask(
                                        () ->
                                                parts.snapshotter()
                                                        .onAsked(
                                                                parts.published().version(),
                                                                answer)),
                        parts.metrics());
        RestoreCommand restore =
                new RestoreCommand(
                        refusal(asked, isAlone),
                        parts.options(),
                        new Turns(asked.intervalMs()),
                        target(parts),
                        parts.metrics());
        return new GuardedCommands(
                List.of(
                        snapshot.command(),
                        restore.command(),
                        new ShedCommand(parts.connections()::forEach).command()),
                new RootGuard(
                        parts.aclRules(),
                        parts.published(),
                        parts.metrics(),
                        asked.countsAnyone()));
    }

    /** Of a posted state; empty when one is taken. */
    private static String refusal(AdminConfig.Snapshots asked, boolean isAlone) {
        if (!asked.areRestored()) {
            return "admin.restore.enabled is false";
        }
        return isAlone
                ? ""
                : "a state that one server of an ensemble has by itself is not agreed on: stop all"
                        + " servers, give each an empty data directory of this snapshot by"
                        + " 'bin/loomkeeper restore', with its myid, and start them all"
                        + " (docs/operations.md, \"Back up, restore\")";
    }

    private static RestoreCommand.Target target(Parts parts) {
        return new RestoreCommand.Target() {
            @Override
            public long roomBytes() throws IOException {
                return parts.room().bytes();
            }

            @Override
            public boolean take(Replacement replacement) {
                return parts.ring().offerTask(() -> parts.pipeline().replaceBy(replacement));
            }
        };
    }
}
