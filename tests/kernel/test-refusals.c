/* SPDX-License-Identifier: MIT */
/* What the kernel refuses, it says why in its log: every sentence has these very words. */
#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <linux/dm-ioctl.h>

#include "support.h"

#define KEY "00112233445566778899aabbccddeeff"
#define DIGEST "0000000000000000000000000000000000000000000000000000000000000000"
/* Stands for what no_such_path() is. */
#define MISSING "-MISSING"
#define BEYOND "ram0 too small for target: start=32768, len=8, dev_size=32768"
#define ROWS(rows) (sizeof(rows) / sizeof((rows)[0]))

static unsigned int explained;

/* Tables that are right as text: only the kernel knows what is wrong with them. */
static const struct refusal {
	const char *table;
	const char *reason;
	const char *since_6_13;
} refusals[] = {
	{ "0 8 linear /dev/ram0 32768", BEYOND },
	{ "0 8 linear /dev/none 0", "linear: Device lookup failed (" MISSING ")" },
	{ "0 16 striped 2 8 /dev/ram0 0 /dev/none 0",
	  "striped: Couldn't parse stripe destination (" MISSING ")" },
	{ "0 65536 striped 2 8 /dev/ram0 8 /dev/ram1 0",
	  "ram0 too small for target: start=8, len=32768, dev_size=32768" },
	{ "0 8 crypt nosuch-cbc-plain " KEY " 0 /dev/ram0 0",
	  "crypt: Error allocating crypto tfm" },
	{ "0 8 crypt capi:nosuch(aes)-plain64 " KEY " 0 /dev/ram0 0",
	  "crypt: Error allocating crypto tfm" },
	{ "0 8 crypt aes-cbc-nosuchiv " KEY " 0 /dev/ram0 0", "crypt: Invalid IV mode" },
	{ "0 8 crypt aes-cbc-plain " KEY " 0 /dev/none 0", "crypt: Device lookup failed" },
	{ "0 8 crypt aes-xts-plain64 " KEY "00 0 /dev/ram0 0",
	  "crypt: Error decoding and setting key (-EINVAL)" },
	{ "0 8 crypt aes-xts-plain64 :64:logon:dmkit:none 0 /dev/ram0 0",
	  "crypt: Error decoding and setting key (-ENOKEY)" },
	{ "0 8 crypt aes-cbc-plain " KEY " 0 /dev/ram0 32768", BEYOND },
	{ "0 8 verity 1 /dev/none /dev/ram1 4096 4096 1 0 sha256 " DIGEST " -",
	  "verity: Data device lookup failed (" MISSING ")" },
	{ "0 8 verity 1 /dev/ram0 /dev/none 4096 4096 1 0 sha256 " DIGEST " -",
	  "verity: Hash device lookup failed (" MISSING ")" },
	{ "0 8 verity 1 /dev/ram0 /dev/ram1 4096 4096 1 0 nosuch " DIGEST " -",
	  "verity: Cannot initialize hash function (-ENOENT)" },
	{ "0 8 verity 1 /dev/ram0 /dev/ram1 4096 4096 1 5000 sha256 " DIGEST " -",
	  "verity: Hash device is too small (-E2BIG)" },
	{ "0 8 delay /dev/none 0 1", "delay: Device lookup failed (" MISSING ")" },
	{ "0 8 delay /dev/ram0 0 1 /dev/none 0 1", "delay: Device lookup failed (" MISSING ")" },
	{ "0 8 delay /dev/ram0 32768 1", BEYOND },
	{ "0 8 flakey /dev/none 0 1 1", "flakey: Device lookup failed (" MISSING ")" },
	{ "0 8 flakey /dev/ram0 32768 1 1", BEYOND },
	{ "0 8 dust /dev/none 0 512", "dust: Device lookup failed" },
	{ "0 8 era /dev/none /dev/ram1 8", "era: Error opening metadata device" },
	{ "0 8 era /dev/ram0 /dev/none 8", "era: Error opening data device" },
	{ "0 8 clone /dev/none /dev/ram1 /dev/ram2 8", "clone: Error opening metadata device" },
	{ "0 8 clone /dev/ram0 /dev/none /dev/ram2 8", "clone: Error opening destination device" },
	{ "0 8 clone /dev/ram0 /dev/ram1 /dev/none 8", "clone: Error opening source device" },
	{ "0 40000 clone /dev/ram0 /dev/ram1 /dev/ram2 8",
	  "clone: Device size larger than destination device",
	  "ram2 too small for target: start=0, len=40000, dev_size=32768" },
	{ "0 8 cache /dev/none /dev/ram1 /dev/ram2 64 0 default 0",
	  "cache: Error opening metadata device" },
	{ "0 8 cache /dev/ram0 /dev/none /dev/ram2 64 0 default 0",
	  "cache: Error opening cache device" },
	{ "0 8 cache /dev/ram0 /dev/ram1 /dev/none 64 0 default 0",
	  "cache: Error opening origin device" },
	{ "0 8 cache /dev/ram0 /dev/ram1 /dev/ram2 64 0 nosuch 0",
	  "cache: Error creating cache's policy (-EINVAL); cache-policy: unknown policy type" },
	{ "0 8 cache /dev/ram0 /dev/ram1 /dev/ram2 64 0 mq 2 nosuch 1",
	  "cache: bad config value for nosuch: 1" },
	{ "0 8 cache /dev/ram0 /dev/ram1 /dev/ram2 65536 0 default 0",
	  "cache: Data block size is larger than the cache device" },
	{ "0 40000 cache /dev/ram0 /dev/ram1 /dev/ram2 64 0 default 0",
	  "cache: Device size larger than cached device",
	  "ram2 too small for target: start=0, len=40000, dev_size=32768" },
	{ "0 8 integrity /dev/none 0 4 D 0", "integrity: Device lookup failed (" MISSING ")" },
	{ "0 8 integrity /dev/ram7 0 4 D 0", "integrity: The device is not initialized (-EINVAL)" },
	{ "0 8 integrity /dev/ram0 0 - D 1 internal_hash:nosuch",
	  "integrity: Invalid internal hash (-ENOENT)" },
	{ "0 8 integrity /dev/ram0 0 - D 1 internal_hash:hmac(sha256)",
	  "integrity: Error setting internal hash key (-ENOKEY)" },
	{ "0 8 integrity /dev/ram0 0 4 D 1 meta_device:/dev/none",
	  "integrity: Device lookup failed (" MISSING ")" },
	{ "0 8 log-writes /dev/none /dev/ram1", "log-writes: Device lookup failed" },
	{ "0 8 log-writes /dev/ram0 /dev/none", "log-writes: Log device lookup failed" },
	{ "0 8 mirror core 1 8 2 /dev/ram0 0 /dev/none 0", "mirror: Device lookup failure" },
	{ "0 8 mirror disk 2 /dev/none 8 2 /dev/ram0 0 /dev/ram1 0",
	  "mirror: Error creating mirror dirty log" },
	{ "0 40000 mirror core 1 8 2 /dev/ram0 0 /dev/ram1 0",
	  "ram0 too small for target: start=0, len=40000" },
	{ "0 8 multipath 0 0 1 1 nosuch 0 1 1 /dev/ram0 1",
	  "multipath: unknown path selector type" },
	{ "0 8 multipath 0 0 1 1 round-robin 0 1 1 /dev/none 1",
	  "multipath: error getting device" },
	{ "0 8 multipath 0 0 1 1 round-robin 0 1 1 /dev/ram0 1",
	  "table load rejected: including non-request-stackable devices" },
	{ "0 8 raid raid1 1 8 2 - /dev/none - /dev/ram1", "raid: RAID device lookup failure" },
	{ "0 40000 raid raid1 1 8 2 - /dev/ram0 - /dev/ram1",
	  "raid: Component device(s) too small" },
	{ "0 8 snapshot /dev/none /dev/ram1 P 8", "snapshot: Cannot get origin device" },
	{ "0 8 snapshot /dev/ram0 /dev/none P 8", "snapshot: Cannot get COW device" },
	{ "0 8 snapshot-origin /dev/none", "snapshot-origin: Cannot get target device" },
	{ "0 8 snapshot-merge /dev/none /dev/ram1 P 8",
	  "snapshot-merge: Cannot get origin device" },
	{ "0 8 switch 2 8 0 /dev/ram0 0 /dev/none 0", "switch: Device lookup failed" },
	{ "0 8 switch 2 7 0 /dev/ram1 0 /dev/ram0 32768", BEYOND },
	{ "0 8 thin-pool /dev/none /dev/ram1 128 0",
	  "thin-pool: Error opening metadata block device" },
	{ "0 8 thin-pool /dev/ram0 /dev/none 128 0", "thin-pool: Error getting data device" },
	{ "0 8 thin-pool /dev/ram7 /dev/ram1 128 0", "thin-pool: Error creating metadata object" },
	{ "0 8 thin /dev/none 0", "thin: Error opening pool device" },
	{ "0 8 thin /dev/ram0 0", "thin: Couldn't get pool mapped device" },
	{ "0 16 unstriped 2 8 0 /dev/none 0", "unstriped: Couldn't get striped device" },
	{ "0 8 unstriped 2 8 0 /dev/ram0 32768", BEYOND },
	{ "0 8 writecache s /dev/none /dev/ram1 4096 0",
	  "writecache: Origin data device lookup failed" },
	{ "0 8 writecache s /dev/ram0 /dev/none 4096 0",
	  "writecache: Cache data device lookup failed" },
	{ "0 8 writecache p /dev/ram0 /dev/ram1 4096 0",
	  "writecache: Persistent memory or DAX not supported on this system" },
	{ "0 8 writecache s /dev/ram0 /dev/ram7 4096 0",
	  "writecache: Invalid magic in the superblock (-EINVAL)" },
	{ "0 40000 writecache s /dev/ram0 /dev/ram1 4096 0",
	  "ram0 too small for target: start=0, len=40000" },
	{ "0 8 nosuch x", "nosuch: unknown target type" },
};

