package org.larchmq.jms.net;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.larchmq.jms.error.JmsErrors;
import org.larchmq.message.ByteReader;
import org.larchmq.message.ErrorCode;
import org.larchmq.message.ProtocolException;
import org.larchmq.wire.FrameType;
import org.larchmq.wire.Frames;

/**
 * The way in: reads a frame and hands it to whom it concerns. Any thread may call {@link #readAndDispatch}, but one at a
 * time. Never blocks on anything but the socket.
 */
final class Inbound {
    private final FrameReader frames;
    private final Outbound outbound;
    private final Requests requests;
    private final TransportEvents events;
    private final LargeInbound large;
    private final List<PendingSend> completed = new ArrayList<>();

    Inbound(FrameReader frames, Outbound outbound, Requests requests, TransportEvents events, int maxMessageBytes) {
        this.large = new LargeInbound(maxMessageBytes);
        this.frames = frames;
        this.outbound = outbound;
        this.requests = requests;
        this.events = events;
    }

    /**
     * @throws FatalFrame        when the broker ends the connection
     * @throws ProtocolException when the broker does not keep to the protocol
     */
    void readAndDispatch() throws IOException, FatalFrame {
        switch (frames.next()) {
            case DELIVER -> events.delivered(new DeliveryBatch(frames.detachedBody()));
            case DELIVER_LARGE -> large.begin(frames.body());
            case DELIVER_PART -> deliveredPart(frames.body());
            case RECEIPT -> receipt(frames.body());
            case REPLY -> requests.answered(Frames.Reply.decode(frames.body()));
            case SEND_FAILED -> sendFailed(frames.body());
            case SEND_WINDOW -> outbound.setWindow(frames.body().getInt());
            case RECALL -> events.recalled(frames.body().getInt());
            case PING -> outbound.appendUrgent(FrameType.PONG);
            case PONG -> {}
            case FATAL -> throw FatalFrame.read(frames.body());
            default ->
                throw new ProtocolException(ErrorCode.PROTOCOL, "the broker sent a frame that only clients send");
        }
    }

    private void deliveredPart(ByteReader body) {
        DeliveryBatch whole = large.part(body);
        if (whole != null) events.delivered(whole);
    }

    private void receipt(ByteReader body) {
        completed.clear();
        outbound.confirmed(body, completed);
        complete(completed);
        completed.clear();
    }

    private void sendFailed(ByteReader body) {
        PendingSend send = outbound.refused(body.getLong());
        ErrorCode code = ErrorCode.of(body.getUnsignedShort());
        send.setFailure(JmsErrors.refused(code, body.getString()));
        complete(List.of(send));
    }

    /** Completes sends; neighbours that go to the same sink go there together. */
    static void complete(List<PendingSend> sends) {
        int at = 0;
        while (at < sends.size()) {
            PendingSend send = sends.get(at);
            PendingSend.Sink sink = send.sink();
            if (sink == null) {
                send.complete();
                at++;
                continue;
            }
            int end = at + 1;
            while (end < sends.size() && sends.get(end).sink() == sink) end++;
            sink.completed(sends.subList(at, end));
            at = end;
        }
    }

    /** The broker's last words on this connection. */
    static final class FatalFrame extends Exception {
        private final ErrorCode code;

        private FatalFrame(ErrorCode code, String text) {
            super(text, null, false, false);
            this.code = code;
        }

        static FatalFrame read(ByteReader body) {
            return new FatalFrame(ErrorCode.of(body.getUnsignedShort()), body.getString());
        }

        ErrorCode code() {
            return code;
        }
    }
}
