package io.loomkeeper.admin;

import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * One thing that can be asked under the commands' URL, or done there.
 *
 * @param names the first is the one that is listed and that answers carry; the others do the same
 * @param needs what there must be for it to run
 */
public record Command(List<String> names, Needs needs, Body body) {
    public Command {
        names = List.copyOf(names);
    }

    /** What there must be for a command to run. */
    public enum Needs {
        NOTHING,
        /** A server that takes requests. */
        SERVING
    }

    /** What a command does; on a thread of its request, and may take its time. */
    public interface Body {
        /**
         * Does it.
         *
         * @param arguments of the URL, the first value of each
         */
        Reply run(Map<String, String> arguments);
    }

    /**
     * An answer.
     *
     * @param status of HTTP
     * @param fields before {@code command} and {@code error}
     * @param error null when all went well
     */
    public record Reply(int status, Fields fields, @Nullable String error) {
        public static Reply of(Fields fields) {
            return new Reply(200, fields, null);
        }

        /** As Apache says what went wrong in what was asked: with a 200. */
        public static Reply error(String error) {
            return new Reply(200, new Fields(), error);
        }
    }

    /** One that does no more than look at a server that takes requests. */
    public static Command whileServing(List<String> names, Body body) {
        return new Command(names, Needs.SERVING, body);
    }

    /** One that is answered whether requests are taken or not. */
    public static Command always(List<String> names, Body body) {
        return new Command(names, Needs.NOTHING, body);
    }

    String primaryName() {
        return names.getFirst();
    }
}
