package io.loomkeeper.tree;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.List;
import org.agrona.ExpandableArrayBuffer;
import org.junit.jupiter.api.Test;

/** {@link TxnLength} agrees with {@link TxnCodec} about every kind of transaction. */
final class TxnLengthTest {
    private static final int HEADER = 32;
    private static final List<Acl> ACL =
            List.of(
                    new Acl(1, new AuthId("digest", "j\u00f6e:h\u20acsh")),
                    new Acl(2, new AuthId(null, null)));
    private static final String PATH = "/\u00fcml\u00e4ut/\u4e2d/plain";

    private static final List<Txn> ONE_OF_EACH =
            List.of(
                    new Txn.CreateTxn(Op.CREATE, PATH, Bytes.utf8("xyz"), ACL, true, 7),
                    new Txn.CreateTxn(Op.CREATE2, PATH, null, List.of(), false, 7),
                    new Txn.CreateContainerTxn(PATH, Bytes.EMPTY, ACL, 7),
                    new Txn.CreateTtlTxn(PATH, Bytes.utf8("x"), Acl.OPEN, 7, 99),
                    new Txn.DeleteTxn(PATH, true),
                    new Txn.SetDataTxn(PATH, Bytes.utf8("xyz"), 7),
                    new Txn.ReconfigTxn(PATH, Bytes.utf8("xyz"), -1),
                    new Txn.SetAclTxn(PATH, ACL, 7),
                    new Txn.CheckTxn(PATH, 7),
                    new Txn.CreateSessionTxn(7),
                    new Txn.CloseSessionTxn(null),
                    new Txn.CloseSessionTxn(List.of(PATH, "/a")),
                    new Txn.ErrorTxn(-101),
                    new Txn.SetAclTxn("/\ud83d\ude00", List.of(), 7));

    private static int encoded(Txn txn) {
        ExpandableArrayBuffer target = new ExpandableArrayBuffer();
        return TxnCodec.encode(new TxnHeader(1, 2, 3, 4), txn, null, target, 0) - HEADER;
    }

    @Test
    void lengthIsThatOfTheEncodedBody() {
        for (Txn txn : ONE_OF_EACH) {
            assertEquals(encoded(txn), TxnLength.of(txn), txn::toString);
        }
        Txn multi = new Txn.MultiTxn(ONE_OF_EACH.subList(0, 6));
        assertEquals(encoded(multi), TxnLength.of(multi));
    }
}
