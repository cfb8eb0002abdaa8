# SPDX-License-Identifier: MIT
# fish completion for dmkit(8). Everything comes from the command itself, `dmkit complete`, so it cannot fall behind.

function __dmkit_complete
    set -l words (commandline -opc)
    set -l typed (commandline -ct | string unescape)
    test (count $typed) -gt 0; or set typed (commandline -ct)
    set -l dmkit (string replace -r '^~/' "$HOME/" -- $words[1])
    set -e words[1]

    for line in ($dmkit complete -- $words "$typed" 2>/dev/null)
        if string match -q -- \t\* $line
            # A path, behind what the word begins with.
            set -l before (string sub -s 2 -- $line)
            set -l path (string sub -s (math 1 + (string length -- "$before")) -- "$typed")
            for file in (complete -C "'' "(string escape -- "$path"))
                echo -- $before$file
            end
        else
            echo -- $line
        end
    end
end

complete -c dmkit -f -a '(__dmkit_complete)'
