package io.loomkeeper.server;

import java.util.Collection;
import java.util.LinkedHashSet;
import java.util.Set;

/**
 * The four-letter words: which there are, which are answered, and with what text (FEATURES.md 5).
 */
final class FourLetterWords {
    static final Set<String> KNOWN =
            Set.of(
                    "conf", "cons", "crst", "dirs", "dump", "envi", "gtmk", "hash", "isro", "mntr",
                    "ruok", "srst", "srvr", "stat", "stmk", "wchc", "wchp", "wchs");

    private FourLetterWords() {}

    /**
     * The words that a whitelist lets through: those it names, all when it has a star, always srvr,
     * and isro when read-only mode is on.
     */
    static Set<String> enabled(Collection<String> whitelist, boolean readOnlyMode) {
        Set<String> words = new LinkedHashSet<>(whitelist.contains("*") ? KNOWN : whitelist);
        words.add("srvr");
        if (readOnlyMode) {
            words.add("isro");
        }
        return Set.copyOf(words);
    }
}
