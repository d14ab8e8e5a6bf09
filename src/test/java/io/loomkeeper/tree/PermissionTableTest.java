package io.loomkeeper.tree;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;
import org.junit.jupiter.api.Test;

/**
 * Every operation under every single permission, on the node and on its parent: protocol 3.2 and
 * POINTS 18 as one table.
 */
final class PermissionTableTest {
    private static final int NONE = 0;

    /**
     * One operation on {@code /p/n}.
     *
     * @param onNode permission bits of which any one on the node is needed; NONE if none is
     * @param onParent likewise on {@code /p}
     */
    private record Row(String name, Supplier<Request> request, int onNode, int onParent) {}

    private static final List<Row> TABLE =
            List.of(
                    row("create", () -> Writing.creation("/p/n/x"), Acl.CREATE, NONE),
                    row(
                            "create2 sequential",
                            () -> Writing.creation("/p/n/x", 2),
                            Acl.CREATE,
                            NONE),
                    row("create ephemeral", () -> Writing.creation("/p/n/x", 1), Acl.CREATE, NONE),
                    row(
                            "createContainer",
                            () -> Writing.creation(Op.CREATE_CONTAINER, "/p/n/x", 4, -1),
                            Acl.CREATE,
                            NONE),
                    row(
                            "createTTL",
                            () -> Writing.creation(Op.CREATE_TTL, "/p/n/x", 5, 9),
                            Acl.CREATE,
                            NONE),
                    row("delete", () -> new Request.Delete("/p/n", -1), NONE, Acl.DELETE),
                    row("setData", () -> Writing.setData("/p/n", "x"), Acl.WRITE, NONE),
                    row("setACL", () -> new Request.SetAcl("/p/n", Acl.OPEN, -1), Acl.ADMIN, NONE),
                    row(
                            "check in multi",
                            () -> Writing.multi(new Request.Check("/p/n", -1)),
                            Acl.READ,
                            NONE),
                    row(
                            "setData in multi",
                            () -> Writing.multi(Writing.setData("/p/n", "")),
                            Acl.WRITE,
                            NONE),
                    row(
                            "delete in multi",
                            () -> Writing.multi(new Request.Delete("/p/n", -1)),
                            NONE,
                            Acl.DELETE),
                    row("exists", () -> new Request.Exists("/p/n", false), Acl.READ, NONE),
                    row("getData", () -> new Request.GetData("/p/n", false), Acl.READ, NONE),
                    row(
                            "getChildren",
                            () -> new Request.GetChildren("/p/n", false, false),
                            Acl.READ,
                            NONE),
                    row(
                            "getChildren2",
                            () -> new Request.GetChildren("/p/n", false, true),
                            Acl.READ,
                            NONE),
                    row(
                            "getAllChildrenNumber",
                            () -> new Request.GetAllChildrenNumber("/p/n"),
                            Acl.READ,
                            NONE),
                    row("getACL", () -> new Request.GetAcl("/p/n"), Acl.READ | Acl.ADMIN, NONE),
                    row("getEphemerals", () -> new Request.GetEphemerals("/p"), NONE, NONE),
                    row("whoAmI", () -> new Request.WhoAmI(), NONE, NONE),
                    row("closeSession", () -> new Request.CloseSession(), NONE, NONE));

    private static Row row(String name, Supplier<Request> request, int onNode, int onParent) {
        return new Row(name, request, onNode, onParent);
    }

    @Test
    void everyOperationNeedsExactlyItsOwnPermission() {
        for (Row row : TABLE) {
            for (int bit = Acl.READ; bit <= Acl.ADMIN; bit <<= 1) {
                boolean onNode = row.onNode == NONE || (row.onNode & bit) != 0;
                assertEquals(onNode, passes(row, bit, Acl.ALL), row.name + " node only " + bit);
                boolean onParent = row.onParent == NONE || (row.onParent & bit) != 0;
                assertEquals(onParent, passes(row, Acl.ALL, bit), row.name + " parent only " + bit);
                boolean withoutOnNode = row.onNode == NONE || (row.onNode & ~bit) != 0;
                assertEquals(
                        withoutOnNode,
                        passes(row, Acl.ALL & ~bit, Acl.ALL),
                        row.name + " lacks " + bit);
                boolean withoutOnParent = row.onParent == NONE || (row.onParent & ~bit) != 0;
                assertEquals(
                        withoutOnParent,
                        passes(row, Acl.ALL, Acl.ALL & ~bit),
                        row.name + " lacks " + bit);
            }
            assertEquals(row.onNode == NONE, passes(row, NONE, Acl.ALL), row.name);
            assertEquals(row.onParent == NONE, passes(row, Acl.ALL, NONE), row.name);
        }
    }

    @Test
    void superNeedsNone() {
        AuthId superUser = new AuthId("super", "");
        for (Row row : TABLE) {
            assertEquals(true, passes(row, NONE, NONE, superUser), row.name);
        }
    }

    private static boolean passes(Row row, int nodePerms, int parentPerms, AuthId... ids) {
        Writing writing = new Writing();
        writing.done(Writing.creation("/p"));
        writing.done(Writing.creation("/p/n", List.of(new Acl(nodePerms, AuthId.ANYONE))));
        writing.done(new Request.SetAcl("/p", List.of(new Acl(parentPerms, AuthId.ANYONE)), -1));
        Response response =
                switch (row.request.get()) {
                    case Request.Write write ->
                            writing.submit(write, Writing.caller(ids)).response();
                    case Request.Read read -> writing.read(read, ids);
                    case Request other -> throw new AssertionError(other);
                };
        return switch (response) {
            case Response.Failed(KeeperError error) -> refusedForAuth(error);
            case Response.FailedMulti(int _, int _, KeeperError error) -> refusedForAuth(error);
            default -> true;
        };
    }

    private static boolean refusedForAuth(KeeperError error) {
        assertEquals(KeeperError.NO_AUTH, error);
        return false;
    }

    @Test
    void theTableHasEveryOperationThatAsks() {
        List<Class<?>> asked = new ArrayList<>();
        TABLE.forEach(row -> asked.add(row.request.get().getClass()));
        for (Class<?> kind :
                List.of(
                        Request.Create.class,
                        Request.Delete.class,
                        Request.SetData.class,
                        Request.SetAcl.class,
                        Request.Multi.class,
                        Request.GetData.class,
                        Request.Exists.class,
                        Request.GetAcl.class,
                        Request.GetChildren.class,
                        Request.GetAllChildrenNumber.class,
                        Request.GetEphemerals.class,
                        Request.WhoAmI.class)) {
            assertEquals(true, asked.contains(kind), kind.getSimpleName());
        }
    }
}
