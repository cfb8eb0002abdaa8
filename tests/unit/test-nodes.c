/* SPDX-License-Identifier: MIT */
/* Each test in a folder in memory, and once more in a real one where this user may make block
 * nodes. */
#include "unit.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include "../fault/memfs.h"
#include "../fault/wraps.h"
#include "nodes.h"

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
	assert_string_equal(kind(*state, ".dmkit-254:5"), "-");
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

static void stale_ones_are_replaced(void **state)
{
	struct dmk_node node = node_in(state);
	bool made = false;

	assert_int_equal(mknod(at(*state, "n"), S_IFBLK | 0600, makedev(254, 9)), 0);
	assert_int_equal(mknod(at(*state, ".dmkit-254:5"), S_IFBLK | 0600, makedev(254, 9)), 0);
	assert_int_equal(dmk_node_make(&node, &made, NULL), 0);
	assert_true(made);
	assert_string_equal(kind(*state, "n"), "60600 254:5");
	assert_string_equal(kind(*state, ".dmkit-254:5"), "-");
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
		assert_string_equal(kind(*state, ".dmkit-254:5"), "-");
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

#define IN(test, dir)                                                                             \
	{                                                                                         \
		.name = #test " in " dir, .test_func = test, .setup_func = set_up,                \
		.initial_state = (void *)(sizeof(dir) == sizeof("memory") ? MEMFS_DIR : real_dir) \
	}

#define ALL(dir)                                                                       \
	{                                                                              \
		IN(made_with_its_mode, dir), IN(stale_ones_are_replaced, dir),         \
			IN(others_are_left_alone, dir), IN(removed_and_restored, dir), \
			IN(links_of_udev, dir), IN(a_missing_folder_is_made, dir)      \
	}

int main(void)
{
	const struct CMUnitTest in_memory[] = ALL("memory");
	const struct CMUnitTest in_real[] = ALL("a real folder");
	int failed = cmocka_run_group_tests(in_memory, NULL, NULL);

	if (!mkdtemp(real_dir))
		return 1;
	if (mknod(at(real_dir, "n"), S_IFBLK | 0600, makedev(254, 5)) == 0) {
		failed += cmocka_run_group_tests(in_real, NULL, NULL);
		set_up(&(void *){ real_dir });
	}
	rmdir(real_dir);
	return failed;
}
