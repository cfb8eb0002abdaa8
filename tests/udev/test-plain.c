/* SPDX-License-Identifier: MIT */
/* With a real udevd that does its work: on return everything is as udev makes it. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "udev.h"

#define ROUNDS 180
#define PROCESSES 8
#define ROUNDS_EACH 40 /* 8 * 40 + 180 = 500 */

static void create_and_remove(struct dmk *dm, const char *name, int rounds)
{
	for (int i = 0; i < rounds; i++) {
		struct dmk_info info;

		zero_device(dm, name, NULL, &info);
		assert_no_note(dm);
		assert_linked(&info, false);
		assert_ok(dm, dmk_remove(dm, DMK_NAME(name), NULL, NULL));
		assert_no_note(dm);
		assert_no_link(name);
	}
}

static void one_after_the_other(void **state)
{
	create_and_remove(*state, "one", ROUNDS);
	assert_int_equal(count_cookies(*state), 0);
}

static void eight_processes_at_once(void **state)
{
	pid_t pids[PROCESSES];
	int status;

	fflush(stdout);
	for (int i = 0; i < PROCESSES; i++) {
		char name[16], rounds[16];

		snprintf(name, sizeof(name), "many%d", i);
		snprintf(rounds, sizeof(rounds), "%d", ROUNDS_EACH);
		pids[i] = fork();
		if (pids[i] == 0) {
			setenv("CMOCKA_MESSAGE_OUTPUT", "STDOUT", 1); /* part of this test */
			execl("/proc/self/exe", "test-plain", name, rounds, NULL);
			_exit(127);
		}
	}
	for (int i = 0; i < PROCESSES; i++) {
		assert_int_equal(waitpid(pids[i], &status, 0), pids[i]);
		assert_int_equal(status, 0);
	}
	assert_int_equal(count_cookies(*state), 0);
}

static bool udev_knows(const struct dmk_info *info, const char *property)
{
	char command[256];

	snprintf(command, sizeof(command), "udevadm info /dev/dm-%u | grep -qxF 'E: %s'",
		 info->minor, property);
	return shell(command) == 0;
}

static void flags_reach_udev(void **state)
{
	struct dmk_create_options options = {
		.udev_flags = DMK_UDEV_LOW_PRIORITY | DMK_UDEV_DISABLE_OTHER_RULES | 0x100,
	};
	struct dmk *dm = *state;
	struct dmk_info info;

	zero_device(dm, "flags", &options, &info);
	assert_no_note(dm);
	assert_linked(&info, false);
	assert_true(udev_knows(&info, "DM_UDEV_PRIMARY_SOURCE_FLAG=1"));
	assert_true(udev_knows(&info, "DM_UDEV_LOW_PRIORITY_FLAG=1"));
	assert_true(udev_knows(&info, "DM_UDEV_DISABLE_OTHER_RULES_FLAG=1"));
	assert_true(udev_knows(&info, "DM_SUBSYSTEM_UDEV_FLAG0=1"));
	assert_false(udev_knows(&info, "DM_UDEV_DISABLE_DISK_RULES_FLAG=1"));
	remove_device(dm, "flags");

	options.udev_flags = DMK_UDEV_DISABLE_DM_RULES;
	zero_device(dm, "flags", &options, &info);
	assert_no_note(dm);
	assert_own_node(&info);
	remove_device(dm, "flags");
}

