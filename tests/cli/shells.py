#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""What a shell makes of a line at the Tab key: `shells.py SHELL COMPLETION < cases`, with dmkit in PATH.

Each line of the cases is what is typed, a tab, and what the line is after it. The shell runs at a terminal of its own,
as it is, with nothing but the completion; Control-G, bound to a function of the shell, tells its line.
"""

import os
import pty
import re
import select
import sys
import tempfile

PATIENCE = 120  # seconds, for a machine that does other things too

RC = {
    "bash": """. '%s'
PS1='ready> '
tell() { printf '\\n<<%%s>>\\n' "$READLINE_LINE"; }
bind 'set enable-bracketed-paste off'
bind 'set bell-style none'
bind 'set page-completions off'
bind 'set completion-query-items 0'
bind -x '"\\C-g": tell'
""",
    "zsh": """fpath=('%s' $fpath)
autoload -Uz compinit && compinit -u -D
PS1='ready> '
unsetopt beep zle_bracketed_paste prompt_sp
setopt no_always_last_prompt
LISTMAX=0
tell() { printf '\\n<<%%s>>\\n' "$BUFFER" >/dev/tty }
zle -N tell
bindkey '^G' tell
bindkey '^U' kill-whole-line
""",
    "fish": """source '%s'
function fish_prompt; echo 'ready> '; end
function fish_greeting; end
set -g fish_autosuggestion_enabled 0
bind \\cg 'printf "\\n<<%%s>>\\n" (commandline -b)'
bind \\cu 'commandline ""'
""",
}


def command(shell, home):
    file = {"bash": "rc", "zsh": ".zshrc", "fish": "rc"}[shell]
    path = os.path.join(home, file)
    where = os.path.abspath(sys.argv[2])
    if shell == "zsh":
        where = os.path.dirname(where)
    with open(path, "w") as rc:
        rc.write(RC[shell] % where)
    return {
        "bash": ["bash", "--noprofile", "--rcfile", path, "-i"],
        "zsh": ["zsh", "-d", "-i"],
        "fish": ["fish", "--private", "--no-config", "-i", "-C", "source " + path],
    }[shell]


class Shell:
    def __init__(self, shell, home):
        argv = command(shell, home)
        self.pid, self.fd = pty.fork()
        if self.pid == 0:
            os.environ.update(HOME=home, ZDOTDIR=home, XDG_CONFIG_HOME=home, XDG_DATA_HOME=home, TERM="dumb")
            os.environ["TERM"] = "xterm" if shell == "fish" else "dumb"
            os.execvp(argv[0], argv)
        self.seen = b""
        self.until(rb"ready> ")

    def until(self, pattern):
        """Reads until the pattern is there; what it matched."""
        while not (match := re.search(pattern, self.seen, re.S)):
            if not select.select([self.fd], [], [], PATIENCE)[0]:
                raise RuntimeError("the shell is silent; it said: %r" % self.seen)
            try:
                self.seen += os.read(self.fd, 65536)
            except OSError:
                raise RuntimeError("the shell ended; it said: %r" % self.seen)
        self.seen = self.seen[match.end():]
        return match

    def line_after_tab(self, line):
        os.write(self.fd, line.encode() + b"\t\x07")
        told = self.until(rb"<<(.*?)>>\r?\n").group(1).decode()
        os.write(self.fd, b"\x15\x07")
        self.until(rb"<<>>\r?\n")
        return told


def main():
    name = sys.argv[1]
    failed = 0
    with tempfile.TemporaryDirectory() as home:
        shell = Shell(name, home)
        for case in sys.stdin.read().splitlines():
            typed, expected = case.split("\t")
            told = shell.line_after_tab(typed)
            if told == expected:
                print("ok - %s: %s" % (name, typed))
            else:
                failed = 1
                print("not ok - %s: %s\n# is     '%s'\n# not    '%s'" % (name, typed, told, expected))
        os.close(shell.fd)
        os.waitpid(shell.pid, 0)
    return failed


sys.exit(main())
