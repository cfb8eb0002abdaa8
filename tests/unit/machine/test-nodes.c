/* SPDX-License-Identifier: MIT */
/* Each test in a folder in memory, and once more in a real one where this user may make block
 * nodes. */
#include "../unit.h"

#include <dirent.h>
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/wait.h>
#include <unistd.h>

#include "../../fault/memfs.h"
#include "../../fault/wraps.h"
#include "machine/nodes.h"

static char real_dir[] = "/tmp/dmkit-nodes-XXXXXX";
static char path[400];

static const char *at(const char *dir, const char *name)
{
	snprintf(path, sizeof(path), "%s/%s", dir, name);
	return path;
}

/* What stands at name: "-", or mode and device number. */
static const char *kind(const char *dir, const char *name)
{
	static char text[64];
	struct stat st;

	if (lstat(at(dir, name), &st) < 0)
		return "-";
	snprintf(text, sizeof(text), "%o %u:%u", st.st_mode, major(st.st_rdev), minor(st.st_rdev));
	return text;
}

/* Nodes that were being made. */
static int count_temporaries(const char *dir)
{
	int n = 0;

	if (memfs_has(dir)) {
		char *dump = memfs_dump();

		for (const char *at = dump; (at = strstr(at, "/.dmkit-")); at++)
			n += at[strlen("/.dmkit-") + 8] == '-';
		free(dump);
	} else {
		DIR *folder = opendir(dir);
		const struct dirent *entry;

		assert_non_null(folder);
		while ((entry = readdir(folder)))
			n += dmk_is_temporary(entry->d_name);
		closedir(folder);
	}
	return n;
}

static int set_up(void **state)
{
	static const char *const names[] = { "n", "other", ".dmkit-254:5", "dm-5" };

	wraps_reset();
	if (memfs_has(*state))
		memfs_reset(true);
	else
		for (size_t i = 0; i < DMK_ARRAY_SIZE(names); i++)
			if (unlink(at(*state, names[i])) < 0)
				rmdir(path);
	return 0;
}

static struct dmk_node node_in(void **state)
{
	return (struct dmk_node){ .dir = *state, .name = "n", .major = 254, .minor = 5 };
}

static void made_with_its_mode(void **state)
{
	struct dmk_node node = node_in(state);
	bool made = false;

	assert_int_equal(dmk_node_make(&node, &made, NULL), 0);
	assert_true(made);
	assert_string_equal(kind(*state, "n"), "60600 254:5");
	assert_int_equal(count_temporaries(*state), 0);
	/* It is right: nothing is done, its mode stays. */
	node.mode = 0666;
	assert_int_equal(dmk_node_make(&node, &made, NULL), 0);
	assert_false(made);
	assert_string_equal(kind(*state, "n"), "60600 254:5");
	assert_int_equal(unlink(at(*state, "n")), 0);
	/* Whatever the umask. */
	assert_int_equal(dmk_node_make(&node, NULL, NULL), 0);
	assert_string_equal(kind(*state, "n"), "60666 254:5");
}

/* It takes bits away that are root's own. */
static void whatever_the_umask(void **state)
{
	struct dmk_node node = node_in(state);
	mode_t before = umask(0777);
	bool made = false;

	assert_int_equal(dmk_node_make(&node, &made, NULL), 0);
	umask(before);
	assert_true(made);
	assert_string_equal(kind(*state, "n"), "60600 254:5");
	assert_int_equal(count_temporaries(*state), 0);
}

static void stale_ones_are_replaced(void **state)
{
	struct dmk_node node = node_in(state);
	bool made = false;

	assert_int_equal(mknod(at(*state, "n"), S_IFBLK | 0600, makedev(254, 9)), 0);
	assert_int_equal(dmk_node_make(&node, &made, NULL), 0);
	assert_true(made);
	assert_string_equal(kind(*state, "n"), "60600 254:5");
	assert_int_equal(count_temporaries(*state), 0);
}

/* Whatever a device is called: its node is not taken for one that is being made. */
static void a_device_may_be_called_so(void **state)
{
	struct dmk_node node = node_in(state);

	assert_int_equal(mknod(at(*state, ".dmkit-254:5"), S_IFBLK | 0600, makedev(254, 9)), 0);
	assert_int_equal(dmk_node_make(&node, NULL, NULL), 0);
	assert_string_equal(kind(*state, ".dmkit-254:5"), "60600 254:9");
}

