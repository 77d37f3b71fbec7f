package io.homeostat.deploy;

import io.homeostat.deploy.process.Distribution;
import java.io.PrintWriter;
import java.util.Objects;
import java.util.concurrent.Callable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.IVersionProvider;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ScopeType;
import picocli.CommandLine.Spec;

/** The door of the command line. */
@Command(
        name = "homeostat",
        description = "A replicated ledger that heals itself and proves why.",
        versionProvider = Homeostat.Version.class,
        mixinStandardHelpOptions = true,
        scope = ScopeType.INHERIT,
        subcommands = {
            UpCommand.class,
            DemoCommand.class,
            StatusCommand.class,
            ApproveCommand.class,
            VerifyCommand.class,
            CheckCommand.class,
            BackupCommand.class,
            RestoreCommand.class,
            DetectCommand.class,
            ScreenCommand.class,
            OriginCommand.class,
            ReplayCommand.class,
            ModelsCommand.class,
            FeedbackCommand.class,
            WitnessCommand.class,
            BenchCommand.class,
            CertsCommand.class,
            ChaosCommand.class,
            MaintenanceCommand.class,
            PolicyCommand.class,
            KeysCommand.class,
            NodeCommand.class,
            SidecarCommand.class,
            PlatformCommand.class,
            ScreenerCommand.class,
            ArchiveCommand.class
        },
        exitCodeListHeading = "%nExit codes:%n",
        exitCodeList = {"0:success", "1:failure", "2:bad usage"})
public final class Homeostat implements Callable<Integer> {
    @Spec
    @SuppressWarnings("NullAway.Init") // picocli sets it
    private CommandSpec spec;

    private Homeostat() {}

    public static void main(String[] arguments) {
        int code = run(arguments);
        // Roles and up end here too; their doors are closed by shutdown hooks.
        System.exit(code);
    }

    static int run(String... arguments) {
        return commandLine().execute(arguments);
    }

    static CommandLine commandLine() {
        CommandLine commandLine = new CommandLine(new Homeostat());
        commandLine.setCaseInsensitiveEnumValuesAllowed(true);
        // The witness reads its own options, the same as when its jar runs alone.
        Objects.requireNonNull(commandLine.getSubcommands().get("witness"), "witness")
                .setUnmatchedOptionsArePositionalParams(true);
        commandLine.setExecutionExceptionHandler((fault, command, parsed) -> report(fault, command.getErr()));
        commandLine.setUsageHelpWidth(110);
        return commandLine;
    }

    @Override
    public Integer call() {
        throw new ParameterException(spec.commandLine(), "expected a command");
    }

    /** The door's one place where a fault becomes words: its message, and its trace when asked for. */
    private static int report(Exception fault, PrintWriter err) {
        err.println("homeostat: " + message(fault));
        if (Boolean.getBoolean("homeostat.trace")) {
            fault.printStackTrace(err);
        }
        return CommandLine.ExitCode.SOFTWARE;
    }

    private static String message(Throwable fault) {
        StringBuilder message = new StringBuilder(said(fault));
        for (Throwable cause = fault.getCause(); cause != null; cause = cause.getCause()) {
            if (!message.toString().contains(said(cause))) {
                message.append(": ").append(said(cause));
            }
        }
        return message.toString();
    }

    private static String said(Throwable fault) {
        return fault.getMessage() == null ? fault.getClass().getSimpleName() : fault.getMessage();
    }

    /** Version of the packed jar. */
    static final class Version implements IVersionProvider {
        @Override
        public String[] getVersion() {
            String version = Distribution.class.getPackage().getImplementationVersion();
            return new String[] {"homeostat " + (version == null ? "(not packed)" : version)};
        }
    }
}
