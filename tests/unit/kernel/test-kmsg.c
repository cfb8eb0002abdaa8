/* SPDX-License-Identifier: MIT */
/* Records of the kernel's log, and which of them are the reason of a refusal. */
#include "../unit.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "kernel/kmsg.h"
#include "wire/uapi.h"

static void records(void **state)
{
	struct dmk_kmsg_line line;

	(void)state;
	assert_true(dmk_kmsg_parse("3,115,2470000,-;device-mapper: table: 254:12: linear: Device "
				   "lookup failed (-ENODEV)\n SUBSYSTEM=block\n DEVICE=b254:12\n",
				   &line));
	assert_int_equal(line.sequence, 115);
	assert_int_equal(line.level, 3);
	assert_string_equal(line.caller, "");
	assert_string_equal(line.source, "table");
	assert_int_equal(line.major, 254);
	assert_int_equal(line.minor, 12);
	assert_string_equal(line.text, "linear: Device lookup failed (-ENODEV)");

	/* syslog's facility stands above the level; a caller behind the flags. */
	assert_true(dmk_kmsg_parse("12,7,1,c,caller=T4711;device-mapper: raid: Failed to read\n",
				   &line));
	assert_int_equal(line.level, 4);
	assert_string_equal(line.caller, "T4711");
	assert_string_equal(line.source, "raid");
	assert_int_equal(line.major, 0);
	assert_string_equal(line.text, "Failed to read");

	assert_true(dmk_kmsg_parse("4,7,1,-;trusted_key: device-mapper: crypt: not suspended\n",
				   &line));
	assert_string_equal(line.source, "crypt");
	assert_string_equal(line.text, "not suspended");

	/* What /dev/kmsg shows as \xHH is what was written: ü, a backslash; and no control byte. */
	assert_true(dmk_kmsg_parse("3,1,1,-;device-mapper: table: 254:1: gr\\xc3\\xbc\\x5cn: "
				   "\\x1b[1m\\xg0\\x0adead\n",
				   &line));
	assert_string_equal(line.text, "grü\\n: ?[1m\\xg0?dead");

	/* Numbers that are no device's. */
	assert_true(
		dmk_kmsg_parse("3,1,1,-;device-mapper: ioctl: 4.47.0-ioctl initialised\n", &line));
	assert_int_equal(line.major, 0);
	assert_string_equal(line.text, "4.47.0-ioctl initialised");
	assert_true(dmk_kmsg_parse("3,1,1,-;device-mapper: thin: 12 blocks\n", &line));
	assert_int_equal(line.major, 0);
	/* What a caller= in the text says is not the kernel's. */
	assert_true(dmk_kmsg_parse("3,1,1,-;device-mapper: ioctl: x,caller=T1;\n", &line));
	assert_string_equal(line.caller, "");
}

static void no_records_of_ours(void **state)
{
	static const char *const strange[] = {
		"",
		"\n",
		";",
		"3,1,1,-",
		"3,1,1,-;",
		"3,1,1,-;device-mapper: ",
		"3,1,1,-;device-mapper: table",
		"3,1,1,-;device-mapper: : x",
		"3,1,1,-;device-mapper: no colon\n X: 1\n",
		"3,1,1,-;device-mapper: table: ",
		"3,1,1,-;device-mapper: table: 1:2: \n X=1\n",
		"3,1,1,-;md: device-mapper: table: 1:2: x",
		"x,1,1,-;device-mapper: table: 1:2: x",
		"-;device-mapper: table: 1:2: x",
		"6,1,1,-;usb 1-1: new device\n",
	};
	struct dmk_kmsg_line line;

	(void)state;
	for (size_t i = 0; i < DMK_ARRAY_SIZE(strange); i++)
		if (dmk_kmsg_parse(strange[i], &line))
			fail_msg("taken: '%s'", strange[i]);
}

#define OWN "3,5,1,-;device-mapper: table: 254:1: raid: Bad superblocks (-EINVAL)\n"
#define OWN_T1 "3,5,1,-,caller=T1;device-mapper: table: 254:1: raid: Bad superblocks (-EINVAL)\n"
#define READING "3,4,1,-;device-mapper: raid: Failed to read position 0\n"
#define ADDING "3,6,1,-;device-mapper: ioctl: error adding target to table\n"

