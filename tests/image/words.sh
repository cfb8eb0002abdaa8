#!/bin/bash
# SPDX-License-Identifier: MIT
# The words of `dmkit image`, where no kernel is needed: what is printed, and that bad input gets a sentence that names it
# and says what is allowed, with no file changed. Needs veritysetup.
set -u
# shellcheck source-path=SCRIPTDIR source=../cli/common.sh
. "${BASH_SOURCE[0]%/*}/../cli/common.sh"

DMKIT=$(readlink -f "$DMKIT")
mkdir "$work/files" && cd "$work/files" || exit 1
if ! type -P veritysetup >/dev/null; then
	echo 'not ok - veritysetup, of the package cryptsetup-bin'
	exit 1
fi
# A static one has no libcrypto.
hashes=yes
ldd "$DMKIT" >/dev/null 2>&1 || hashes=''

salt=$(printf '%064d' 7)
uuid=11111111-2222-3333-4444-555555555555
yes 'a line of data' | head -c 1048576 >data
veritysetup format data tree --salt="$salt" --uuid="$uuid" >"$work/format" || exit 1
digest=$(sed -n 's/^Root hash:[[:space:]]*//p' "$work/format")
printf '  %s\n\n' "$digest" >digest
cp data appended
veritysetup format appended appended --hash-offset=1048576 --salt="$salt" --uuid="$uuid" >/dev/null || exit 1
mkdir folder
other=$(printf '%064d' 1)

# All there is in the folder, with what is in it.
files() {
	find . -mindepth 1 -printf '%p %y %s %T@ %m\n' | LC_ALL=C sort
	find . -type f -exec sha256sum {} + | LC_ALL=C sort
}

refused() { # NAME EXIT TEXT -- ARGUMENT...: its one sentence has TEXT in it, and no file changes
	local name=$1 status=$2 text=$3
	shift 4
	files >"$work/before"
	check "$name" "$status" '' "%$text" -- "$@"
	files >"$work/after"
	expect "$name: no file is changed" cmp "$work/before" "$work/after"
}

# --- what is printed ---------------------------------------------------------------------------------------

check 'info of a tree alone' 0 "file          tree
superblock    at byte 0
uuid          $uuid
format        1
algorithm     sha256, digests of 32 bytes
salt          $salt
data          256 blocks of 4096 bytes, 1MiB
tree          3 blocks of 4096 bytes in 2 levels, at byte 4096
table         0 2048 verity 1 DATA HASH 4096 4096 256 1 sha256 ROOT-DIGEST $salt
create        dmkit create NAME verity data=DATA hash=HASH data-blocks=256 hash-start=1 root-digest=ROOT-DIGEST salt=$salt" \
	'' -- image info tree
check 'info as JSON' 0 json '' -- image info tree --json
for word in '"data": null, "hash": "tree"' '"data_blocks": 256' '"tree_offset_bytes": 4096' '"levels": 2' \
	'"table": "0 2048 verity 1 DATA HASH 4096' "\"uuid\": \"$uuid\""; do
	expect "info as JSON: $word" grep -qF -- "$word" "$work/out"
done
check 'info of a tree behind the data' 0 '*' '' -- image info appended --hash-offset 1MiB
expect 'and its lines' grep -qx \
	"table         0 2048 verity 1 DATA DATA 4096 4096 256 257 sha256 ROOT-DIGEST $salt" "$work/out"
if type -P mke2fs >/dev/null; then
	mke2fs -q -t ext4 -F "$work/ext4" 4M >/dev/null 2>&1
	veritysetup format "$work/ext4" "$work/ext4" --hash-offset=4194304 >/dev/null
	check 'info of a tree behind a file system' 0 '*' '' -- image info "$work/ext4"
	expect 'and which it is' grep -qx 'file system   ext4, 4194304 bytes' "$work/out"
	expect 'and where the tree is' grep -qx 'superblock    at byte 4194304' "$work/out"
fi
# What it says of create is what create takes.
read -ra words < <("$DMKIT" image info tree | sed -n 's/^create *dmkit //p')
words=("${words[@]/ROOT-DIGEST/$digest}")
words=("${words[@]/=DATA/=7:0}")
check 'its line is one for create' 0 "*" '' -- "${words[@]/=HASH/=7:1}" --dry-run
expect 'and the same for the kernel' grep -qF \
	"0 2048 verity 1 7:0 7:1 4096 4096 256 1 sha256 $digest $salt" "$work/out"

