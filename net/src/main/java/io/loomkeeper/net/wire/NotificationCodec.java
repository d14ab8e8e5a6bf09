package io.loomkeeper.net.wire;

import io.loomkeeper.zab.Notification;
import io.loomkeeper.zab.ServerState;
import io.loomkeeper.zab.Vote;
import io.loomkeeper.zab.Zxid;
import org.jspecify.annotations.Nullable;

/**
 * What servers tell each other on the election port (protocol 16.3), each in a frame of an int, its
 * length from 1 to {@value #FRAME_BYTES_MAX}.
 *
 * <pre>
 *    0  int     state of the sender: 0 LOOKING, 1 FOLLOWING, 2 LEADING, 3 OBSERVING
 *    4  long    its vote: leader
 *   12  long    its vote: zxid
 *   20  long    its round
 *   28  long    its vote: epoch            absent in the oldest: that of the zxid
 *   36  int     version of the message     with nothing behind it: 3.4, whatever it says
 *   40  buffer  configuration as UTF-8     from version 2 on
 *       long    {@link #OURS}               what follows is ours; others read no further
 *       buffer  configuration as UTF-8     seen and not active; 1 to {@value #SEEN_BYTES_MAX} bytes
 * </pre>
 *
 * <p>The last two are left out when nothing was seen, and by others than Loomkeeper. What stands
 * there in any other form says nothing: it may be of a version to come.
 */
public final class NotificationCodec {
    /** The version that is written. */
    public static final int VERSION = 2;

    static final int FRAME_BYTES_MAX = 512 << 10;

    /** Some thousand members; leaves room for the active configuration. */
    static final int SEEN_BYTES_MAX = 128 << 10;

    /** "Loomkeep". */
    static final long OURS = 0x4c6f6f6d_6b656570L;

    private NotificationCodec() {}

    /** Appends the frame, in version 2 whatever the notification's is. */
    public static void encode(Notification notification, JuteOutput out) {
        int frame = out.beginFrame();
        out.writeInt(codeOf(notification.state()));
        out.writeLong(notification.vote().leader());
        out.writeLong(notification.vote().zxid());
        out.writeLong(notification.round());
        out.writeLong(notification.vote().peerEpoch());
        out.writeInt(VERSION);
        String config = notification.config();
        out.writeString(config == null ? "" : config);
        encodeSeen(notification.seen(), out, frame);
        out.endFrame(frame);
    }

    /** One that is too long is not told: an election without it is better than none. */
    private static void encodeSeen(@Nullable String seen, JuteOutput out, int frame) {
        if (seen == null || seen.isEmpty() || seen.length() > SEEN_BYTES_MAX) {
            return;
        }
        int before = out.position();
        out.writeLong(OURS);
        int text = out.position() + Integer.BYTES;
        out.writeString(seen);
        int frameBytes = out.position() - frame - Integer.BYTES;
        if (out.position() - text > SEEN_BYTES_MAX || frameBytes > FRAME_BYTES_MAX) {
            out.position(before);
        }
    }

    /** Decodes what is in the frame, all of {@code in}. */
    static Notification decode(JuteInput in) throws MalformedException {
        ServerState state = stateOf(in.readInt());
        long leader = in.readLong();
        long zxid = in.readLong();
        long round = in.readLong();
        if (in.remaining() == 0) {
            return new Notification(
                    state, new Vote(leader, zxid, Zxid.epoch(zxid)), round, 0, null);
        }
        Vote vote = new Vote(leader, zxid, in.readLong());
        int written = in.readInt();
        int version = in.remaining() == 0 ? 0 : written;
        String config = version < VERSION ? null : config(in);
        String seen = version < VERSION ? null : seen(in);
        return new Notification(state, vote, round, version, config, seen);
    }

    private static int codeOf(ServerState state) {
        return switch (state) {
            case LOOKING -> 0;
            case FOLLOWING -> 1;
            case LEADING -> 2;
            case OBSERVING -> 3;
        };
    }

    private static ServerState stateOf(int code) throws MalformedException {
        return switch (code) {
            case 0 -> ServerState.LOOKING;
            case 1 -> ServerState.FOLLOWING;
            case 2 -> ServerState.LEADING;
            case 3 -> ServerState.OBSERVING;
            default -> throw new MalformedException("notification of state " + code);
        };
    }

    private static @Nullable String config(JuteInput in) throws MalformedException {
        String config = in.readString();
        if (config == null) {
            throw new MalformedException("notification without the configuration of its version");
        }
        return config.isEmpty() ? null : config;
    }

    private static @Nullable String seen(JuteInput in) throws MalformedException {
        if (in.remaining() <= Long.BYTES + Integer.BYTES || in.readLong() != OURS) {
            return null;
        }
        int length = in.readInt();
        boolean isWhole = length == in.remaining() && length <= SEEN_BYTES_MAX;
        return isWhole ? in.readUtf8(length) : null;
    }
}
