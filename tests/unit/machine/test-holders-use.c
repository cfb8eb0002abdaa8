/* SPDX-License-Identifier: MIT */
/* The search in a made-up /proc and /sys: who uses a file system, what ends meanwhile, many devices
 * at once, and a search that is cut short. */
#include "../unit.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "../fake-proc.h"

/* Below a mount, or where nothing is mounted any more. */
static void users_of_a_file_system(void **state)
{
	struct dmk_holders holders;
	struct dmk_error err = { 0 };
	char text[512];

	(void)state;
	put_process("30", 1, 1);
	put_file("all\n", "%s/30/comm", proc);
	put_link("file:254:3", "%s/30/fd/8", proc);
	put_link("file:254:3", "%s/30/fd/9", proc);
	put_link("file:254:3", "%s/30/cwd", proc);
	put_link("file:254:3", "%s/30/exe", proc);
	put_file("08048000-08049000 r-xp 00000000 fe:03 12 /x/program\n", "%s/30/maps", proc);
	put_process("31", 1, 0);
	put_file("mapped\n", "%s/31/comm", proc);
	put_file("31 (a) D (b) S 1 31\n", "%s/31/stat", proc);
	put_file("7f0000000000-7f0000001000 rw-p 00000000 00:00 0 \n"
		 "7f0000001000-7f0000002000 r--s 00001000 fe:04 7 /other\n"
		 "7f0000002000-7f0000003000 r--s 00001000 fe:03 7 /x/a b (deleted)\n"
		 "a line that is none\n"
		 "7f0000003000-7f0000004000 r--s 00001000 fe:03 7 /x/a b (deleted)\n",
		 "%s/31/maps", proc);
	/* Who waits for I/O is not asked for what he has mapped. */
	put_process("32", 1, 0);
	put_file("32 (x) D 1 32\n", "%s/32/stat", proc);
	put_file("7f0000002000-7f0000003000 r--s 00001000 fe:03 7 /x\n", "%s/32/maps", proc);
	put_file("30 28 254:3 / /x rw - ext4 x rw\n", "%s/self/mountinfo", proc);
	put_file("254:7\n", "%s/dev/block/254:3/holders/dm-7/dev", sys);
	holders = search(0);
	assert_int_equal(holders.n_found, 6);
	assert_holder(&holders, 0, DMK_HOLDER_MAPPING, "", "", 0); /* being removed */
	assert_holder(&holders, 1, DMK_HOLDER_MOUNT, "", "/x", 0);
	/* /proc's order is any. */
	for (uint32_t i = 2; i < 6; i++)
		assert_int_equal(holders.found[i].holder.major, 254);
	dmk_show_holders(&holders, 0, &err);
	assert_int_equal(err.n_holders, 4); /* each process once */
	assert_int_equal(err.holders_more, 0);
	err.code = -EBUSY;
	dmk_error_format(&err, text, sizeof(text));
	assert_non_null(strstr(text, "held by dm-7, by mount /x, "));
	assert_non_null(strstr(text, "by all (pid 30, open file)"));
	assert_non_null(strstr(text, "by mapped (pid 31, mapped file)"));
	assert_int_equal(holders.scope.processes_unseen, 1);
	dmk_holders_clear(&holders);
}

static void users_of_each_kind(void **state)
{
	static const uint32_t kinds[] = { DMK_HOLDER_FILE, DMK_HOLDER_CWD, DMK_HOLDER_EXE };
	struct dmk_holders holders;

	(void)state;
	put_process("30", 1, 0);
	put_file("all\n", "%s/30/comm", proc);
	put_link("file:254:3", "%s/30/fd/9", proc);
	put_link("file:254:3", "%s/30/cwd", proc);
	put_link("file:254:3", "%s/30/exe", proc);
	holders = search(0);
	assert_int_equal(holders.n_found, 3);
	for (uint32_t i = 0; i < 3; i++)
		assert_holder(&holders, i, kinds[i], "all", "", 30);
	dmk_holders_clear(&holders);
	/* btrfs: no file has the device's number, but the mount is seen. */
	begin(state);
	put_file("33 28 0:40 / /btrfs rw - btrfs /dev/block:254:3 rw\n", "%s/self/mountinfo", proc);
	put_process("30", 1, 0);
	put_link("mount:34", "%s/30/fd/9", proc);
	put_link("mount:33", "%s/30/cwd", proc);
	holders = search(0);
	assert_int_equal(holders.n_found, 2);
	assert_holder(&holders, 0, DMK_HOLDER_MOUNT, "", "/btrfs", 0);
	assert_holder(&holders, 1, DMK_HOLDER_CWD, "", "", 30);
	dmk_holders_clear(&holders);
}

/* It is none, whatever the call that notices it answers. */
static void a_process_that_ends(void **state)
{
	struct dmk_holders holders;

	(void)state;
	put_process("40", 1, 3);
	put_process("41", 1, 0);
	put_link("block:254:3", "%s/41/fd/3", proc);
	ends = "/40/fd";
	holders = search(0);
	assert_int_equal(holders.n_found, 1);
	assert_int_equal(holders.found[0].holder.pid, 41);
	assert_int_equal(holders.scope.processes, 2);
	assert_int_equal(holders.scope.processes_unseen, 0);
	dmk_holders_clear(&holders);
}

