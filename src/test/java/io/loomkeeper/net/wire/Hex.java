package io.loomkeeper.net.wire;

import java.util.HexFormat;

/** Bytes as text, for messages of assertions that can be read. */
final class Hex {
    private Hex() {}

    static String of(byte[] bytes) {
        return HexFormat.of().formatHex(bytes);
    }

    static byte[] bytes(String hex) {
        return HexFormat.of().parseHex(hex.replace(" ", ""));
    }
}
