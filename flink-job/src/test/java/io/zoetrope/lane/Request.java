package io.zoetrope.lane;

/** A request of the tests; its answer names it, so that an answer that went astray is known. */
record Request(int id, String stage, String bucket) {
    Request(int id, String bucket) {
        this(id, "stage", bucket);
    }

    String answer() {
        return stage + "'s answer to " + id;
    }
}
