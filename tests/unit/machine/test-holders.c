/* SPDX-License-Identifier: MIT */
/* The search in a made-up /proc and /sys. How much work it is must not depend on more than it has
 * to: calls are counted. */
#include "../unit.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "../fake-proc.h"

static void nobody(void **state)
{
	struct dmk_holders holders = search(0);

	(void)state;
	assert_int_equal(holders.n_found, 0);
	assert_int_equal(holders.scope.processes, 1);
	assert_int_equal(holders.scope.processes_unseen, 0);
	assert_int_equal(holders.scope.places_unseen, 0);
	assert_int_equal(holders.scope.flags, 0);
	dmk_holders_clear(&holders);
}

static void nothing_at_all(void **state)
{
	struct dmk_holders holders = { .proc = "/nowhere/proc", .sys = "/nowhere/sys" };
	struct dmk_devno number = { .major = 254, .minor = 3 };

	(void)state;
	assert_int_equal(dmk_search_holders(&holders, &number, 1), 0);
	assert_int_equal(holders.n_found, 0);
	assert_int_equal(holders.scope.flags, DMK_HOLDERS_SOME_HIDDEN);
	dmk_holders_clear(&holders);
}

static void devices_on_top(void **state)
{
	struct dmk_holders holders;

	(void)state;
	put_file("254:7\n", "%s/dev/block/254:3/holders/dm-7/dev", sys);
	put_file("thin 1\n", "%s/dev/block/254:3/holders/dm-7/dm/name", sys);
	holders = search(0);
	assert_int_equal(holders.n_found, 1);
	assert_holder(&holders, 0, DMK_HOLDER_MAPPING, "thin 1", "", 0);
	assert_int_equal(holders.found[0].holder.major, 254);
	assert_int_equal(holders.found[0].holder.minor, 7);
	dmk_holders_clear(&holders);
	/* On a partition, not device-mapper's, and without a number to be read. */
	begin(state);
	put_file("1\n", "%s/dev/block/254:3/vda1/partition", sys);
	put_file("254:4\n", "%s/dev/block/254:3/vda1/dev", sys);
	put_file("", "%s/dev/block/254:3/queue/x", sys);
	put_file("", "%s/dev/block/254:4/holders/md127/x", sys);
	holders = search(0);
	assert_int_equal(holders.n_found, 1);
	assert_holder(&holders, 0, DMK_HOLDER_DEVICE, "md127", "", 0);
	assert_int_equal(holders.found[0].holder.major, 0);
	dmk_holders_clear(&holders);
}

static void loops(void **state)
{
	struct dmk_holders holders;

	(void)state;
	put_file("/dev/block:254:3\n", "%s/block/loop5/loop/backing_file", sys);
	put_file("7:5\n", "%s/block/loop5/dev", sys);
	put_file("/dev/block:254:4\n", "%s/block/loop6/loop/backing_file", sys);
	put_file("7:7\n", "%s/block/loop7/dev", sys); /* nothing is behind it */
	put_file("/dev/block:254:3\n", "%s/block/sda/loop/backing_file", sys);
	holders = search(0);
	assert_int_equal(holders.n_found, 1);
	assert_holder(&holders, 0, DMK_HOLDER_LOOP, "loop5", "/dev/block:254:3", 0);
	assert_int_equal(holders.found[0].holder.major, 7);
	assert_int_equal(holders.found[0].holder.minor, 5);
	assert_int_equal(holders.scope.places_unseen, 0);
	dmk_holders_clear(&holders);
	/* Its backing file has no name here, and it has no node. */
	begin(state);
	put_file("/gone (deleted)\n", "%s/block/loop98765/loop/backing_file", sys);
	holders = search(0);
	assert_int_equal(holders.n_found, 0);
	assert_int_equal(holders.scope.places_unseen, 1);
	dmk_holders_clear(&holders);
}

static void swap(void **state)
{
	struct dmk_holders holders;

	(void)state;
	put_file("Filename\t\t\t\tType\t\tSize\t\tUsed\t\tPriority\n"
		 "/dev/block:254:3\\040x                partition\t8188\t\t0\t\t-2\n"
		 "/dev/block:254:3                        file\t\t8188\t\t0\t\t-3\n"
		 "/dev/block:9:9                          partition\t8188\t\t0\t\t-4\n"
		 "/gone\\040(deleted)                     partition\t8188\t\t0\t\t-5\n"
		 "broken\n",
		 "%s/swaps", proc);
	holders = search(0);
	assert_int_equal(holders.n_found, 1);
	assert_holder(&holders, 0, DMK_HOLDER_SWAP, "", "/dev/block:254:3 x", 0);
	assert_int_equal(holders.scope.places_unseen, 1);
	dmk_holders_clear(&holders);
}

