package io.loomkeeper.tree;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Random;
import org.junit.jupiter.api.Test;

/** Facts about {@link PathRules}: protocol 7.4. */
final class PathRulesTest {

    @Test
    void ordinaryPathsAreValid() {
        for (String path :
                new String[] {
                    "/",
                    "/a",
                    "/a/b",
                    "/...",
                    "/.a",
                    "/a.",
                    "/a..b",
                    "/..a",
                    "/a/...",
                    "/ ",
                    "/\u00a0",
                    "/\ud7ff",
                    "/\uf900",
                    "/\uffef",
                    "/zookeeper/quota/x",
                    "/~"
                }) {
            assertTrue(PathRules.isValid(path), path);
        }
    }

    @Test
    void emptyRelativeAndUnrootedPathsAreNot() {
        for (String path :
                new String[] {
                    "", "a", "a/b", "//", "//a", "/a//b", "/a/", "/.", "/..", "/a/.", "/a/..",
                    "/./a", "/../a", "/a/./b", "/a/../b"
                }) {
            assertFalse(PathRules.isValid(path), path);
        }
    }

    @Test
    void everyCharacterIsJudgedAsTheReferenceSays() {
        for (int c = 0; c <= 0xffff; c++) {
            boolean forbidden =
                    c <= 0x1f
                            || (c >= 0x7f && c <= 0x9f)
                            || (c >= 0xd800 && c <= 0xf8ff)
                            || c >= 0xfff0;
            boolean valid = !forbidden && c != '/' && c != '.';
            assertEquals(valid, PathRules.isValid("/" + (char) c), Integer.toHexString(c));
            assertEquals(!forbidden, PathRules.isValid("/a" + (char) c + "b"), "in the middle");
        }
    }

    @Test
    void randomPathsAreJudgedAsByARestatementOfTheRules() {
        Random random = new Random(7_4);
        String alphabet = "/..ab\u0001\ue000";
        for (int i = 0; i < 200_000; i++) {
            StringBuilder path = new StringBuilder(random.nextInt(20) == 0 ? "" : "/");
            for (int length = random.nextInt(9); length > 0; length--) {
                int pick = random.nextInt(random.nextInt(8) == 0 ? alphabet.length() : 5);
                path.append(alphabet.charAt(pick));
            }
            assertEquals(
                    isValid(path.toString()), PathRules.isValid(path.toString()), path::toString);
        }
    }

    private static boolean isValid(String path) {
        if (path.equals("/")) {
            return true;
        }
        if (!path.startsWith("/") || path.contains("\u0001") || path.contains("\ue000")) {
            return false;
        }
        for (String component : path.substring(1).split("/", -1)) {
            if (component.isEmpty() || component.equals(".") || component.equals("..")) {
                return false;
            }
        }
        return true;
    }

    @Test
    void onlyTheFourNodesOfAFreshTreeAreReserved() {
        for (String path :
                new String[] {"/", "/zookeeper", "/zookeeper/quota", "/zookeeper/config"}) {
            assertTrue(PathRules.isReserved(path), path);
        }
        for (String path :
                new String[] {
                    "", "/zookeepe", "/zookeepers", "/zookeeper/", "/zookeeper/x", "/a"
                }) {
            assertFalse(PathRules.isReserved(path), path);
        }
    }

    @Test
    void parentIsWhatStandsBeforeTheLastSlash() {
        assertEquals("/a", PathRules.parent("/a/b"));
        assertEquals("/", PathRules.parent("/a"));
        assertEquals("/", PathRules.parent("/"));
        assertEquals("/a", PathRules.parent("/a/"));
        assertEquals("a", PathRules.parent("a/b"));
    }

    @Test
    void aPathWithoutSlashOrWithNulHasNoParent() {
        assertFalse(PathRules.hasParent(""));
        assertFalse(PathRules.hasParent("a"));
        assertFalse(PathRules.hasParent("/a\0"));
        assertTrue(PathRules.hasParent("/"));
        assertTrue(PathRules.hasParent("a/b"));
    }
}
