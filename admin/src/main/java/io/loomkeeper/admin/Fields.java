package io.loomkeeper.admin;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** A JSON object in the making: named values in the order in which they were put. */
public final class Fields {
    private final Map<String, @Nullable Object> values = new LinkedHashMap<>();

    public Fields put(String name, long value) {
        values.put(name, value);
        return this;
    }

    public Fields put(String name, double value) {
        values.put(name, value);
        return this;
    }

    public Fields put(String name, boolean value) {
        values.put(name, value);
        return this;
    }

    public Fields put(String name, @Nullable String value) {
        values.put(name, value);
        return this;
    }

    public Fields put(String name, Fields value) {
        values.put(name, value);
        return this;
    }

    /**
     * An array.
     *
     * @param values each a String, a Long or a Fields
     */
    public Fields put(String name, List<?> values) {
        this.values.put(name, values);
        return this;
    }

    /** The values: String, Long, Double, Boolean, Fields, List or null. */
    Map<String, @Nullable Object> values() {
        return Collections.unmodifiableMap(values);
    }
}
