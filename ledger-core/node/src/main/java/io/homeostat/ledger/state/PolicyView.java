package io.homeostat.ledger.state;

import io.homeostat.ledger.gate.ApprovalPolicy;
import io.homeostat.ledger.gate.GateBook;
import io.homeostat.ledger.gate.Genesis;
import io.homeostat.ledger.gate.KeyRegister;
import java.util.List;

/**
 * Policy and keys as they stood at one moment.
 *
 * @param genesis of which ledger and nodes still hold
 * @param history of the policy, oldest first, at most {@link GateBook#HISTORY_KEPT}; empty before the genesis is applied
 * @param keys every key that was ever registered, in the order of registration
 */
public record PolicyView(
        Genesis genesis, ApprovalPolicy policy, List<GateBook.Version> history, List<KeyRegister.Entry> keys) {}
