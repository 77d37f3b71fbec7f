package io.homeostat.ledger.simulation;

/** A property did not hold; the message names the seed that shows it. */
final class SimulationFailed extends AssertionError {
    private static final long serialVersionUID = 1L;

    SimulationFailed(String message) {
        super(message);
    }

    SimulationFailed(String message, Throwable cause) {
        super(message, cause);
    }
}
