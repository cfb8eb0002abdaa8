/* SPDX-License-Identifier: MIT */
/* Tables that the kernel refuses only at the resume: the device runs on with the table it had, with
 * the I/O that came meanwhile, or the error says what is to be done. */
#include <signal.h>
#include <sys/syscall.h>
#include <sys/wait.h>

#include "one-target.h"

#define POOL "0 32768 thin-pool " RAM0 " " RAM1 " 128 0 0"
#define SMALL "0 16384 thin-pool " RAM0 " " RAM1 " 128 0 0"
#define KEY "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f"
#define CRYPT "0 2048 crypt aes-xts-plain64 " KEY " 0 /dev/ram3 0"
/* Its exceptions are another device's, which runs: refused at the resume. */
#define HANDOVER "0 2048 snapshot " RAM0 " " RAM1 " P 8"

/* A table that is not looked at before: what Linux refuses, it refuses itself. */
static struct dmk_table *unchecked(const char *text)
{
	struct dmk_table *table = new_table();

	dmk_table_set_unchecked(table);
	assert_int_equal(dmk_table_parse(table, text, strlen(text)), 0);
	return table;
}

static int replace(struct dmk *dm, const char *name, struct dmk_table *table)
{
	int r = dmk_replace(dm, DMK_NAME(name), table, NULL, NULL);

	dmk_table_free(table);
	return r;
}

static void load(struct dmk *dm, const char *name, struct dmk_table *table)
{
	assert_ok(dm, dmk_load(dm, DMK_NAME(name), table, NULL, NULL));
	dmk_table_free(table);
}

/* Active, with no other table waiting, and with these parameters. */
static void assert_runs(struct dmk *dm, const char *name, const char *params)
{
	char *text = trimmed_text_of(dm, name, false);
	struct dmk_info info;

	assert_string_equal(text, params);
	free(text);
	assert_ok(dm, dmk_get_info(dm, DMK_NAME(name), NULL, &info));
	assert_int_equal(info.flags & ~(uint32_t)DMK_INFO_READONLY, DMK_INFO_LIVE_TABLE);
}

static void assert_told(struct dmk *dm, uint32_t left, int undo_code, const char *words)
{
	const struct dmk_error *err = dmk_last_error(dm);
	char text[DMK_ERROR_TEXT_SIZE];

	dmk_error_format(err, text, sizeof(text));
	if (!strstr(text, words))
		fail_msg("'%s' is not in: %s", words, text);
	assert_int_equal(err->left, left);
	assert_int_equal(err->undo_code, undo_code);
}

/* A process that writes to the device, over and over, until one write fails or it is killed. */
static pid_t start_writer(const char *path)
{
	uint8_t *bytes = pattern(65536, 7);
	int fd = open(path, O_WRONLY | O_DIRECT | O_CLOEXEC);
	pid_t pid = fork();

	assert_true(fd >= 0);
	if (pid == 0) {
		off_t at = 0;

		while (pwrite(fd, bytes, 65536, at) == 65536)
			at = (at + 65536) % (64 * 65536);
		_exit(1);
	}
	close(fd);
	free(bytes);
	return pid;
}

/* None failed, and it is not stuck in the kernel. */
static void end_writer(pid_t pid)
{
	int status;

	assert_int_equal(waitpid(pid, &status, WNOHANG), 0);
	kill(pid, SIGKILL);
	assert_int_equal(waitpid(pid, &status, 0), pid);
}

static void make_pool(struct dmk *dm)
{
	wipe_metadata();
	make_device(dm, "p", POOL);
	assert_int_equal(try_message(dm, "p", strdup("create_thin 0")), 0);
	make_device(dm, "v", "0 16384 thin /dev/mapper/p 0");
}

static void a_smaller_pool(void **state)
{
	uint8_t *bytes = pattern(65536, 3);
	pid_t writer;

	make_pool(*state);
	writer = start_writer(node_path("v"));
	for (int i = 0; i < 5; i++) {
		assert_code(*state, replace(*state, "p", unchecked(SMALL)), -EINVAL);
		assert_told(*state, 0, 0, "pool target (128 blocks) too small: expected 256");
		assert_runs(*state, "p", "1:0 1:1 128 0 0");
		load(*state, "p", unchecked(SMALL));
		assert_code(*state, dmk_resume(*state, DMK_NAME("p"), NULL, NULL), -EINVAL);
		assert_told(*state, 0, 0, "pool target (128 blocks) too small: expected 256");
		assert_runs(*state, "p", "1:0 1:1 128 0 0");
	}
	end_writer(writer);
	assert_true(direct_write(node_path("v"), 0, bytes, 65536));
	assert_true(holds(node_path("v"), 0, bytes, 65536));
	free(bytes);
	remove_device(*state, "v");
	remove_device(*state, "p");
}

