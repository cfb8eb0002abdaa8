/* SPDX-License-Identifier: MIT */
/* A udevd that stands still, dies, is elsewhere or lies; semaphores that are none. The verb does
 * its work in its time, the node is right, and nothing is left. */
#include <errno.h>
#include <fcntl.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/sem.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>
#include <sys/wait.h>
#include <unistd.h>

#include "udev.h"

#define SHORT_MS 700

static const struct dmk_create_options short_create = { .timeout_ms = SHORT_MS };
static const struct dmk_remove_options short_remove = { .timeout_ms = SHORT_MS };

static void stop_udevd(void)
{
	settle();
	assert_int_equal(shell("kill -STOP $(pidof systemd-udevd)"), 0);
}

static void go_on(void)
{
	assert_int_equal(shell("kill -CONT $(pidof systemd-udevd)"), 0);
	settle();
}

static void restart_udevd(void)
{
	assert_int_equal(run("/usr/lib/systemd/systemd-udevd", "--daemon", NULL), 0);
	settle();
}

/* What is in /dev/mapper beside the control node. */
static int count_names(void)
{
	return shell("exit $(ls /dev/mapper | grep -vc '^control$')");
}

static void udevd_stands_still(void **state)
{
	struct dmk *dm = *state;
	struct dmk_info info;

	stop_udevd();
	zero_device(dm, "still", &short_create, &info);
	assert_note(dm, DMK_UDEV_NOTE_MADE);
	assert_linked(&info, true);
	dmk_set_timeout(dm, SHORT_MS);
	assert_ok(dm, dmk_rename(dm, DMK_NAME("still"), "stiller", NULL, &info));
	assert_note(dm, DMK_UDEV_NOTE_MADE);
	assert_linked(&info, true);
	assert_no_link("still");
	assert_ok(dm, dmk_suspend(dm, DMK_NAME("stiller"), NULL, NULL));
	assert_ok(dm, dmk_resume(dm, DMK_NAME("stiller"), NULL, NULL));
	assert_note(dm, DMK_UDEV_NOTE_LATE);
	dmk_set_timeout(dm, PATIENCE_MS);
	assert_int_equal(count_cookies(dm), 0);
	/* When it goes on it finds its own link: nothing is doubled or lost. */
	go_on();
	wait_by_id("stiller", true);
	assert_linked(&info, false);
	assert_int_equal(count_names(), 1);
	remove_device(dm, "stiller");
	assert_no_note(dm);

	zero_device(dm, "still", NULL, &info);
	assert_no_note(dm);
	stop_udevd();
	assert_ok(dm, dmk_remove(dm, DMK_NAME("still"), &short_remove, NULL));
	assert_note(dm, DMK_UDEV_NOTE_REMOVED);
	assert_int_equal(count_names(), 0);
	go_on();
	wait_by_id("still", false);
	assert_no_link("still");
}

static void udevd_dies_and_comes_back(void **state)
{
	struct dmk *dm = *state;
	struct dmk_info info, again;

	zero_device(dm, "before", NULL, &info);
	assert_no_note(dm);
	/* In the middle of a wait. */
	stop_udevd();
	assert_int_equal(shell("(sleep 0.3; kill -KILL $(pidof systemd-udevd)) &"), 0);
	zero_device(dm, "middle", &short_create, &again);
	assert_note(dm, DMK_UDEV_NOTE_MADE);
	assert_linked(&again, true);
	/* Nobody answers any more. */
	while (udevd_pid())
		usleep(10000);
	assert_ok(dm, dmk_remove(dm, DMK_NAME("middle"), NULL, NULL));
	assert_int_equal(udev_state(dm).why, DMK_UDEV_WHY_NO_ANSWER);
	assert_int_equal(udev_state(dm).error, -ECONNREFUSED);
	assert_no_link("middle");
	zero_device(dm, "after", NULL, &again);
	assert_own_node(&again);
	remove_device(dm, "after");

	restart_udevd();
	assert_ok(dm, dmk_set_udev(dm, DMK_UDEV_AUTO));
	remove_device(dm, "before");
	assert_no_note(dm);
	zero_device(dm, "after", NULL, &info);
	assert_no_note(dm);
	assert_linked(&info, false);
	remove_device(dm, "after");
}

