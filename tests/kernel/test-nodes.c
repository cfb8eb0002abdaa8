/* SPDX-License-Identifier: MIT */
/* /dev/mapper/NAME and the control node, on a real /dev. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include "support.h"

#define CONTROL "/dev/mapper/control"

static void create_zero(struct dmk *dm, const char *name, const struct dmk_create_options *options,
			struct dmk_info *info)
{
	struct dmk_table *table = text_table("0 8 zero");

	assert_ok(dm, dmk_create(dm, name, table, options, info));
	dmk_table_free(table);
}

static int count_entries(const char *path)
{
	DIR *dir = opendir(path);
	const struct dirent *entry;
	int n = 0;

	assert_non_null(dir);
	while ((entry = readdir(dir)))
		n += strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0;
	closedir(dir);
	return n;
}

static void mode_owner_and_group_are_as_asked(void **state)
{
	struct dmk_create_options options = { .uid = 7, .gid = 8, .mode = 0664 };
	mode_t mask = umask(0077);
	struct dmk_info info;
	struct stat st;

	create_zero(*state, "a", &options, &info);
	umask(mask);
	assert_int_equal(stat(node_path("a"), &st), 0);
	assert_int_equal(st.st_mode & 07777, 0664);
	assert_int_equal(st.st_uid, 7);
	assert_int_equal(st.st_gid, 8);
	remove_device(*state, "a");
	create_zero(*state, "a", NULL, &info);
	assert_int_equal(stat(node_path("a"), &st), 0);
	assert_int_equal(st.st_mode & 07777, 0600);
	remove_device(*state, "a");
}

static void policies(void **state)
{
	struct dmk_create_options none = { .node_policy = DMK_NODE_NONE };
	struct dmk_create_options early = { .node_policy = DMK_NODE_ON_CREATE };
	struct dmk_remove_options keep = { .node_policy = DMK_NODE_NONE };
	struct dmk_info info;

	create_zero(*state, "a", &none, NULL);
	assert_int_equal(node_rdev("a"), 0);
	assert_ok(*state, dmk_remove(*state, DMK_NAME("a"), &keep, NULL));
	assert_ok(*state, dmk_create(*state, "a", NULL, &early, &info));
	assert_true(node_is("a", &info));
	assert_ok(*state, dmk_remove(*state, DMK_NAME("a"), &keep, NULL));
	assert_true(node_is("a", &info));
	assert_int_equal(unlink(node_path("a")), 0);
}

static void a_stale_node_is_replaced(void **state)
{
	struct dmk_info other = make_device(*state, "other", "0 8 zero");
	struct dmk_info info;

	/* Of a device that is gone (a kill -9 left it), and of one that has another name. */
	assert_int_equal(mknod(node_path("a"), S_IFBLK | 0600, makedev(other.major, 999)), 0);
	create_zero(*state, "a", NULL, &info);
	assert_true(node_is("a", &info));
	remove_device(*state, "a");
	assert_int_equal(mknod(node_path("a"), S_IFBLK | 0600, makedev(other.major, other.minor)),
			 0);
	create_zero(*state, "a", NULL, &info);
	assert_true(node_is("a", &info));
	remove_device(*state, "a");
	remove_device(*state, "other");
}

static void a_device_may_be_called_as_a_temporary_node_was(void **state)
{
	struct dmk_info first, named, next;
	char name[64];

	create_zero(*state, "first", NULL, &first);
	snprintf(name, sizeof(name), ".dmkit-%u:%u", first.major, first.minor + 2);
	create_zero(*state, name, NULL, &named);
	create_zero(*state, "next", NULL, &next);
	assert_int_equal(next.minor, first.minor + 2);
	assert_true(node_is(name, &named));
	assert_true(node_is("next", &next));
	remove_device(*state, "first");
	remove_device(*state, name);
	remove_device(*state, "next");
}