/* Suspended by somebody: it stays so, and one resume mends it. */
static void a_smaller_suspended_pool(void **state)
{
	struct dmk_info info;

	make_pool(*state);
	load(*state, "p", unchecked(SMALL));
	assert_ok(*state, dmk_suspend(*state, DMK_NAME("p"), NULL, NULL));
	assert_code(*state, dmk_resume(*state, DMK_NAME("p"), NULL, NULL), -EINVAL);
	assert_told(*state, DMK_LEFT_SUSPENDED | DMK_LEFT_FORMER_LOADED, 0, "a resume puts it in");
	assert_ok(*state, dmk_get_info(*state, DMK_NAME("p"), NULL, &info));
	assert_int_equal(info.flags,
			 DMK_INFO_SUSPENDED | DMK_INFO_LIVE_TABLE | DMK_INFO_INACTIVE_TABLE);
	assert_ok(*state, dmk_resume(*state, DMK_NAME("p"), NULL, NULL));
	assert_runs(*state, "p", "1:0 1:1 128 0 0");
	remove_device(*state, "v");
	remove_device(*state, "p");
}

/* What another program left so: each refusal says that it still is. */
static void a_pool_that_is_stuck(void **state)
{
	const struct dmk_resume_options leave = { .flags = DMK_RESUME_LEAVE };

	make_pool(*state);
	load(*state, "p", unchecked(SMALL));
	assert_code(*state, dmk_resume(*state, DMK_NAME("p"), &leave, NULL), -EINVAL);
	assert_code(*state, replace(*state, "p", unchecked(SMALL)), -EINVAL);
	assert_told(*state, DMK_LEFT_SUSPENDED, 0, "; the device is suspended");
	assert_code(*state, dmk_resume(*state, DMK_NAME("p"), NULL, NULL), -EINVAL);
	assert_told(*state, DMK_LEFT_SUSPENDED, 0, "load a table that it can run with before");
	assert_code(*state, replace(*state, "p", text_table(SMALL)), -EINVAL);
	assert_told(*state, DMK_LEFT_SUSPENDED, 0, "; the device is suspended");
	/* As it says. */
	load(*state, "p", text_table(POOL));
	assert_ok(*state, dmk_resume(*state, DMK_NAME("p"), NULL, NULL));
	assert_runs(*state, "p", "1:0 1:1 128 0 0");
	remove_device(*state, "v");
	remove_device(*state, "p");
}

/* Before anything is asked to change, and with both numbers. */
static void foreseen(void **state)
{
	static const struct {
		const char *table, *words;
	} cases[] = {
		{ SMALL, "it has 256 data blocks, and this is 128" },
		{ "0 32768 thin-pool " RAM0 " " RAM1 " 256 0 0",
		  "these have 128 sectors, not 256" },
		{ "0 32768 zero", "a table of thin-pool can be replaced by nothing but" },
	};

	make_pool(*state);
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		assert_code(*state, replace(*state, "p", text_table(cases[i].table)), -EINVAL);
		assert_int_equal(dmk_last_error(*state)->step, DMK_STEP_LOAD);
		assert_string_equal(dmk_last_error(*state)->reason, "");
		assert_told(*state, 0, 0, cases[i].words);
		assert_runs(*state, "p", "1:0 1:1 128 0 0");
	}
	/* What Linux takes is not refused: the same again, an option more, `error`. */
	assert_ok(*state, replace(*state, "p", text_table(POOL)));
	assert_ok(*state, replace(*state, "p",
				  text_table("0 32768 thin-pool " RAM0 " " RAM1
					     " 128 9 1 error_if_no_space")));
	remove_device(*state, "v");
	assert_ok(*state, replace(*state, "p", text_table("0 32768 error")));
	remove_device(*state, "p");
}

static void another_targets_data(void **state)
{
	uint8_t *bytes = pattern(65536, 5);

	wipe(RAM1, 65536);
	make_device(*state, "o", "0 2048 snapshot-origin " RAM0);
	make_device(*state, "s", HANDOVER);
	make_device(*state, "x", "0 2048 linear " RAM2 " 0");
	assert_true(direct_write(node_path("x"), 0, bytes, 65536));
	assert_code(*state, replace(*state, "x", text_table(HANDOVER)), -EINVAL);
	assert_told(*state, 0, 0, "Unable to perform snapshot handover until source is suspended");
	assert_runs(*state, "x", "1:2 0");
	assert_true(holds(node_path("x"), 0, bytes, 65536));
	free(bytes);
	/* Read-only, it comes back read-only. */
	remove_device(*state, "x");
	make_of(*state, "x", text_table("0 2048 zero"));
	assert_ok(*state,
		  dmk_replace(*state, DMK_NAME("x"), text_table("0 1024 zero\n1024 8 error"),
			      &(struct dmk_replace_options){ .flags = DMK_REPLACE_READONLY },
			      NULL));
	assert_code(*state, replace(*state, "x", text_table(HANDOVER)), -EINVAL);
	{
		struct dmk_info info;

		assert_ok(*state, dmk_get_info(*state, DMK_NAME("x"), NULL, &info));
		assert_int_equal(info.flags, DMK_INFO_LIVE_TABLE | DMK_INFO_READONLY);
		assert_int_equal(info.target_count, 2);
	}
	remove_device(*state, "x");
	remove_device(*state, "s");
	remove_device(*state, "o");
}

