#!/bin/bash
# SPDX-License-Identifier: MIT
# What a stack file may not say, each with file, line, caret and exit code, before a kernel is asked. Needs no root; a
# command that reads INI and JSON.
set -u
# shellcheck source-path=SCRIPTDIR source=../cli/common.sh
. "${BASH_SOURCE[0]%/*}/../cli/common.sh"
DMKIT=$(realpath "$DMKIT")
cd "$work" || exit 1

# The text of s.stack or s.json, and what plan says of it: of an error what stands behind "dmkit: s.stack:".
bad() { # NAME TEXT STDERR [ARGUMENT...]
	local name=$1 file=s.stack
	[[ $2 == '{'* ]] && file=s.json
	printf '%s\n' "$2" >$file
	check "$name" 2 '' "dmkit: $file:$3" -- plan $file "${@:4}"
}

# --- words of INI ------------------------------------------------------------------------------------------

bad 'a key that is none, something near' $'[a]\ntabel = zero size=8s' "2:1: plan 'a': no key 'tabel'; the nearest: table
  tabel = zero size=8s
  ^~~~~"
bad 'a key that is none' $'[a]\ntable = zero size=8s\nfrobnicate = 1' \
	"3:1: plan 'a': no key 'frobnicate'; there are: table, table-text, message, owner, readonly, uuid, minor, uid, gid, mode, no-node, no-verify, read-ahead
  frobnicate = 1
  ^~~~~~~~~~"
bad 'a key of the table that is none' $'[a]\n\ntable = zero sizze=8s' \
	"3:14: plan 'a': segment 1 (zero): 'sizze': no such key; the nearest: size; allowed: size
  table = zero sizze=8s
               ^~~~~~~~"
bad 'a value of the wrong type: yes or no' $'[a]\nreadonly = maybe\ntable = zero size=8s' \
	"2:12: plan 'a': readonly 'maybe': allowed is yes or no
  readonly = maybe
             ^~~~~"
bad 'a value of the wrong type: octal' $'[a]\nmode=999\ntable = zero size=8s' \
	"2:6: plan 'a': mode '999': allowed is octal permission bits from 1 to 777
  mode=999
       ^~~"
bad 'a value of the wrong type: a user' $'[a]\nowner = nobody-here:root\ntable = zero size=8s' \
	"2:9: plan 'a': owner 'nobody-here:root': allowed is the name of a user, or a number from 0 to 4294967294
  owner = nobody-here:root
          ^~~~~~~~~~~~~~~~"
bad 'a value of the wrong type: a size' $'[a]\ntable = zero size=8x' \
	"2:14: plan 'a': segment 1 (zero): 'size': '8x' is no size: 4096s is sectors, 1MiB has a unit (KiB MiB GiB TiB PiB), a plain number is bytes
  table = zero size=8x
               ^~~~~~~"
bad 'an unknown target' $'[a]\ntable = zro size=8s' \
	"2:9: plan 'a': segment 1 (zro): 'zro': dmkit does not know this target; the nearest: zero; table-text = takes any target's parameters as they are
  table = zro size=8s
          ^~~"
bad 'a word that is no pair, in the line that goes on' $'[a]\ntable = zero size=8s\n  + zero size' \
	"3:10: plan 'a': 'size' is not KEY=VALUE; segments are joined by +
    + zero size
           ^~~~"
bad 'a quote that is not closed' $'[a]\ntable = linear device="/dev/my disk' \
	"2:16: plan 'a': a quote is not closed
  table = linear device=\"/dev/my disk
                 ^~~~~~~~~~~~~~~"
bad 'a key given twice' $'[a]\ntable = zero size=8s\nmode = 600\nmode = 640' "4:1: plan 'a': mode is given twice
  mode = 640
  ^~~~"
bad 'a key on two lines' $'[a]\nuuid = x\n  y\ntable = zero size=8s' \
	"3:3: plan 'a': uuid has one value, on one line
    y
    ^"
bad 'owner beside uid' $'[a]\nuid = 1\nowner = 2\ntable = zero size=8s' "3:1: plan 'a': owner is given twice
  owner = 2
  ^~~~~"
bad 'a section twice' $'[a]\ntable = zero size=8s\n[b]\ntable = zero size=8s\n[a]\n' \
	"5:2: plan: 'a' is given twice, first in line 1
  [a]
   ^~"
bad 'two devices of one name, by a variable' $'[a]\ntable = zero size=8s\n[${A}]\ntable = zero size=8s' \
	"3:2: plan 'a': the stack has a device of this name already
  [\${A}]
   ^~~~~" --set A=a