/* With this kernel's errno; in a buffer that the next call writes to. */
static const char *words_of(const char *reason)
{
	const char *missing = strstr(reason, MISSING);
	static char words[320];

	if (!missing)
		return reason;
	snprintf(words, sizeof(words), "%.*s-%s%s", (int)(missing - reason), reason,
		 dmk_errno_name(no_such_path()), missing + strlen(MISSING));
	return words;
}

/* The sentence of the last failure has the kernel's words. */
static void check_reason(struct dmk *dm, const char *what, const char *reason)
{
	char text[DMK_ERROR_TEXT_SIZE], words[320];

	reason = words_of(reason);
	dmk_error_format(dmk_last_error(dm), text, sizeof(text));
	snprintf(words, sizeof(words), ": the kernel says: ");
	if (!strstr(text, words) || !strstr(strstr(text, words), reason))
		fail_msg("%s: '%s' is not in: %s", what, reason, text);
	explained++;
}

static int try_create(struct dmk *dm, const char *name, const char *text, uint32_t flags)
{
	const struct dmk_create_options options = { .flags = flags };
	struct dmk_table *table = text_table(text);
	int r = dmk_create(dm, name, table, &options, NULL);

	dmk_table_free(table);
	return r;
}

static void tables(void **state)
{
	static const char *const blank[] = { "/dev/ram0", "/dev/ram1", "/dev/ram2" };
	uint8_t noise[4096], zeros[65536] = { 0 };

	/* No metadata of an earlier test, and on the last one some that nobody knows. */
	for (size_t i = 0; i < ROWS(blank); i++)
		assert_true(write_at(blank[i], 0, zeros, sizeof(zeros)));
	fill_pattern(noise, sizeof(noise), 7);
	assert_true(write_at("/dev/ram7", 0, noise, sizeof(noise)));
	for (size_t i = 0; i < ROWS(refusals); i++) {
		const char *reason = refusals[i].reason;

		/* What is refused late has written its metadata. */
		assert_true(write_at(blank[0], 0, zeros, sizeof(noise)));
		if (refusals[i].since_6_13 && linux_since(6, 13))
			reason = refusals[i].since_6_13;
		if (try_create(*state, "t", refusals[i].table, 0) == 0)
			fail_msg("the kernel takes %s", refusals[i].table);
		check_reason(*state, refusals[i].table, reason);
		assert_int_equal(dmk_last_error(*state)->segment, 1);
		assert_false(device_exists(*state, "t"));
	}
}

