/** What a request asks for: its identity, its seed, the event it came as, and the checks that turn a wish into a {@link io.zoetrope.prompt.Prompt}. */
@NullMarked
package io.zoetrope.prompt;

import org.jspecify.annotations.NullMarked;
