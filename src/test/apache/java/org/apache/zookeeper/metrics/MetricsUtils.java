package org.apache.zookeeper.metrics;

import io.loomkeeper.conformance.apache.LastServer;
import java.util.Map;
import java.util.TreeMap;

/**
 * Replaces the class of this name in Apache's test jar, which reads the metrics of a server in its
 * own JVM: here they come from the process, by the four-letter word {@code mntr}.
 */
public final class MetricsUtils {
    private MetricsUtils() {}

    /** Every metric that is a whole number, by Apache's internal name. */
    public static Map<String, Object> currentServerMetrics() {
        Map<String, Object> metrics = new TreeMap<>();
        for (String line : LastServer.fourLetterWord("mntr").split("\n")) {
            int tab = line.indexOf('\t');
            if (tab > 0 && line.startsWith("zk_") && line.substring(tab + 1).matches("-?\\d+")) {
                metrics.put(line.substring(3, tab), Long.valueOf(line.substring(tab + 1)));
            }
        }
        return metrics;
    }
}
