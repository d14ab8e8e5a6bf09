package io.loomkeeper.admin;

import java.util.List;

/** A source of figures: asked anew for each scrape, on the thread of whoever scrapes. */
public interface Metrics {
    /** Gives every figure to {@code sink}; those of one name come one behind the other. */
    void collect(Sink sink);

    /** This source's figures, then those of {@code other}. */
    default Metrics and(Metrics other) {
        return sink -> {
            collect(sink);
            other.collect(sink);
        };
    }

    /** What tells figures of one name apart. */
    record Label(String name, String value) {
        /** Apache's only label. */
        public static List<Label> key(String value) {
            return List.of(new Label("key", value));
        }
    }

    /** Takes figures. */
    interface Sink {
        /** A value that goes up and down. */
        void gauge(String name, List<Label> labels, double value);

        /** A whole number that goes up and down. */
        default void gauge(String name, List<Label> labels, long value) {
            gauge(name, labels, (double) value);
        }

        /** A value that only rises. */
        void counter(String name, List<Label> labels, double value);

        /** A whole number that only rises. */
        default void counter(String name, List<Label> labels, long value) {
            counter(name, labels, (double) value);
        }

        /** Times or sizes, of which some percentiles are wanted. */
        void summary(String name, List<Label> labels, Distribution values);

        /** Times in seconds, of which it is wanted how many were no longer than each bound. */
        void histogram(String name, List<Label> labels, Times values);

        /** Something that is no number; the metrics' text leaves it out. */
        default void text(String name, String value) {}

        default void gauge(String name, double value) {
            gauge(name, List.of(), value);
        }

        default void gauge(String name, long value) {
            gauge(name, List.of(), value);
        }

        default void counter(String name, double value) {
            counter(name, List.of(), value);
        }

        default void counter(String name, long value) {
            counter(name, List.of(), value);
        }

        default void summary(String name, Distribution values) {
            summary(name, List.of(), values);
        }
    }

    /** Whole numbers that were recorded, as of some recent moment. */
    interface Distribution {
        long count();

        long sum();

        /** 0 when there was none. */
        long min();

        /** 0 when there was none. */
        long max();

        /** 0 when there was none. */
        double average();

        /** Whether more than the median is wanted. */
        boolean isDetailed();

        /**
         * The value that this share of all values does not exceed; 0 when there was none.
         *
         * @param share above 0, up to 1
         */
        long percentile(double share);
    }

    /** Times that were recorded, as of some recent moment. */
    interface Times {
        double sumSeconds();

        /** How many took no longer, to the precision of what recorded them. */
        long countUpTo(double seconds);
    }
}