if [[ $hashes ]]; then
	check 'format prints the root digest alone' 0 "$digest" '' -- image format data "$work/tree" --salt "$salt" --uuid "$uuid"
	expect 'and it is the same tree' cmp tree "$work/tree"
	check 'format into a file' 0 '' '' \
		-- image format data "$work/tree" --salt "$salt" --uuid "$uuid" --root-digest-file "$work/digest"
	expect 'the digest is there' test "$(cat "$work/digest")" = "$digest"
	ln -sf digest "$work/link"
	chmod 640 "$work/digest"
	check 'format into a file by a link' 0 '' '' -- image format data "$work/tree" --root-digest-file "$work/link"
	expect 'the link is one still' test -L "$work/link"
	expect 'and the mode is what it was' test "$(stat -c %a "$work/digest")" = 640
	expect 'and the digest is of the new salt' grep -vqx "$digest" "$work/digest"
	expect 'nothing else is left' test -z "$(find "$work" -name 'digest.*')"
	check 'format as JSON' 0 json '' -- image format data "$work/tree" --salt "$salt" --uuid "$uuid" --json
	expect 'format as JSON: the digest' grep -qF "\"root_digest\": \"$digest\"" "$work/out"
	expect 'format as JSON: the place' grep -qF '"tree_offset_bytes": 4096, "tree_blocks": 3' "$work/out"
	check 'verify' 0 '1060864 bytes checked: all blocks are good' '' -- image verify data tree "$digest"
	check 'verify by a file of the digest' 0 '1060864 bytes checked: all blocks are good' '' -- image verify data tree @digest
	input=digest check 'verify by standard input' 0 '1060864 bytes checked: all blocks are good' '' -- image verify data tree @-
	check 'verify of a tree behind the data' 0 '*' '' -- image verify appended "$digest" --hash-offset 1MiB
	check 'verify in a dry run' 0 '*' '' -- image verify data tree "$digest" --dry-run
	cp data "$work/data"
	printf x | dd of="$work/data" bs=1 seek=70000 conv=notrunc status=none
	printf x | dd of="$work/data" bs=1 seek=75000 conv=notrunc status=none
	printf x | dd of="$work/data" bs=1 seek=400000 conv=notrunc status=none
	check 'verify names the blocks' 1 'data: blocks 17-18 (2) at byte 69632
data: block 97 at byte 397312
1060864 bytes checked: 3 bad of data, 0 bad of the tree' '' -- image verify "$work/data" tree "$digest"
	check 'verify as JSON' 1 json '' -- image verify "$work/data" tree "$digest" --json
	expect 'verify as JSON: ranges' grep -qF '"bad": [{"area": "data", "level": 0, "first_block": 17, "blocks": 2, "offset_bytes": 69632, "unproved": false, "mendable": null}, ' "$work/out"
	expect 'verify as JSON: counts' grep -qF '"bad_data_blocks": 3, "bad_tree_blocks": 0, "unproved_blocks": 0' "$work/out"
	check 'verify of all good as JSON' 0 json '' -- image verify data tree "$digest" --json
	check 'format with error correction' 0 '*' '' \
		-- image format data "$work/tree" --salt "$salt" --uuid "$uuid" --fec "$work/fec" --json
	expect 'and how much of it' grep -qF '"fec": {"roots": 2, "offset_bytes": 0, "blocks": 4}' "$work/out"
	cp "$work/data" "$work/damaged"
	check 'verify with error correction' 1 'data: blocks 17-18 (2) at byte 69632, mendable
data: block 97 at byte 397312, mendable
1060864 bytes checked: 3 bad of data, 0 bad of the tree; 3 mendable' '' \
		-- image verify "$work/data" "$work/tree" "$digest" --fec "$work/fec"
	check 'repair in a dry run' 0 'data: blocks 17-18 (2) at byte 69632, mendable
data: block 97 at byte 397312, mendable
1060864 bytes checked: 3 bad of data, 0 bad of the tree; 3 mendable' '' \
		-- image repair "$work/data" "$work/tree" "$digest" --fec "$work/fec" --dry-run
	expect 'and nothing is written' cmp "$work/damaged" "$work/data"
	check 'repair as JSON' 0 json '' -- image repair "$work/data" "$work/tree" "$digest" --fec "$work/fec" --json
	expect 'repair as JSON: mended' grep -qF '"mendable_blocks": 3, "written": true}' "$work/out"
	expect 'and all is as it was' cmp data "$work/data"
	check 'repair of what is good' 0 '1060864 bytes checked: all blocks are good' '' \
		-- image repair "$work/data" "$work/tree" "$digest" --fec "$work/fec"
	refused 'verify with error correction that is not there' 1 "'nope': No such file or directory" \
		-- image verify data tree "$digest" --fec nope
	refused 'repair with error correction that is too short' 2 "'digest': it has" \
		-- image repair data tree "$digest" --fec digest
	check 'of a tree' 1 '*' '' -- image verify data "$work/data" "$digest" --no-superblock --salt "$salt" --data-blocks 256
	expect 'its root is named' grep -q '^root: block 0 of the tree at byte 0 is not what the root digest says$' "$work/out"
	script -qec "stty cols 60; $DMKIT image format data $work/tree" /dev/null </dev/null >"$work/terminal" 2>&1
	expect 'on a terminal nothing stays but the digest' \
		test "$(tr -d '\r' <"$work/terminal" | sed 's/.*\x1b\[K//' | grep -cE '^[0-9a-f]{64}$')" = 1
