package io.homeostat.deploy;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/** The witness; the same code runs on the proof module's jar alone, which is where an outsider takes it from. */
@Command(
        name = "witness",
        description = {
            "Cosigns heads of ledgers that continue the heads it cosigned before (c2sp.org/tlog-witness).",
            "Options: --listen [HOST:]PORT --name NAME --key PEM --state DIR, and for each log",
            "--log-origin ORIGIN --log-key KEY [--log-key KEY...]."
        },
        footer = {
            "%nExamples:",
            "  openssl genpkey -algorithm ed25519 -out w.pem",
            "  ./homeostat witness --listen 8099 --name witness.example/w1 --key w.pem --state w \\",
            "      --log-origin demo-ledger --log-key demo-ledger/n1=BASE64 --log-key demo-ledger/n2=BASE64",
            "  java -jar ledger-merkle-0.1.0.jar witness --help"
        })
final class WitnessCommand implements Callable<Integer> {
    @Parameters(arity = "0..*", hidden = true, description = "handed on as they are")
    private List<String> options = new ArrayList<>();

    @Override
    public Integer call() {
        return io.homeostat.merkle.witness.WitnessCommand.run(options, System.out, System.err);
    }
}
