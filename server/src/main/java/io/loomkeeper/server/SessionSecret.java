package io.loomkeeper.server;

import io.loomkeeper.tree.Bytes;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.security.SecureRandom;
import java.util.EnumSet;
import java.util.HexFormat;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The file with what session passwords are derived from ({@link SessionIds}): text, of which blanks
 * around it do not count.
 *
 * <p>A server that stands alone makes its own. The servers of an ensemble need the same, and get it
 * from whoever sets them up.
 */
final class SessionSecret {
    private static final Logger LOG = LoggerFactory.getLogger(SessionSecret.class);

    private static final int BYTES = 32;
    private static final int CHARACTERS_MIN = 32;
    private static final Set<PosixFilePermission> OWNERS =
            EnumSet.of(
                    PosixFilePermission.OWNER_READ,
                    PosixFilePermission.OWNER_WRITE,
                    PosixFilePermission.OWNER_EXECUTE);

    private SessionSecret() {}

    /**
     * Reads it, or makes it.
     *
     * @return null for a member of an ensemble to which none was given
     * @throws IOException when the file that is named is not there, is too short, or cannot be read
     *     or made
     */
    static @Nullable Bytes of(Config config) throws IOException {
        Path named = config.security().sessionSecretFile().orElse(null);
        if (named != null) {
            return read(named);
        }
        Path usual = DataDirs.sessionSecret(config.storage());
        if (Files.exists(usual)) {
            return read(usual);
        }
        if (config.ensemble().isPresent()) {
            LOG.warn(
                    "whoever knows the id of a session can take it over: give each server the same"
                            + " session.secretFile, once none of Apache's is in the ensemble");
            return null;
        }
        make(usual);
        return read(usual);
    }

    private static Bytes read(Path file) throws IOException {
        String secret = Files.readString(file, StandardCharsets.UTF_8).strip();
        if (secret.length() < CHARACTERS_MIN) {
            throw new IOException(
                    file
                            + " has "
                            + secret.length()
                            + " characters; at least "
                            + CHARACTERS_MIN
                            + " are needed, which nobody can guess");
        }
        if (isPosix(file) && !OWNERS.containsAll(Files.getPosixFilePermissions(file))) {
            LOG.warn("{} can be read or written by others than its owner", file);
        }
        LOG.info("session passwords are derived from the secret {}", fingerprint(secret));
        return Bytes.utf8(secret);
    }

    /** By which servers' secrets can be compared. */
    private static String fingerprint(String secret) {
        try {
            byte[] hash =
                    MessageDigest.getInstance("SHA-256")
                            .digest(secret.getBytes(StandardCharsets.UTF_8));
            return HexFormat.of().formatHex(hash, 0, 4) + "…";
        } catch (NoSuchAlgorithmException e) {
            throw new AssertionError("every JDK has it", e);
        }
    }

    private static void make(Path file) throws IOException {
        byte[] random = new byte[BYTES];
        new SecureRandom().nextBytes(random);
        byte[] text = (HexFormat.of().formatHex(random) + "\n").getBytes(StandardCharsets.US_ASCII);
        SmallFile.write(file, ByteBuffer.wrap(text), ownersOnly(file));
    }

    private static FileAttribute<?>[] ownersOnly(Path file) {
        return isPosix(file)
                ? new FileAttribute<?>[] {
                    PosixFilePermissions.asFileAttribute(
                            EnumSet.of(
                                    PosixFilePermission.OWNER_READ,
                                    PosixFilePermission.OWNER_WRITE))
                }
                : new FileAttribute<?>[0];
    }

    private static boolean isPosix(Path file) {
        return file.getFileSystem().supportedFileAttributeViews().contains("posix");
    }
}
