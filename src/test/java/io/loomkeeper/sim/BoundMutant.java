package io.loomkeeper.sim;

import static io.loomkeeper.sim.Mutation.calls;
import static io.loomkeeper.sim.Mutation.returns;
import static io.loomkeeper.sim.Mutation.skips;
import static io.loomkeeper.sim.Slips.equates;
import static io.loomkeeper.sim.Slips.overlooks;

import java.util.List;

/** A mistake about what is bounded, checked, or the end of the process (RD). */
enum BoundMutant implements FactMistake {
    TRANSACTION_OF_ANY_LENGTH_IS_LOGGED(
            "RD-1",
            new Fact("tree.PreparerTest", "theLimitHoldsForHeaderBodyAndDigestTogether"),
            returns("tree.Preparer", "isTooLong", 0)),
    MULTI_OF_ANY_LENGTH_IS_LOGGED(
            "RD-1",
            new Fact("tree.MultiTest", "aTooLongMultiIsTakenBack"),
            equates("tree.Preparer", "applyParts")),
    LOG_TAKES_MORE_THAN_FITS(
            "RD-1",
            new Fact("log.TxnLogTest", "aTransactionThatCannotFitIsRefusedAtTheDoor"),
            overlooks("log.TxnLog", "append")),
    NUMBER_IN_A_CONFIGURATION_HAS_NO_BOUNDS(
            "RD-2",
            new Fact("server.ConfigTest", "valueOutOfItsBoundsIsRefused"),
            equates("server.Settings", "number")),
    BUFFER_GROWS_BY_WHAT_IS_ANNOUNCED(
            "RD-3",
            new Fact("net.FrameBufferTest", "capacityIsAtMostTwiceWhatWasReceived"),
            calls("net.FrameBuffer", "makeRoom", "min", "max")),
    COUNT_OF_A_LIST_IS_BELIEVED(
            "RD-5",
            new Fact("net.wire.JuteTest", "countsAreHeldAgainstTheBytesThatElementsNeed"),
            overlooks("net.wire.JuteInput", "readCount")),
    LENGTH_OF_A_STRING_IS_BELIEVED(
            "RD-11",
            new Fact("net.wire.JuteTest", "negativeLengthsOtherThanNullAreMalformed"),
            overlooks("net.wire.JuteInput", "readLength")),
    END_OF_A_FRAME_IS_PASSED(
            "RD-11",
            new Fact("net.wire.JuteTest", "valuesCutShortAreMalformed"),
            overlooks("net.wire.JuteInput", "advance")),
    LENGTH_OF_A_PACKET_IS_BELIEVED(
            "RD-11",
            new Fact(
                    "net.wire.QuorumCodecTest",
                    "packetsBeyondTheBoundAreRefusedBeforeTheyHaveCome"),
            overlooks("net.wire.QuorumDecoder", "checkedLength")),
    IDENTITIES_OF_A_PACKET_HAVE_NO_BOUND(
            "RD-11",
            new Fact("net.wire.QuorumCodecTest", "identitiesWithoutEndAreMalformed"),
            overlooks("net.wire.QuorumDecoder", "checkedAuthinfo")),
    LENGTH_OF_A_HELLO_IS_BELIEVED(
            "RD-11",
            new Fact("net.wire.ElectionCodecTest", "hellosThatAreNoneAreMalformed"),
            overlooks("net.wire.ElectionHello", "lengthAt")),
    READER_OF_A_CLIENT_DIES_ALONE(
            "RD-11",
            new Fact("net.ZombieTest", "anErrorOfAClientsReaderIsTheEnd"),
            skips("net.ClientReader", "run", "accept", 0)),
    READER_OF_A_NOTIFICATION_DIES_ALONE(
            "RD-11, E9",
            new Fact("net.ZombieTest", "anErrorOfAnElectionLinksReaderIsTheEnd"),
            skips("net.ElectionLink", "runReader", "accept", 0));

    @SuppressWarnings("ImmutableEnumChecker") // made by List.of
    private final Recipe recipe;

    BoundMutant(String rules, Fact fact, Mutation... mutations) {
        recipe = new Recipe(rules, fact, List.of(mutations));
    }

    @Override
    public Recipe recipe() {
        return recipe;
    }
}