static void messages(void **state)
{
	static const struct {
		const char *table, *message, *reason;
	} rows[] = {
		{ "0 8 linear /dev/ram0 0", "hello", "Target type does not support messages" },
		{ "0 8 zero", "@hello", "Unsupported message sent to DM core: @hello" },
		{ "0 8 dust /dev/ram0 0 512", "hello", "dust: " },
		{ "0 8 crypt aes-cbc-plain " KEY " 0 /dev/ram0 0", "key wipe",
		  "crypt: not suspended during key manipulation." },
		{ "0 8 switch 2 8 0 /dev/ram0 0 /dev/ram1 0", "hello",
		  "switch: Unrecognised message received" },
		{ "0 8 log-writes /dev/ram0 /dev/ram1", "hello",
		  "log-writes: Invalid log-writes message arguments, expect 2 arguments, got 1" },
		{ "0 8 era /dev/ram2 /dev/ram1 8", "hello", "era: unsupported message 'hello'" },
		{ "0 32768 thin-pool /dev/ram2 /dev/ram1 128 0 0", "release_metadata_snap",
		  "thin metadata: No pool metadata snapshot found: nothing to release." },
	};

	for (size_t i = 0; i < ROWS(rows); i++) {
		assert_true(write_at("/dev/ram2", 0, (uint8_t[4096]){ 0 }, 4096));
		make_device(*state, "t", rows[i].table);
		assert_true(dmk_message(*state, DMK_NAME("t"), rows[i].message, NULL, NULL) < 0);
		check_reason(*state, rows[i].table, rows[i].reason);
		remove_device(*state, "t");
	}
}

