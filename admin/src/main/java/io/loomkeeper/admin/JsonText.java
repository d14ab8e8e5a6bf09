package io.loomkeeper.admin;

import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * JSON as Apache's admin server lays it out, for whoever reads it line by line: two spaces a level,
 * a field a line, a blank on both sides of a colon, arrays within a line.
 */
final class JsonText {
    private static final int FIRST_PRINTABLE = 0x20;

    private final StringBuilder text = new StringBuilder();

    private JsonText() {}

    static String of(Fields fields) {
        JsonText json = new JsonText();
        json.object(fields, "");
        return json.text.toString();
    }

    private void object(Fields fields, String indent) {
        if (fields.values().isEmpty()) {
            text.append("{ }");
            return;
        }
        String deeper = indent + "  ";
        String separator = "{\n";
        for (Map.Entry<String, @Nullable Object> field : fields.values().entrySet()) {
            text.append(separator).append(deeper);
            string(field.getKey());
            text.append(" : ");
            value(field.getValue(), deeper);
            separator = ",\n";
        }
        text.append('\n').append(indent).append('}');
    }

    private void value(@Nullable Object value, String indent) {
        switch (value) {
            case null -> text.append("null");
            case Fields fields -> object(fields, indent);
            case List<?> list -> array(list, indent);
            case String string -> string(string);
            case Double number when !Double.isFinite(number) -> string(number.toString());
            case Number number -> text.append(number);
            case Boolean flag -> text.append(flag);
            default -> throw new AssertionError("no JSON value: " + value.getClass());
        }
    }

    private void array(List<?> list, String indent) {
        String separator = "[ ";
        for (Object value : list) {
            text.append(separator);
            value(value, indent);
            separator = ", ";
        }
        text.append(list.isEmpty() ? "[ ]" : " ]");
    }

    private void string(String string) {
        text.append('"');
        for (int i = 0; i < string.length(); i++) {
            char c = string.charAt(i);
            switch (c) {
                case '"', '\\' -> text.append('\\').append(c);
                case '\n' -> text.append("\\n");
                case '\r' -> text.append("\\r");
                case '\t' -> text.append("\\t");
                default -> {
                    if (c < FIRST_PRINTABLE || Character.isSurrogate(c)) {
                        text.append("\\u%04x".formatted((int) c));
                    } else {
                        text.append(c);
                    }
                }
            }
        }
        text.append('"');
    }
}
