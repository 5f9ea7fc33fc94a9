package io.zoetrope.chaos;

import io.zoetrope.chaos.fault.Burst;
import io.zoetrope.chaos.fault.Fault;
import io.zoetrope.chaos.fault.FillDisk;
import io.zoetrope.chaos.fault.KillBroker;
import io.zoetrope.chaos.fault.KillEverything;
import io.zoetrope.chaos.fault.KillJobManager;
import io.zoetrope.chaos.fault.KillTaskManager;
import io.zoetrope.chaos.fault.KillTwoTaskManagers;
import io.zoetrope.chaos.fault.RecreateTopic;
import io.zoetrope.chaos.fault.RestartBroker;
import io.zoetrope.chaos.fault.ShiftClock;
import io.zoetrope.chaos.fault.StopAndStart;
import io.zoetrope.chaos.fault.StopLauncher;
import io.zoetrope.chaos.fault.SuspendCluster;
import io.zoetrope.chaos.fault.SuspendTaskManager;
import io.zoetrope.chaos.process.Signal;
import io.zoetrope.config.JobOptions;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Random;

/** Chooses the faults of a run. */
final class Schedule {
    /** The kinds of kills, each as often as its share of all kills says. */
    private static final Map<Fault, Integer> KILLS = Map.of(
            new KillTaskManager(), 14,
            new KillJobManager(), 2,
            new KillBroker(), 2,
            new KillTwoTaskManagers(), 1,
            new KillEverything(), 1);

    private static final List<Fault> OTHERS = List.of(
            new RestartBroker(),
            SuspendTaskManager.shortly(),
            SuspendTaskManager.untilGivenUp(),
            new SuspendCluster(),
            new FillDisk(),
            new ShiftClock());

    /** What operators and clients do on purpose. */
    private static final List<Fault> ACTIONS = actions();

    private static final int OTHERS_PER_ACTION = 5;

    private Schedule() {}

    private static List<Fault> actions() {
        List<Fault> actions = new ArrayList<>(List.of(
                new RecreateTopic(JobOptions.DEFAULT_VIDEOS_TOPIC),
                new Burst(),
                new StopLauncher(Signal.INT),
                new StopLauncher(Signal.TERM),
                new StopLauncher(Signal.KILL)));
        actions.addAll(List.of(StopAndStart.values()));
        return actions;
    }

    /** Returns the names of all kinds. */
    static List<String> kinds() {
        List<String> kinds = new ArrayList<>();
        KILLS.keySet().stream().map(Fault::kind).sorted().forEach(kinds::add);
        OTHERS.stream().map(Fault::kind).forEach(kinds::add);
        ACTIONS.stream().map(Fault::kind).forEach(kinds::add);
        return kinds;
    }

    /**
     * Returns faults in a random order.
     *
     * @param kills the number of kills
     * @param others the number of faults of each other kind; there is one action of each kind for five of these
     * @param only the kinds to use; empty for all
     */
    static List<Fault> of(int kills, int others, List<String> only, Random random) {
        List<Fault> chosen = new ArrayList<>();
        List<Fault> deck = new ArrayList<>();
        KILLS.entrySet().stream()
                .sorted((a, b) -> a.getKey().kind().compareTo(b.getKey().kind()))
                .filter(kill -> isChosen(kill.getKey(), only))
                .forEach(kill -> deck.addAll(Collections.nCopies(kill.getValue(), kill.getKey())));
        while (!deck.isEmpty() && chosen.size() < kills) {
            Collections.shuffle(deck, random);
            chosen.addAll(deck.subList(0, Math.min(deck.size(), kills - chosen.size())));
        }
        add(chosen, OTHERS, others, only);
        add(chosen, ACTIONS, (others + OTHERS_PER_ACTION - 1) / OTHERS_PER_ACTION, only);
        Collections.shuffle(chosen, random);
        return chosen;
    }

    private static void add(List<Fault> chosen, List<Fault> kinds, int count, List<String> only) {
        for (Fault fault : kinds) {
            if (isChosen(fault, only)) {
                chosen.addAll(Collections.nCopies(count, fault));
            }
        }
    }

    private static boolean isChosen(Fault fault, List<String> only) {
        return only.isEmpty() || only.contains(fault.kind());
    }
}
