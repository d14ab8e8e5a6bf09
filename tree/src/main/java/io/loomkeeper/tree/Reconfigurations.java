package io.loomkeeper.tree;

/** Judges what a reconfig asks for, before its permission is looked at (protocol 17.4). */
public interface Reconfigurations {
    /**
     * Grants or refuses.
     *
     * @param zxid of the transaction, which is the version of the configuration that it makes
     */
    Verdict judge(Request.Reconfig request, long zxid);

    /** Of a server that has no ensemble to change. */
    static Reconfigurations none() {
        return (_, _) -> new Verdict.Refused(KeeperError.UNIMPLEMENTED);
    }

    /** What becomes of it. */
    sealed interface Verdict {
        record Refused(KeeperError error) implements Verdict {}

        /** The new configuration as text (protocol 17.2). */
        record Granted(Bytes text) implements Verdict {}
    }
}
