package io.loomkeeper;

import static java.util.stream.Collectors.toSet;

import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** Where a text of the house sends its reader: to pages, and to sections of docs/protocol.md. */
final class Citations {
    private static final String PROTOCOL = "docs/protocol.md";
    private static final Pattern PAGE = Pattern.compile("[\\w./-]*\\w[.]md\\b");

    /** A citation may go on in the next line of a comment. */
    private static final Pattern SECTIONS =
            Pattern.compile(
                    "\\bprotocol[\\s*/]+(\\d+(?:[.]\\d+)?(?:(?:, | and )\\d+(?:[.]\\d+)?)*)");

    private static final Pattern HEADING = Pattern.compile("(?m)^##+ (\\d+(?:[.]\\d+)?)[. ]");
    private static final Pattern ONE = Pattern.compile("\\d+(?:[.]\\d+)?");

    private Citations() {}

    /** The cited pages and sections that are not there, each with the path of who cites it. */
    static Stream<String> leadingNowhere(House house) {
        Set<String> sections =
                house.texts().stream()
                        .filter(text -> text.path().equals(PROTOCOL))
                        .flatMap(text -> HEADING.matcher(text.text()).results())
                        .map(heading -> heading.group(1))
                        .collect(toSet());
        return house.texts().stream()
                .flatMap(
                        text ->
                                Stream.concat(
                                                pages(text).filter(page -> !isThere(house, page)),
                                                sections(text).filter(s -> !sections.contains(s)))
                                        .map(nowhere -> text.path() + ": " + nowhere));
    }

    private static Stream<String> pages(House.Text text) {
        return PAGE.matcher(text.text()).results().map(hit -> hit.group());
    }

    private static Stream<String> sections(House.Text text) {
        return SECTIONS.matcher(text.text())
                .results()
                .flatMap(hit -> ONE.matcher(hit.group(1)).results())
                .map(one -> one.group());
    }

    /** Links are relative to the page they stand on, citations to the root. */
    private static boolean isThere(House house, String page) {
        return house.texts().stream()
                .map(House.Text::path)
                .anyMatch(path -> path.equals(page) || path.endsWith("/" + page));
    }
}