static void names_and_tables_change(void **state)
{
	struct dmk_table *table = text_table("0 16 zero");
	struct dmk *dm = *state;
	struct dmk_info info;
	struct stat st;

	zero_device(dm, "old", NULL, &info);
	assert_ok(dm, dmk_rename(dm, DMK_NAME("old"), "new", NULL, &info));
	assert_no_note(dm);
	assert_linked(&info, false);
	assert_no_link("old");
	assert_ok(dm, dmk_set_uuid(dm, DMK_NAME("new"), "U-1", NULL, NULL));
	assert_no_note(dm);
	assert_int_equal(stat("/dev/disk/by-id/dm-uuid-U-1", &st), 0);
	assert_ok(dm, dmk_replace(dm, DMK_NAME("new"), table, NULL, &info));
	assert_no_note(dm);
	assert_linked(&info, false);
	assert_ok(dm, dmk_suspend(dm, DMK_NAME("new"), NULL, NULL));
	assert_ok(dm, dmk_resume(dm, DMK_NAME("new"), NULL, &info));
	assert_no_note(dm);
	assert_linked(&info, false);
	/* No event comes of a resume of what is active: nothing is waited for. */
	assert_ok(dm, dmk_resume(dm, DMK_NAME("new"), NULL, &info));
	assert_no_note(dm);
	assert_ok(dm, dmk_remove(dm, DMK_NAME("new"), NULL, NULL));
	assert_no_note(dm);
	assert_no_link("new");
	assert_int_equal(lstat("/dev/disk/by-id/dm-uuid-U-1", &st), -1);
	dmk_table_free(table);
}

static void node_policies(void **state)
{
	struct dmk_create_options options = { .node_policy = DMK_NODE_ON_CREATE };
	struct dmk_remove_options removal = { .node_policy = DMK_NODE_NONE };
	struct dmk *dm = *state;
	struct dmk_info info;
	struct stat st;

	/* Without a table udev makes none; with one, one that is there at once stands in its way.
	 */
	assert_ok(dm, dmk_create(dm, "policy", NULL, &options, &info));
	assert_own_node(&info);
	remove_device(dm, "policy");
	zero_device(dm, "policy", &options, &info);
	assert_no_note(dm);
	assert_linked(&info, false);
	remove_device(dm, "policy");

	options = (struct dmk_create_options){ .uid = 5, .gid = 6, .mode = 0644 };
	zero_device(dm, "policy", &options, &info);
	assert_linked(&info, false);
	assert_int_equal(stat(node_path("policy"), &st), 0);
	assert_int_equal(st.st_uid, 5);
	assert_int_equal(st.st_gid, 6);
	assert_int_equal(st.st_mode & 07777, 0644);
	/* Whoever leaves the node to udev waits for udev all the same. */
	assert_ok(dm, dmk_remove(dm, DMK_NAME("policy"), &removal, NULL));
	assert_no_note(dm);
	assert_no_link("policy");
}

static void a_deferred_removal_leaves_the_link_to_udev(void **state)
{
	struct dmk_remove_options options = { .flags = DMK_REMOVE_DEFERRED };
	struct dmk *dm = *state;
	struct dmk_info info;
	int fd;

	zero_device(dm, "later", NULL, &info);
	fd = open(node_path("later"), O_RDONLY | O_CLOEXEC);
	assert_true(fd >= 0);
	assert_ok(dm, dmk_remove(dm, DMK_NAME("later"), &options, &info));
	assert_true(info.flags & DMK_INFO_DEFERRED_REMOVE);
	assert_no_note(dm);
	assert_linked(&info, false);
	assert_ok(dm, dmk_cancel_deferred_remove(dm, DMK_NAME("later")));
	assert_linked(&info, false);
	assert_ok(dm, dmk_remove(dm, DMK_NAME("later"), &options, &info));
	close(fd);
	/* The kernel removes it later than the close, and tells udevd then. */
	wait_gone(&info);
	settle();
	assert_no_link("later");
	assert_int_equal(count_cookies(dm), 0);
}

static void a_failed_create_leaves_nothing(void **state)
{
	struct dmk_table *table = text_table("0 8 linear /dev/no-such-disk 0");
	struct dmk *dm = *state;
	struct dmk_info info;

	assert_code(dm, dmk_create(dm, "failed", table, NULL, &info), no_such_path());
	dmk_table_free(table);
	assert_no_link("failed");
	/* What is in the node's way is seen at the end only: the device is undone. */
	assert_int_equal(mkdir(node_path("failed"), 0755), 0);
	table = text_table("0 8 zero");
	assert_code(dm, dmk_create(dm, "failed", table, NULL, &info), -EEXIST);
	dmk_table_free(table);
	assert_int_equal(rmdir(node_path("failed")), 0);
	settle();
	assert_no_link("failed");
}

