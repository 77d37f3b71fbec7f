package io.homeostat.deploy;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import picocli.CommandLine;

/** The command line is a contract: help with examples everywhere, 2 for bad usage, 1 for a failure with its reason. */
@DisplayNameGeneration(DisplayNameGenerator.ReplaceUnderscores.class)
class HomeostatTest {
    @TempDir
    Path folder;

    /** Every command and every command below one, as it is typed. */
    static Stream<String> commands() {
        return below("", Homeostat.commandLine());
    }

    private static Stream<String> below(String path, CommandLine parent) {
        return parent.getSubcommands().entrySet().stream().flatMap(entry -> {
            String command = (path + " " + entry.getKey()).strip();
            return Stream.concat(Stream.of(command), below(command, entry.getValue()));
        });
    }

    @ParameterizedTest
    @MethodSource("commands")
    void every_command_has_help_with_an_example(String command) {
        Run run = run((command + " --help").split(" "));

        assertThat(run.code).isZero();
        assertThat(run.out).contains("Examples:").contains("homeostat " + command);
    }

    @Test
    void only_commands_that_exist_are_listed() {
        Run run = run("--help");

        assertThat(run.code).isZero();
        assertThat(Homeostat.commandLine().getSubcommands().keySet())
                .containsExactlyInAnyOrder(
                        "up",
                        "demo",
                        "status",
                        "replay",
                        "models",
                        "feedback",
                        "approve",
                        "verify",
                        "check",
                        "backup",
                        "restore",
                        "detect",
                        "screen",
                        "origin",
                        "witness",
                        "bench",
                        "certs",
                        "chaos",
                        "maintenance",
                        "policy",
                        "keys",
                        "node",
                        "sidecar",
                        "platform",
                        "screener",
                        "archive");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "frobnicate",
                "bench",
                "bench ledger --nodes 4",
                "bench ledger --batch 8191",
                "bench ledger --batch 0",
                "bench ledger --secs many",
                "demo --fault meteor",
                "demo --rate 0",
                "demo --transfers no-such-file.csv",
                "demo --asset euro",
                "maintenance",
                "maintenance on --for 5m",
                "maintenance on --reason x --for soon",
                "maintenance on --reason x --for 169h",
                "policy",
                "policy propose",
                "policy diff no-such-file.json",
                "keys",
                "keys add --id x --person x --roles r",
                "keys add --id x --person x --roles r --algorithm RSA --generate x.pem",
                "keys rotate x --id y",
                "keys revoke",
                "certs",
                "certs --out x --nodes n1 --days 0",
                "up --port 0",
                "up --port 65536",
                "verify",
                "backup data",
                "restore",
                "screen --out x",
                "origin",
                "origin --data no-such-folder",
                "chaos record --seed 1",
                "chaos evaluate",
                "chaos evaluate no-such-folder",
                "chaos record --seed 1 --out x --secs 100",
                "screen --transfers no-such-file.csv --out x",
                "node --id n1",
                "approve --key k"
            })
    void bad_usage_exits_2(String line) {
        assertThat(run(line.isEmpty() ? new String[0] : line.split(" ")).code).isEqualTo(2);
    }

    @Test
    void a_failure_exits_1_and_says_what_was_expected_and_what_to_do() {
        Run run = run("status", "--data", folder.toString());

        assertThat(run.code).isEqualTo(1);
        assertThat(run.err).contains("no cluster.json").contains("homeostat up").doesNotContain("\tat ");
    }

    private record Run(int code, String out, String err) {}

    private static Run run(String... arguments) {
        StringWriter out = new StringWriter();
        StringWriter err = new StringWriter();
        CommandLine commandLine =
                Homeostat.commandLine().setOut(new PrintWriter(out, true)).setErr(new PrintWriter(err, true));
        int code = commandLine.execute(List.of(arguments).toArray(String[]::new));
        return new Run(code, out.toString(), err.toString());
    }
}
