package io.zoetrope.chaos.process;

import java.io.IOException;

/** A signal that one process sends to another. */
public enum Signal {
    INT,
    TERM,
    KILL,
    STOP,
    CONT;

    /**
     * Sends the signal.
     *
     * @throws IOException if there is no such process, or the program {@code kill} is missing
     */
    public void send(long pid) throws IOException, InterruptedException {
        int code = new ProcessBuilder("kill", "-" + name(), Long.toString(pid))
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                .start()
                .waitFor();
        if (code != 0) {
            throw new IOException("kill -" + name() + " " + pid + " ended with " + code + "; is the process alive?");
        }
    }
}
