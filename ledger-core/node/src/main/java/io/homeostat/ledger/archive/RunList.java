package io.homeostat.ledger.archive;

import io.homeostat.ledger.archive.RunFormat.Order;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The files of an index, oldest first, and how a folder tells them: names and levels, with a checksum in the last line. Immutable. */
record RunList(List<Run> byId, List<Run> byNumber) {
    static final RunList EMPTY = new RunList(List.of(), List.of());

    private static final String NAME = "runs";
    private static final Pattern LINE = Pattern.compile("(\\d{8}\\.rows) (\\d{1,2})");

    RunList {
        byId = List.copyOf(byId);
        byNumber = List.copyOf(byNumber);
    }

    static String fileName(int number) {
        return String.format(Locale.ROOT, "%08d.rows", number);
    }

    static int number(Path file) {
        return Integer.parseInt(file.getFileName().toString().substring(0, 8));
    }

    boolean isEmpty() {
        return byId.isEmpty() && byNumber.isEmpty();
    }

    int count() {
        return byId.size() + byNumber.size();
    }

    List<Run> all() {
        List<Run> all = new ArrayList<>(byId);
        all.addAll(byNumber);
        return all;
    }

    List<Run> in(Order order) {
        return order == Order.BY_ID ? byId : byNumber;
    }

    RunList with(Run newest) {
        List<Run> more = new ArrayList<>(in(newest.order()));
        more.add(newest);
        return replace(newest.order(), more);
    }

    /** One in the place of those that it was made of, which stand side by side. */
    RunList merged(List<Run> from, Run into) {
        List<Run> left = new ArrayList<>(in(into.order()));
        int at = left.indexOf(from.get(0));
        left.removeAll(from);
        left.add(at, into);
        return replace(into.order(), left);
    }

    private RunList replace(Order order, List<Run> runs) {
        return order == Order.BY_ID ? new RunList(runs, byNumber) : new RunList(byId, runs);
    }

    void close() {
        all().forEach(Run::close);
    }

    /** Makes a folder with links to all files and what tells of them, all of it on the disk afterwards. */
    void copyTo(Path folder) throws IOException {
        Files.createDirectories(folder);
        StringBuilder lines = new StringBuilder();
        for (Run run : all()) {
            run.sync();
            Path target = folder.resolve(run.file().getFileName());
            if (!link(run.file(), target)) {
                sync(target);
            }
            lines.append(run.file().getFileName())
                    .append(' ')
                    .append(run.level())
                    .append('\n');
        }
        Path list = folder.resolve(NAME);
        Files.writeString(list, lines.toString() + sum(lines.toString()) + '\n', StandardCharsets.US_ASCII);
        sync(list);
        sync(folder);
    }

    /**
     * Links what such a folder tells of into another and opens it there.
     *
     * @throws ArchiveFault when a file is missing or not whole
     */
    static RunList open(Path copy, Path folder) {
        RunList opened = EMPTY;
        try {
            Files.createDirectories(folder);
            String text = Files.readString(copy.resolve(NAME), StandardCharsets.ISO_8859_1);
            int end = text.lastIndexOf('\n', text.length() - 2) + 1;
            if (!text.substring(end).equals(sum(text.substring(0, end)) + '\n')) {
                throw new IOException("the list of its files does not have its checksum");
            }
            for (String line : text.substring(0, end).lines().toList()) {
                Matcher parts = LINE.matcher(line);
                if (!parts.matches()) {
                    throw new IOException("the list of its files holds '" + line + "'");
                }
                Path file = folder.resolve(parts.group(1));
                link(copy.resolve(parts.group(1)), file);
                opened = opened.with(Run.open(file, Integer.parseInt(parts.group(2)), true));
            }
            return opened;
        } catch (IOException e) {
            opened.close();
            throw RunFormat.unusable(copy, e.toString(), e);
        } catch (ArchiveFault e) {
            opened.close();
            throw e;
        }
    }

    private static String sum(String text) {
        byte[] bytes = text.getBytes(StandardCharsets.ISO_8859_1);
        return String.format(Locale.ROOT, "%08x", RunFormat.sum(bytes, 0, bytes.length));
    }

    /** False when it had to be copied: the file system has no links. */
    private static boolean link(Path file, Path target) throws IOException {
        try {
            Files.createLink(target, file);
            return true;
        } catch (UnsupportedOperationException | IOException e) {
            Files.copy(file, target);
            return false;
        }
    }

    private static void sync(Path file) throws IOException {
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ)) {
            channel.force(true);
        }
    }
}
