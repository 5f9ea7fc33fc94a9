package io.zoetrope.fair;

import java.util.TreeSet;

/** The requests of one tenant. */
final class Tenant {
    final String name;
    final Turns.Turn turn;
    /** True if the tenant has a share that no other tenant uses. */
    final boolean ownShare;

    final int quota;
    final TreeSet<Waiting> waiting = new TreeSet<>(Waiting.BY_DUE_TIME);
    int inFlight;

    Tenant(String name, FairRules rules) {
        this.name = name;
        ownShare = rules.hasOwnShare(name);
        quota = rules.quota(name);
        turn = new Turns.Turn(ownShare ? rules.weight(name) : 1);
    }

    /** Returns whether one more request may start. A tenant that has nothing in flight may use the reserve. */
    boolean mayStart(int inFlightOfAll, int limit, int reserve) {
        return inFlight < quota && inFlightOfAll < (inFlight == 0 ? limit + reserve : limit);
    }
}