static void mounts_here(void **state)
{
	struct dmk_holders holders;

	(void)state;
	put_file("22 28 0:20 / /sys rw,nosuid shared:7 - sysfs sysfs rw\n"
		 "30 28 254:3 / /srv/a\\040b\\134c rw,relatime shared:1 - ext4 /dev/mapper/x rw\n"
		 "a line that is none\n"
		 "31 28 254:33 / /other rw - ext4 /dev/mapper/y rw\n"
		 "33 28 0:40 / /btrfs rw shared:9 master:2 - btrfs /dev/block:254:3 rw\n"
		 "34 28 0:41 / /btrfs2 rw - btrfs /dev/block:254:9 rw\n"
		 "32 28 254:3 /sub /mnt\\999 rw",
		 "%s/self/mountinfo", proc);
	holders = search(0);
	assert_int_equal(holders.n_found, 3);
	assert_holder(&holders, 0, DMK_HOLDER_MOUNT, "", "/srv/a b\\c", 0);
	assert_holder(&holders, 1, DMK_HOLDER_MOUNT, "", "/btrfs", 0);
	assert_holder(&holders, 2, DMK_HOLDER_MOUNT, "", "/mnt\\999", 0);
	dmk_holders_clear(&holders);
}

static void mounts_elsewhere(void **state)
{
	static const char line[] = "40 2 254:3 / /srv rw - ext4 x rw\n";
	struct dmk_holders holders;

	(void)state;
	put_process("20", 2, 3);
	put_file("httpd\n", "%s/20/comm", proc);
	put_file(line, "%s/20/mountinfo", proc);
	/* The same namespace again is not read again; its mounts from another root are. */
	put_process("21", 2, 0);
	put_file("99 2 254:3 / /never rw - ext4 x rw\n", "%s/21/mountinfo", proc);
	put_process("22", 2, 0);
	put_file("chrooted\n", "%s/22/comm", proc);
	put_file("40 2 254:3 / /srv rw - ext4 x rw\n41 2 254:3 / /in rw - ext4 x rw\n",
		 "%s/22/mountinfo", proc);
	{
		char root[128];

		snprintf(root, sizeof(root), "%s/22/root", proc);
		assert_int_equal(unlink(root), 0);
		put_link("/jail", "%s/22/root", proc);
	}
	holders = search(0);
	/* /proc's order is any: either of the two sees mount 40 first. */
	assert_in_range(holders.n_found, 2, 3);
	for (uint32_t i = 0; i < holders.n_found; i++) {
		const struct dmk_holder *holder = &holders.found[i].holder;

		assert_int_equal(holder->kind, DMK_HOLDER_MOUNT);
		if (strcmp(holder->where, "/in") == 0)
			assert_string_equal(holder->name, "chrooted");
		for (uint32_t j = 0; j < i; j++)
			assert_string_not_equal(holders.found[j].holder.where, holder->where);
	}
	assert_int_equal(holders.scope.processes, 4);
	dmk_holders_clear(&holders);
}

static void open_files(void **state)
{
	struct dmk_holders holders;
	int statx;

	(void)state;
	put_process("812", 1, 2);
	put_file("a b (c\n", "%s/812/comm", proc);
	put_link("block:254:3", "%s/812/fd/7", proc);
	put_link("block:254:3", "%s/812/fd/8", proc);
	put_process("813", 1, 0);
	put_link("block:254:4", "%s/813/fd/1", proc);
	holders = search(0);
	statx = calls.statx;
	assert_int_equal(holders.n_found, 1); /* once, however often */
	assert_holder(&holders, 0, DMK_HOLDER_OPEN, "a b (c", "", 812);
	assert_in_range(statx, 3, 18);
	dmk_holders_clear(&holders);
}

static void what_may_not_be_looked_at_is_counted(void **state)
{
	struct dmk_error err = { 0 };
	struct dmk_holders holders;

	(void)state;
	put_process("50", 1, 1);
	put_process("51", 1, 1);
	denied = "50/fd";
	holders = search(0);
	assert_int_equal(holders.scope.processes, 3);
	assert_int_equal(holders.scope.processes_unseen, 1);
	dmk_show_holders(&holders, 0, &err);
	assert_int_equal(err.n_holders, 0);
	assert_string_equal(err.detail,
			    "1 of 3 processes and 0 other places where a holder may be could "
			    "not be looked at");
	/* No statx(2): no open file can be looked at. */
	denied = NULL;
	no_statx = true;
	dmk_holders_clear(&holders);
	holders = search(0);
	assert_int_equal(holders.scope.processes_unseen, 3);
	no_statx = false;
	/* One that ends while it is looked at is not counted. */
	put_file("", "%s/52/x", proc);
	dmk_holders_clear(&holders);
	holders = search(0);
	assert_int_equal(holders.scope.processes, 3);
	assert_int_equal(holders.scope.processes_unseen, 0);
	dmk_holders_clear(&holders);
}