static void other_requests(void **state)
{
	struct dmk_message_options beyond = { .sector = 99 };
	struct dmk_table *table = text_table("0 8 linear /dev/none 0");
	struct dmk_info info = make_device(*state, "t", "0 8 linear /dev/ram0 0");

	make_device(*state, "u", "0 8 linear /dev/ram1 0");
	assert_code(*state, dmk_rename(*state, DMK_NAME("t"), "u", NULL, NULL), -EBUSY);
	check_reason(*state, "rename", "on mapped device t to one that already exists: u");
	assert_ok(*state, dmk_set_uuid(*state, DMK_NAME("t"), "first", NULL, NULL));
	assert_code(*state, dmk_set_uuid(*state, DMK_NAME("t"), "second", NULL, NULL), -EINVAL);
	check_reason(*state, "set uuid", "because uuid is already set to first");
	assert_code(*state, dmk_message(*state, DMK_NAME("t"), "hello", &beyond, NULL), -EINVAL);
	check_reason(*state, "message", "Target message sector outside device.");
	/* By uuid and by number too. */
	assert_code(*state, dmk_message(*state, DMK_UUID("first"), "hello", NULL, NULL), -EINVAL);
	check_reason(*state, "message by uuid", "Target type does not support messages");
	assert_code(*state,
		    dmk_message(*state, DMK_DEVNO(info.major, info.minor), "hello", NULL, NULL),
		    -EINVAL);
	check_reason(*state, "message by number", "Target type does not support messages");
	assert_code(*state, dmk_load(*state, DMK_UUID("first"), table, NULL, NULL), no_such_path());
	check_reason(*state, "load by uuid", "linear: Device lookup failed (" MISSING ")");
	assert_code(*state,
		    dmk_replace(*state, DMK_DEVNO(info.major, info.minor), table, NULL, NULL),
		    no_such_path());
	check_reason(*state, "replace by number", "linear: Device lookup failed (" MISSING ")");
	dmk_table_free(table);
	remove_device(*state, "t");
	remove_device(*state, "u");
}

/* The reason names the target: of several segments it is the one that has it. */
static void segment(void **state)
{
	const struct dmk_error *err = dmk_last_error(*state);

	assert_int_equal(try_create(*state, "t",
				    "0 8 linear /dev/ram0 0\n"
				    "8 8 crypt aes-cbc-nosuchiv " KEY " 0 /dev/ram1 0\n"
				    "16 8 linear /dev/ram2 0",
				    0),
			 -EINVAL);
	check_reason(*state, "three segments", "crypt: Invalid IV mode (-EINVAL)");
	assert_int_equal(err->segment, 2);
	assert_string_equal(err->target, "crypt");
	assert_string_equal(err->params, "(hidden)");
	/* Two could be meant: none is named. */
	assert_int_equal(try_create(*state, "t",
				    "0 8 linear /dev/ram0 0\n"
				    "8 8 crypt aes-cbc-nosuchiv " KEY " 0 /dev/ram1 0\n"
				    "16 8 crypt aes-cbc-plain " KEY " 0 /dev/ram1 0",
				    0),
			 -EINVAL);
	check_reason(*state, "two of crypt", "crypt: Invalid IV mode (-EINVAL)");
	assert_int_equal(err->segment, 0);
}

