package io.loomkeeper.zab;

/** A whole state of exactly one zxid, opaque here: immutable, cheap to hold. */
public interface Image {
    /** The last transaction in it. */
    long zxid();
}
