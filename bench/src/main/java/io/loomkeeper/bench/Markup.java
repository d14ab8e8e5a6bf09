package io.loomkeeper.bench;

import java.util.Locale;

/** Text of SVG pictures and of HTML: coordinates in pixels, colours by CSS class. */
final class Markup {
    private final StringBuilder text = new StringBuilder();

    /** Begins a piece of HTML. */
    Markup() {}

    /**
     * Begins a picture.
     *
     * @param title said by screen readers
     */
    Markup(int width, int height, String title) {
        add(
                "<svg viewBox=\"0 0 %s %s\" role=\"img\" aria-label=\"%s\">"
                        .formatted(width, height, escaped(title)));
    }

    /** Appends a piece as it is. */
    Markup add(String piece) {
        text.append(piece).append('\n');
        return this;
    }

    Markup line(String style, double x1, double y1, double x2, double y2) {
        return add(
                "<line class=\"%s\" x1=\"%s\" y1=\"%s\" x2=\"%s\" y2=\"%s\"/>"
                        .formatted(style, pixels(x1), pixels(y1), pixels(x2), pixels(y2)));
    }

    Markup bar(String style, double x, double y, double width, double height) {
        return add(
                "<rect class=\"%s\" x=\"%s\" y=\"%s\" width=\"%s\" height=\"%s\" rx=\"2\"/>"
                        .formatted(style, pixels(x), pixels(y), pixels(width), pixels(height)));
    }

    /**
     * Writes words.
     *
     * @param style of which "end" and "middle" say where {@code x} is
     */
    Markup words(String style, double x, double y, String words) {
        return add(
                "<text class=\"%s\" x=\"%s\" y=\"%s\">%s</text>"
                        .formatted(style, pixels(x), pixels(y), escaped(words)));
    }

    /** A coordinate, with a dot whatever the locale. */
    static String pixels(double number) {
        return String.format(Locale.ROOT, "%.1f", number);
    }

    /** What was written, with the picture's end. */
    String end() {
        return text + "</svg>\n";
    }

    /** What was written. */
    String text() {
        return text.toString();
    }

    /** With what means something in HTML made harmless. */
    static String escaped(String text) {
        return text.replace("&", "&amp;")
                .replace("<", "&lt;")
                .replace(">", "&gt;")
                .replace("\"", "&quot;");
    }
}