/* What was said before, of the same number, is not the reason of what fails now. */
static void an_old_reason(void **state)
{
	struct dmk *other;

	assert_int_equal(dmk_new(&other), 0);
	for (int i = 0; i < 3; i++) {
		assert_int_equal(try_create(*state, "t", "0 8 linear /dev/none 0", 0),
				 no_such_path());
		assert_int_equal(try_create(other, "t", "0 8 delay /dev/ram0 32768 1", 0), -EINVAL);
		assert_string_equal(dmk_last_error(other)->reason, BEYOND);
	}
	/* A name that is taken is refused in silence. */
	make_device(*state, "t", "0 8 zero");
	assert_int_equal(try_create(other, "t", "0 8 zero", 0), -EBUSY);
	assert_string_equal(dmk_last_error(other)->reason, "");
	remove_device(*state, "t");
	dmk_free(other);
}

static void without_the_log(void **state)
{
	struct dmk *dm;

	(void)state;
	assert_int_equal(dmk_new(&dm), 0);
	assert_int_equal(rename("/dev/kmsg", "/dev/kmsg-away"), 0);
	assert_int_equal(try_create(dm, "t", "0 8 thin /dev/ram0 0", 0), -EINVAL);
	assert_int_equal(rename("/dev/kmsg-away", "/dev/kmsg"), 0);
	assert_string_equal(dmk_last_error(dm)->reason, "");
	assert_string_equal(dmk_last_error(dm)->detail, "the kernel refused it; why is in its log, "
							"and /dev/kmsg: No such file or directory");
	/* Where the errno tells enough, not a word of it. */
	assert_int_equal(try_create(dm, "t", "0 8 linear /dev/none 0", 0), no_such_path());
	assert_string_equal(dmk_last_error(dm)->detail, "it does not exist");
	dmk_free(dm);
}

/* Three refusals, each of which stands in the windows of all three: a hook holds each request until
 * all have noted their places, and again until all were refused. */
struct failure {
	const char *name, *table; /* table NULL: a message */
	const char *reason;
	bool certain; /* false: "" too, where the kernel does not say who wrote a line */
	pthread_barrier_t *barrier;
	struct dmk_error error;
	int result;
};

static int meet(struct dmk *dm, void *userdata, uint32_t command, void *request, uint32_t size)
{
	pthread_barrier_t *barrier = userdata;
	bool meets = command == DM_TABLE_LOAD_CMD || command == DM_TARGET_MSG_CMD;
	int r;

	if (meets)
		pthread_barrier_wait(barrier);
	r = dmk_transport_kernel(dm, command, request, size);
	if (meets)
		pthread_barrier_wait(barrier);
	return r;
}

static void *fail_at_once(void *argument)
{
	struct failure *failure = argument;
	struct dmk_table *table = NULL;
	struct dmk *dm = NULL;

	failure->result = dmk_new(&dm);
	if (failure->result == 0)
		failure->result = dmk_set_transport(dm, meet, failure->barrier);
	if (failure->result == 0 && failure->table)
		failure->result = dmk_table_new(&table);
	if (failure->result == 0 && table)
		failure->result = dmk_table_parse(table, failure->table, strlen(failure->table));
	if (failure->result == 0)
		failure->result =
			table ? dmk_create(dm, failure->name, table, NULL, NULL)
			      : dmk_message(dm, DMK_NAME(failure->name), "hello", NULL, NULL);
	failure->error = *dmk_last_error(dm);
	dmk_table_free(table);
	dmk_free(dm);
	return NULL;
}

static void all_at_once(struct failure *failures, unsigned int n)
{
	pthread_barrier_t barrier;
	pthread_t threads[3];

	assert_int_equal(pthread_barrier_init(&barrier, NULL, n), 0);
	for (unsigned int i = 0; i < n; i++) {
		failures[i].barrier = &barrier;
		assert_int_equal(pthread_create(&threads[i], NULL, fail_at_once, &failures[i]), 0);
	}
	for (unsigned int i = 0; i < n; i++) {
		pthread_join(threads[i], NULL);
		assert_true(failures[i].result < 0);
		if (failures[i].certain || failures[i].error.reason[0])
			assert_string_equal(failures[i].error.reason, words_of(failures[i].reason));
	}
	pthread_barrier_destroy(&barrier);
}

