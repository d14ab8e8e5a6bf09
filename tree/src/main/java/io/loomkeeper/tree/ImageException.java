package io.loomkeeper.tree;

/** Bytes that are no image of a tree, or not the one that was written. */
public final class ImageException extends Exception {
    private static final long serialVersionUID = 1;

    private final long offset;

    ImageException(String what, long offset) {
        super(what + " at byte " + offset + " of the image");
        this.offset = offset;
    }

    /** One that was noticed in an image within another, behind so many bytes of that. */
    ImageException(ImageException inner, int bytesBefore) {
        super(inner.getMessage(), inner);
        this.offset = inner.offset + bytesBefore;
    }

    /** How far into the image it was noticed. */
    public long offset() {
        return offset;
    }
}