static void others_are_left_alone(void **state)
{
	static const struct {
		mode_t mode;
		unsigned int major;
		const char *detail;
	} kinds[] = {
		{ S_IFREG | 0600, 0, "a file stands in the node's place" },
		{ S_IFIFO | 0600, 0, "a FIFO stands in the node's place" },
		{ S_IFCHR | 0600, 254, "a character device stands in the node's place" },
		{ S_IFBLK | 0600, 8,
		  "the node of a device that is not device-mapper's stands in the node's place" },
	};
	struct dmk_node node = node_in(state);
	struct dmk_node_saved saved;

	for (size_t i = 0; i < DMK_ARRAY_SIZE(kinds); i++) {
		struct dmk_error err = { 0 };
		char before[64];

		assert_int_equal(mknod(at(*state, "n"), kinds[i].mode, makedev(kinds[i].major, 5)),
				 0);
		snprintf(before, sizeof(before), "%s", kind(*state, "n"));
		assert_int_equal(dmk_node_make(&node, NULL, &err), -EEXIST);
		assert_int_equal(err.code, -EEXIST);
		assert_string_equal(err.detail, kinds[i].detail);
		assert_string_equal(err.argument, at(*state, "n"));
		/* No error: it is not the device's. */
		assert_int_equal(dmk_node_remove(&node, &saved, NULL), 0);
		assert_false(saved.was_node || saved.was_link);
		assert_string_equal(kind(*state, "n"), before);
		assert_int_equal(count_temporaries(*state), 0);
		assert_int_equal(unlink(at(*state, "n")), 0);
	}
}

static void removed_and_restored(void **state)
{
	struct dmk_node node = node_in(state), other = node;
	struct dmk_node_saved saved;

	node.mode = 0640;
	node.uid = geteuid();
	assert_int_equal(dmk_node_make(&node, NULL, NULL), 0);
	assert_int_equal(dmk_node_remove(&node, &saved, NULL), 0);
	assert_true(saved.was_node);
	assert_int_equal(saved.mode, 0640);
	assert_string_equal(kind(*state, "n"), "-");
	other.name = "other";
	assert_int_equal(dmk_node_restore(&other, &saved, NULL), 0);
	assert_string_equal(kind(*state, "other"), "60640 254:5");
	/* Nothing there: nothing to remove, nothing to restore. */
	assert_int_equal(dmk_node_remove(&node, &saved, NULL), 0);
	assert_false(saved.was_node || saved.was_link);
	assert_int_equal(dmk_node_restore(&node, &saved, NULL), 0);
	assert_string_equal(kind(*state, "n"), "-");
	/* Another device's. */
	other.minor = 6;
	assert_int_equal(dmk_node_remove(&other, &saved, NULL), 0);
	assert_string_equal(kind(*state, "other"), "60640 254:5");
}

static void links_of_udev(void **state)
{
	struct dmk_node node = node_in(state);
	struct dmk_node_saved saved;
	char target[300];
	bool made = true;

	snprintf(target, sizeof(target), "%s/dm-5", (const char *)*state);
	assert_int_equal(mknod(target, S_IFBLK | 0600, makedev(254, 5)), 0);
	/* A target too long to be remembered is none of udev's. */
	if (strlen(target) < sizeof(saved.link)) {
		assert_int_equal(symlink(target, at(*state, "n")), 0);
		assert_int_equal(dmk_node_make(&node, &made, NULL), 0);
		assert_false(made);
		assert_int_equal(dmk_node_remove(&node, &saved, NULL), 0);
		assert_true(saved.was_link);
		assert_string_equal(saved.link, target);
		assert_string_equal(kind(*state, "n"), "-");
		assert_int_equal(dmk_node_restore(&node, &saved, NULL), 0);
		assert_string_equal(kind(*state, "n"), "120777 0:0");
		assert_int_equal(unlink(at(*state, "n")), 0);
	}
	assert_string_equal(kind(*state, "dm-5"), "60600 254:5");
	/* One that leads elsewhere, or nowhere, is in the way. */
	assert_int_equal(symlink("/nowhere/at/all", at(*state, "n")), 0);
	assert_int_equal(dmk_node_make(&node, NULL, NULL), -EEXIST);
	assert_int_equal(dmk_node_remove(&node, &saved, NULL), 0);
	assert_string_equal(kind(*state, "n"), "120777 0:0");
}

static void a_missing_folder_is_made(void **state)
{
	char dir[300];
	struct dmk_node node = node_in(state);

	snprintf(dir, sizeof(dir), "%s/other", (const char *)*state);
	node.dir = dir;
	assert_int_equal(dmk_node_make(&node, NULL, NULL), 0);
	assert_string_equal(kind(dir, "n"), "60600 254:5");
	assert_int_equal(unlink(at(dir, "n")), 0);
}