else
	for words in 'format data' "verify data tree $digest" "repair data tree $digest --fec tree"; do
		# shellcheck disable=SC2086
		refused "${words%% *} of a static dmkit" 1 'this build has no libcrypto, and cannot hash' -- image $words
	done
fi

# --- usage -------------------------------------------------------------------------------------------------

refused 'format of nothing' 2 'image format: needs DATA [HASH]' -- image format
refused 'format of too much' 2 "'c' is one argument too many" -- image format a b c
refused 'verify without a digest' 2 'needs DATA [HASH] ROOT-DIGEST, and got less' -- image verify data
refused 'map without a digest' 2 'needs NAME DATA [HASH] ROOT-DIGEST [KEY=VALUE]..., and got less' -- image map a data check-at-most-once=yes
refused 'mount of too much' 2 "'e' is one argument too many" -- image mount a b c d e
refused 'an option of another one' 2 'image info: takes no --salt' -- image info tree --salt -
refused 'an option of image elsewhere' 2 'list: takes no --share' -- list --share
refused 'the columns of list' 2 'image mount: takes no --columns' -- image mount data folder "$digest" --columns ro
refused 'mount options twice' 2 'takes no --columns' -- image mount data folder "$digest" -o ro --mount-options nodev
refused 'format in a dry run' 2 'image format: takes no --dry-run: all that it does is write files' -- image format data new --dry-run
refused 'mount in a dry run' 2 'image mount: takes no --dry-run' -- image mount data folder "$digest" --dry-run
refused 'map of a part in a dry run' 2 'image map: takes no --dry-run: of a part of a device' \
	-- image map a data "$digest" --offset 4096 --dry-run
refused 'umount in a dry run' 2 'image umount: takes no --dry-run' -- image umount folder --dry-run
refused 'repair without error correction' 2 'needs --fec FILE or --fec appended' -- image repair data tree "$digest"
for words in "--data-block-size 3000" "--data-block-size 256" "--hash-block-size 128KiB" "--hash-block-size x" \
	"--hash-block-size 18446744073709551615"; do
	# shellcheck disable=SC2086
	refused "format ${words:2}" 2 "${words% *} '${words#* }': allowed is a power of 2 from 512 to 64KiB" -- image format data new $words
done
refused 'a size that overflows' 2 "--hash-offset '16777216TiB': allowed is a size" -- image format data new --hash-offset 16777216TiB
refused 'a size that is none' 2 "--offset '-1': allowed is a size" -- image mount data folder "$digest" --offset=-1
refused 'no blocks' 2 "--data-blocks '0': allowed is a number from 1 to" -- image format data new --data-blocks 0
refused 'one root' 2 "--fec-roots '1': allowed is a number from 2 to 24" -- image format data new --fec fec --fec-roots 1
refused 'too many roots' 2 "--fec-roots '25': allowed is a number from 2 to 24" -- image format data new --fec fec --fec-roots 25
refused 'no threads' 2 "--threads '0': allowed is a number from 1 to 1024" -- image format data new --threads 0
refused 'another format' 2 "--format '2': allowed is 1, or 0, which is Chrome OS's" -- image format data new --format 2
refused 'an empty word' 2 "--algorithm '': allowed is a word that is not empty" -- image format data new --algorithm ''

# --- digests -----------------------------------------------------------------------------------------------

not_hex='is hexadecimal, and digit'
refused 'a file of a digest that is not there' 1 'nope: No such file or directory' -- image verify data tree @nope
refused 'a file that holds none' 2 "'data' holds no root digest: one word of hex digits is allowed" -- image verify data tree @data
refused 'an empty digest' 2 'ROOT-DIGEST is hex digits, or @FILE, which holds them' -- image verify data tree ''
refused 'a digest file in a folder that is not there' 1 '/nope/digest: No such file or directory' \
	-- image format data new --root-digest-file /nope/digest
