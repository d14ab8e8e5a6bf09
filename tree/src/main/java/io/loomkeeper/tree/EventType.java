package io.loomkeeper.tree;

/** What a watch notification says (protocol 11.1). */
public enum EventType {
    NODE_CREATED(1),
    NODE_DELETED(2),
    NODE_DATA_CHANGED(3),
    NODE_CHILDREN_CHANGED(4);

    private final int code;

    EventType(int code) {
        this.code = code;
    }

    /** The int on the wire. */
    public int code() {
        return code;
    }
}
