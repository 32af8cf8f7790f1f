package org.larchmq.wire;

import static org.junit.jupiter.api.Assertions.assertDoesNotThrow;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.larchmq.message.DestinationKind;
import org.larchmq.message.ErrorCode;
import org.larchmq.message.Names;
import org.larchmq.message.ProtocolException;

/** The numbers that peers have learned and that must never change, and the rules for names. */
class NumbersTest {
    @Test
    void frameTypesKeepTheirCodes() {
        String codes = Arrays.stream(FrameType.values())
                .map(type -> type + "=" + Integer.toHexString(type.code() & 0xFF))
                .collect(Collectors.joining(" "));
        assertEquals(
                "HELLO=1 CREATE_CONSUMER=2 CLOSE_CONSUMER=3 CREDIT=4 SEND=5 ACK=6 RETURN=7 COMMIT=8 ROLLBACK=9"
                        + " OPEN_DESTINATION=a DELETE_DESTINATION=b PING=c CLOSE=d ADMIN=e DRAIN=f"
                        + " UNSUBSCRIBE=10 SET_CLIENT_ID=11 ASK=12 BROWSE=13"
                        + " PART=14 SEND_LARGE=15 SEEN=16 PRODUCER=17 PRODUCER_CLOSED=1f"
                        + " TRANSACTION_OUTCOME=20 RESEND=21 COMMIT_NAMED=22 RESTORE_DESTINATION=23"
                        + " XA_START=18 XA_END=19 XA_PREPARE=1a XA_COMMIT=1b XA_ROLLBACK=1c XA_FORGET=1d XA_RECOVER=1e"
                        + " WELCOME=81 REPLY=82"
                        + " RECEIPT=83 SEND_FAILED=84 DELIVER=85 SEND_WINDOW=87 FATAL=88 PONG=8c"
                        + " RECALL=92 DELIVER_PART=94 DELIVER_LARGE=95",
                codes);
        for (FrameType type : FrameType.values()) {
            assertEquals(type, FrameType.of(type.code()));
            assertEquals((type.code() & 0x80) == 0, type.isFromClient());
        }
    }

    @Test
    void aCodeThatIsNoFrameIsRefused() {
        List<Integer> known = Arrays.stream(FrameType.values())
                .map(type -> type.code() & 0xFF)
                .toList();
        for (int code = 0; code < 256; code++) {
            int candidate = code;
            if (!known.contains(code)) assertThrows(ProtocolException.class, () -> FrameType.of(candidate));
        }
    }

    @Test
    void errorCodesKeepTheirNumbers() {
        for (int number = 0; number <= 21; number++)
            assertEquals(number, ErrorCode.of(number).number());
        for (ErrorCode code : ErrorCode.values()) assertEquals(code, ErrorCode.of(code.number()));
        assertEquals(31, ErrorCode.OUTCOME_FORGOTTEN.number());
        assertEquals(32, ErrorCode.REFUSED_BEFORE.number());
        for (int number = 26; number <= 30; number++)
            assertEquals(number, ErrorCode.of(number).number());
        assertEquals("LARCH-9-DISK_FULL", ErrorCode.of(9).text());
        assertEquals("LARCH-18-ILLEGAL_STATE", ErrorCode.of(18).text());
        assertEquals("LARCH-21-SUBSCRIPTION_UNKNOWN", ErrorCode.of(21).text());
        assertEquals(ErrorCode.INTERNAL, ErrorCode.of(9999));
    }

    @Test
    void destinationKindsKeepTheirNumbers() {
        assertEquals("[QUEUE, TOPIC, TEMPORARY_QUEUE, TEMPORARY_TOPIC]", Arrays.toString(DestinationKind.values()));
        for (int number = 0; number < 4; number++)
            assertEquals(number, DestinationKind.of(number).number());
        for (int number : new int[] {-1, 4, 255}) {
            assertThrows(ProtocolException.class, () -> DestinationKind.of(number));
        }
    }

    @Test
    void namesAreCheckedInEncodedBytes() {
        for (String name : List.of("a", "orders.eu/1", "größe", "日本語", "a b", "x".repeat(1024), "ö".repeat(512))) {
            assertDoesNotThrow(() -> Names.checkName(name));
        }
        for (String name : List.of("", "a\n", "\u0000", "a\u007F", "a\u0085", "x".repeat(1025), "ö".repeat(513))) {
            var refused = assertThrows(ProtocolException.class, () -> Names.checkName(name), name);
            assertEquals(ErrorCode.INVALID_DESTINATION, refused.code());
        }
    }

    /** On the wire they would become question marks, and with that other names. */
    @Test
    void namesWithHalfOfASurrogatePairAreRefused() {
        for (String name : List.of("\uD800", "a\uDC00b", "\uDC00\uD800", "\uD83D")) {
            var destination = assertThrows(ProtocolException.class, () -> Names.checkName(name));
            assertEquals(ErrorCode.INVALID_DESTINATION, destination.code());
            var clientId = assertThrows(ProtocolException.class, () -> Names.checkClientId(name));
            assertEquals(ErrorCode.INVALID_CLIENT_ID, clientId.code());
        }
        assertDoesNotThrow(() -> Names.checkName("\uD83D\uDE00"));
        assertDoesNotThrow(() -> Names.checkClientId("\uD83D\uDE00"));
    }
}
