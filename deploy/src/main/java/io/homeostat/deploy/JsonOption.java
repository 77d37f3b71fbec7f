package io.homeostat.deploy;

import picocli.CommandLine.Option;

/** Whether a command prints for programs. */
final class JsonOption {
    @Option(names = "--json", description = "print one JSON object")
    private boolean wanted;

    boolean wanted() {
        return wanted;
    }
}
