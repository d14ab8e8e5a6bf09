package io.loomkeeper.server;

import io.loomkeeper.admin.Metrics;

/** The answer to mntr: a line {@code zk_<metric>\t<value>} for each figure (protocol 22). */
final class MonitorText implements MonitorLines.Lines {
    private final StringBuilder text = new StringBuilder();

    private MonitorText() {}

    static String of(Metrics metrics) {
        MonitorText all = new MonitorText();
        metrics.collect(new MonitorLines(all));
        return all.text.toString();
    }

    @Override
    public void text(String name, String value) {
        text.append("zk_").append(name).append('\t').append(value).append('\n');
    }

    @Override
    public void whole(String name, long value) {
        text(name, Long.toString(value));
    }

    @Override
    public void decimal(String name, double value) {
        text(name, Double.toString(value));
    }
}
