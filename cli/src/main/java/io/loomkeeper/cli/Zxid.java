package io.loomkeeper.cli;

import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/** A zxid as it is written: after {@code 0x} in hexadecimal, else in decimal. */
final class Zxid implements ITypeConverter<Long> {
    @Override
    public Long convert(String text) {
        try {
            return text.startsWith("0x")
                    ? Long.parseUnsignedLong(text.substring(2), 16)
                    : Long.parseLong(text);
        } catch (NumberFormatException e) {
            throw new TypeConversionException(
                    "'" + text + "' is no zxid: 0x and hexadecimal digits, or a decimal number");
        }
    }

    static int epoch(long zxid) {
        return (int) (zxid >>> Integer.SIZE);
    }

    static String text(long zxid) {
        return "0x" + Long.toHexString(zxid);
    }
}
