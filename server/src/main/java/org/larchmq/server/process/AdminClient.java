package org.larchmq.server.process;

import java.io.DataInputStream;
import java.io.IOException;
import java.net.ConnectException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.net.UnknownHostException;
import java.nio.ByteBuffer;
import org.larchmq.message.ByteReader;
import org.larchmq.message.ByteWriter;
import org.larchmq.message.ErrorCode;
import org.larchmq.message.ProtocolException;
import org.larchmq.wire.FrameType;
import org.larchmq.wire.Frames;

/**
 * Asks a broker one administrative question over its own protocol: connect, log in, ask, close. Blocks the caller, at
 * most a few seconds for each step.
 */
public final class AdminClient {
    private static final int CONNECT_MILLIS = 3_000;
    private static final int ANSWER_MILLIS = 10_000;
    private static final int MAX_ANSWER_BYTES = 4 << 20;
    private static final int REQUEST = 1;

    /** @param hasMore whether the listing goes on, behind the id of its last line */
    public record Answer(String text, boolean hasMore) {}

    private final Socket socket;
    private final DataInputStream in;

    private AdminClient(Socket socket) throws IOException {
        this.socket = socket;
        in = new DataInputStream(socket.getInputStream());
    }

    /**
     * @param user    empty for none
     * @param command one of the broker's administrative commands
     * @return its result
     * @throws ConnectException when there is none
     * @throws IOException with a sentence that names the broker and what happened
     */
    public static Answer ask(String host, int port, String user, String password, String command) throws IOException {
        String at = (host.contains(":") ? "[" + host + "]" : host) + ":" + port;
        String broker = "the broker at " + at;
        try (Socket socket = new Socket()) {
            socket.connect(new InetSocketAddress(host, port), CONNECT_MILLIS);
            socket.setSoTimeout(ANSWER_MILLIS);
            AdminClient client = new AdminClient(socket);
            client.logIn(user, password);
            return client.command(command);
        } catch (ConnectException e) {
            ConnectException nobody = new ConnectException("nothing listens at " + at);
            nobody.initCause(e);
            throw nobody;
        } catch (UnknownHostException e) {
            throw new IOException("there is no host '" + host + "'", e);
        } catch (SocketTimeoutException e) {
            throw new IOException(broker + " did not answer in time", e);
        } catch (ProtocolException e) {
            throw new IOException(
                    broker + " refused: " + e.getMessage() + " (" + e.code().text() + ")", e);
        } catch (IOException e) {
            String why = e.getMessage() == null ? "it closed the connection" : e.getMessage();
            throw new IOException(broker + " cannot be asked: " + why, e);
        }
    }

    private void logIn(String user, String password) throws IOException {
        ByteWriter hello = new ByteWriter(256);
        Frames.Hello.once("", user, password, "larchmq command line", 0).encode(hello);
        send(hello);
        Frames.Welcome.decode(await(FrameType.WELCOME));
    }

    private Answer command(String command) throws IOException {
        ByteWriter frame = new ByteWriter(64);
        int mark = FrameType.ADMIN.begin(frame);
        frame.putInt(REQUEST).putShortString(command);
        FrameType.end(frame, mark);
        send(frame);
        Frames.Reply reply = Frames.Reply.decode(await(FrameType.REPLY));
        if (reply.code() != ErrorCode.OK) throw new ProtocolException(reply.code(), reply.text());
        return new Answer(reply.name(), reply.value() != 0);
    }

    private void send(ByteWriter frame) throws IOException {
        socket.getOutputStream().write(frame.array(), 0, frame.size());
    }

    /** The body of the next frame of this type; PING and SEND_WINDOW in between are of no interest here. */
    private ByteReader await(FrameType wanted) throws IOException {
        while (true) {
            int length = in.readInt();
            if (length < 1 || length > MAX_ANSWER_BYTES) {
                throw new IOException("what listens there does not speak the LarchMQ protocol");
            }
            ByteReader body = new ByteReader(ByteBuffer.wrap(in.readNBytes(length)));
            FrameType type = FrameType.of(body.getUnsignedByte());
            if (type == wanted) return body;
            if (type == FrameType.FATAL) {
                throw new ProtocolException(ErrorCode.of(body.getUnsignedShort()), body.getString());
            }
        }
    }
}
