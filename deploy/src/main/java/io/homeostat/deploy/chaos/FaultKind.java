package io.homeostat.deploy.chaos;

import java.util.Locale;

/** What can be done to a node, with what it needs. The names are those of {@code --faults}. */
public enum FaultKind {
    KILL("kill -9 of a node, restarted later", Need.NOTHING),
    LEADER_KILL("kill -9 of the leader, restarted later", Need.NOTHING),
    PAUSE("kill -STOP of a node, continued later", Need.NOTHING),
    POWER("kill -9 of all nodes at once, all restarted", Need.NOTHING),
    PARTITION("a node is cut off from all others", Need.NETWORK),
    ONE_WAY("a node hears none of the others, but they hear it", Need.NETWORK),
    LOSS("packets to a node are lost at random", Need.NETWORK),
    ENOSPC("the disk of one node is full", Need.MOUNT),
    EIO("every fsync of a node fails", Need.STRACE),
    CLOCK("the clock of a node jumps", Need.FAKETIME);

    /** What a fault needs of the machine. */
    enum Need {
        NOTHING,
        NETWORK,
        MOUNT,
        STRACE,
        FAKETIME
    }

    private final String words;
    private final Need need;

    FaultKind(String words, Need need) {
        this.words = words;
        this.need = need;
    }

    public String words() {
        return words;
    }

    Need need() {
        return need;
    }

    /** As it stands on the command line. */
    public String wireName() {
        return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }

    public static FaultKind of(String wireName) {
        for (FaultKind kind : values()) {
            if (kind.wireName().equals(wireName)) {
                return kind;
            }
        }
        throw new IllegalArgumentException(
                "expected a fault as './homeostat chaos list' names them but found '" + wireName + "'");
    }
}
