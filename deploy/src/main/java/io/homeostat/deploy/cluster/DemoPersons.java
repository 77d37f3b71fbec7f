package io.homeostat.deploy.cluster;

import io.homeostat.approvals.web.Role;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * The people of a fresh cluster. The requester holds a key too, with a demanded role, so that everybody can see that it
 * does not help her to approve her own transfer.
 */
public final class DemoPersons {
    public static final Person RITA = new Person("rita", Set.of(Role.VIEWER, Role.APPROVER), Optional.of("operations"));
    public static final Person OLGA =
            new Person("olga", Set.of(Role.APPROVER, Role.OPERATOR), Optional.of("operations"));
    public static final Person CARL = new Person("carl", Set.of(Role.APPROVER), Optional.of("compliance"));
    public static final Person ADA = new Person("ada", Set.of(Role.AUDITOR), Optional.empty());
    public static final List<Person> ALL = List.of(RITA, OLGA, CARL, ADA);

    private DemoPersons() {}

    /**
     * @param id user id of the web sign-in, person in the ledger, and key id
     * @param webRoles what the web UI lets her do
     * @param approverRole role of her key in the ledger; empty when she has none
     */
    public record Person(String id, Set<Role> webRoles, Optional<String> approverRole) {
        public Person {
            webRoles = Set.copyOf(webRoles);
        }
    }
}
