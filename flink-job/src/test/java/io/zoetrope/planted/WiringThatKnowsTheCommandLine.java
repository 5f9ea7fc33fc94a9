package io.zoetrope.planted;

import io.zoetrope.planted.cli.Command;

interface WiringThatKnowsTheCommandLine {
    void wire(Command command);
}
