package io.homeostat.deploy;

import io.homeostat.deploy.process.ClassArchives;
import io.homeostat.deploy.process.Distribution;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;

/** Class archives of the distribution that runs this: faster starts. */
@Command(
        name = "archive",
        description = {
            "Writes the class archives from which platform, nodes and sidecars start faster.",
            "Starts a cluster of its own, notes what it loads, stops it. ./homeostat does so before the",
            "first up or demo after a build; a distribution copied to another folder needs it again (docs/adr/0036)."
        },
        footer = {"%nExamples:", "  ./homeostat archive"})
final class ArchiveCommand implements Callable<Integer> {
    @Override
    public Integer call() throws Exception {
        long began = System.nanoTime();
        Path scratch = Files.createTempDirectory("homeostat-archive-");
        ClassArchives.make(
                Distribution.ofThisProcess(),
                scratch,
                line -> System.out.printf(Locale.ROOT, "%6.1fs  %s%n", (System.nanoTime() - began) / 1e9, line));
        BenchCommand.delete(scratch);
        System.out.printf(Locale.ROOT, "%6.1fs  class archives written%n", (System.nanoTime() - began) / 1e9);
        return 0;
    }
}