refused 'a digest file that is a folder' 2 "--root-digest-file 'folder' is no file" -- image format data new --root-digest-file folder
refused 'a digest file that is a device' 2 "--root-digest-file '/dev/null' is no file" -- image format data new --root-digest-file /dev/null
ln data linked
ln -s "$PWD" here
for file in data ./data linked tree here/tree parity; do
	refused "a digest file that is the image's: $file" 2 "--root-digest-file '$file' is a file of the image" \
		-- image format data tree --fec parity --root-digest-file $file
done
rm linked here
if [[ $hashes ]]; then
	check 'a digest file that becomes the tree: it stays the tree' 1 '*' '%the image is made, but not ./new: File exists' \
		-- image format data new --root-digest-file ./new
	check 'and the digest is not lost' 0 '*' '' -- image verify data new "$(<"$work/out")"
	rm new
fi
refused 'mount by a digest that is too short' 2 '62 hex digits: sha256 has 64' -- image mount data tree folder "${digest:2}"
refused 'mount by a digest that is not hex' 2 "$not_hex 1 of it is none" -- image mount data tree folder "x${digest:1}"
refused 'map of a file' 1 'it is a file, and device-mapper maps block devices alone: image mount' -- image map a data tree "$digest"

check 'a hash that is none' 2 '' "%'sha257': no hash algorithm is called so" -- image mount data tree folder "$digest" --algorithm sha257
sed 's/.*there are //; s/, /\n/g' "$work/err" | LC_ALL=C sort >"$work/algorithms"
"$DMKIT" complete -- image format data --algorithm '' | LC_ALL=C sort >"$work/completed"
expect 'the completion has all that there are' cmp "$work/algorithms" "$work/completed"
"$DMKIT" help image format >"$work/help"
expect 'no line of the help ends in a blank' bash -c '! grep -n " $" "$1"' - "$work/help"

# --- files -------------------------------------------------------------------------------------------------

refused 'info of what is not there' 1 "image info 'nope': open: No such file or directory" -- image info nope
refused 'info of a folder' 1 'it is a folder: a file or a block device is needed' -- image info folder
refused 'info of a device that is none of blocks' 1 'it is neither a file nor a block device' -- image info /dev/null
strace -f -o "$work/trace" "$DMKIT" image info /dev/null 2>/dev/null
expect 'which is not opened either' bash -c 'grep -q /dev/null "$1" && ! grep "open.*/dev/null" "$1"' - "$work/trace"
mkfifo pipe
refused 'info of a pipe' 1 'it is neither a file nor a block device' -- image info pipe
refused 'info of data alone' 1 'what is in front is no ext2, ext3, ext4, squashfs or erofs, which say where they end' -- image info data
refused 'info at a place without a superblock' 1 'read superblock: no verity superblock is at byte 4096' -- image info appended --hash-offset 4096
refused 'mount with a tree that is none' 1 "'appended': no verity superblock is at byte 0" -- image mount data appended folder "$digest"
refused 'mount at no folder' 1 "'tree': it is no folder" -- image mount data tree tree "$digest"
refused 'mount where nothing is' 1 "'nope': there is no such folder" -- image mount data tree nope "$digest"
refused 'mount of a part that is not there' 2 'it has 1048576 bytes: there are no 10737418240 from byte 512 on' \
	-- image mount data tree folder "$digest" --offset 512 --size 10GiB
refused 'mount to write' 2 "'rw': an image is mounted read-only, always" -- image mount data tree folder "$digest" -o rw
refused 'mount with a key that is none' 2 'no such key; the nearest: check-at-most-once' -- image mount data tree folder "$digest" check-at-most-onc=yes
refused 'mount with a value that is none' 2 'must be yes or no' -- image mount data tree folder "$digest" check-at-most-once=maybe
refused 'mount with a key that is the digest' 2 "'root-digest': given twice" -- image mount data tree folder "$digest" root-digest="$other"
refused 'umount of a folder without a mount' 2 "'folder': nothing is mounted there" -- image umount folder
refused 'umount of what is not there' 1 "'nope': there is no such folder" -- image umount nope
head -c 8192 tree >short
refused 'info of a tree that is too short' 1 "'short': read superblock: it has 8192 bytes, and the tree ends at byte 16384" -- image info short
refused 'info of a superblock that is too short' 1 'which say where they end' -- image info digest

# --- superblocks -------------------------------------------------------------------------------------------

