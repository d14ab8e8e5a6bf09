package io.loomkeeper.bench;

import java.io.IOException;
import java.util.Arrays;
import java.util.List;

/** The programs of this room, one word each. */
public final class Main {
    private static final String HELP =
            String.join(
                    "\n",
                    CompareCommand.HELP,
                    SmokeCommand.HELP,
                    ProfileCommand.HELP,
                    IdleCommand.HELP,
                    SnapshotCommand.HELP,
                    FailoverCommand.HELP,
                    JoinCommand.HELP,
                    RestartCommand.HELP,
                    LoadCommand.HELP,
                    "",
                    NullCommand.HELP);
    private static final int FAILED = 1;
    private static final int USAGE = 2;

    private Main() {}

    /** Exits with 0 when all went well, 1 when something did not, 2 when not understood. */
    public static void main(String[] args) {
        System.exit(run(Arrays.asList(args)));
    }

    private static int run(List<String> args) {
        try {
            return dispatch(args);
        } catch (UsageException e) {
            System.err.println("bench: " + e.getMessage());
            return USAGE;
        } catch (IOException e) {
            System.err.println("bench: " + e.getMessage());
            return FAILED;
        } catch (InterruptedException _) {
            return FAILED;
        }
    }

    private static int dispatch(List<String> args) throws IOException, InterruptedException {
        String command = args.isEmpty() ? "help" : args.getFirst();
        List<String> rest = args.subList(Math.min(1, args.size()), args.size());
        return switch (command) {
            case "load" -> LoadCommand.run(rest);
            case "compare" -> CompareCommand.run(rest);
            case "smoke" -> SmokeCommand.run(rest);
            case "profile" -> ProfileCommand.run(rest);
            case "idle" -> IdleCommand.run(rest);
            case "snapshot" -> SnapshotCommand.run(rest);
            case "failover" -> FailoverCommand.run(rest);
            case "join" -> JoinCommand.run(rest);
            case "restart" -> RestartCommand.run(rest);
            case "null" -> NullCommand.run(rest);
            case "help", "--help", "-h" -> help();
            default -> throw new UsageException("no command \"" + command + "\"\n" + HELP);
        };
    }

    private static int help() {
        System.out.println(HELP);
        return 0;
    }
}
