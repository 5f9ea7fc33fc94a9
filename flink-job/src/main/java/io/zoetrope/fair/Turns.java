package io.zoetrope.fair;

/**
 * Start-time fair queueing (Goyal, Vin and Cheng, SIGCOMM 1996): parties take turns in the order of the virtual times
 * at which their next turns start. A turn moves its party's start by the cost of the request, divided by the weight of
 * the party. A party that had nothing to send starts at the current virtual time. So it does not save up turns, and it
 * does not pay for turns that no other party needed.
 */
final class Turns {
    /** The current virtual time: the start of the latest turn. */
    private double now;

    /** One party. */
    static final class Turn {
        private final double weight;
        private double start;

        Turn(double weight) {
            this.weight = weight;
        }

        double start() {
            return start;
        }

        void reset() {
            start = 0;
        }
    }

    /** Lets a party in that had nothing to send. */
    void enter(Turn turn) {
        turn.start = Math.max(turn.start, now);
    }

    /** Gives a party its turn. */
    void take(Turn turn, double cost) {
        now = Math.max(now, turn.start);
        takeAhead(turn, cost);
    }

    /** Gives a party a turn before it is its turn: it pays, and the others do not. */
    void takeAhead(Turn turn, double cost) {
        turn.start += cost / turn.weight;
    }

    /** Returns how far a party is ahead of its share, in units of cost by weight. */
    double lead(Turn turn) {
        return turn.start - now;
    }
}
