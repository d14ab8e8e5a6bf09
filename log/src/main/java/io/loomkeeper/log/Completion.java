package io.loomkeeper.log;

/** Told once how a change of the history ended. Called on the syncer thread; short. */
@FunctionalInterface
public interface Completion {
    /**
     * The change is durable, or nothing was changed.
     *
     * @param done false when it could not be: nothing is different from before
     */
    void onDone(boolean done);
}