/* Until the other end of the pipe is closed; what failed is its exit code. */
static void sync_until(int fd)
{
	struct pollfd end = { .fd = fd };
	char text[DMK_ERROR_TEXT_SIZE];
	int calls = 0, failed = 0;
	struct dmk *dm;

	if (dmk_new(&dm) < 0)
		_exit(2);
	for (; poll(&end, 1, 0) == 0; calls++) {
		if (dmk_sync_nodes(dm, NULL) == 0)
			continue;
		failed++;
		dmk_error_format(dmk_last_error(dm), text, sizeof(text));
		fprintf(stderr, "%s\n", text);
	}
	fprintf(stderr, "# sync_nodes: %d calls, %d failed\n", calls, failed);
	_exit(calls == 0 || failed > 0);
}

/* Two makers of one node: DMKIT_CREATES=10000 was run by hand, with the same result. */
static void creates_beside_a_loop_of_sync_nodes(void **state)
{
	const char *most = getenv("DMKIT_CREATES");
	struct dmk_create_options options = { .mode = 0660, .gid = 6 };
	struct dmk_table *table = text_table("0 8 zero");
	int fds[2], status, n = most ? atoi(most) : 1000;
	struct dmk *dm = *state;
	pid_t pid;

	assert_int_equal(pipe(fds), 0);
	pid = fork();
	assert_true(pid >= 0);
	if (pid == 0) {
		close(fds[1]);
		sync_until(fds[0]);
	}
	close(fds[0]);
	for (int i = 0; i < n; i++) {
		assert_ok(dm, dmk_create(dm, "n1", table, &options, NULL));
		assert_ok(dm, dmk_remove(dm, DMK_NAME("n1"), NULL, NULL));
	}
	close(fds[1]);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(status, 0);
	/* Neither node nor temporary node is left. */
	assert_int_equal(node_rdev("n1"), 0);
	assert_int_equal(count_entries("/dev/mapper"), 1);
	dmk_table_free(table);
}

static void a_removal_that_waits_has_no_node(void **state)
{
	struct dmk_remove_options deferred = { .flags = DMK_REMOVE_DEFERRED };
	struct dmk_finding missing = { .kind = DMK_FINDING_NODE_MISSING,
				       .flags = DMK_FINDING_CAN_MEND,
				       .name = "a" };
	struct dmk_info info;
	int fd;

	create_zero(*state, "a", NULL, &info);
	missing.major = info.major;
	missing.minor = info.minor;
	snprintf(missing.path, sizeof(missing.path), "%s", node_path("a"));
	fd = open(node_path("a"), O_RDONLY | O_CLOEXEC);
	assert_true(fd >= 0);
	assert_ok(*state, dmk_remove(*state, DMK_NAME("a"), &deferred, NULL));
	assert_ok(*state, dmk_mend(*state, &missing));
	assert_ok(*state, dmk_sync_nodes(*state, NULL));
	assert_ok(*state, dmk_sync_nodes(*state, "a"));
	assert_ok(*state, dmk_resume(*state, DMK_NAME("a"), NULL, NULL));
	assert_int_equal(node_rdev("a"), 0);
	assert_ok(*state, dmk_rename(*state, DMK_NAME("a"), "b", NULL, NULL));
	assert_int_equal(count_entries("/dev/mapper"), 1);
	/* One that the program that asked for the removal left goes with the name. */
	assert_int_equal(mknod(node_path("b"), S_IFBLK | 0600, makedev(info.major, info.minor)), 0);
	assert_ok(*state, dmk_rename(*state, DMK_NAME("b"), "a", NULL, NULL));
	assert_int_equal(count_entries("/dev/mapper"), 1);
	assert_ok(*state, dmk_cancel_deferred_remove(*state, DMK_NAME("a")));
	assert_true(node_is("a", &info));
	close(fd);
	remove_device(*state, "a");
}

static void make_fifo(const char *path)
{
	assert_int_equal(mkfifo(path, 0600), 0);
}

