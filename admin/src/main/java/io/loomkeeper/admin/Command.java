package io.loomkeeper.admin;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * One thing that can be asked under the commands' URL, or done there.
 *
 * @param names the first is the one that is listed and that answers carry; the others do the same
 * @param needs what there must be for it to run
 * @param method of HTTP by which it is asked for
 */
public record Command(List<String> names, Needs needs, Method method, Body body) {
    public Command {
        names = List.copyOf(names);
    }

    /** What there must be for a command to run. */
    public enum Needs {
        NOTHING,
        /** A server that takes requests. */
        SERVING,
        /** One that does, and somebody whom the guard admits. */
        CREDENTIALS
    }

    /** How a command is asked for. */
    public enum Method {
        GET,
        POST
    }

    /** What a command does; on a thread of its request, and may take its time. */
    public interface Body {
        /**
         * Does it.
         *
         * @param arguments of the URL, the first value of each
         * @param content what was sent with the request; may be left unread
         */
        Reply run(Map<String, String> arguments, InputStream content);
    }

    /** What a command does that reads nothing of a request but its URL. */
    public interface Answer {
        /** As {@link Body#run}. */
        Reply run(Map<String, String> arguments);
    }

    /** Bytes in place of an answer in JSON. Closed when it was sent, or could not be. */
    public interface Bulk extends AutoCloseable {
        /** How many come. */
        long bytes();

        /**
         * Writes them, as fast as they are taken; interrupted when nobody takes them any more.
         *
         * @throws IOException when {@code out} does
         */
        void writeTo(OutputStream out) throws IOException;

        @Override
        void close();
    }

    /**
     * An answer.
     *
     * @param status of HTTP
     * @param fields before {@code command} and {@code error}
     * @param error null when all went well
     * @param headers of HTTP, beyond those that every answer has
     * @param bulk what is sent instead of the fields; null for none
     */
    public record Reply(
            int status,
            Fields fields,
            @Nullable String error,
            Map<String, String> headers,
            @Nullable Bulk bulk) {
        public static Reply of(Fields fields) {
            return new Reply(200, fields, null, Map.of(), null);
        }

        /** As Apache says what went wrong in what was asked: with a 200. */
        public static Reply error(String error) {
            return refused(200, error);
        }

        /** With a status that says it too. */
        public static Reply refused(int status, String error) {
            return new Reply(status, new Fields(), error, Map.of(), null);
        }

        /** The same with one header more. */
        public Reply with(String name, String value) {
            Map<String, String> more = new LinkedHashMap<>(headers);
            more.put(name, value);
            return new Reply(status, fields, error, more, bulk);
        }

        /** The same with bytes in place of the fields. */
        public Reply with(Bulk bytes) {
            return new Reply(status, fields, error, headers, bytes);
        }
    }

    /** One that does no more than look at a server that takes requests. */
    public static Command whileServing(List<String> names, Answer answer) {
        return new Command(
                names, Needs.SERVING, Method.GET, (arguments, _) -> answer.run(arguments));
    }

    /** One that is answered whether requests are taken or not. */
    public static Command always(List<String> names, Answer answer) {
        return new Command(
                names, Needs.NOTHING, Method.GET, (arguments, _) -> answer.run(arguments));
    }

    /** One that not everybody may. */
    public static Command guarded(List<String> names, Method method, Answer answer) {
        return new Command(
                names, Needs.CREDENTIALS, method, (arguments, _) -> answer.run(arguments));
    }

    String primaryName() {
        return names.getFirst();
    }
}