/* What stands on another one goes with it; what is open stays, and its links. */
static void all_at_once(void **state)
{
	struct dmk *dm = *state;
	struct dmk_table *table;
	struct dmk_info info;
	int fd;

	zero_device(dm, "all1", NULL, &info);
	table = text_table("0 8 linear /dev/mapper/all1 0");
	assert_ok(dm, dmk_create(dm, "all2", table, NULL, NULL));
	dmk_table_free(table);
	zero_device(dm, "open", NULL, &info);
	fd = open(node_path("open"), O_RDONLY | O_CLOEXEC);
	assert_true(fd >= 0);
	assert_ok(dm, dmk_remove_all(dm, NULL));
	assert_no_note(dm);
	assert_no_link("all1");
	assert_no_link("all2");
	assert_linked(&info, false);
	close(fd);
	assert_ok(dm, dmk_remove_all(dm, NULL));
	assert_no_note(dm);
	assert_no_link("open");
	assert_int_equal(count_cookies(dm), 0);
}

/* All that udevd does about it has been done on return, not only the link. */
static void all_at_once_waits_for_the_rules(void **state)
{
	struct dmk *dm = *state;
	struct dmk_info info;

	assert_int_equal(shell("mkdir -p /run/udev/rules.d; echo 'ACTION==\"remove\", "
			       "ENV{DM_NAME}==\"slow?\", RUN+=\"/bin/sh -c "
			       "'\\''sleep 0.5; touch /run/$env{DM_NAME}'\\''\"' "
			       ">/run/udev/rules.d/90-slow.rules; udevadm control --reload"),
			 0);
	zero_device(dm, "slow1", NULL, &info);
	zero_device(dm, "slow2", NULL, &info);
	assert_ok(dm, dmk_remove_all(dm, NULL));
	assert_no_note(dm);
	assert_int_equal(access("/run/slow1", F_OK), 0);
	assert_int_equal(access("/run/slow2", F_OK), 0);
	assert_int_equal(unlink("/run/udev/rules.d/90-slow.rules"), 0);
	assert_int_equal(shell("rm /run/slow?; udevadm control --reload"), 0);
}

/* One cookie for two verbs, and one wait. */
static void a_cookie_of_the_callers(void **state)
{
	struct dmk_remove_options removal = { 0 };
	struct dmk_create_options options = { 0 };
	struct dmk_info one, two;
	struct dmk *dm = *state;

	assert_ok(dm, dmk_udev_cookie_create(dm, &options.udev_cookie));
	zero_device(dm, "one", &options, &one);
	zero_device(dm, "two", &options, &two);
	assert_ok(dm, dmk_udev_cookie_wait(dm, options.udev_cookie, 0));
	assert_linked(&one, false);
	assert_linked(&two, false);
	assert_code(dm, dmk_udev_cookie_add(dm, options.udev_cookie), -ENOENT);

	assert_ok(dm, dmk_udev_cookie_create(dm, &removal.udev_cookie));
	/* A request that fails, and one that tells udev nothing, take their part back. */
	assert_code(dm, dmk_remove(dm, DMK_NAME("three"), &removal, NULL), -ENXIO);
	assert_ok(dm, dmk_remove(dm, DMK_NAME("one"), &removal, NULL));
	assert_ok(dm, dmk_remove(dm, DMK_NAME("two"), &removal, NULL));
	assert_ok(dm, dmk_udev_cookie_wait(dm, removal.udev_cookie, 0));
	assert_no_link("one");
	assert_no_link("two");
}