/* With the key in the table, and with one that the kernel's keyring has. */
static void a_key(void **state)
{
	static const char keyring[] = "0 2048 crypt aes-xts-plain64 :32:logon:dmkit:swap 0 "
				      "/dev/ram3 0";
	const char *const tables[] = { CRYPT, keyring };
	uint8_t *bytes = pattern(65536, 9);

	assert_true(syscall(SYS_add_key, "logon", "dmkit:swap", bytes, 32, -4) > 0);
	wipe(RAM1, 65536);
	make_device(*state, "o", "0 2048 snapshot-origin " RAM0);
	make_device(*state, "s", HANDOVER);
	for (size_t i = 0; i < 2; i++) {
		char *before, *after;

		make_device(*state, "x", tables[i]);
		assert_true(direct_write(node_path("x"), 0, bytes, 65536));
		before = text_of(*state, "x", false);
		assert_code(*state, replace(*state, "x", text_table(HANDOVER)), -EINVAL);
		assert_told(*state, 0, 0, "Unable to perform snapshot handover");
		after = text_of(*state, "x", false);
		assert_string_equal(after, before);
		assert_true(holds(node_path("x"), 0, bytes, 65536));
		free(before);
		free(after);
		remove_device(*state, "x");
	}
	free(bytes);
	remove_device(*state, "s");
	remove_device(*state, "o");
}

/* A key that was taken away: the live table itself is refused. */
static void a_wiped_key(void **state)
{
	make_device(*state, "x", CRYPT);
	assert_ok(*state, dmk_suspend(*state, DMK_NAME("x"), NULL, NULL));
	assert_ok(*state, dmk_message(*state, DMK_NAME("x"), "key wipe", NULL, NULL));
	assert_code(*state, dmk_resume(*state, DMK_NAME("x"), NULL, NULL), -EAGAIN);
	assert_told(*state, DMK_LEFT_SUSPENDED, 0, "load a table that it can run with before");
	load(*state, "x", text_table(CRYPT));
	assert_ok(*state, dmk_resume(*state, DMK_NAME("x"), NULL, NULL));
	remove_device(*state, "x");
}

#define CACHE(fast) "0 32768 cache " RAM0 " " fast " " RAM2 " 64 1 writeback smq 0"

static void fill_cache(struct dmk *dm)
{
	uint8_t *bytes = pattern(32768, 4);
	struct dmk_cache_status status;
	char *params;

	for (int pass = 0; pass < 2; pass++)
		for (uint64_t i = 0; i < 400; i++)
			assert_true(direct_write(node_path("c"), i * 32768, bytes, 32768));
	free(bytes);
	params = status_of(dm, "c");
	assert_int_equal(dmk_cache_parse_status(params, &status, NULL), 0);
	assert_true(status.dirty_blocks > 128);
	dmk_cache_status_clear(&status);
	free(params);
}

/* The kernel would refuse it only at the resume, and spoil the metadata for the former one too. */
static void a_smaller_cache(void **state)
{
	const char *const small = CACHE("/dev/mapper/fast");

	wipe_metadata();
	make_device(*state, "fast", "0 8192 linear " RAM1 " 0");
	make_device(*state, "c", CACHE(RAM1));
	fill_cache(*state);
	assert_code(*state, replace(*state, "c", text_table(small)), -EINVAL);
	assert_int_equal(dmk_last_error(*state)->step, DMK_STEP_LOAD);
	assert_told(*state, 0, 0, "of the cache's 512 blocks ");
	assert_runs(*state, "c", "1:0 1:1 1:2 64 1 writeback smq 0");
	/* Where it is tried all the same, nothing but a repair helps, and that is told. */
	assert_code(*state, replace(*state, "c", unchecked(small)), -EINVAL);
	assert_told(*state, DMK_LEFT_SUSPENDED | DMK_LEFT_NEW_TABLE, -EINVAL,
		    "; the device is suspended, with the new table, and I/O to it waits: load one "
		    "that it can run with, then resume");
	/* As it says. */
	load(*state, "c", text_table("0 32768 error"));
	assert_ok(*state, dmk_resume(*state, DMK_NAME("c"), NULL, NULL));
	remove_device(*state, "c");
	remove_device(*state, "fast");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		KERNEL_TEST(a_smaller_pool),	   KERNEL_TEST(a_smaller_suspended_pool),
		KERNEL_TEST(a_pool_that_is_stuck), KERNEL_TEST(foreseen),
		KERNEL_TEST(another_targets_data), KERNEL_TEST(a_key),
		KERNEL_TEST(a_wiped_key),	   KERNEL_TEST(a_smaller_cache),
	};

	return cmocka_run_group_tests_name("kernel swap", tests, NULL, NULL);
}
