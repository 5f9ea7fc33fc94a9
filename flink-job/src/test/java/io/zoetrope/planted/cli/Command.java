package io.zoetrope.planted.cli;

/** Something of the command line. */
public interface Command {}
