package io.zoetrope.planted;

import io.zoetrope.planted.cli.Command;

interface WiringImportingCommandLine {
    void wire(Command command);
}
