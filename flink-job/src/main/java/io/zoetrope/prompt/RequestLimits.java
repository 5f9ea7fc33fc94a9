package io.zoetrope.prompt;

import java.io.Serializable;

/**
 * The largest texts that a request may have. They are checked before the work that grows with them.
 *
 * @param promptCharacters the largest number of characters (Unicode code points) of the prompt
 * @param labels the largest number of labels
 * @param labelBytes the largest number of bytes of all labels, keys and values, as the event encodes them
 */
public record RequestLimits(int promptCharacters, int labels, long labelBytes) implements Serializable {}