static void make_file(const char *path)
{
	int fd = open(path, O_CREAT | O_EXCL | O_WRONLY | O_CLOEXEC, 0600);

	assert_true(fd >= 0);
	assert_int_equal(write(fd, "precious", 8), 8);
	close(fd);
}

static void make_dir(const char *path)
{
	assert_int_equal(mkdir(path, 0700), 0);
}

static void make_link_elsewhere(const char *path)
{
	assert_int_equal(symlink("/dev/ram0", path), 0);
}

static void make_dangling_link(const char *path)
{
	assert_int_equal(symlink("/nowhere", path), 0);
}

static void make_disk_node(const char *path)
{
	assert_int_equal(mknod(path, S_IFBLK | 0600, makedev(1, 0)), 0);
}

static void make_char_node(const char *path)
{
	assert_int_equal(mknod(path, S_IFCHR | 0600, makedev(1, 3)), 0);
}

static void make_socket(const char *path)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

	assert_true(fd >= 0);
	snprintf(address.sun_path, sizeof(address.sun_path), "%s", path);
	assert_int_equal(bind(fd, (struct sockaddr *)&address, sizeof(address)), 0);
	close(fd);
}

static void what_stands_there_is_never_touched(void **state)
{
	static void (*const makers[])(const char *) = { make_fifo,	    make_file,
							make_dir,	    make_link_elsewhere,
							make_dangling_link, make_disk_node,
							make_char_node,	    make_socket };
	struct dmk_table *table = text_table("0 8 zero");

	for (size_t i = 0; i < sizeof(makers) / sizeof(makers[0]); i++) {
		struct stat before, after;

		makers[i](node_path("a"));
		assert_int_equal(lstat(node_path("a"), &before), 0);
		assert_code(*state, dmk_create(*state, "a", table, NULL, NULL), -EEXIST);
		assert_int_equal(dmk_last_error(*state)->step, DMK_STEP_MAKE_NODE);
		assert_int_equal(dmk_last_error(*state)->undo_code, 0);
		assert_false(device_exists(*state, "a"));
		assert_int_equal(lstat(node_path("a"), &after), 0);
		assert_int_equal(before.st_ino, after.st_ino);
		assert_int_equal(before.st_mode, after.st_mode);
		assert_int_equal(before.st_size, after.st_size);
		assert_int_equal(remove(node_path("a")), 0);
	}
	dmk_table_free(table);
}

static void a_link_to_the_right_device_is_udevs(void **state)
{
	struct dmk_create_options none = { .node_policy = DMK_NODE_NONE };
	struct dmk_info info;
	char target[32];
	struct stat st;

	create_zero(*state, "a", &none, &info);
	snprintf(target, sizeof(target), "../dm-%u", info.minor);
	assert_int_equal(symlink(target, node_path("a")), 0);
	assert_ok(*state, dmk_resume(*state, DMK_NAME("a"), NULL, NULL));
	assert_int_equal(lstat(node_path("a"), &st), 0);
	assert_true(S_ISLNK(st.st_mode));
	assert_ok(*state, dmk_remove(*state, DMK_NAME("a"), NULL, NULL));
	assert_int_equal(lstat(node_path("a"), &st), -1);
}

static void a_busy_device_keeps_its_node(void **state)
{
	struct dmk_remove_options once = { .timeout_ms = -1 };
	struct dmk_create_options options = { .mode = 0640, .gid = 6 };
	struct dmk_info info;
	struct stat st;
	int fd;

	create_zero(*state, "a", &options, &info);
	fd = open(node_path("a"), O_RDONLY | O_CLOEXEC);
	assert_true(fd >= 0);
	assert_code(*state, dmk_remove(*state, DMK_NAME("a"), &once, NULL), -EBUSY);
	assert_true(node_is("a", &info));
	assert_int_equal(stat(node_path("a"), &st), 0);
	assert_int_equal(st.st_mode & 07777, 0640);
	close(fd);
	remove_device(*state, "a");
}