static void what_proc_hides_is_said(void **state)
{
	struct dmk_error err = { 0 };
	struct dmk_holders holders;
	char path[128];

	(void)state;
	snprintf(path, sizeof(path), "%s/self/ns/pid", proc);
	assert_int_equal(unlink(path), 0);
	put_link("pid:[4026532200]", "%s", path);
	holders = search(0);
	assert_int_equal(holders.scope.flags, DMK_HOLDERS_SOME_HIDDEN);
	dmk_show_holders(&holders, 0, &err);
	assert_string_equal(err.detail, "not all processes can be seen from here");
	begin(state);
	snprintf(path, sizeof(path), "%s/1", proc);
	remove_tree(path);
	dmk_holders_clear(&holders);
	holders = search(0);
	assert_int_equal(holders.scope.flags, DMK_HOLDERS_SOME_HIDDEN);
	dmk_holders_clear(&holders);
}

static void more_than_an_error_has_room_for(void **state)
{
	char *mountinfo = calloc(1, 8192);
	struct dmk_error err = { 0 };
	struct dmk_holders holders;
	size_t used = 0;

	(void)state;
	for (int i = 0; i < 7; i++)
		used += (size_t)sprintf(mountinfo + used, "%d 1 254:3 / /%0*d rw - ext4 x rw\n", i,
					i == 0 ? 400 : 3, i);
	/* The same place once more: it is not named twice. */
	sprintf(mountinfo + used, "90 1 254:3 / /001 rw - ext4 x rw\n");
	put_file(mountinfo, "%s/self/mountinfo", proc);
	free(mountinfo);
	holders = search(0);
	assert_int_equal(holders.n_found, 8);
	dmk_show_holders(&holders, 0, &err);
	dmk_holders_clear(&holders);
	assert_int_equal(err.n_holders, DMK_MAX_HOLDERS);
	assert_int_equal(err.holders_more, 4);
	/* Cut, and told to be. */
	assert_int_equal(strlen(err.holders[0].where), sizeof(err.holders[0].where) - 1);
	assert_string_equal(err.holders[0].where + sizeof(err.holders[0].where) - 4, "...");
	assert_string_equal(err.holders[3].where, "/003");
	assert_string_equal(err.detail, "");
}

/* What was found before stays; nothing leaks. */
static void without_memory(void **state)
{
	struct dmk_holders holders;

	put_file("/dev/block:254:3\n", "%s/block/loop5/loop/backing_file", sys);
	put_file("30 28 0:40 / /srv rw - btrfs /dev/block:254:3 rw\n", "%s/self/mountinfo", proc);
	/* The device, the first holder, the mount without a number of its own. */
	for (int i = 1; i <= 3; i++) {
		no_memory = i;
		holders = search(-ENOMEM);
		assert_int_equal(holders.n_found, i == 3);
		dmk_holders_clear(&holders);
	}
	begin(state);
}

/* So much for each process and not more; every tenth has a mount namespace of its own. */
static void work_is_bounded(void **state)
{
	enum {
		PROCESSES = 300,
		FILES = 2,
		NAMESPACES = PROCESSES / 10
	};
	struct dmk_holders holders;
	char who[16];

	(void)state;
	for (int i = 0; i < PROCESSES; i++) {
		snprintf(who, sizeof(who), "%d", 1000 + i);
		put_process(who, i < NAMESPACES ? 100 + i : 100 + i % NAMESPACES, FILES);
		put_file("5 1 1:1 / / rw - ext4 x rw\n", "%s/%s/mountinfo", proc, who);
	}
	put_link("block:254:3", "%s/1299/fd/99", proc);
	put_file("last\n", "%s/1299/comm", proc);
	holders = search(0);
	assert_int_equal(holders.n_found, 1);
	assert_holder(&holders, 0, DMK_HOLDER_OPEN, "last", "", 1299);
	assert_int_equal(holders.scope.processes, PROCESSES + 1);
	/* Its folder of files; two links; its files; folder, root and program; its state and what
	 * it has mapped; and each namespace once. */
	assert_int_equal(calls.open, PROCESSES + 1);
	assert_int_equal(calls.readlink, 2 * (PROCESSES + 2) + 1);
	assert_in_range(calls.statx, PROCESSES * (FILES + 3), PROCESSES * (FILES + 3) + 5);
	assert_in_range(calls.fopen, 2 * PROCESSES + NAMESPACES + 2,
			2 * PROCESSES + NAMESPACES + 6);
	dmk_holders_clear(&holders);
}

int main(void)
{
#define HOLDERS_TEST(f) cmocka_unit_test_setup(f, begin)
	const struct CMUnitTest tests[] = {
		HOLDERS_TEST(nobody),
		HOLDERS_TEST(nothing_at_all),
		HOLDERS_TEST(devices_on_top),
		HOLDERS_TEST(loops),
		HOLDERS_TEST(swap),
		HOLDERS_TEST(mounts_here),
		HOLDERS_TEST(mounts_elsewhere),
		HOLDERS_TEST(open_files),
		HOLDERS_TEST(what_may_not_be_looked_at_is_counted),
		HOLDERS_TEST(what_proc_hides_is_said),
		HOLDERS_TEST(more_than_an_error_has_room_for),
		HOLDERS_TEST(without_memory),
		HOLDERS_TEST(work_is_bounded),
	};

	return run_in_proc("holders", tests, DMK_ARRAY_SIZE(tests));
}
