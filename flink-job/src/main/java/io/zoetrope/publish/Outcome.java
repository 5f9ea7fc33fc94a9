package io.zoetrope.publish;

/** The result of a request: a video or a failure. Every request has exactly one outcome. */
public sealed interface Outcome permits Video, Failure {}
