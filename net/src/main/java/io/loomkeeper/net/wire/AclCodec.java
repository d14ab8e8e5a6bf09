package io.loomkeeper.net.wire;

import io.loomkeeper.tree.Acl;
import io.loomkeeper.tree.AuthId;
import java.util.ArrayList;
import java.util.List;

/**
 * Access control lists on the wire (protocol 3).
 *
 * <pre>
 *   vector of { int perms, ustring scheme, ustring id }      null reads as empty
 * </pre>
 */
final class AclCodec {
    private static final int ACL_BYTES_MIN = 3 * Integer.BYTES;

    private AclCodec() {}

    static List<Acl> decode(JuteInput in) throws MalformedException {
        int count = in.readCount(ACL_BYTES_MIN);
        if (count <= 0) {
            return List.of();
        }
        List<Acl> acl = new ArrayList<>(count);
        for (int i = 0; i < count; i++) {
            acl.add(new Acl(in.readInt(), new AuthId(in.readString(), in.readString())));
        }
        return acl.equals(Acl.OPEN) ? Acl.OPEN : List.copyOf(acl);
    }

    static void encode(List<Acl> acl, JuteOutput out) {
        out.writeInt(acl.size());
        for (Acl entry : acl) {
            out.writeInt(entry.perms());
            out.writeString(entry.who().scheme());
            out.writeString(entry.who().id());
        }
    }
}
