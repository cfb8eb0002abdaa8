#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Tables to be judged: `cases.py N SEED`, about N lines of "LENGTH TYPE PARAMETERS" for judge.c.

Of each target some tables that are right, then those with one to three things changed: a word left out, doubled or
moved, another number or device, another case, one more option with its count put right, bytes that end a word.
"""

import random
import re
import sys

R = ["/dev/ram%d" % i for i in range(6)]
R0, R1, R2, R3, R4, R5 = R
HEX = "0123456789abcdef" * 4

# (length, parameters): what Linux takes, but for options that are younger than it.
SEEDS = {
    "linear": [(2048, f"{R0} 0"), (100, "1:0 8")],
    "zero": [(2048, "")],
    "error": [(2048, "")],
    "striped": [(4096, f"2 8 {R0} 0 {R1} 0"), (4096, f"1 16 {R0} 8"), (6144, f"3 128 {R0} 0 {R1} 0 {R2} 8")],
    "unstriped": [(2048, f"2 8 0 {R0} 0"), (2048, f"3 16 2 {R0} 0")],
    "delay": [(2048, f"{R0} 0 1"), (2048, f"{R0} 0 1 {R1} 0 2"), (2048, f"{R0} 0 1 {R1} 0 2 {R2} 8 3")],
    "flakey": [
        (2048, f"{R0} 0 1 1"),
        (2048, f"{R0} 0 10 1 1 drop_writes"),
        (2048, f"{R0} 0 10 1 1 error_writes"),
        (2048, f"{R0} 0 10 1 5 corrupt_bio_byte 32 r 1 0"),
        (2048, f"{R0} 0 10 1 6 drop_writes corrupt_bio_byte 32 r 1 0"),
        (2048, f"{R0} 0 10 1 5 corrupt_bio_byte 224 w 255 32"),
        (2048, f"{R0} 0 1 1 2 random_read_corrupt 5"),
        (2048, f"{R0} 0 1 1 1 error_reads"),
    ],
    "dust": [(2048, f"{R0} 0 512"), (2048, f"{R0} 8 4096")],
    "log-writes": [(2048, f"{R0} {R1}")],
    "switch": [(2048, f"2 64 0 {R0} 0 {R1} 0"), (2048, f"1 100 0 {R0} 8")],
    "snapshot": [
        (2048, f"{R0} {R1} P 8"),
        (2048, f"{R0} {R1} N 512 1 discard_zeroes_cow"),
        (2048, f"{R0} {R1} PO 512 2 discard_zeroes_cow discard_passdown_origin"),
    ],
    "snapshot-merge": [(2048, f"{R0} {R1} P 8")],
    "snapshot-origin": [(2048, R0)],
    "mirror": [
        (4096, f"core 1 64 2 {R0} 0 {R1} 0"),
        (4096, f"core 2 64 nosync 2 {R0} 0 {R1} 0 1 handle_errors"),
        (4096, f"disk 2 {R2} 64 2 {R0} 0 {R1} 0"),
        (4096, f"disk 3 {R2} 64 sync 3 {R0} 0 {R1} 0 {R3} 8 2 handle_errors keep_log"),
    ],
    "multipath": [
        (2048, f"0 0 1 1 round-robin 0 1 0 {R0}"),
        (2048, f"2 queue_mode bio 0 1 1 round-robin 0 2 1 {R0} 1000 {R1} 1"),
        (2048, f"3 queue_if_no_path queue_mode bio 0 2 1 service-time 0 1 2 {R0} 1 50 queue-length 0 1 1 {R1} 128"),
        (2048, f"6 queue_mode bio pg_init_retries 3 pg_init_delay_msecs 100 0 1 1 round-robin 0 1 0 {R0}"),
        (2048, "2 queue_mode bio 0 0 0"),
    ],
    "raid": [
        (4096, f"raid1 1 128 2 {R2} {R0} {R3} {R1}"),
        (4096, f"raid1 3 0 region_size 1024 2 - {R0} - {R1}"),
        (4096, f"raid5_ls 3 128 stripe_cache 2048 3 - {R0} - {R1} - {R2}"),
        (4096, f"raid10 5 128 raid10_copies 2 raid10_format near 2 {R2} {R0} {R3} {R1}"),
        (4096, f"raid10 5 128 raid10_copies 2 raid10_format near 2 - {R0} - {R1}"),
        (4096, f"raid0 1 64 2 - {R0} - {R1}"),
        (4096, f"raid4 1 64 3 - {R0} - {R1} - {R2}"),
        (4096, f"raid6_zr 1 64 4 - {R0} - {R1} - {R2} - {R3}"),
        (4096, f"raid1 4 0 rebuild 1 nosync 2 {R2} {R0} {R3} {R1}"),
        (4096, f"raid1 7 128 sync daemon_sleep 5000 min_recovery_rate 1 max_recovery_rate 1000 2 {R2} {R0} {R3} {R1}"),
        (4096, f"raid1 5 0 write_mostly 1 max_write_behind 512 2 {R2} {R0} {R3} {R1}"),
    ],
    "crypt": [
        (2048, f"aes-cbc-essiv:sha256 {HEX} 0 {R0} 0"),
        (2048, f"aes-xts-plain64 {HEX} 0 {R0} 8 1 allow_discards"),
        (2048, f"capi:cbc(aes)-plain64 {HEX[:32]} 0 {R0} 0 2 same_cpu_crypt submit_from_crypt_cpus"),
        (2048, f"aes-xts-plain64 {HEX} 8 {R0} 8 2 sector_size:4096 iv_large_sectors"),
        (2048, f"aes-xts-plain64 {HEX} 8 {R0} 8 2 no_read_workqueue no_write_workqueue"),
        (2048, f"cipher_null-ecb - 0 {R0} 0"),
    ],
    "verity": [
        (2048, f"1 {R0} {R1} 4096 4096 256 0 sha256 {HEX} {HEX}"),
        (2048, f"1 {R0} {R1} 512 1024 2048 1 sha256 {HEX} -"),
        (2048, f"0 {R0} {R1} 4096 4096 256 1 sha256 {HEX} aa 2 ignore_corruption ignore_zero_blocks"),
        (2048, f"1 {R0} {R1} 4096 4096 256 1 sha256 {HEX} aabb 3 restart_on_corruption check_at_most_once "
               "try_verify_in_tasklet"),
        (2048, f"1 {R0} {R1} 4096 4096 256 1 sha1 {HEX[:40]} - 8 use_fec_from_device {R2} fec_roots 2 fec_start 0 "
               "fec_blocks 300"),
    ],
    "integrity": [
        (2048, f"{R0} 0 4 J 1 internal_hash:crc32"),
        (2048, f"{R0} 0 - D 2 block_size:4096 internal_hash:crc32"),
        (2048, f"{R0} 0 - B 3 internal_hash:crc32 sectors_per_bit:32768 bitmap_flush_interval:10000"),
        (2048, f"{R0} 8 8 J 6 journal_sectors:128 interleave_sectors:32768 buffer_sectors:128 journal_watermark:50 "
               "commit_time:10000 internal_hash:sha256"),
        (2048, f"{R0} 0 - J 3 meta_device:{R1} internal_hash:crc32 recalculate"),
        (2048, f"{R0} 0 4 J 0"),
        (2048, f"{R0} 0 32 J 4 internal_hash:hmac(sha256):{HEX[:32]} fix_padding fix_hmac "
               f"journal_mac:hmac(sha256):{HEX[:32]}"),
    ],
    "thin-pool": [
        (4096, f"{R0} {R1} 128 0"),
        (4096, f"{R0} {R1} 256 1 1 skip_block_zeroing"),
        (4096, f"{R0} {R1} 128 0 3 ignore_discard no_discard_passdown error_if_no_space"),
    ],
    "thin": [(2048, "/dev/mapper/pool 0"), (2048, f"/dev/mapper/pool 0 {R0}")],
    "cache": [
        (4096, f"{R0} {R1} {R2} 64 1 writeback default 0"),
        (4096, f"{R0} {R1} {R2} 64 2 metadata2 writethrough smq 2 migration_threshold 2048"),
        (4096, f"{R0} {R1} {R2} 128 0 default 0"),
        (4096, f"{R0} {R1} {R2} 64 3 passthrough metadata2 no_discard_passdown smq 0"),
    ],
    "writecache": [
        (4096, f"s {R0} {R1} 4096 0"),
        (4096, f"s {R0} {R1} 512 6 high_watermark 60 low_watermark 40 writeback_jobs 8"),
        (4096, f"s {R0} {R1} 4096 7 start_sector 8 autocommit_blocks 100 autocommit_time 1000 cleaner"),
        (4096, f"s {R0} {R1} 4096 5 max_age 1000 pause_writeback 100 metadata_only"),
    ],
    "era": [(4096, f"{R0} {R1} 128")],
    "clone": [
        (4096, f"{R0} {R1} {R2} 8"),
        (4096, f"{R0} {R1} {R2} 64 1 no_hydration 4 hydration_threshold 256 hydration_batch_size 2"),
        (4096, f"{R0} {R1} {R2} 64 2 no_hydration no_discard_passdown"),
    ],
}

OPTIONS = {
    "flakey": ["drop_writes", "error_writes", "error_reads", "corrupt_bio_byte 1 r 2 0", "random_read_corrupt 3"],
    "snapshot": ["discard_zeroes_cow", "discard_passdown_origin"],
    "mirror": ["handle_errors", "keep_log", "sync", "nosync", "block_on_error"],
    "multipath": ["queue_if_no_path", "retain_attached_hw_handler", "pg_init_retries 3", "pg_init_delay_msecs 5",
                  "queue_mode bio", "queue_mode rq", "queue_mode mq", "alua", "1 alua", "io-affinity",
                  "historical-service-time"],
    "raid": ["sync", "nosync", "rebuild 0", "rebuild 1", "daemon_sleep 100", "min_recovery_rate 10",
             "max_recovery_rate 10", "write_mostly 0", "max_write_behind 256", "stripe_cache 256", "region_size 512",
             "raid10_copies 2", "raid10_format far", "raid10_format offset", "raid10_use_near_sets", "delta_disks 1",
             "data_offset 0", "data_offset 2048", f"journal_dev {R5}", "journal_mode writeback", "write_journal"],
    "crypt": ["allow_discards", "same_cpu_crypt", "high_priority", "submit_from_crypt_cpus", "no_read_workqueue",
              "no_write_workqueue", "integrity:16:none", "integrity:28:aead", "sector_size:1024", "sector_size:512",
              "iv_large_sectors", "integrity_key_size:32"],
    "verity": ["ignore_corruption", "restart_on_corruption", "panic_on_corruption", "restart_on_error",
               "panic_on_error", "ignore_zero_blocks", "check_at_most_once", "try_verify_in_tasklet", "fec_roots 2",
               "fec_blocks 300", "fec_start 0", f"use_fec_from_device {R2}", "root_hash_sig_key_desc foo"],
    "integrity": ["journal_sectors:100", "interleave_sectors:4096", "interleave_sectors:100", "buffer_sectors:64",
                  "journal_watermark:30", "commit_time:100", "internal_hash:crc32c", "recalculate",
                  "reset_recalculate", "block_size:512", "block_size:1024", "sectors_per_bit:512",
                  "bitmap_flush_interval:100", "allow_discards", "fix_padding", "fix_hmac", "legacy_recalculate",
                  f"meta_device:{R1}", f"journal_crypt:ctr(aes):{HEX[:32]}", "journal_mac:hmac(sha1):aabb"],
    "thin-pool": ["skip_block_zeroing", "ignore_discard", "no_discard_passdown", "read_only", "error_if_no_space"],
    "cache": ["writeback", "writethrough", "passthrough", "metadata2", "no_discard_passdown", "mq", "smq", "cleaner",
              "sequential_threshold 512", "migration_threshold 100", "random_threshold 4"],
    "writecache": ["start_sector 8", "high_watermark 50", "low_watermark 45", "writeback_jobs 10",
                   "autocommit_blocks 64", "autocommit_time 100", "fua", "nofua", "cleaner", "max_age 100",
                   "metadata_only", "pause_writeback 100"],
    "clone": ["no_hydration", "no_discard_passdown", "hydration_threshold 10", "hydration_batch_size 10"],
}

NUMBERS = """-1 0 1 2 3 4 5 6 7 8 9 10 16 50 63 64 100 101 127 128 192 255 256 257 480 511 512 513 1000 1024 2048 4095
4096 4097 8192 32768 65535 65536 131072 2097152 2097153 4194304 16777215 16777216 2147483647 2147483648 4294967295
4294967296 4294967297 9223372036854775807 9223372036854775808 18446744073709551615 18446744073709551616
36893488147419103232 99999999999999999999 0x10 010 +8 08 1e3 8k 1s 8.0 0b1 --1""".split() + [""]
DEVICES = """/dev/nope 1:1 /dev/ram1 /dev/ram4 01:01 1:4 0x1:0 ram4 1:4x 8:0 259:77 - /dev/./ram4 /dev//ram4 /dev/null
/etc/passwd /dev PARTUUID=00 254:0 0104 1:4: 4:1 /dev/ram9""".split()
LENGTHS = [0, 1, 7, 8, 9, 100, 1000, 1001, 1024, 2047, 2048, 4095, 4096, 4097, 8192, 32767, 32768, 32769, 65536,
           1 << 32, 1 << 40, (1 << 63) - 1, 1 << 54]


def is_number(word):
    return re.fullmatch(r"\d+", word) is not None


def is_device(word):
    return word.startswith("/dev/") or re.fullmatch(r"\d+:\d+", word) is not None


def change_number(words):
    places = [i for i, word in enumerate(words) if re.search(r"\d", word) and not is_device(word) and len(word) < 30]
    if not places:
        return
    i = random.choice(places)
    if is_number(words[i]):
        words[i] = random.choice(NUMBERS)
    else:
        words[i] = re.sub(r"\d+(?!.*\d)", lambda _: random.choice(NUMBERS), words[i], count=1)


def change_device(words):
    places = [i for i, word in enumerate(words) if is_device(word)]
    if places:
        words[random.choice(places)] = random.choice(DEVICES)


def change_case(words):
    i = random.randrange(len(words))
    words[i] = random.choice([words[i].upper(), words[i].title(), words[i].lower(), words[i].swapcase()])


def change_bytes(words):
    i = random.randrange(len(words))
    word = words[i]
    words[i] = random.choice([word + "\\x09", word + "\\x0b", "\\x0c" + word, word + "\\xa0", "\\\\" + word,
                              word + "\\\\", word + "x", word[:-1], word + ":", word + ":1"])


def add_option(words, target):
    option = random.choice(OPTIONS[target]).split(" ")
    if random.random() < .15:
        option = [word.upper() for word in option]
    counts = [i for i, word in enumerate(words) if is_number(word) and int(word) < 16]
    how = random.random()
    if how < .45 and counts:
        i = random.choice(counts)
        n = int(words[i])
        words[i] = str(n + len(option))
        at = i + 1 + random.choice([0, n])
        words[at:at] = option
    elif how < .8:
        # Behind the last count, which announces all the words that follow.
        last = [i for i, word in enumerate(words) if is_number(word) and int(word) == len(words) - 1 - i]
        if last:
            words[last[-1]] = str(int(words[last[-1]]) + len(option))
        else:
            words.append(str(len(option)))
        words += option
    else:
        at = random.randrange(len(words) + 1)
        words[at:at] = option


def change_words(words, how, target):
    if how < .07:
        del words[random.randrange(len(words))]
    elif how < .12:
        i = random.randrange(len(words))
        words.insert(i, words[i])
    elif how < .17 and len(words) > 1:
        i, j = random.sample(range(len(words)), 2)
        words[i], words[j] = words[j], words[i]
    elif how < .47:
        change_number(words)
    elif how < .54:
        change_device(words)
    elif how < .60:
        change_case(words)
    elif how < .64:
        words.insert(random.randrange(len(words) + 1), random.choice(["0", "1", "2", "x", "-", "foo", ""]))
    elif how < .67:
        change_bytes(words)
    elif how < .69:
        words.insert(random.choice([0, len(words)]), "")
    elif target in OPTIONS:
        add_option(words, target)


def mutate(target):
    length, params = random.choice(SEEDS[target])
    words = params.split(" ") if params else []
    for _ in range(random.choice([1, 1, 1, 1, 2, 2, 3])):
        if random.random() < .04:
            length = random.choice(LENGTHS)
        elif words:
            change_words(words, random.random(), target)
        else:
            words.append(random.choice(NUMBERS))
    return length, " ".join(words)


def panics(params):
    """Linux 7.2.7 divides by zero at the resume of a snapshot with this option and chunks of less than 512 sectors."""
    words = params.lower().split()
    return "discard_zeroes_cow" in words and not {"512", "1024"} & set(words[3:4])


def main():
    if len(sys.argv) != 3:
        sys.exit("usage: cases.py N SEED")
    random.seed(int(sys.argv[2]))
    each = max(1, int(sys.argv[1]) // len(SEEDS))
    for target, seeds in SEEDS.items():
        cases = dict.fromkeys(seeds[:each])
        for _ in range(each * 50):
            if len(cases) >= each:
                break
            case = mutate(target)
            if not panics(case[1]):
                cases[case] = None
        for length, params in cases:
            print(f"{length} {target} {params}")


main()
