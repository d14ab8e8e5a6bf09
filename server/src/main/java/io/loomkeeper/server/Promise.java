package io.loomkeeper.server;

import java.io.IOException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;

/** What the pipeline, or a thread of its, gives later to whoever has asked over HTTP. */
final class Promise<T> {
    private final CompletableFuture<T> future = new CompletableFuture<>();

    void keep(T value) {
        future.complete(value);
    }

    void breakOff(Throwable why) {
        future.completeExceptionally(why);
    }

    /**
     * Waits for it.
     *
     * @throws IOException when it was broken off, with the reason, or the caller was interrupted
     */
    T awaited() throws IOException {
        try {
            return future.get();
        } catch (ExecutionException e) {
            throw new IOException(String.valueOf(e.getCause()), e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted", e);
        }
    }
}
