package io.homeostat.ledger.simulation;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.stream.Stream;

/**
 * The disk of one replica. The files are real, on a memory file system; what a crash leaves of them is made here, from what
 * was durable and what the process had written since. After a power cut each sector that was not synced is the old one or the
 * new one; a killed process loses only what it had not handed over.
 *
 * <p>A directory is never used again after a crash: the next incarnation gets a copy, because the dead one still has its
 * files open in this JVM.
 */
final class SimDisk {
    private static final int SECTOR = 512;

    private final Path base;
    private int generation;
    private TreeMap<String, byte[]> durable = new TreeMap<>();

    SimDisk(Path base) {
        this.base = base;
        create(directory());
    }

    Path directory() {
        return base.resolve("g" + generation);
    }

    /** Everything written until now survives a power cut from now on. */
    void synced() {
        durable = read(directory());
    }

    void killed() {
        become(read(directory()));
    }

    /**
     * The head of the log goes to disk only behind what it vouches for, and the log relies on that order; so a new head
     * means that all is new.
     */
    void powerCut(Random random) {
        TreeMap<String, byte[]> now = read(directory());
        boolean sameHead = Arrays.equals(now.get("head"), durable.get("head"));
        if (!sameHead) {
            become(now);
            return;
        }
        TreeMap<String, byte[]> left = new TreeMap<>();
        for (Map.Entry<String, byte[]> file : now.entrySet()) {
            left.put(file.getKey(), torn(durable.getOrDefault(file.getKey(), new byte[0]), file.getValue(), random));
        }
        become(left);
    }

    private static byte[] torn(byte[] old, byte[] written, Random random) {
        int length = random.nextBoolean() ? written.length : Math.min(old.length, written.length);
        byte[] left = Arrays.copyOf(written, length);
        for (int at = 0; at < length; at += SECTOR) {
            int end = Math.min(length, at + SECTOR);
            if (random.nextInt(3) == 0) {
                for (int i = at; i < end; i++) {
                    left[i] = i < old.length ? old[i] : 0;
                }
            }
        }
        return left;
    }

    /** Flips one bit of one file that holds something; says which, empty when there is none. */
    String flipBit(Random random) {
        List<Path> files = files(directory()).stream()
                .filter(file -> size(file) > 0)
                .sorted()
                .toList();
        if (files.isEmpty()) {
            return "";
        }
        Path file = files.get(random.nextInt(files.size()));
        byte[] content = readFile(file);
        int used = content.length;
        while (used > 0 && content[used - 1] == 0) {
            used--;
        }
        if (used == 0) {
            return "";
        }
        int at = random.nextInt(used);
        int bit = random.nextInt(8);
        content[at] ^= (byte) (1 << bit);
        write(file, content);
        return file.getFileName() + " byte " + at + " bit " + bit;
    }

    void wipe() {
        durable = new TreeMap<>();
        become(new TreeMap<>());
    }

    private void become(TreeMap<String, byte[]> content) {
        generation++;
        create(directory());
        content.forEach((name, bytes) -> write(directory().resolve(name), bytes));
        durable = content;
    }

    /** To be called when the dead incarnation has let go of its files. */
    void forgetOlder() {
        for (int old = generation - 1; old >= 0 && Files.exists(base.resolve("g" + old)); old--) {
            delete(base.resolve("g" + old));
        }
    }

    static void delete(Path folder) {
        try (Stream<Path> tree = Files.walk(folder)) {
            for (Path path : tree.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(path);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static TreeMap<String, byte[]> read(Path directory) {
        TreeMap<String, byte[]> content = new TreeMap<>();
        for (Path file : files(directory)) {
            content.put(directory.relativize(file).toString(), readFile(file));
        }
        return content;
    }

    private static List<Path> files(Path directory) {
        try (Stream<Path> tree = Files.walk(directory)) {
            return new ArrayList<>(tree.filter(Files::isRegularFile).toList());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static byte[] readFile(Path file) {
        try {
            return Files.readAllBytes(file);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Room at the end stays a hole. */
    private static void write(Path file, byte[] content) {
        int used = content.length;
        while (used > 0 && content[used - 1] == 0) {
            used--;
        }
        create(file.getParent());
        try (RandomAccessFile out = new RandomAccessFile(file.toFile(), "rw")) {
            out.setLength(0);
            out.write(content, 0, used);
            out.setLength(content.length);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static long size(Path file) {
        try {
            return Files.size(file);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static void create(Path folder) {
        try {
            Files.createDirectories(folder);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