/* Runs fn in a process of its own; it returns 0 where all is well. */
static void apart(int (*fn)(struct dmk *dm))
{
	pid_t pid = fork();
	int status;

	if (pid == 0) {
		struct dmk *dm;
		int r = 99;

		if (dmk_new(&dm) == 0)
			r = fn(dm);
		dmk_free(dm);
		_exit(r);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(status, 0);
}

/* link: it has to be udev's; else udev, which hears of the device all the same, may be quicker. */
static int create_and_note(struct dmk *dm, uint32_t why, uint32_t note, bool link)
{
	char text[DMK_ERROR_TEXT_SIZE];
	struct dmk_udev_state udev;
	struct dmk_table *table;
	struct dmk_info info;
	struct stat st;
	int r;

	if (dmk_table_new(&table) < 0 || dmk_table_add_zero(table, DMK_NEXT, 8) < 0)
		return 90;
	r = dmk_create(dm, "apart", table, NULL, &info);
	dmk_table_free(table);
	if (r < 0) {
		dmk_error_format(dmk_last_error(dm), text, sizeof(text));
		fprintf(stderr, "%s\n", text);
		return 1;
	}
	dmk_get_udev_state(dm, &udev);
	if (stat(node_path("apart"), &st) < 0 || st.st_rdev != makedev(info.major, info.minor))
		r = 2;
	else if (link && (lstat(node_path("apart"), &st) < 0 || !S_ISLNK(st.st_mode)))
		r = 3;
	else if (udev.why != why)
		r = 4;
	/* On a slow machine the link is late as well. */
	else if (udev.note != note &&
		 !(note == DMK_UDEV_NOTE_LATE && udev.note == DMK_UDEV_NOTE_MADE))
		r = 6;
	if (r)
		fprintf(stderr, "%s; %s; error %d\n", dmk_udev_why_text(udev.why),
			dmk_udev_note_text(udev.note), udev.error);
	return dmk_remove(dm, DMK_NAME("apart"), NULL, NULL) < 0 ? 5 : r;
}

static int in_another_ipc_namespace(struct dmk *dm)
{
	if (unshare(CLONE_NEWIPC) < 0)
		return 80;
	return create_and_note(dm, DMK_UDEV_WHY_IPC, DMK_UDEV_NOTE_NONE, false);
}

static int forced_in_another_ipc_namespace(struct dmk *dm)
{
	if (unshare(CLONE_NEWIPC) < 0 || dmk_set_udev(dm, DMK_UDEV_ON) < 0 ||
	    dmk_set_timeout(dm, SHORT_MS) < 0)
		return 80;
	return create_and_note(dm, DMK_UDEV_WHY_ASKED, DMK_UDEV_NOTE_LATE, true);
}

static int in_another_network_namespace(struct dmk *dm)
{
	if (unshare(CLONE_NEWNET) < 0)
		return 80;
	return create_and_note(dm, DMK_UDEV_WHY_ANSWERS, DMK_UDEV_NOTE_NONE, true);
}

static int without_run_udev(struct dmk *dm)
{
	if (unshare(CLONE_NEWNS) < 0 ||
	    shell("mount --make-rprivate / && mount -t tmpfs none /run"))
		return 80;
	return create_and_note(dm, DMK_UDEV_WHY_NO_SOCKET, DMK_UDEV_NOTE_NONE, false);
}

/* udev without dmsetup, whose package has the rules. */
static int without_rules(struct dmk *dm)
{
	if (unshare(CLONE_NEWNS) < 0 ||
	    shell("mount --make-rprivate / && mount -t tmpfs none /usr/lib/udev/rules.d"))
		return 80;
	return create_and_note(dm, DMK_UDEV_WHY_NO_RULES, DMK_UDEV_NOTE_NONE, false);
}

static void other_namespaces(void **state)
{
	(void)state;
	apart(in_another_ipc_namespace);
	apart(in_another_network_namespace);
	apart(without_run_udev);
	settle();
	assert_no_link("apart");
	apart(without_rules);
	settle();
	assert_no_link("apart");
	apart(forced_in_another_ipc_namespace);
	/* Nobody waited for udevd here. */
	settle();
	assert_no_link("apart");
}

/* A /dev of its own, as containers have; even the control node is to be made there. */
static int with_another_dev(struct dmk *dm)
{
	if (unshare(CLONE_NEWNS) < 0 ||
	    shell("mount --make-rprivate / && mount -t tmpfs none /dev"))
		return 80;
	return create_and_note(dm, DMK_UDEV_WHY_DEV, DMK_UDEV_NOTE_NONE, false);
}

/* The socket's maker is there, and its namespaces and files are compared with ours. */
static void udevd_that_is_no_daemon(void **state)
{
	struct dmk *dm = *state;
	struct dmk_info info;

	settle();
	assert_int_equal(shell("kill $(pidof systemd-udevd); "
			       "while pidof systemd-udevd >/dev/null; do sleep 0.05; done; "
			       "/usr/lib/systemd/systemd-udevd >/dev/null 2>&1 & "
			       "until udevadm control --ping 2>/dev/null; do sleep 0.05; done"),
			 0);
	zero_device(dm, "alive", NULL, &info);
	assert_no_note(dm);
	assert_int_equal(udev_state(dm).pid, udevd_pid());
	assert_linked(&info, false);
	remove_device(dm, "alive");
	apart(in_another_ipc_namespace);
	apart(with_another_dev);
	settle();
	assert_no_link("apart");
	assert_int_equal(shell("kill $(pidof systemd-udevd); "
			       "while pidof systemd-udevd >/dev/null; do sleep 0.05; done"),
			 0);
	restart_udevd();
}

static void full_table(void **state)
{
	struct dmk *dm = *state;
	uint32_t cookie, other;
	struct dmk_info info;

	assert_ok(dm, dmk_udev_cookie_create(dm, &cookie));
	assert_int_equal(shell("echo 32000 1024000000 500 1 >/proc/sys/kernel/sem"), 0);
	assert_code(dm, dmk_udev_cookie_create(dm, &other), -ENOSPC);
	zero_device(dm, "full", NULL, &info);
	assert_note(dm, DMK_UDEV_NOTE_NO_COOKIE);
	assert_int_equal(udev_state(dm).error, -ENOSPC);
	assert_linked(&info, true);
	assert_ok(dm, dmk_remove(dm, DMK_NAME("full"), NULL, NULL));
	assert_note(dm, DMK_UDEV_NOTE_NO_COOKIE);
	assert_int_equal(count_names(), 0);
	assert_int_equal(shell("echo 32000 1024000000 500 32000 >/proc/sys/kernel/sem"), 0);
	assert_ok(dm, dmk_udev_cookie_remove(dm, cookie));
	settle();
	assert_no_link("full");
}

static int forbid(uint32_t error)
{
	struct sock_filter code[] = {
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_semget, 0, 1),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | error),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
	};
	struct sock_fprog program = { .len = 4, .filter = code };

	return prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program);
}

