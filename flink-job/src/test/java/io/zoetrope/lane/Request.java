package io.zoetrope.lane;

/** A request of the tests; its answer names it, so that an answer that went astray is known. */
record Request(int id, String bucket) {
    String answer() {
        return "answer to " + id;
    }
}