#define THIN(n, text) "4," n ",1,-;device-mapper: thin: " text "\n"
#define NO_MESSAGES "3,1,1,-;device-mapper: ioctl: Target type does not support messages\n"
#define SNAP_EXISTS "3,1,1,-;device-mapper: thin metadata: Snapshot exists.\n"
#define RENAME_TAKEN                                                                       \
	"3,1,1,-;device-mapper: ioctl: Unable to change name on mapped device a b to one " \
	"that already exists: u\n"

static const struct {
	const char *records[4];
	const char *reason;
	uint32_t command; /* 0: a load */
	const char *type; /* of the device, for a message */
	const char *new_name;
	const char *caller;
} windows[] = {
	{ { NULL }, "" },
	{ { OWN }, "raid: Bad superblocks (-EINVAL)" },
	/* What the core says after it adds nothing; what the target said right before it does. */
	{ { READING, OWN, ADDING },
	  "raid: Bad superblocks (-EINVAL); raid: Failed to read position 0" },
	{ { "3,3,1,-;device-mapper: block manager: x\n", READING, OWN, ADDING },
	  "raid: Bad superblocks (-EINVAL); raid: Failed to read position 0" },
	{ { "3,3,1,-;device-mapper: block manager: x\n",
	    "3,4,1,-;device-mapper: thin metadata: y\n",
	    "3,5,1,-;device-mapper: table: 254:1: thin-pool: no\n", ADDING },
	  "thin-pool: no; block manager: x; thin metadata: y" },
	/* A stranger's, right before. */
	{ { THIN("4", "Message received"), OWN }, "raid: Bad superblocks (-EINVAL)" },
	{ { "3,3,1,-;device-mapper: raid: not next to it\n", OWN, ADDING },
	  "raid: Bad superblocks (-EINVAL)" },
	{ { "3,3,1,-;device-mapper: raid: first\n", READING, OWN },
	  "raid: Bad superblocks (-EINVAL); raid: first; raid: Failed to read position 0" },
	{ { READING, "3,5,1,-;device-mapper: table: 254:1: raid: x\n", READING },
	  "raid: x; raid: Failed to read position 0" },
	/* Another thread's line, by the kernel that says so. */
	{ { "3,4,1,-,caller=T2;device-mapper: raid: Failed\n", OWN_T1 },
	  "raid: Bad superblocks (-EINVAL)" },
	{ { "3,4,1,-,caller=T1;device-mapper: raid: Failed\n", OWN_T1 },
	  "raid: Bad superblocks (-EINVAL); raid: Failed" },
	/* Another device fails too: only what bears our number is ours. */
	{ { READING, OWN, ADDING, "3,7,1,-;device-mapper: table: 254:2: raid: y\n" },
	  "raid: Bad superblocks (-EINVAL)" },
	{ { "3,7,1,-;device-mapper: table: 254:2: raid: y\n" }, "" },
	{ { "3,7,1,-;device-mapper: table: 254:11: raid: y\n" }, "" },
	{ { "3,7,1,-;device-mapper: table: 25:1: raid: y\n" }, "" },
	{ { READING, "3,7,1,-;device-mapper: table: 254:2: raid: y\n" }, "" },
	/* An older kernel has no errno there. */
	{ { "3,5,1,-;device-mapper: table: 254:1: linear: Device lookup failed\n" },
	  "linear: Device lookup failed" },
	/* Errors before warnings; what is only said in passing is no reason. */
	{ { "4,4,1,-;device-mapper: table: 254:1: alignment\n", OWN },
	  "raid: Bad superblocks (-EINVAL)" },
	{ { "4,4,1,-;device-mapper: table: 254:1: alignment\n" }, "alignment" },
	{ { "6,4,1,-;device-mapper: table: 254:1: alignment\n" }, "" },
	{ { "6,4,1,-;device-mapper: raid: Loading\n", OWN }, "raid: Bad superblocks (-EINVAL)" },
	{ { "3,4,1,-;device-mapper: thin: 254:1: unable\n" }, "thin: unable" },
	/* Nobody's number: one refusal's lines are taken, what may be two refusals' are not. */
	{ { NO_MESSAGES }, "Target type does not support messages", .command = DM_TARGET_MSG_CMD },
	{ { NO_MESSAGES }, "" },
	{ { NO_MESSAGES }, "", .command = DM_DEV_CREATE_CMD },
	{ { NO_MESSAGES }, "", .command = DM_DEV_SUSPEND_CMD },
	{ { NO_MESSAGES }, "", .command = DM_DEV_RENAME_CMD, .new_name = "u" },
	{ { READING }, "", .command = DM_DEV_SUSPEND_CMD },
	{ { "3,1,1,-;device-mapper: ioctl: device name cannot be \"control\"\n" },
	  "device name cannot be \"control\"",
	  .command = DM_DEV_CREATE_CMD },
	/* Of a target's code, if the device has that target; and each part of it once. */
	{ { SNAP_EXISTS, THIN("2", "reserve_metadata_snap message failed.") },
	  "thin metadata: Snapshot exists.",
	  .command = DM_TARGET_MSG_CMD,
	  .type = "thin-pool" },
	{ { SNAP_EXISTS, THIN("2", "reserve_metadata_snap message failed.") },
	  "",
	  .command = DM_TARGET_MSG_CMD,
	  .type = "writecache" },
	{ { SNAP_EXISTS, THIN("3", "reserve_metadata_snap message failed.") },
	  "",
	  .command = DM_TARGET_MSG_CMD,
	  .type = "thin-pool" },
	{ { THIN("2", "create_thin message failed.") },
	  "thin: create_thin message failed.",
	  .command = DM_TARGET_MSG_CMD,
	  .type = "thin-pool" },
	{ { THIN("1", "a"), THIN("2", "b") },
	  "",
	  .command = DM_TARGET_MSG_CMD,
	  .type = "thin-pool" },
	{ { NO_MESSAGES, THIN("2", "b") }, "", .command = DM_TARGET_MSG_CMD, .type = "thin-pool" },
	{ { THIN("0", "b"), NO_MESSAGES }, "", .command = DM_TARGET_MSG_CMD, .type = "thin-pool" },
	/* It has the names. */
	{ { RENAME_TAKEN },
	  "Unable to change name on mapped device a b to one that already exists: u",
	  .command = DM_DEV_RENAME_CMD,
	  .new_name = "u" },
	{ { RENAME_TAKEN }, "", .command = DM_DEV_RENAME_CMD, .new_name = "xu" },
	{ { RENAME_TAKEN }, "", .command = DM_DEV_RENAME_CMD, .new_name = "evic" },
	/* The kernel says who wrote it: all that was ours, nothing else, whatever else is there. */
	{ { "3,1,1,-,caller=T2;device-mapper: ioctl: x\n",
	    "3,2,1,-,caller=T1;device-mapper: thin metadata: Snapshot exists.\n",
	    "3,3,1,-,caller=T2;device-mapper: table: 254:2: raid: y\n",
	    "4,4,1,-,caller=T1;device-mapper: thin: reserve message failed.\n" },
	  "thin metadata: Snapshot exists.",
	  .command = DM_TARGET_MSG_CMD,
	  .caller = "T1" },
	{ { "3,1,1,-,caller=T11;device-mapper: ioctl: Target type does not support messages\n" },
	  "",
	  .command = DM_TARGET_MSG_CMD,
	  .caller = "T1" },
	{ { "3,4,1,-,caller=T2;device-mapper: raid: Failed\n", OWN_T1 },
	  "raid: Bad superblocks (-EINVAL)",
	  .caller = "T1" },
	{ { "3,2,1,-,caller=T1;device-mapper: raid: Failed\n",
	    "3,3,1,-,caller=T2;device-mapper: thin: x\n", OWN_T1,
	    "3,6,1,-,caller=T1;device-mapper: ioctl: error adding target to table\n" },
	  "raid: Bad superblocks (-EINVAL); raid: Failed",
	  .caller = "T1" },
	{ { "3,4,1,-,caller=T2;device-mapper: table: 254:1: another load of it\n", OWN_T1 },
	  "raid: Bad superblocks (-EINVAL)",
	  .caller = "T1" },
	/* A kernel that does not say, or a place where our own number is not known. */
	{ { "3,1,1,-;device-mapper: ioctl: Target type does not support messages\n" },
	  "Target type does not support messages",
	  .command = DM_TARGET_MSG_CMD,
	  .caller = "T1" },
	{ { "3,1,1,-,caller=T9;device-mapper: ioctl: Target type does not support messages\n" },
	  "Target type does not support messages",
	  .command = DM_TARGET_MSG_CMD },
	{ { "3,1,1,-;device-mapper: core: Cannot calculate\n",
	    "3,2,1,-;device-mapper: ioctl: unable to set up\n" },
	  "Cannot calculate; unable to set up" },
	{ { ADDING, ADDING }, "" },
	{ { ADDING, READING }, "" },
	{ { READING, "3,5,1,-;device-mapper: thin: hello\n" }, "" },
	{ { "3,1,1,-,caller=T1;device-mapper: raid: a\n",
	    "3,2,1,-,caller=T2;device-mapper: raid: b\n" },
	  "" },
};

