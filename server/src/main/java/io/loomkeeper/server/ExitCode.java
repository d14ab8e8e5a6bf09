package io.loomkeeper.server;

/** How the process of a server ends, by Apache's numbers where it has one (protocol 23). */
enum ExitCode {
    DONE(0, "ended as asked; of `--check`: a server would start with that"),
    UNEXPECTED(
            1,
            "a disk that fails, a port for clients or members that is taken, or what should never"
                    + " happen: a line says which"),
    BAD_INVOCATION(2, "wrong arguments, or a configuration with which no server starts"),
    DATA_DIR(3, "a data directory that cannot be used: not there, in use, full, or damaged"),
    ADMIN_PORT(4, "the admin server's port cannot be had, of a server that stands alone");

    private final int number;
    private final String meaning;

    ExitCode(int number, String meaning) {
        this.number = number;
        this.meaning = meaning;
    }

    int number() {
        return number;
    }

    String meaning() {
        return meaning;
    }
}
