package io.loomkeeper.sim;

/** A rule did not hold. */
final class Violation extends AssertionError {
    private static final long serialVersionUID = 1;

    private final String rule;

    /**
     * @param rule its id in docs/invariants.md
     */
    Violation(String rule, String what) {
        super(rule + ": " + what);
        this.rule = rule;
    }

    Violation(String rule, String what, Throwable cause) {
        super(rule + ": " + what, cause);
        this.rule = rule;
    }

    String rule() {
        return rule;
    }
}