static void reasons(void **state)
{
	(void)state;
	for (size_t i = 0; i < DMK_ARRAY_SIZE(windows); i++) {
		struct dmk_kmsg_window window = { .command = windows[i].command,
						  .major = 254,
						  .minor = 1 };
		struct dmk_kmsg_line line;
		char reason[256] = "before";

		if (window.command == 0)
			window.command = DM_TABLE_LOAD_CMD;
		window.new_name = windows[i].new_name;
		if (window.new_name)
			window.name = "a b";
		if (windows[i].caller)
			strcpy(window.caller, windows[i].caller);
		for (int j = 0; j < 4 && windows[i].records[j]; j++) {
			assert_true(dmk_kmsg_parse(windows[i].records[j], &line));
			dmk_kmsg_add(&window, &line);
		}
		if (windows[i].type && dmk_kmsg_wants_types(&window))
			strcpy(window.types[window.n_types++], windows[i].type);
		dmk_kmsg_reason(&window, reason, sizeof(reason));
		if (strcmp(reason, windows[i].reason) != 0)
			fail_msg("window %zu: '%s', not '%s'", i, reason, windows[i].reason);
	}
}

/* More than there is room for, and longer than there is room for. */
static void much(void **state)
{
	struct dmk_kmsg_window window = { .major = 254, .minor = 1 };
	struct dmk_kmsg_line line = { .level = 3, .source = "raid" };
	char record[1024] = "3,1,1,-;device-mapper: table: 254:1: ";
	char reason[256];
	size_t length = strlen(record);

	(void)state;
	for (int i = 0; i < 100; i++) {
		line.sequence++;
		line.text[0] = (char)('A' + i % 26);
		dmk_kmsg_add(&window, &line);
	}
	dmk_kmsg_reason(&window, reason, sizeof(reason));
	assert_string_equal(reason, "");
	memset(record + length, 'x', sizeof(record) - length - 1);
	for (int i = 0; i < 100; i++) {
		assert_true(dmk_kmsg_parse(record, &line));
		line.text[0] = (char)('A' + i % 26);
		dmk_kmsg_add(&window, &line);
	}
	dmk_kmsg_reason(&window, reason, sizeof(reason));
	assert_int_equal(strlen(reason), sizeof(reason) - 1);
	assert_string_equal(reason + strlen(reason) - 3, "...");
	assert_int_equal(reason[0], 'A');
}

