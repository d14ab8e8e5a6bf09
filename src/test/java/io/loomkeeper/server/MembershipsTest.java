package io.loomkeeper.server;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.loomkeeper.Fuzz;
import io.loomkeeper.tree.Bytes;
import io.loomkeeper.tree.DataTree;
import io.loomkeeper.tree.TreeOptions;
import io.loomkeeper.zab.Membership;
import java.util.SplittableRandom;
import java.util.logging.Level;
import java.util.logging.Logger;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** What a server knows of configurations when it starts (S23). */
final class MembershipsTest {
    private static final String LINES =
            "server.1=a:1:2:participant;0.0.0.0:3\nserver.2=b:1:2:participant;0.0.0.0:3\nversion=";

    private static @Nullable Membership seen(@Nullable String inFiles, long logged) {
        DataTree tree = new DataTree(TreeOptions.DEFAULT);
        tree.setConfig(Bytes.utf8(LINES + Long.toHexString(logged)), logged);
        DrivenMemberships memberships = new DrivenMemberships(1, LINES + "10", inFiles, 2);
        memberships.learnFrom(tree);
        return memberships.port().seenBefore();
    }

    private static long version(@Nullable Membership membership) {
        return membership == null ? -1 : membership.version();
    }

    /** Its files may have been written anew, or not yet. */
    @Test
    void configurationThatWasLoggedIsKnownWhateverTheFilesSay() {
        Membership seen = seen(null, 0x11);

        assertNotNull(seen);
        assertEquals(LINES + "11", seen.text());
    }

    @Test
    void configurationThatIsActiveIsNotWaitedFor() {
        assertNull(seen(null, 0x10));
        assertNull(seen(null, 0xf));
    }

    @Test
    void newerOfFileAndLogCounts() {
        assertEquals(0x12, version(seen(LINES + "12", 0x11)));
        assertEquals(0x12, version(seen(LINES + "11", 0x12)));
    }

    /**
     * It comes from other servers too (protocol 16.3), and is looked at on the pipeline's thread.
     */
    @Test
    void textThatIsNoConfigurationSaysNothing() {
        DrivenMemberships memberships = new DrivenMemberships(1, LINES + "10", null, 2);
        Logger logger = Logger.getLogger(Memberships.class.getName());
        logger.setLevel(Level.OFF);
        try {
            SplittableRandom random = new SplittableRandom(5);
            byte[] right = (LINES + "12\ngroup.1=1:2\nweight.1=3").getBytes(UTF_8);
            for (int round = 0; round < 20_000; round++) {
                String text = new String(Fuzz.damaged(right, random), UTF_8);
                Membership read = memberships.port().read(text);
                assertTrue(read == null || !read.quorum().voters().isEmpty(), text);
            }
            assertNull(memberships.port().read("x".repeat(128 << 10)));
            assertNull(memberships.port().read("server.1=\n".repeat(12_000)));
        } finally {
            logger.setLevel(Level.WARNING);
        }
    }
}
