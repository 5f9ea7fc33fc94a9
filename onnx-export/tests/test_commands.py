"""Every command calls its handler, and a command without one is an error."""

from dataclasses import replace

import pytest

from zoetrope_export import __main__

REQUIRED = {
    "begin": ["--bundle", "bundle"],
    "export": ["--version", "0.0.1"],
    "import": ["model", "--steps", "4", "--size", "832x480", "--frames", "81", "--out", "bundle"],
    "pack": ["--out", "back"],
    "pack-text": ["--out", "words"],
}


@pytest.fixture
def called(monkeypatch):
    """Replaces every handler by one that records the name of its command."""
    names = []

    def recording(command):
        return replace(command, run=lambda args: names.append((command.name, args.command)) or 0)

    monkeypatch.setattr(__main__, "COMMANDS", tuple(recording(command) for command in __main__.COMMANDS))
    return names


@pytest.mark.parametrize("name", [command.name for command in __main__.COMMANDS])
def test_a_command_calls_its_own_handler(name, called, monkeypatch):
    monkeypatch.setattr("sys.argv", ["zoetrope_export", name, *REQUIRED.get(name, [])])
    assert __main__.main() == 0
    assert called == [(name, name)]


def test_names_and_handlers_of_commands_differ():
    assert len({command.name for command in __main__.COMMANDS}) == len(__main__.COMMANDS)
    assert len({command.run for command in __main__.COMMANDS}) == len(__main__.COMMANDS)


def test_a_command_that_is_registered_without_a_handler_is_an_error(called, monkeypatch):
    parser = __main__._parser()
    (commands,) = (action for action in parser._actions if action.dest == "command")
    commands.add_parser("forgotten")
    monkeypatch.setattr(__main__, "_parser", lambda: parser)
    monkeypatch.setattr("sys.argv", ["zoetrope_export", "forgotten"])
    with pytest.raises(LookupError, match="command 'forgotten' has no handler; COMMANDS has train, begin, export"):
        __main__.main()
    assert called == []


def test_an_unknown_command_is_refused(called, monkeypatch, capsys):
    monkeypatch.setattr("sys.argv", ["zoetrope_export", "dream"])
    with pytest.raises(SystemExit) as refused:
        __main__.main()
    assert refused.value.code == 2
    assert "invalid choice: 'dream'" in capsys.readouterr().err
    assert called == []