/* ---- others at the same time: in memory alone ---- */

/* Before the call `site`, once, `happens`. */
static struct {
	int site;
	void (*happens)(void);
} meanwhile;

static void look_on(int site)
{
	if (site != meanwhile.site)
		return;
	meanwhile.site = -1;
	meanwhile.happens();
}

static void happens_before(int site, void (*happens)(void))
{
	wraps.before = look_on;
	meanwhile.site = site;
	meanwhile.happens = happens;
}

static void make_right(void)
{
	assert_int_equal(memfs_mknod(MEMFS_DIR "/n", S_IFBLK | 0640, makedev(254, 5)), 0);
}

static void make_file(void)
{
	memfs_unlink(MEMFS_DIR "/n");
	assert_int_equal(memfs_mknod(MEMFS_DIR "/n", S_IFREG | 0640, 0), 0);
}

static void take_temporary(void)
{
	assert_int_equal(memfs_unlink_all(MEMFS_DIR "/.dmkit-"), 1);
}

static void take_stale(void)
{
	assert_int_equal(memfs_unlink(MEMFS_DIR "/n"), 0);
}

/* Made in its place at once, and somebody else was there just before. */
static void made_in_its_place(void **state)
{
	struct dmk_node node = node_in(state);
	bool made = true;

	memfs_reset(true);
	happens_before(SITE_MKNOD, make_right);
	assert_int_equal(dmk_node_make(&node, &made, NULL), 0);
	assert_false(made);
	assert_string_equal(kind(*state, "n"), "60640 254:5");
	memfs_reset(true);
	happens_before(SITE_MKNOD, make_file);
	assert_int_equal(dmk_node_make(&node, &made, NULL), -EEXIST);
	assert_string_equal(kind(*state, "n"), "100640 0:0");
	assert_int_equal(count_temporaries(*state), 0);
}

static void what_came_meanwhile_and_is_right_is_accepted(void **state)
{
	struct dmk_node node = node_in(state);

	node.mode = 0640; /* not made in its place at once */
	for (int steps = 0; steps < 2; steps++) {
		bool made = true;

		memfs_reset(true);
		wraps.no_renameat2 = steps;
		happens_before(SITE_RENAMEAT2, make_right);
		assert_int_equal(dmk_node_make(&node, &made, NULL), 0);
		assert_false(made);
		assert_string_equal(kind(*state, "n"), "60640 254:5");
		assert_int_equal(count_temporaries(*state), 0);
	}
}

static void what_came_meanwhile_and_is_not_stays(void **state)
{
	struct dmk_node node = node_in(state);

	node.mode = 0640; /* not made in its place at once */
	/* Where nothing was, and where a stale one was. */
	for (int i = 0; i < 4; i++) {
		struct dmk_error err = { 0 };

		memfs_reset(true);
		wraps.no_renameat2 = i >= 2;
		if (i % 2)
			assert_int_equal(mknod(at(*state, "n"), S_IFBLK | 0600, makedev(254, 9)),
					 0);
		happens_before(SITE_RENAMEAT2, make_file);
		assert_int_equal(dmk_node_make(&node, NULL, &err), -EEXIST);
		assert_string_equal(err.detail, "a file stands in the node's place");
		assert_string_equal(kind(*state, "n"), "100640 0:0");
		assert_int_equal(count_temporaries(*state), 0);
	}
}

static void what_went_meanwhile_is_made_again(void **state)
{
	struct dmk_node node = node_in(state);
	bool made = false;

	happens_before(SITE_RENAMEAT2, take_temporary);
	assert_int_equal(dmk_node_make(&node, &made, NULL), 0);
	assert_true(made);
	assert_string_equal(kind(*state, "n"), "60600 254:5");
	assert_int_equal(unlink(at(*state, "n")), 0);
	assert_int_equal(mknod(at(*state, "n"), S_IFBLK | 0600, makedev(254, 9)), 0);
	happens_before(SITE_RENAMEAT2, take_stale);
	assert_int_equal(dmk_node_make(&node, &made, NULL), 0);
	assert_true(made);
	assert_string_equal(kind(*state, "n"), "60600 254:5");
	assert_int_equal(count_temporaries(*state), 0);
}

/* ---- names for nodes that are being made ---- */

