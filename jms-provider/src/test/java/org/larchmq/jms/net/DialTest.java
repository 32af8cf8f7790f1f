package org.larchmq.jms.net;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import jakarta.jms.JMSException;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.UUID;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.larchmq.jms.error.ClientError;
import org.larchmq.message.ByteWriter;
import org.larchmq.wire.ClientSecret;
import org.larchmq.wire.Frames;
import org.larchmq.wire.Protocol;

/** Making a connection: who is there, and at which address. A wait for the connect timeout would take an hour. */
@Timeout(60)
class DialTest {
    private static final int AN_HOUR = 3_600_000;

    private ServerSocket server;

    @BeforeEach
    void listen() throws IOException {
        server = new ServerSocket(0, 50, InetAddress.getByName("127.0.0.1"));
    }

    @AfterEach
    void close() throws IOException {
        server.close();
    }

    /** Takes one connection and answers it, when a line has ended or at once. */
    private void answer(byte[] answer, boolean afterALine) {
        Thread thread = new Thread(() -> {
            try (Socket socket = server.accept()) {
                if (afterALine) readLine(socket);
                socket.getOutputStream().write(answer);
                socket.shutdownOutput();
                socket.getInputStream().readAllBytes();
            } catch (IOException e) {
                // the client has gone
            }
        });
        thread.setDaemon(true);
        thread.start();
    }

    private static void readLine(Socket socket) throws IOException {
        for (int b = socket.getInputStream().read(); b != '\n' && b >= 0; )
            b = socket.getInputStream().read();
    }

    private static Frames.Hello hello() {
        return new Frames.Hello(
                Protocol.LOWEST_VERSION, Protocol.VERSION, "", "", "", "test\r\n\r\n", 0, 0, ClientSecret.random());
    }

    private Dial dial(Dial.Resolver resolver) {
        return new Dial("broker", server.getLocalPort(), hello(), AN_HOUR, socket -> {}, resolver);
    }

    private Dial dial() {
        return dial(host -> new InetAddress[] {InetAddress.getByName("127.0.0.1")});
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "HTTP/1.1 400 Bad Request\\r\\n\\r\\n | an HTTP response",
                "<html>bad request</html>           | an HTTP response",
                "SSH-2.0-OpenSSH_9.2\\r\\n          | an SSH banner",
                "AMQP\\0                          | AMQP",
                "-ERR unknown command\\r\\n         | a line of text",
                "220 mail.example ESMTP\\r\\n       | mail or FTP",
            })
    void anotherServerIsNamedAtOnce(String answer, String named) {
        byte[] bytes = answer.replace("\\r", "\r")
                .replace("\\n", "\n")
                .replace("\\0", "\0")
                .getBytes(StandardCharsets.ISO_8859_1);
        answer(bytes, false);
        assertRefused("this is not a LarchMQ broker: it answered with", named);
    }

    @Test
    void aServerThatReadsLinesIsNamedToo() {
        answer("HTTP/1.0 400 Bad request syntax\r\n\r\n".getBytes(StandardCharsets.US_ASCII), true);
        assertRefused("not a LarchMQ broker", "an HTTP response");
    }

    @Test
    void aTlsServerAndAnActiveMqAreNamed() throws Exception {
        answer(new byte[] {0x15, 3, 1, 0, 2, 2, 70}, false);
        assertRefused("not a LarchMQ broker", "TLS");
        byte[] openWire = new byte[14];
        openWire[3] = 10;
        openWire[4] = 1;
        System.arraycopy("ActiveMQ".getBytes(StandardCharsets.US_ASCII), 0, openWire, 5, 8);
        answer(openWire, false);
        assertRefused("not a LarchMQ broker", "OpenWire");
    }

    private void assertRefused(String... parts) {
        assertThatThrownBy(() -> dial().connect())
                .isInstanceOf(JMSException.class)
                .hasMessageContainingAll(parts)
                .extracting("errorCode")
                .isEqualTo(ClientError.NOT_A_BROKER.text());
    }

    @Test
    void everyAddressOfAHostNameIsTried() throws Exception {
        ByteWriter welcome = new ByteWriter(128);
        new Frames.Welcome(Protocol.VERSION, "fake", "0", new UUID(1, 2), 1 << 20, 1 << 20, 0, 0, 0).encode(welcome);
        answer(welcome.toByteArray(), false);
        Dial.Connected made = dial(host -> new InetAddress[] {
                    InetAddress.getByName("127.0.0.2"), // nobody listens there
                    InetAddress.getByName("127.0.0.1")
                })
                .connect();
        try (Socket socket = made.socket()) {
            assertThat(socket.getInetAddress().getHostAddress()).isEqualTo("127.0.0.1");
            assertThat(made.welcome().brokerId()).isEqualTo("fake");
        }
    }

    @Test
    void anAddressThatDoesNotAnswerUsesUpItsShareOfTheTimeOnly() throws Exception {
        ByteWriter welcome = new ByteWriter(128);
        new Frames.Welcome(Protocol.VERSION, "fake", "0", new UUID(1, 2), 1 << 20, 1 << 20, 0, 0, 0).encode(welcome);
        answer(welcome.toByteArray(), false);
        try (ServerSocket silent = new ServerSocket(server.getLocalPort(), 50, InetAddress.getByName("127.0.0.3"))) {
            Dial dial = new Dial("broker", server.getLocalPort(), hello(), 2_000, socket -> {}, host ->
                    new InetAddress[] {InetAddress.getByName("127.0.0.3"), InetAddress.getByName("127.0.0.1")});
            dial.connect().socket().close();
        }
    }

    @Test
    void anUnknownNameIsSaidToBeUnknown() {
        Dial dial = dial(host -> {
            throw new java.net.UnknownHostException(host);
        });
        assertThatThrownBy(dial::connect).hasMessageContaining("the name 'broker' is not known");
    }
}