static int without_semget_eperm(struct dmk *dm)
{
	return forbid(EPERM) < 0
		       ? 80
		       : create_and_note(dm, DMK_UDEV_WHY_ANSWERS, DMK_UDEV_NOTE_NO_COOKIE, true);
}

static int without_semget_enosys(struct dmk *dm)
{
	return forbid(ENOSYS) < 0
		       ? 80
		       : create_and_note(dm, DMK_UDEV_WHY_ANSWERS, DMK_UDEV_NOTE_NO_COOKIE, true);
}

static void no_permission_for_semget(void **state)
{
	(void)state;
	apart(without_semget_eperm);
	apart(without_semget_enosys);
	settle();
}

static void set_value(struct dmk *dm, uint32_t cookie, int value)
{
	int semid = semget((key_t)cookie, 1, 0);

	(void)dm;
	assert_true(semid >= 0);
	assert_int_equal(semctl(semid, 0, SETVAL, value), 0);
}

static void foreign_values(void **state)
{
	struct dmk *dm = *state;
	uint32_t cookie;

	assert_ok(dm, dmk_udev_cookie_create(dm, &cookie));
	set_value(dm, cookie, 0);
	assert_code(dm, dmk_udev_cookie_complete(dm, cookie), -EAGAIN);
	assert_ok(dm, dmk_udev_cookie_wait(dm, cookie, SHORT_MS));
	assert_code(dm, dmk_udev_cookie_complete(dm, cookie), -ENOENT);

	assert_ok(dm, dmk_udev_cookie_create(dm, &cookie));
	set_value(dm, cookie, 32767);
	assert_code(dm, dmk_udev_cookie_add(dm, cookie), -ERANGE);
	assert_code(dm, dmk_udev_cookie_wait(dm, cookie, SHORT_MS), -ETIMEDOUT);
	assert_string_equal(dmk_last_error(dm)->detail,
			    "udevd did not complete 32766 events in time");
}

