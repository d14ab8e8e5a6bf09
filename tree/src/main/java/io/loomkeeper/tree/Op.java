package io.loomkeeper.tree;

import org.jspecify.annotations.Nullable;

/** The operations of the client protocol and their numbers (protocol 3). */
public enum Op {
    CREATE(1, "CREA", Kind.WRITE),
    DELETE(2, "DELE", Kind.WRITE),
    EXISTS(3, "EXIS", Kind.READ),
    GET_DATA(4, "GETD", Kind.READ),
    SET_DATA(5, "SETD", Kind.WRITE),
    GET_ACL(6, "GETA", Kind.READ),
    SET_ACL(7, "SETA", Kind.WRITE),
    GET_CHILDREN(8, "GETC", Kind.READ),
    SYNC(9, "SYNC", Kind.SYNC),
    PING(11, "PING", Kind.PING),
    GET_CHILDREN2(12, "GETC", Kind.READ),
    CHECK(13, "NA", Kind.WRITE),
    MULTI(14, "MULT", Kind.WRITE),
    CREATE2(15, "CREA", Kind.WRITE),
    RECONFIG(16, "RECO", Kind.WRITE),
    CHECK_WATCHES(17, "CHKW", Kind.WATCH),
    REMOVE_WATCHES(18, "REMW", Kind.WATCH),
    CREATE_CONTAINER(19, "CREA", Kind.WRITE),
    DELETE_CONTAINER(20, "DELE", Kind.WRITE),
    CREATE_TTL(21, "CREA", Kind.WRITE),
    MULTI_READ(22, "MLTR", Kind.READ),
    AUTH(100, "NA", Kind.AUTH),
    SET_WATCHES(101, "SETW", Kind.WATCH),
    SASL(102, "NA", Kind.SASL),
    GET_EPHEMERALS(103, "GETE", Kind.READ),
    GET_ALL_CHILDREN_NUMBER(104, "GETACN", Kind.READ),
    SET_WATCHES2(105, "STW2", Kind.WATCH),
    ADD_WATCH(106, "ADDW", Kind.WATCH),
    WHO_AM_I(107, "HOMI", Kind.READ),
    CREATE_SESSION(-10, "SESS", Kind.WRITE),
    CLOSE_SESSION(-11, "CLOS", Kind.WRITE);

    /** What becomes of a request. */
    public enum Kind {
        /** Takes a place in the order, and a zxid. */
        WRITE,
        /** Answered from one version of the tree; may leave a watch. */
        READ,
        /** About watches alone. */
        WATCH,
        SYNC,
        PING,
        AUTH,
        SASL
    }

    private final int code;
    private final String shortName;
    private final Kind kind;

    Op(int code, String shortName, Kind kind) {
        this.code = code;
        this.shortName = shortName;
        this.kind = kind;
    }

    public Kind kind() {
        return kind;
    }

    /** The int on the wire. */
    public int code() {
        return code;
    }

    /** What {@code cons} shows as the last operation. */
    public String shortName() {
        return shortName;
    }

    /** The operation of that number, or null: the caller answers UNIMPLEMENTED. */
    public static @Nullable Op ofCode(int code) {
        return switch (code) {
            case 1 -> CREATE;
            case 2 -> DELETE;
            case 3 -> EXISTS;
            case 4 -> GET_DATA;
            case 5 -> SET_DATA;
            case 6 -> GET_ACL;
            case 7 -> SET_ACL;
            case 8 -> GET_CHILDREN;
            case 9 -> SYNC;
            case 11 -> PING;
            case 12 -> GET_CHILDREN2;
            case 13 -> CHECK;
            case 14 -> MULTI;
            case 15 -> CREATE2;
            case 16 -> RECONFIG;
            case 17 -> CHECK_WATCHES;
            case 18 -> REMOVE_WATCHES;
            case 19 -> CREATE_CONTAINER;
            case 20 -> DELETE_CONTAINER;
            case 21 -> CREATE_TTL;
            case 22 -> MULTI_READ;
            case 100 -> AUTH;
            case 101 -> SET_WATCHES;
            case 102 -> SASL;
            case 103 -> GET_EPHEMERALS;
            case 104 -> GET_ALL_CHILDREN_NUMBER;
            case 105 -> SET_WATCHES2;
            case 106 -> ADD_WATCH;
            case 107 -> WHO_AM_I;
            case -10 -> CREATE_SESSION;
            case -11 -> CLOSE_SESSION;
            default -> null;
        };
    }
}
