package io.zoetrope.cli;

import java.util.List;

/**
 * The prompts of a demo that is started without any: samples of the toy world that the shipped bundle was trained on.
 */
final class BuiltInPrompts {
    private static final List<String> ALL = List.of(
            "a red circle moving right on a black background",
            "a large yellow star spinning on a dark blue background",
            "a blue square bouncing on a cream background",
            "a green triangle moving up on a gray background",
            "a small white ring orbiting on a dark blue background",
            "a pink heart growing on a black background",
            "a large purple circle moving left on a light blue background",
            "an orange square moving down on a black background",
            "a yellow triangle spinning on a gray background",
            "a large red heart shrinking on a cream background");

    private BuiltInPrompts() {}

    static List<String> all() {
        return ALL;
    }
}