static void the_folder_is_made(void **state)
{
	mode_t mask = umask(0777); /* which takes nothing away */
	struct dmk *dm;
	struct dmk_info info;
	struct stat st;

	(void)state;
	assert_int_equal(dmk_new(&dm), 0);
	assert_ok(dm, dmk_set_node_dir(dm, "/run/dmkit-test-nodes/"));
	create_zero(dm, "a", NULL, &info);
	umask(mask);
	assert_int_equal(stat("/run/dmkit-test-nodes", &st), 0);
	assert_int_equal(st.st_mode & 07777, 0755);
	assert_int_equal(stat("/run/dmkit-test-nodes/control", &st), 0);
	assert_int_equal(st.st_mode & 07777, 0600);
	assert_int_equal(stat("/run/dmkit-test-nodes/a", &st), 0);
	assert_int_equal(st.st_mode & 07777, 0600);
	assert_int_equal(stat("/run/dmkit-test-nodes/a", &st), 0);
	assert_int_equal(st.st_rdev, makedev(info.major, info.minor));
	/* Its own control node was made there, from /proc/misc. */
	assert_int_equal(stat("/run/dmkit-test-nodes/control", &st), 0);
	assert_true(S_ISCHR(st.st_mode));
	assert_ok(dm, dmk_remove(dm, DMK_NAME("a"), NULL, NULL));
	dmk_free(dm);
	assert_int_equal(unlink("/run/dmkit-test-nodes/control"), 0);
	assert_int_equal(rmdir("/run/dmkit-test-nodes"), 0);
}

static void a_missing_control_node_is_made(void **state)
{
	struct dmk *dm;
	struct stat st;

	(void)state;
	assert_int_equal(unlink(CONTROL), 0);
	assert_int_equal(dmk_new(&dm), 0);
	make_device(dm, "a", "0 8 zero");
	remove_device(dm, "a");
	dmk_free(dm);
	assert_int_equal(stat(CONTROL, &st), 0);
	assert_int_equal(st.st_rdev, makedev(10, 236));
}

static void a_wrong_control_node_is_refused(void **state)
{
	struct dmk_version version;
	struct dmk *dm;

	(void)state;
	assert_int_equal(rename(CONTROL, CONTROL ".right"), 0);
	assert_int_equal(mknod(CONTROL, S_IFCHR | 0600, makedev(1, 3)), 0);
	assert_int_equal(dmk_new(&dm), 0);
	assert_code(dm, dmk_driver_version(dm, &version), -ENXIO);
	assert_int_equal(dmk_last_error(dm)->step, DMK_STEP_OPEN_CONTROL);
	dmk_free(dm);
	assert_int_equal(rename(CONTROL ".right", CONTROL), 0);
}

int main(void)
{
#define NODE_TEST(f) cmocka_unit_test_setup_teardown(f, connect_kernel, leave_nothing)
	const struct CMUnitTest tests[] = {
		NODE_TEST(mode_owner_and_group_are_as_asked),
		NODE_TEST(policies),
		NODE_TEST(a_stale_node_is_replaced),
		NODE_TEST(a_device_may_be_called_as_a_temporary_node_was),
		NODE_TEST(creates_beside_a_loop_of_sync_nodes),
		NODE_TEST(a_removal_that_waits_has_no_node),
		NODE_TEST(what_stands_there_is_never_touched),
		NODE_TEST(a_link_to_the_right_device_is_udevs),
		NODE_TEST(a_busy_device_keeps_its_node),
		NODE_TEST(the_folder_is_made),
		NODE_TEST(a_missing_control_node_is_made),
		NODE_TEST(a_wrong_control_node_is_refused),
	};

	return cmocka_run_group_tests_name("kernel nodes", tests, NULL, NULL);
}