bytes() { # OFFSET BYTES...: of a copy of the tree's superblock, in hex
	cp tree bad
	printf '%b' "${@:2}" | dd of=bad bs=1 seek="$1" conv=notrunc status=none
}
superblock() { # NAME TEXT OFFSET BYTES
	bytes "$3" "$4"
	refused "a superblock: $1" 1 "$2" -- image info bad
	if [[ $hashes ]]; then
		refused "verify with a superblock: $1" '1' "$2" -- image verify data bad "$digest"
	fi
}
block='blocks of'
superblock 'another version' 'version' 8 '\x02\0\0\0'
superblock 'another kind of tree' '2' 12 '\x02\0\0\0'
superblock 'an algorithm that is none' 'sha9999' 32 'sha9999\0'
superblock 'an algorithm without an end' 'has no end' 32 "$(printf 'a%.0s' {1..32})"
superblock 'no algorithm' 'algorithm' 32 '\0'
superblock 'data blocks of 0 bytes' "data $block 0 bytes: a power of 2 from 512 to 65536 is allowed" 64 '\0\0\0\0'
superblock 'data blocks of 3000 bytes' "data $block 3000 bytes" 64 '\xb8\x0b\0\0'
superblock 'data blocks of 128 KiB' "data $block 131072 bytes" 64 '\0\0\x02\0'
superblock 'hash blocks of 256 bytes' "$block 256 bytes" 68 '\0\x01\0\0'
superblock 'a salt of 257 bytes' '257' 80 '\x01\x01'
superblock 'a salt of 65535 bytes' '65535' 80 '\xff\xff'
superblock 'no data' '' 72 '\0\0\0\0\0\0\0\0'
superblock 'data of more bytes than there are numbers' '' 72 '\xff\xff\xff\xff\xff\xff\xff\xff'
superblock 'data of 2^60 blocks' '' 72 '\0\0\0\0\0\0\0\x10'
bytes 0 'VERITY'
refused 'another magic' 1 'which say where they end' -- image info bad
rm bad short

# --- format: bad data and options --------------------------------------------------------------------------

if [[ $hashes ]]; then
	refused 'format of what is not there' 1 "image format 'nope': open: No such file or directory" -- image format nope new
	refused 'format of a folder' 1 'it is a folder' -- image format folder new
	refused 'format into a folder' 1 "'folder': it is a folder" -- image format data folder
	refused 'format into a folder that is not there' 1 'No such file or directory' -- image format data nope/new
	head -c 5000 data >odd
	refused 'format of half a block' 2 "'odd': it has 5000 bytes: a multiple of its block's 4096 is needed" -- image format odd new
	: >empty
	refused 'format of nothing at all' 2 "'empty'" -- image format empty new
	refused 'format of more blocks than there are' 2 'it has 1048576 bytes, 256 blocks: there are no 257' -- image format data new --data-blocks 257
	refused 'format of a tree in the data' 2 'the tree at byte 4096 would lie in the data, which ends at byte 1048576' \
		-- image format data --hash-offset 4096
	refused 'format at an odd place' 2 'the hash offset 77 is no multiple of 512 bytes' -- image format data new --hash-offset 77
	refused 'format with a salt that is not hex' 2 "the salt $not_hex 1 of it is none" -- image format data new --salt xyz
	refused 'format with half a digit' 2 'the salt has 3 digits: an even number is needed' -- image format data new --salt abc
	refused 'format with a salt that is too long' 2 'the salt has 514 digits' -- image format data new --salt "$(printf '%0514d' 0)"
	refused 'format with a uuid that is none' 2 'a uuid is 32 hexadecimal digits' -- image format data new --uuid xyz
	refused 'format with a hash that is none' 2 "'sha257': no hash algorithm is called so; there are" -- image format data new --algorithm sha257
	refused 'verify of too short a digest' 2 'a root digest of sha256 has 64 hexadecimal digits' -- image verify data tree "${digest:2}"
	refused 'verify of a digest that is not hex' 2 "$not_hex 1 of it is none" -- image verify data tree zz
	refused 'verify of data that is too short' 1 'it has 5000 bytes, and the data ends at byte 1048576' -- image verify odd tree "$digest"
	refused 'verify against what the superblock says' 1 '3 blocks of data are given, and the superblock says 256' \
		-- image verify data tree "$digest" --data-blocks 3
	refused 'verify without a superblock, and numbers' 2 'without a superblock' -- image verify data "$digest" --no-superblock
	refused 'bad input as JSON' 2 '"cause": "bad-input"' -- image format odd new --json
	refused 'a bad image as JSON' 1 '"cause": "bad-image"' -- image info data --json
	refused 'what is not there as JSON' 1 '"cause": "no-file"' -- image format nope new --json
	check 'another digest' 1 'root: block 0 of the tree at byte 4096 is not what the root digest says
1060864 bytes checked: 0 bad of data, 1 bad of the tree' '' -- image verify data tree "$other"
fi
finish
