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
 * </pre>
 */
public final class NotificationCodec {
    /** The version that is written. */
    public static final int VERSION = 2;

    static final int FRAME_BYTES_MAX = 512 << 10;

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
        out.endFrame(frame);
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
        return new Notification(state, vote, round, version, version < VERSION ? null : config(in));
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
}
