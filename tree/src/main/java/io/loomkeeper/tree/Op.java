package io.loomkeeper.tree;

import org.jspecify.annotations.Nullable;

/** The operations of the client protocol and their numbers (protocol 3). */
public enum Op {
    CREATE(1, "CREA"),
    DELETE(2, "DELE"),
    EXISTS(3, "EXIS"),
    GET_DATA(4, "GETD"),
    SET_DATA(5, "SETD"),
    GET_ACL(6, "GETA"),
    SET_ACL(7, "SETA"),
    GET_CHILDREN(8, "GETC"),
    SYNC(9, "SYNC"),
    PING(11, "PING"),
    GET_CHILDREN2(12, "GETC"),
    CHECK(13, "NA"),
    MULTI(14, "MULT"),
    CREATE2(15, "CREA"),
    RECONFIG(16, "RECO"),
    CHECK_WATCHES(17, "CHKW"),
    REMOVE_WATCHES(18, "REMW"),
    CREATE_CONTAINER(19, "CREA"),
    DELETE_CONTAINER(20, "DELE"),
    CREATE_TTL(21, "CREA"),
    MULTI_READ(22, "MLTR"),
    AUTH(100, "NA"),
    SET_WATCHES(101, "SETW"),
    SASL(102, "NA"),
    GET_EPHEMERALS(103, "GETE"),
    GET_ALL_CHILDREN_NUMBER(104, "GETACN"),
    SET_WATCHES2(105, "STW2"),
    ADD_WATCH(106, "ADDW"),
    WHO_AM_I(107, "HOMI"),
    CREATE_SESSION(-10, "SESS"),
    CLOSE_SESSION(-11, "CLOS");

    private final int code;
    private final String shortName;

    Op(int code, String shortName) {
        this.code = code;
        this.shortName = shortName;
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