/* sysfs does not give the name of a mapping that is being removed, and then no folder. */
static void a_mapping_that_is_being_removed(void **state)
{
	struct dmk_holders holders;

	(void)state;
	put_file("254:7\n", "%s/dev/block/254:3/holders/dm-7/dev", sys);
	put_file("", "%s/dev/block/254:3/holders/dm-7/dm/suspended", sys);
	holders = search(0);
	assert_int_equal(holders.n_found, 1);
	assert_holder(&holders, 0, DMK_HOLDER_MAPPING, "", "", 0);
	dmk_holders_clear(&holders);
	begin(state);
	put_file("", "%s/dev/block/254:3/holders/dm-7/x", sys);
	put_file("9:1\n", "%s/dev/block/254:3/holders/dm-x/dev", sys);
	holders = search(0);
	assert_int_equal(holders.n_found, 2);
	for (int i = 0; i < 2; i++)
		assert_int_equal(holders.found[i].holder.kind, holders.found[i].holder.name[0]
								       ? DMK_HOLDER_DEVICE
								       : DMK_HOLDER_MAPPING);
	dmk_holders_clear(&holders);
}

enum {
	FEW = 20,
	MANY = 10 * FEW
};

/* n devices, 254:0 and up; one process has all of them open, and a second one every other. */
static struct calls search_many(void **state, uint32_t n)
{
	struct dmk_devno numbers[MANY];
	struct dmk_note notes[MANY];
	struct dmk_error *errors = calloc(n, sizeof(*errors));
	struct dmk_holders holders = { .proc = proc, .sys = sys };

	begin(state);
	put_process("50", 1, 0);
	put_process("51", 1, 0);
	for (uint32_t i = 0; i < n; i++) {
		char text[32];

		snprintf(text, sizeof(text), "block:254:%u", i);
		put_link(text, "%s/50/fd/%u", proc, i);
		if (i % 2)
			put_link(text, "%s/51/fd/%u", proc, i);
		numbers[i] = (struct dmk_devno){ 254, i };
		notes[i] = (struct dmk_note){ numbers[i], &errors[i] };
	}
	memset(&calls, 0, sizeof(calls));
	assert_int_equal(dmk_search_holders(&holders, numbers, n), 0);
	for (uint32_t i = 0; i < n; i++) {
		dmk_show_holders(&holders, i, notes[i].err);
		assert_int_equal(errors[i].n_holders, 1 + i % 2);
		for (uint32_t j = 0; j < errors[i].n_holders; j++)
			assert_in_range(errors[i].holders[j].pid, 50, 51);
	}
	dmk_holders_clear(&holders);
	free(errors);
	return calls;
}

/* Ten times the devices that are busy, ten times the files that are open: ten times the work. */
static void many_are_one_walk(void **state)
{
	struct calls few = search_many(state, FEW);
	struct calls many = search_many(state, MANY);

	assert_int_equal(many.open, few.open);
	assert_int_equal(many.readlink, few.readlink);
	assert_int_equal(many.statx - few.statx, 3 * (MANY - FEW) / 2);
	assert_int_equal(many.fopen, few.fopen);
}

/* It ends where it is, with what it has. */
static void cut_short(void **state)
{
	struct dmk_devno number = { .major = 254, .minor = 3 };
	struct dmk_holders holders;
	struct dmk_error err = { 0 };
	char who[16];

	put_file("254:7\n", "%s/dev/block/254:3/holders/dm-7/dev", sys);
	for (int i = 0; i < 20; i++) {
		snprintf(who, sizeof(who), "%d", 60 + i);
		put_process(who, 1, 1);
		put_link("block:254:3", "%s/%s/fd/9", proc, who);
	}
	holders = search(0);
	assert_int_equal(holders.n_found, 21);
	assert_int_equal(holders.scope.flags, 0);
	dmk_holders_clear(&holders);
	/* Cancelled while the third process is looked at. */
	memset(&calls, 0, sizeof(calls));
	cancel_after = 12;
	holders = (struct dmk_holders){ .proc = proc, .sys = sys, .cancel_flag = &cancel };
	assert_int_equal(dmk_search_holders(&holders, &number, 1), 0);
	assert_true(holders.scope.flags & DMK_HOLDERS_CUT_SHORT);
	assert_in_range(holders.n_found, 2, 6);
	assert_in_range(calls.statx, 12, 18);
	dmk_show_holders(&holders, 0, &err);
	assert_string_equal(err.detail, "the search for holders was cut short: there may be more");
	dmk_holders_clear(&holders);
	/* No time at all. */
	begin(state);
	holders = (struct dmk_holders){ .proc = proc, .sys = sys, .end_ns = 1 };
	assert_int_equal(dmk_search_holders(&holders, &number, 1), 0);
	assert_int_equal(holders.scope.flags, DMK_HOLDERS_CUT_SHORT);
	assert_int_equal(calls.statx, 0);
	dmk_holders_clear(&holders);
}

int main(void)
{
#define HOLDERS_TEST(f) cmocka_unit_test_setup(f, begin)
	const struct CMUnitTest tests[] = {
		HOLDERS_TEST(users_of_a_file_system), HOLDERS_TEST(users_of_each_kind),
		HOLDERS_TEST(a_process_that_ends),    HOLDERS_TEST(a_mapping_that_is_being_removed),
		HOLDERS_TEST(many_are_one_walk),      HOLDERS_TEST(cut_short),
	};

	return run_in_proc("holders, use", tests, DMK_ARRAY_SIZE(tests));
}
