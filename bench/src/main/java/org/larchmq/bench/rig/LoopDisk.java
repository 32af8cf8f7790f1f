package org.larchmq.bench.rig;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;

/** File systems inside files, mounted through the loop driver. Needs root. */
final class LoopDisk {
    private LoopDisk() {}

    static void checkMachine(String... tools) throws InterruptedException {
        if (!Shell.isRoot()) throw new RigSkipped("mounting needs root");
        for (String tool : tools) {
            if (Shell.find(tool).isEmpty()) throw new RigSkipped(tool + " is not installed");
        }
        Shell.Result free = Shell.run("losetup", "-f");
        if (!free.isOk())
            throw new RigSkipped("no loop devices: " + free.output().strip());
    }

    /** A sparse file; its blocks are used as they are written. */
    static void format(Path image, long sizeBytes, String... mkfs) throws IOException, InterruptedException {
        Files.createDirectories(image.getParent());
        try (var file = new RandomAccessFile(image.toFile(), "rw")) {
            file.setLength(sizeBytes);
        }
        String[] command = java.util.Arrays.copyOf(mkfs, mkfs.length + 1);
        command[mkfs.length] = image.toString();
        Shell.mustRun(command);
    }

    static void mount(Path image, Path directory) throws IOException, InterruptedException {
        Files.createDirectories(directory);
        Shell.mustRun("mount", "-o", "loop", image.toString(), directory.toString());
    }

    static void unmount(Path directory) throws InterruptedException {
        Shell.Result result = Shell.run("umount", directory.toString());
        for (int attempt = 0; !result.isOk() && attempt < 50; attempt++) {
            if (!Shell.run("mountpoint", "-q", directory.toString()).isOk()) return;
            Thread.sleep(100); // a process that was just killed still holds it
            result = Shell.run("umount", directory.toString());
        }
        if (!result.isOk()) Shell.mustRun("umount", "-l", directory.toString());
    }
}
