package io.zoetrope.registry;

/** A schema registry for a test. */
public interface TestRegistry extends AutoCloseable {
    /** Returns the address of its API. */
    String url();

    /** Registers a schema, and returns its id. */
    int add(String subject, String schema) throws Exception;

    /** Returns the id of a subject's newest schema. */
    int id(String subject) throws Exception;

    @Override
    void close();
}
