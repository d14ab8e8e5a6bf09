package io.loomkeeper.bench;

import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.List;

/** Takes its templates in turn, all of them for number 0, then all for number 1, and so on. */
final class CountingSource implements RequestSource {
    private final Template[] templates;
    private final int limit;
    private int number;
    private int turn;

    /** Ends before {@code limit} has been used as a number. */
    CountingSource(List<Template> templates, int limit) {
        assert limit <= Template.NUMBER_LIMIT : limit;
        this.templates = templates.toArray(Template[]::new);
        this.limit = limit;
    }

    @Override
    public int frameBytesMax() {
        return Arrays.stream(templates).mapToInt(Template::length).max().orElse(0);
    }

    @Override
    public boolean append(ByteBuffer out, int xid) {
        if (number == limit) {
            return false;
        }
        Template template = templates[turn];
        template.append(out, xid);
        if (template.numbers() > 0) {
            template.patch(out, 0, number);
        }
        if (++turn == templates.length) {
            turn = 0;
            number++;
        }
        return true;
    }

    /** Numbers that were begun. */
    int used() {
        return turn == 0 ? number : number + 1;
    }
}