static void udev_lies(void **state)
{
	struct dmk *dm = *state;
	struct dmk_info info;

	rule("KERNEL==\"ram1\", SYMLINK+=\"mapper/liar\", OPTIONS+=\"link_priority=1000\"");
	zero_device(dm, "liar", NULL, &info);
	assert_note(dm, DMK_UDEV_NOTE_WRONG);
	assert_linked(&info, false);
	/* What it leads to afterwards is udev's affair. */
	assert_ok(dm, dmk_remove(dm, DMK_NAME("liar"), NULL, NULL));
	rule("ENV{DM_NAME}==\"mute\", SYMLINK=\"\"");
	assert_no_link("liar");
	zero_device(dm, "mute", NULL, &info);
	assert_note(dm, DMK_UDEV_NOTE_WRONG);
	assert_linked(&info, true);
	assert_ok(dm, dmk_remove(dm, DMK_NAME("mute"), NULL, NULL));
	assert_note(dm, DMK_UDEV_NOTE_LEFT);
	/* It never counts the cookie down. */
	rule("ENV{DM_NAME}==\"silent\", RUN=\"\"");
	zero_device(dm, "silent", &short_create, &info);
	if (udev_state(dm).note != DMK_UDEV_NOTE_MADE) /* the link itself was late too */
		assert_note(dm, DMK_UDEV_NOTE_LATE);
	wait_by_id("silent", true);
	assert_linked(&info, false);
	assert_int_equal(count_cookies(dm), 0);
	no_rule();
	remove_device(dm, "silent");
}

static uint32_t wait_for_cookie(struct dmk *dm)
{
	for (int i = 0; i < PATIENCE_MS / 10; i++) {
		if (count_cookies(dm))
			return 1;
		usleep(10000);
	}
	return 0;
}

/* The command in the middle of its wait. */
static pid_t start_command(struct dmk *dm)
{
	pid_t pid = fork();

	if (pid == 0) {
		execl("build/dmkit", "dmkit", "create", "ended", "zero", "size=8s", NULL);
		_exit(127);
	}
	assert_true(wait_for_cookie(dm));
	return pid;
}

static void ended_by_a_signal(void **state)
{
	struct dmk *dm = *state;
	int status;
	pid_t pid;

	stop_udevd();
	pid = start_command(dm);
	assert_int_equal(kill(pid, SIGINT), 0);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFSIGNALED(status));
	assert_int_equal(WTERMSIG(status), SIGINT);
	assert_int_equal(count_cookies(dm), 0);
	assert_false(device_exists(dm, "ended"));
	go_on();
	wait_by_id("ended", false);
	assert_no_link("ended");
}

static void killed(void **state)
{
	struct dmk_udev_cookies *cookies;
	struct dmk_udev_cookie cookie;
	struct dmk *dm = *state;
	pid_t pid;

	stop_udevd();
	pid = start_command(dm);
	assert_int_equal(kill(pid, SIGKILL), 0);
	assert_int_equal(waitpid(pid, NULL, 0), pid);
	/* It could not clean up: it is shown, and can be removed. */
	assert_ok(dm, dmk_list_udev_cookies(dm, &cookies));
	assert_int_equal(dmk_udev_cookies_next(cookies, &cookie), 1);
	assert_int_equal(cookie.value, 1);
	assert_int_equal(cookie.waiters, 0);
	assert_int_equal(cookie.pid, pid);
	assert_int_equal(cookie.uid, 0);
	assert_int_equal(cookie.cookie >> 16, 0x0d4d);
	assert_true(cookie.change_s > 0);
	assert_ok(dm, dmk_udev_cookie_remove(dm, cookie.cookie));
	assert_int_equal(dmk_udev_cookies_next(cookies, &cookie), 0);
	dmk_udev_cookies_free(cookies);
	go_on();
	wait_by_id("ended", true);
	if (device_exists(dm, "ended"))
		remove_device(dm, "ended");
	assert_no_link("ended");
}

/* Another test's failure must not leave udevd standing. */
static int udevd_runs(void **state)
{
	if (udevd_pid() == 0)
		restart_udevd();
	shell("kill -CONT $(pidof systemd-udevd)");
	return no_cookies(state);
}

#define TEST(function) cmocka_unit_test_setup_teardown(function, with_udev, udevd_runs)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(udevd_stands_still), TEST(udevd_dies_and_comes_back),
		TEST(other_namespaces),	  TEST(udevd_that_is_no_daemon),
		TEST(full_table),	  TEST(no_permission_for_semget),
		TEST(foreign_values),	  TEST(udev_lies),
		TEST(ended_by_a_signal),  TEST(killed),
	};
	int failed = cmocka_run_group_tests_name("trouble with udev", tests, NULL, NULL);

	printf("# longest wait: %lld ms\n", (long long)longest_wait_ms());
	return failed;
}
