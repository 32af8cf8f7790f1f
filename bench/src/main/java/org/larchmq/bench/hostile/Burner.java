package org.larchmq.bench.hostile;

import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import org.larchmq.bench.support.DurationConverter;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/**
 * Keeps all processors busy as a hostile client may, with frames that are made and sent to itself, and does not touch the
 * broker: what that alone does to honest clients is no fault of the broker's.
 */
@Command(name = "burner", hidden = true)
public final class Burner implements Callable<Integer> {
    @Option(names = "--time", required = true, converter = DurationConverter.class)
    private Duration time;

    @Override
    public Integer call() throws IOException, InterruptedException {
        long until = System.nanoTime() + time.toNanos();
        List<Thread> threads = new ArrayList<>();
        try (ServerSocket server = new ServerSocket(0, 50, InetAddress.getLoopbackAddress())) {
            for (int i = 0; i < Runtime.getRuntime().availableProcessors(); i++) {
                Socket out = new Socket(server.getInetAddress(), server.getLocalPort());
                Socket in = server.accept();
                threads.add(new Thread(() -> send(out, until), "burner-sends-" + i));
                threads.add(new Thread(() -> read(in), "burner-reads-" + i));
            }
            for (Thread thread : threads) thread.start();
            for (Thread thread : threads) thread.join();
        }
        return 0;
    }

    private static void send(Socket to, long until) {
        byte[] message = RawPeer.message(1, 1, 0, 0, 20);
        try (to) {
            while (System.nanoTime() < until)
                to.getOutputStream().write(RawPeer.sendFrame(RawPeer.SEND, 1, 1, 1, message, 1000));
        } catch (IOException e) {
            System.err.println("The burner has ended early: " + e.getMessage());
        }
    }

    private static void read(Socket from) {
        byte[] buffer = new byte[1 << 16];
        try (from) {
            InputStream in = from.getInputStream();
            while (in.read(buffer) >= 0) Thread.onSpinWait();
        } catch (IOException e) {
            System.err.println("The burner has ended early: " + e.getMessage());
        }
    }
}
