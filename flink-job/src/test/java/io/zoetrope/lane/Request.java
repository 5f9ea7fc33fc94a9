package io.zoetrope.lane;

/** A request in tests. Its answer contains its id, so that a test detects an answer to another request. */
record Request(int id, String stage, String bucket) {
    Request(int id, String bucket) {
        this(id, "stage", bucket);
    }

    String answer() {
        return stage + "'s answer to " + id;
    }
}
