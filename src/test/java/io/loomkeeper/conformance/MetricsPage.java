package io.loomkeeper.conformance;

import java.io.IOException;
import java.nio.file.Files;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * docs/metrics.md as a test reads it: the first cell of each row names figures.
 *
 * @param present below the headings of what there is
 * @param missing below the heading of what Apache has alone
 * @param kinds of those that are present, as the text format has them: a counter is untyped
 */
record MetricsPage(Set<String> present, Set<String> missing, Map<String, String> kinds) {
    static MetricsPage read() throws IOException {
        MetricsPage page = new MetricsPage(new TreeSet<>(), new TreeSet<>(), new TreeMap<>());
        Set<String> section = page.present;
        for (String line : Files.readAllLines(ServerCommand.house().resolve("docs/metrics.md"))) {
            if (line.startsWith("## ")) {
                section = line.startsWith("## Not here") ? page.missing : page.present;
            }
            String[] cells = line.split("\\|", -1);
            if (cells.length > 2) {
                for (String name : cells[1].split(",", -1)) {
                    String bare = name.strip().replace("`", "");
                    section.add(bare);
                    if (section == page.present) {
                        String kind = cells[2].strip();
                        page.kinds.put(bare, kind.equals("counter") ? "untyped" : kind);
                    }
                }
            }
        }
        return page;
    }
}
