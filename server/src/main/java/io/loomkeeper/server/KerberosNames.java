package io.loomkeeper.server;

import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.regex.PatternSyntaxException;
import org.jspecify.annotations.Nullable;

/**
 * How a Kerberos principal, {@code service[/host][@realm]}, becomes the id of an ACL: its short
 * name by the rules of {@code security.auth_to_local}, then its host and realm, unless they are
 * left out.
 *
 * <pre>
 *   rules = rule (blank rule)*
 *   rule  = DEFAULT | RULE:[components:format](pattern)s/from/to/[g]      pattern and s/// are optional
 *   DEFAULT is the service, of a principal of the own realm; in a format $0 is the realm, $1 the service, $2 the host
 * </pre>
 *
 * <p>The first rule that fits counts. A name without realm and host is short already. Immutable.
 */
final class KerberosNames {
    private static final Pattern PRINCIPAL = Pattern.compile("([^/@]*)(?:/([^/@]*))?@([^/@]*)");
    private static final Pattern RULE =
            Pattern.compile(
                    "\\s*(?:(DEFAULT)|RULE:\\[(\\d+):([^\\]]*)\\](?:\\(([^)]*)\\))?"
                            + "(?:s/([^/]*)/([^/]*)/(g)?)?)\\s*");
    private static final Pattern PARAMETER = Pattern.compile("\\$(\\d)");
    private static final Pattern NOT_SIMPLE = Pattern.compile("[/@]");

    private final List<Rule> rules;
    private final String ownRealm;
    private final boolean removesHost;
    private final boolean removesRealm;

    private sealed interface Rule {
        record Default() implements Rule {}

        record Rewriting(
                int components,
                String format,
                @Nullable Pattern matching,
                @Nullable Pattern from,
                String to,
                boolean everywhere)
                implements Rule {}
    }

    /**
     * @param rules as above
     * @param ownRealm of the rule DEFAULT; empty when there is none
     * @throws IllegalArgumentException when the rules are not of that form
     */
    KerberosNames(String rules, String ownRealm, boolean removesHost, boolean removesRealm) {
        this.rules = parse(rules);
        this.ownRealm = ownRealm;
        this.removesHost = removesHost;
        this.removesRealm = removesRealm;
    }

    private static List<Rule> parse(String text) {
        List<Rule> rules = new ArrayList<>();
        Matcher next = RULE.matcher(text);
        int at = 0;
        while (at < text.length()) {
            next.region(at, text.length());
            if (!next.lookingAt() || next.end() == at) {
                throw new IllegalArgumentException("no rule: " + text.substring(at));
            }
            rules.add(rule(next));
            at = next.end();
        }
        return List.copyOf(rules);
    }

    private static Rule rule(Matcher found) {
        if (found.group(1) != null) {
            return new Rule.Default();
        }
        try {
            return new Rule.Rewriting(
                    Integer.parseInt(found.group(2)),
                    found.group(3),
                    pattern(found.group(4)),
                    pattern(found.group(5)),
                    found.group(6) == null ? "" : found.group(6),
                    found.group(7) != null);
        } catch (PatternSyntaxException e) {
            throw new IllegalArgumentException("no pattern: " + e.getPattern(), e);
        }
    }

    private static @Nullable Pattern pattern(@Nullable String text) {
        return text == null ? null : Pattern.compile(text);
    }

    /** The id of a principal; null when no rule fits, or it is no principal. */
    @Nullable String idOf(String principal) {
        Matcher parts = PRINCIPAL.matcher(principal);
        if (!parts.matches()) {
            return principal.contains("@") ? null : principal;
        }
        String host = parts.group(2);
        String realm = parts.group(3);
        String id = shortName(parts.group(1), host, realm);
        if (id == null || NOT_SIMPLE.matcher(id).find()) {
            return null;
        }
        if (host != null && !removesHost) {
            id += "/" + host;
        }
        return removesRealm ? id : id + "@" + realm;
    }

    private @Nullable String shortName(String service, @Nullable String host, String realm) {
        List<String> parts = host == null ? List.of(realm, service) : List.of(realm, service, host);
        for (Rule rule : rules) {
            String name =
                    switch (rule) {
                        case Rule.Default() -> realm.equals(ownRealm) ? service : null;
                        case Rule.Rewriting rewriting -> apply(rewriting, parts);
                    };
            if (name != null) {
                return name;
            }
        }
        return null;
    }

    private static @Nullable String apply(Rule.Rewriting rule, List<String> parts) {
        if (parts.size() - 1 != rule.components()) {
            return null;
        }
        String base =
                PARAMETER
                        .matcher(rule.format())
                        .replaceAll(
                                found -> {
                                    int number = Integer.parseInt(found.group(1));
                                    return Matcher.quoteReplacement(
                                            number < parts.size() ? parts.get(number) : "");
                                });
        if (rule.matching() != null && !rule.matching().matcher(base).matches()) {
            return null;
        }
        if (rule.from() == null) {
            return base;
        }
        Matcher from = rule.from().matcher(base);
        return rule.everywhere() ? from.replaceAll(rule.to()) : from.replaceFirst(rule.to());
    }
}