static void a_temporary_name_is_ones_own(void **state)
{
	static const char *const others[] = { "", ".dmkit-", ".dmkit-254:5",
					      ".dmkit-0000000g-0000000000000000" };
	char name[DMK_TEMPORARY_LENGTH + 1], again[DMK_TEMPORARY_LENGTH + 1];

	(void)state;
	dmk_temporary_name(name);
	dmk_temporary_name(again);
	assert_string_not_equal(name, again);
	/* A device's has one byte less at most. */
	assert_int_equal(strlen(name), DMK_NAME_SIZE);
	assert_true(dmk_is_temporary(name));
	assert_false(dmk_temporary_is_left(name));
	name[DMK_NAME_SIZE - 1] = '\0';
	assert_false(dmk_is_temporary(name));
	for (size_t i = 0; i < DMK_ARRAY_SIZE(others); i++)
		assert_false(dmk_is_temporary(others[i]) || dmk_temporary_is_left(others[i]));
}

static void one_of_a_maker_that_ended_is_left(void **state)
{
	char name[DMK_TEMPORARY_LENGTH + 1];
	int fds[2];
	pid_t pid;

	(void)state;
	assert_int_equal(pipe(fds), 0);
	pid = fork();
	assert_true(pid >= 0);
	if (pid == 0) {
		dmk_temporary_name(name);
		_exit(write(fds[1], name, sizeof(name)) == sizeof(name) && pause() ? 0 : 1);
	}
	assert_int_equal(read(fds[0], name, sizeof(name)), sizeof(name));
	assert_true(dmk_is_temporary(name));
	assert_false(dmk_temporary_is_left(name));
	assert_int_equal(kill(pid, SIGKILL), 0);
	/* A zombie first, then nobody. */
	assert_int_equal(waitid(P_PID, (id_t)pid, &(siginfo_t){ 0 }, WEXITED | WNOWAIT), 0);
	assert_true(dmk_temporary_is_left(name));
	assert_int_equal(waitpid(pid, NULL, 0), pid);
	assert_true(dmk_temporary_is_left(name));
	close(fds[0]);
	close(fds[1]);
}

static void one_of_an_earlier_process_of_that_number_is_left(void **state)
{
	char name[DMK_TEMPORARY_LENGTH + 1];

	(void)state;
	/* Of this thread's number, but from before it began. */
	dmk_temporary_name(name);
	memset(name + strlen(".dmkit-") + 9, '0', 16);
	assert_true(dmk_is_temporary(name));
	assert_true(dmk_temporary_is_left(name));
}

#define IN(test, dir)                                                                             \
	{                                                                                         \
		.name = #test " in " dir, .test_func = test, .setup_func = set_up,                \
		.initial_state = (void *)(sizeof(dir) == sizeof("memory") ? MEMFS_DIR : real_dir) \
	}

#define ALL(dir)                                                                              \
	{                                                                                     \
		IN(made_with_its_mode, dir), IN(whatever_the_umask, dir),                     \
			IN(stale_ones_are_replaced, dir), IN(others_are_left_alone, dir),     \
			IN(removed_and_restored, dir), IN(links_of_udev, dir),                \
			IN(a_device_may_be_called_so, dir), IN(a_missing_folder_is_made, dir) \
	}

int main(void)
{
	const struct CMUnitTest in_memory[] = ALL("memory");
	const struct CMUnitTest in_real[] = ALL("a real folder");
	const struct CMUnitTest at_the_same_time[] = {
		IN(made_in_its_place, "memory"),
		IN(what_came_meanwhile_and_is_right_is_accepted, "memory"),
		IN(what_came_meanwhile_and_is_not_stays, "memory"),
		IN(what_went_meanwhile_is_made_again, "memory"),
	};
	const struct CMUnitTest names[] = {
		cmocka_unit_test(a_temporary_name_is_ones_own),
		cmocka_unit_test(one_of_a_maker_that_ended_is_left),
		cmocka_unit_test(one_of_an_earlier_process_of_that_number_is_left),
	};
	int failed = cmocka_run_group_tests(in_memory, NULL, NULL) +
		     cmocka_run_group_tests(at_the_same_time, NULL, NULL) +
		     cmocka_run_group_tests(names, NULL, NULL);

	if (!mkdtemp(real_dir))
		return 1;
	if (mknod(at(real_dir, "n"), S_IFBLK | 0600, makedev(254, 5)) == 0) {
		failed += cmocka_run_group_tests(in_real, NULL, NULL);
		set_up(&(void *){ real_dir });
	}
	rmdir(real_dir);
	return failed;
}