/* One read is one record, and other parts of the kernel write there too. */
static void reading(void **state)
{
	static const char *const written[] = { "6,1,1,-;usb 1-1: new device\n", OWN,
					       "6,1,1,-;eth0: up\n", ADDING };
	struct dmk_kmsg log = { .fd = -1 };
	char record[DMK_KMSG_RECORD_SIZE];
	int fds[2];

	(void)state;
	assert_int_equal(socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, fds),
			 0);
	log.fd = fds[0];
	for (size_t i = 0; i < DMK_ARRAY_SIZE(written); i++)
		assert_int_equal(write(fds[1], written[i], strlen(written[i])), strlen(written[i]));
	assert_int_equal(dmk_kmsg_read(&log, record), 1);
	assert_string_equal(record, OWN);
	assert_int_equal(dmk_kmsg_read(&log, record), 1);
	assert_string_equal(record, ADDING);
	assert_int_equal(dmk_kmsg_read(&log, record), 0);
	assert_false(log.lost);
	/* This is not the log, and it has no end to go to: told once, and not asked again. */
	assert_int_equal(dmk_kmsg_ready(&log), -ENODEV);
	dmk_kmsg_note(&log);
	assert_int_equal(dmk_kmsg_ready(&log), -ESPIPE);
	dmk_kmsg_close(&log);
	assert_int_equal(log.fd, -1);
	assert_int_equal(close(fds[1]), 0);
	dmk_kmsg_note(&log);
	assert_int_equal(log.fd, -1);
	dmk_kmsg_close(&log);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(records), cmocka_unit_test(no_records_of_ours),
		cmocka_unit_test(reasons), cmocka_unit_test(much),
		cmocka_unit_test(reading),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
