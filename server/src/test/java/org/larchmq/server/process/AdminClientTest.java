package org.larchmq.server.process;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.DataInputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.larchmq.message.ByteReader;
import org.larchmq.message.ByteWriter;
import org.larchmq.message.ErrorCode;
import org.larchmq.wire.FrameType;
import org.larchmq.wire.Frames;

/** Against a peer that speaks the protocol by hand. */
class AdminClientTest {
    private ServerSocket server;

    @BeforeEach
    void listen() throws IOException {
        server = new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
    }

    @AfterEach
    void close() throws IOException {
        server.close();
    }

    @Test
    void logsInAsksAndGivesTheAnswer() throws Exception {
        CompletableFuture<Void> peer = peer(socket -> {
            DataInputStream in = new DataInputStream(socket.getInputStream());
            Frames.Hello hello = Frames.Hello.decode(body(in, FrameType.HELLO));
            assertThat(hello.user()).isEqualTo("alice");
            assertThat(hello.password()).isEqualTo("secret");
            ByteWriter out = new ByteWriter(64);
            new Frames.Welcome(3, "broker", "1", new UUID(1, 2), 1, 1, 0, 0, 0).encode(out);
            int mark = FrameType.SEND_WINDOW.begin(out);
            out.putInt(5);
            FrameType.end(out, mark);
            write(socket, out);
            ByteReader admin = body(in, FrameType.ADMIN);
            int request = admin.getInt();
            assertThat(admin.getShortString()).isEqualTo("status");
            ByteWriter reply = new ByteWriter(64);
            new Frames.Reply(request, ErrorCode.OK, "", 0, "queues: 3").encode(reply);
            write(socket, reply);
        });

        assertThat(ask()).isEqualTo("queues: 3");
        peer.get();
    }

    @Test
    void aRefusalIsPassedOnWithItsCode() {
        peer(socket -> {
            ByteWriter out = new ByteWriter(64);
            int mark = FrameType.FATAL.begin(out);
            out.putShort(ErrorCode.AUTHENTICATION.number()).putString("not accepted");
            FrameType.end(out, mark);
            write(socket, out);
        });
        assertThatThrownBy(this::ask)
                .hasMessageContaining("127.0.0.1:" + server.getLocalPort() + " refused: not accepted")
                .hasMessageContaining("LARCH-3-AUTHENTICATION");
    }

    @Test
    void aStrangerIsRecognised() {
        peer(socket -> socket.getOutputStream().write("HTTP/1.1 400 Bad".getBytes(StandardCharsets.US_ASCII)));
        assertThatThrownBy(this::ask).hasMessageContaining("does not speak the LarchMQ protocol");
    }

    @Test
    void aConnectionThatEndsIsReported() {
        peer(Socket::close);
        assertThatThrownBy(this::ask).isInstanceOf(IOException.class).hasMessageContaining("cannot be asked");
    }

    @Test
    void nobodyListeningIsReported() throws IOException {
        server.close();
        assertThatThrownBy(this::ask)
                .isInstanceOf(java.net.ConnectException.class)
                .hasMessage("nothing listens at 127.0.0.1:" + server.getLocalPort());
    }

    private String ask() throws IOException {
        return AdminClient.ask("127.0.0.1", server.getLocalPort(), "alice", "secret", "status")
                .text();
    }

    private interface Peer {
        void serve(Socket socket) throws IOException;
    }

    private CompletableFuture<Void> peer(Peer peer) {
        return CompletableFuture.runAsync(() -> {
            try (Socket socket = server.accept()) {
                peer.serve(socket);
                if (!socket.isClosed()) socket.getInputStream().readAllBytes(); // until the client closes
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        });
    }

    private static ByteReader body(DataInputStream in, FrameType expected) throws IOException {
        ByteReader body = new ByteReader(ByteBuffer.wrap(in.readNBytes(in.readInt())));
        assertThat(FrameType.of(body.getUnsignedByte())).isEqualTo(expected);
        return body;
    }

    private static void write(Socket socket, ByteWriter frame) throws IOException {
        OutputStream out = socket.getOutputStream();
        out.write(frame.toByteArray());
        out.flush();
    }
}
