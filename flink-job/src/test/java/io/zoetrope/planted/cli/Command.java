package io.zoetrope.planted.cli;

/** A class of the command line. */
public interface Command {}