bad 'no table' $'[a]\nmode = 600' "1:2: plan 'a': no table: needs table = TYPE KEY=VALUE..., or table-text =
  [a]
   ^~"
bad 'an empty table' $'[a]\ntable =' "2:8: plan 'a': an empty table: needs TYPE KEY=VALUE...
  table =
         ^"
bad 'table and table-text' $'[a]\ntable = zero size=8s\ntable-text = 0 8 zero' \
	"3:14: plan 'a': table and table-text exclude each other
  table-text = 0 8 zero
               ^"
bad 'a length that is no number' $'[a]\ntable-text = 0 x zero' \
	"2:16: plan 'a': a segment's LENGTH is a number of sectors, not 'x'
  table-text = 0 x zero
                 ^"
bad 'a section without its bracket' $'[a\ntable = zero size=8s' "1:1: plan: a section is [NAME], with its ]
  [a
  ^~"
bad 'a section without a name' $'[]\n' "1:2: plan: a section needs a name
  []
   ^"
bad 'a key before all sections' $'mode = 600\n[a]' \
	"1:1: plan: 'mode' stands before the first section: [NAME] begins a device
  mode = 600
  ^~~~"
bad 'a line that is none' $'; a comment\n[a]\nhello' "3:1: plan: neither [NAME] nor KEY = VALUE
  hello
  ^~~~~"
bad 'a name with a slash' $'[a/b]\ntable = zero size=8s' \
	"1:2: plan 'a/b': a name may not contain '/'
  [a/b]
   ^~~~"
bad 'a message without a text' $'[a]\ntable = zero size=8s\nmessage = a' \
	"3:11: plan 'a': a message is NAME TEXT, NAME of a device of this stack
  message = a
            ^"
bad 'a message to nobody' $'[a]\ntable = zero size=8s\nmessage = pool create_thin 1' \
	"3:11: plan 'a': 'pool': the stack has no such device
  message = pool create_thin 1
            ^~~~"
bad 'a key in the open is hidden' $'[a]\ntable = crypt device=8:0 size=8s cipher=aes-xts-plain64 key=0123456789abcdef' \
	"2:57: plan 'a': key= would show the key to every process: use key-file= or key-fd=
  table = crypt device=8:0 size=8s cipher=aes-xts-plain64 key= (hidden)
                                                          ^~~~"

# --- variables ---------------------------------------------------------------------------------------------

export SIZE=8s
bad 'a variable that is not set, whatever the environment has' $'[a]\ntable = zero size=${SIZE}' \
	"2:19: plan 'a': \${SIZE} is not set: give --set SIZE=VALUE
  table = zero size=\${SIZE}
                    ^~~~~~~"
bad 'a variable that does not end' $'[a]\ntable = zero size=${SIZE' "2:19: plan 'a': '\${SIZE': a variable is \${VAR}
  table = zero size=\${SIZE
                    ^~~~~~"
bad 'a value is one word' $'[a]\ntable = zero ${X}' \
	"2:9: plan 'a': segment 1 (zero): 'size': '8s b=c' is no size: 4096s is sectors, 1MiB has a unit (KiB MiB GiB TiB PiB), a plain number is bytes
  table = zero \${X}
          ^~~~" --set 'X=size=8s b=c'
check '--set without =' 2 '' "dmkit: --set 'X': allowed is VAR=VALUE (see 'dmkit help')" -- plan s.stack --set X

# --- the stack as a whole ----------------------------------------------------------------------------------

bad 'an unknown @NAME' $'[a]\ntable = linear device=@b size=8s' \
	"2:23: plan 'a': segment 1: '@b': the stack has no such device
  table = linear device=@b size=8s
                        ^~"
bad 'a device on itself' $'[a]\ntable = linear device=@a size=8s' "1:2: plan 'a': it stands on itself: a > a
  [a]
   ^~"
bad 'a circle' $'[a]\ntable = linear device=@b size=8s\n[b]\ntable = linear device=@c size=8s\n[c]\ntable = linear device=@a size=8s' \
	"1:2: plan 'a': it stands on itself: a > b > c > a
  [a]
   ^~"

# --- JSON --------------------------------------------------------------------------------------------------

bad 'JSON: the wrong type of a value' $'{"a": {"table": {"x": 1}}}' \
	'1:17: plan: table: allowed is a string, a number, true or false, or an array of these
  {"a": {"table": {"x": 1}}}
                  ^~~~~'
bad 'JSON: null' $'{"a":\n {"mode": null}}' \
	'2:11: plan: mode: allowed is a string, a number, true or false, or an array of these
   {"mode": null}}
            ^~~~~~'
bad 'JSON: the wrong type of a device' $'{"a": 3}' \
	"1:3: plan: a: a device is an object, as {\"table\": \"zero size=1MiB\"}
  {\"a\": 3}
    ^~~"
bad 'JSON: true where a number belongs' $'{"a": {"read-ahead": true}}' \
	"1:22: plan 'a': read-ahead 'yes': allowed is a number of sectors from 0 to 2147483647, with + for a minimum
  {\"a\": {\"read-ahead\": true}}
                       ^~~~~~"
bad 'JSON: a device twice' $'{"a": {"table": "zero size=8s"},\n "a": {"table": "zero size=8s"}}' \
	"2:3: plan: 'a' is given twice, first in line 1
   \"a\": {\"table\": \"zero size=8s\"}}
    ^~~"
bad 'JSON: a key of the table' $'{"a": {"table":\n ["zero size=8s", "zero siz=8s"]}}' \
	"2:25: plan 'a': segment 2 (zero): 'siz': no such key; the nearest: size; allowed: size
   [\"zero size=8s\", \"zero siz=8s\"]}}
                          ^~~~~~~~~~"
bad 'JSON: a comma too many' $'{"a": {"table": "zero size=8s",}}' '1:32: plan: unexpected character
  {"a": {"table": "zero size=8s",}}
                                 ^~'
bad 'JSON: cut' $'{"a": {"table"' '2:1: plan: unexpected end of data'
bad 'JSON: a comment' $'{"a": /* */ {}}' '1:7: plan: unexpected character
  {"a": /* */ {}}
        ^~'
check 'the error as JSON' 2 '' json-error -- plan s.json --json
expect 'the error as JSON: its place' grep -q '"file": "s.json", "line": 1, "column": 7, "source": "{\\"a\\": /\* \*/ {}}"' "$work/err"

# --- files -------------------------------------------------------------------------------------------------

check 'no file' 1 '' 'dmkit: open no.stack: No such file or directory (-ENOENT)' -- plan no.stack
head -c 10000000 /dev/zero | tr '\0' 'x' >big.stack
check '10 MB' 2 '' \
	"dmkit: plan: big.stack is longer than 4096 KiB, more than such a file may be (see 'dmkit help plan')" -- plan big.stack
check 'a file without an end' 2 '' \
	"dmkit: plan: /dev/zero is longer than 4096 KiB, more than such a file may be (see 'dmkit help plan')" \
	-- plan /dev/zero --name zero
printf '[a]\ntable = zero\0size=8s\n' >nul.stack
check 'a NUL byte' 2 '' '%nul.stack:2:13: plan: a NUL byte: this is no text' -- plan nul.stack
: >empty.stack
check 'an empty file' 2 '' "dmkit: plan: empty.stack names no device; 'down' takes a stack down (see 'dmkit help plan')" \
	-- plan empty.stack
printf '[a]\ntable = zero size=8s\n' >web-1.stack
check 'a name that is none' 2 '' \
	"dmkit: plan: 'web-1' is no name of a stack: allowed are 1 to 64 of letters, digits, . _ and +; --name gives another one (see 'dmkit help plan')" \
	-- plan web-1.stack
check 'standard input without --name' 2 '' \
	"dmkit: plan: a stack on standard input needs --name (see 'dmkit help plan')" -- plan -
check 'two files and --name' 2 '' "dmkit: plan: --name is for one FILE (see 'dmkit help plan')" \
	-- plan web-1.stack s.stack --name x
check 'no command for with' 2 '' \
	"dmkit: with: needs FILE or TYPE KEY=VALUE..., then -- COMMAND (see 'dmkit help with')" -- with s.stack
check 'with, dry' 2 '' \
	"dmkit: with: a command cannot be run dry; plan FILE says what would be made (see 'dmkit help with')" \
	-- with s.stack --dry-run -- true

# What is right gets as far as the kernel, if there is none: names longer than libinih's own limit, lines too, CRLF, a
# byte order mark, a comment behind a value.
long=$(printf 'n%.0s' {1..100})
many=$(printf ' + zero size=8s%.0s' {1..500})
printf '\xef\xbb\xbf[%sa]\r\ntable = zero size=8s ; so long\r\n[%sb]\r\ntable = linear device=@%sa %s\r\n' \
	"$long" "$long" "$long" "$many" >long.stack
"$DMKIT" plan long.stack >"$work/out" 2>"$work/err"
status=$?
expect 'long names and lines' grep -qx '10\|5\|6' <<<"$status" # there is much to do, no right to ask, or nobody to ask

finish