static void at_the_same_time(void **state)
{
	struct failure failures[] = {
		{ .name = "a",
		  .table = "0 8 linear /dev/none 0",
		  .reason = "linear: Device lookup failed (" MISSING ")",
		  .certain = true },
		{ .name = "b",
		  .table = "0 8 delay /dev/ram0 32768 1",
		  .reason = BEYOND,
		  .certain = true },
		/* Its line names no device: among those of others it may be nobody's. */
		{ .name = "c", .reason = "Target type does not support messages" },
	};

	make_device(*state, "c", "0 8 zero");
	for (int i = 0; i < 20; i++) {
		all_at_once(failures, 2);
		all_at_once(failures, 3);
	}
	/* The same alone: a hook that calls the kernel hears why as well. */
	failures[2].certain = true;
	all_at_once(&failures[2], 1);
	remove_device(*state, "c");
}

/* Until it is told to stop, a process has messages refused. */
static pid_t refuse_messages(const char *name)
{
	pid_t pid = fork();
	struct dmk *dm;

	if (pid == 0) {
		if (dmk_new(&dm) < 0)
			_exit(1);
		for (;;)
			(void)dmk_message(dm, DMK_NAME(name), "hello", NULL, NULL);
	}
	assert_true(pid > 0);
	return pid;
}

/* What another process is refused is no reason of ours, whatever is refused in silence. */
static void anothers_reason(void **state)
{
	enum {
		TRIES = 600
	};
	struct dmk *dm = *state;
	const char *reason = NULL;
	pid_t pids[2];
	int i;

	make_device(dm, "linear", "0 8 linear /dev/ram0 0");
	make_device(dm, "switch", "0 8 switch 2 8 0 /dev/ram0 0 /dev/ram1 0");
	make_device(dm, "taken", "0 8 zero");
	pids[0] = refuse_messages("linear");
	pids[1] = refuse_messages("switch");
	for (i = 0; i < TRIES && !reason; i++) {
		bool refused = i % 3 == 0 ? dmk_create(dm, "taken", NULL, NULL, NULL) < 0
			       : i % 3 == 1
				       ? dmk_suspend(dm, DMK_NAME("none"), NULL, NULL) < 0
				       : dmk_message(dm, DMK_NAME("none"), "x", NULL, NULL) < 0;

		assert_true(refused);
		if (dmk_last_error(dm)->reason[0])
			reason = dmk_last_error(dm)->reason;
	}
	for (int j = 0; j < 2; j++) {
		kill(pids[j], SIGKILL);
		assert_int_equal(waitpid(pids[j], NULL, 0), pids[j]);
	}
	if (reason)
		fail_msg("try %d was told another process's reason: %s", i, reason);
	remove_device(dm, "linear");
	remove_device(dm, "switch");
	remove_device(dm, "taken");
}

/* What stands in the log as \xHH is told as it is. */
static void other_letters(void **state)
{
	assert_int_equal(try_create(*state, "t",
				    "0 8 gr\xc3\xb6\xc3\x9f"
				    "e x",
				    0),
			 -EINVAL);
	check_reason(*state, "letters",
		     ": gr\xc3\xb6\xc3\x9f"
		     "e: unknown target type");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(tables, connect_kernel, leave_nothing),
		cmocka_unit_test_setup_teardown(messages, connect_kernel, leave_nothing),
		cmocka_unit_test_setup_teardown(other_requests, connect_kernel, leave_nothing),
		cmocka_unit_test_setup_teardown(segment, connect_kernel, leave_nothing),
		cmocka_unit_test_setup_teardown(an_old_reason, connect_kernel, leave_nothing),
		cmocka_unit_test_setup_teardown(without_the_log, connect_kernel, leave_nothing),
		cmocka_unit_test_setup_teardown(at_the_same_time, connect_kernel, leave_nothing),
		cmocka_unit_test_setup_teardown(anothers_reason, connect_kernel, leave_nothing),
		cmocka_unit_test_setup_teardown(other_letters, connect_kernel, leave_nothing),
	};
	int failed = cmocka_run_group_tests(tests, NULL, NULL);

	printf("# refusals explained: %u\n", explained);
	return failed;
}
