package io.loomkeeper.conformance;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.Stream;

/**
 * A page of figures in Prometheus's text format.
 *
 * @param kinds of those that are of the server and have a value, by name: gauge, summary,
 *     histogram, or untyped, which a counter is here
 * @param values by name and labels as they stand there, without the comma that some write behind
 *     the last label
 */
record Exposition(SortedMap<String, String> kinds, SortedMap<String, Double> values) {
    static Exposition read(HttpClient http, String uri) throws IOException, InterruptedException {
        HttpRequest request = HttpRequest.newBuilder(URI.create(uri)).build();
        Exposition page = new Exposition(new TreeMap<>(), new TreeMap<>());
        http.send(request, BodyHandlers.ofString()).body().lines().forEach(page::take);
        page.kinds.keySet().removeIf(name -> !page.hasValues(name));
        return page;
    }

    /** Apache's names what it has none of too. */
    private boolean hasValues(String name) {
        return Stream.of("", "_count")
                .map(name::concat)
                .anyMatch(
                        full ->
                                values.containsKey(full)
                                        || !values.subMap(full + '{', full + '|').isEmpty());
    }

    private void take(String line) {
        String[] words = line.split(" ", -1);
        if (line.startsWith("# TYPE ") && !words[2].matches("(jvm|process)_.*")) {
            kinds.put(words[2], words[3].equals("counter") ? "untyped" : words[3]);
        } else if (!line.startsWith("#") && words.length > 1) {
            int end = line.lastIndexOf(' ');
            values.put(line.substring(0, end).replace(",}", "}"), value(line.substring(end + 1)));
        }
    }

    private static double value(String text) {
        return switch (text) {
            case "+Inf" -> Double.POSITIVE_INFINITY;
            case "-Inf" -> Double.NEGATIVE_INFINITY;
            default -> Double.parseDouble(text);
        };
    }

    /** 0 where there is no such figure. */
    double value(String name, String key) {
        return values.getOrDefault(
                key.isEmpty() ? name : name + "{key=\"" + key + "\"}", Double.valueOf(0));
    }
}
