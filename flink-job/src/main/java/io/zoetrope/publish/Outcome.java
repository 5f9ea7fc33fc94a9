package io.zoetrope.publish;

/** How a request ends. Every prompt gets exactly one. */
public sealed interface Outcome permits Video, Failure {}
