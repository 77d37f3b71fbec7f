package io.homeostat.deploy.cluster;

import java.util.List;

/**
 * Who may call the ledger's public API and the API of approvals, each with the least that it needs; a service passes over
 * roles of the other. The token lies in {@code secrets/<id>.token}.
 */
public enum Principal {
    /** People at the command line: accounts, reading, and proposals of policy and keys. */
    OPERATOR("operator", "operator", "proposer", "client", "reader"),
    /** The demo's and the benchmark's load. */
    LOAD("load", "operator", "client", "reader"),
    /** The requester of high-value transfers. */
    RITA("rita", "client", "reader", "viewer", "approver"),
    OLGA("olga", "reader", "approver"),
    CARL("carl", "reader", "approver"),
    ADA("ada", "reader", "auditor"),
    /** The recovery workflows: isolation, leadership, membership, recovery cases. */
    HEALER("healer", "remediation", "reader"),
    /** The web UI: forwards signatures, proposes the keys that people register, and anchors the trail. */
    APPROVALS("approvals", "trail", "proposer", "reader"),
    /** The relay of verdicts: it brings what is signed, and reads. */
    SCREENER("screener", "reader"),
    /** The sidecars: policy and journal. */
    SIDECAR("sidecar", "reader");

    private final String id;
    private final List<String> roles;

    Principal(String id, String... roles) {
        this.id = id;
        this.roles = List.of(roles);
    }

    public String id() {
        return id;
    }

    List<String> roles() {
        return roles;
    }
}