/* Debian's dmsetup raises and waits for our cookie, and we for its. */
static void cookies_of_dmsetup(void **state)
{
	struct dmk_create_options options = { 0 };
	struct dmk *dm = *state;
	struct dmk_info info;
	char command[256];
	FILE *pipe;

	assert_ok(dm, dmk_udev_cookie_create(dm, &options.udev_cookie));
	snprintf(command, sizeof(command),
		 "dmsetup create theirs --table '0 8 zero' --udevcookie 0x%X", options.udev_cookie);
	assert_int_equal(shell(command), 0);
	zero_device(dm, "ours", &options, &info);
	assert_ok(dm, dmk_udev_cookie_wait(dm, options.udev_cookie, 0));
	assert_linked(&info, false);
	assert_ok(dm, dmk_get_info(dm, DMK_NAME("theirs"), NULL, &info));
	assert_linked(&info, false);

	pipe = popen("dmsetup udevcreatecookie", "r");
	assert_non_null(pipe);
	assert_int_equal(fscanf(pipe, "%x", &options.udev_cookie), 1);
	assert_int_equal(pclose(pipe), 0);
	snprintf(command, sizeof(command), "dmsetup udevreleasecookie 0x%X", options.udev_cookie);
	assert_ok(dm, dmk_remove(dm, DMK_NAME("theirs"),
				 &(struct dmk_remove_options){ .udev_cookie = options.udev_cookie },
				 NULL));
	assert_int_equal(shell(command), 0);
	assert_no_link("theirs");
	remove_device(dm, "ours");
}

/* Beside each other, each with its own devices. */
static void dmsetup_and_cryptsetup_beside_us(void **state)
{
	static const char theirs[] =
		"for i in 1 2 3 4 5; do dmsetup create dms --table '0 8 zero' && test -h "
		"/dev/mapper/dms && dmsetup remove dms || exit 1; done";
	static const char crypt[] =
		"for i in 1 2 3; do head -c 32 /dev/zero | cryptsetup open --type plain --cipher "
		"aes-xts-plain64 --key-size 256 --hash plain --key-file - /dev/ram2 crypt && "
		"test -h /dev/mapper/crypt && cryptsetup close crypt || exit 1; done";
	const char *commands[] = { theirs, crypt };
	pid_t pids[2];
	int status;

	fflush(stdout);
	for (int i = 0; i < 2; i++) {
		pids[i] = fork();
		if (pids[i] == 0)
			_exit(shell(commands[i]));
	}
	create_and_remove(*state, "beside", 10);
	for (int i = 0; i < 2; i++) {
		assert_int_equal(waitpid(pids[i], &status, 0), pids[i]);
		assert_int_equal(status, 0);
	}
	settle();
	assert_no_link("dms");
	assert_no_link("crypt");
}

#define TEST(function) cmocka_unit_test_setup_teardown(function, with_udev, no_cookies)

static const char *own_name;
static int own_rounds;

/* As a program of its own. It frees its context: the devices of the others are none of its. */
static void only_rounds(void **state)
{
	create_and_remove(*state, own_name, own_rounds);
	dmk_free(*state);
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		TEST(one_after_the_other),
		TEST(eight_processes_at_once),
		TEST(flags_reach_udev),
		TEST(names_and_tables_change),
		TEST(node_policies),
		TEST(a_deferred_removal_leaves_the_link_to_udev),
		TEST(a_failed_create_leaves_nothing),
		TEST(all_at_once),
		TEST(all_at_once_waits_for_the_rules),
		TEST(a_cookie_of_the_callers),
		TEST(cookies_of_dmsetup),
		TEST(dmsetup_and_cryptsetup_beside_us),
	};
	const struct CMUnitTest only[] = { cmocka_unit_test_setup(only_rounds, with_udev) };
	int failed;

	if (argc == 3) {
		own_name = argv[1];
		own_rounds = atoi(argv[2]);
		failed = cmocka_run_group_tests_name(own_name, only, NULL, NULL);
	} else {
		failed = cmocka_run_group_tests_name("udev that works", tests, NULL, NULL);
	}
	printf("# longest wait: %lld ms\n", (long long)longest_wait_ms());
	return failed;
}
