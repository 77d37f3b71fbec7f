package io.homeostat.approvals.testing;

import io.homeostat.approvals.web.Role;
import io.homeostat.approvals.web.StopButton;
import io.homeostat.approvals.web.UsersFileAccess;
import io.homeostat.events.codec.EventCodec;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/** Files that a started module needs: users, tokens, and a stop button that remembers. */
public final class Stage {
    public static final String PASSWORD = "correct horse battery";
    private final Path folder;

    public Stage(Path folder) throws IOException {
        this.folder = folder;
        Files.createDirectories(folder);
        Files.writeString(tokenFile(), FakeLedger.TOKEN + "\n");
        UsersFileAccess.writeQuick(
                usersFile(),
                List.of(
                        UsersFileAccess.user("vera", Set.of(Role.VIEWER), PASSWORD),
                        UsersFileAccess.user("olga", Set.of(Role.APPROVER), PASSWORD),
                        UsersFileAccess.user("carl", Set.of(Role.APPROVER), PASSWORD),
                        UsersFileAccess.user("rita", Set.of(Role.APPROVER), PASSWORD),
                        UsersFileAccess.user("ada", Set.of(Role.AUDITOR), PASSWORD),
                        UsersFileAccess.user("otto", Set.of(Role.OPERATOR), PASSWORD),
                        UsersFileAccess.user("mara", Set.of(Role.OPERATOR, Role.APPROVER), PASSWORD)));
        StringBuilder tokens = new StringBuilder("[");
        for (Role role : Role.values()) {
            String name = role.wireName();
            tokens.append("{\"principal\":\"")
                    .append(name)
                    .append("\",\"roles\":[\"reader\",\"")
                    .append(name);
            tokens.append("\"],\"sha256\":\"").append(sha(token(role))).append("\"},");
        }
        tokens.append("{\"principal\":\"none\",\"roles\":[\"reader\"],\"sha256\":\"")
                .append(sha("token-of-none"))
                .append("\"}]");
        Files.writeString(apiTokensFile(), tokens);
    }

    public static String token(Role role) {
        return "token-of-" + role.wireName();
    }

    public Path folder() {
        return folder;
    }

    public Path tokenFile() {
        return folder.resolve("ledger.token");
    }

    public Path usersFile() {
        return folder.resolve("users.json");
    }

    public Path apiTokensFile() {
        return folder.resolve("tokens.json");
    }

    private static String sha(String token) {
        return EventCodec.sha256Hex(token.getBytes(StandardCharsets.UTF_8));
    }

    /** A stop button in memory. */
    public static final class RememberingStopButton implements StopButton {
        private volatile State state = State.RUNNING;
        public final List<String> pressed = new ArrayList<>();

        @Override
        public synchronized State stopAll(String who, String why) {
            pressed.add("stop " + who + ": " + why);
            state = new State(true, who, why, Instant.now());
            return state;
        }

        @Override
        public synchronized State resume(String who, String why) {
            pressed.add("resume " + who + ": " + why);
            state = new State(false, who, why, Instant.now());
            return state;
        }

        @Override
        public State state() {
            return state;
        }
    }
}
