/* SPDX-License-Identifier: MIT */
#include "udev.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static int64_t longest;

int with_udev(void **state)
{
	int r = connect_kernel(state);

	/* On a busy machine an event takes longer than a verb waits by default. */
	if (r == 0)
		dmk_set_timeout(*state, PATIENCE_MS);
	return r;
}

int no_cookies(void **state)
{
	uint32_t left = count_cookies(*state);

	if (left)
		fprintf(stderr, "%u cookies left behind\n", left);
	return leave_nothing(state) == 0 && left == 0 ? 0 : -1;
}

struct dmk_udev_state udev_state(struct dmk *dm)
{
	struct dmk_udev_state state;

	assert_int_equal(dmk_get_udev_state(dm, &state), 0);
	if (state.waited_ms > longest)
		longest = state.waited_ms;
	return state;
}

int64_t longest_wait_ms(void)
{
	return longest;
}

void assert_no_note(struct dmk *dm)
{
	struct dmk_udev_state state = udev_state(dm);

	assert_int_equal(state.why, DMK_UDEV_WHY_ANSWERS);
	assert_int_equal(state.handshake, 1);
	assert_string_equal(dmk_udev_note_text(state.note), "");
}

void assert_note(struct dmk *dm, uint32_t note)
{
	assert_string_equal(dmk_udev_note_text(udev_state(dm).note), dmk_udev_note_text(note));
}

static const char *by_id(const char *name)
{
	static char path[512];

	snprintf(path, sizeof(path), "/dev/disk/by-id/dm-name-%s", name);
	return path;
}

/* What stands at path: what it leads to, or why nothing does. */
static void tell(const char *path)
{
	char link[64] = "";
	struct stat st;
	ssize_t n = readlink(path, link, sizeof(link) - 1);

	fprintf(stderr, "%s%s%s: ", path, n > 0 ? " -> " : "", n > 0 ? link : "");
	if (stat(path, &st) < 0)
		fprintf(stderr, "%s\n", strerror(errno));
	else
		fprintf(stderr, "%u:%u\n", major(st.st_rdev), minor(st.st_rdev));
}

static bool leads_to(const char *path, const struct dmk_info *info)
{
	struct stat st;

	return stat(path, &st) == 0 && st.st_rdev == makedev(info->major, info->minor);
}

void assert_linked(const struct dmk_info *info, bool bare)
{
	char expected[32], link[64] = "", node[32];
	ssize_t n = readlink(node_path(info->name), link, sizeof(link) - 1);
	bool own, others;

	snprintf(expected, sizeof(expected), "../dm-%u", info->minor);
	own = n > 0 && strcmp(link, expected) == 0 && leads_to(node_path(info->name), info);
	others = bare || leads_to(by_id(info->name), info);
	if (own && others)
		return;
	/* Now, and whether it is only late. */
	snprintf(node, sizeof(node), "/dev/dm-%u", info->minor);
	fprintf(stderr, "%s is %u:%u, its link was '%s', %s, that by id %s\n", info->name,
		info->major, info->minor, link, own ? "right" : "not right",
		others ? "right" : "not right");
	for (int i = 0; i < 2; i++, sleep(1)) {
		tell(node_path(info->name));
		tell(by_id(info->name));
		tell(node);
	}
	fail();
}

void wait_by_id(const char *name, bool there)
{
	int64_t end = ms_now() + PATIENCE_MS;
	struct stat st;

	while ((lstat(by_id(name), &st) == 0) != there && ms_now() < end)
		usleep(20000);
}

void wait_gone(const struct dmk_info *info)
{
	int64_t end = ms_now() + PATIENCE_MS;
	char path[64];

	snprintf(path, sizeof(path), "/sys/dev/block/%u:%u", info->major, info->minor);
	while (access(path, F_OK) == 0 && ms_now() < end)
		usleep(20000);
}

void assert_own_node(const struct dmk_info *info)
{
	struct stat st;

	assert_int_equal(lstat(node_path(info->name), &st), 0);
	assert_true(S_ISBLK(st.st_mode));
	assert_int_equal(st.st_rdev, makedev(info->major, info->minor));
}

void assert_no_link(const char *name)
{
	struct stat st;

	assert_int_equal(lstat(node_path(name), &st), -1);
	assert_int_equal(errno, ENOENT);
	assert_int_equal(lstat(by_id(name), &st), -1);
	assert_int_equal(errno, ENOENT);
}

void zero_device(struct dmk *dm, const char *name, const struct dmk_create_options *options,
		 struct dmk_info *ret_info)
{
	struct dmk_table *table = text_table("0 8 zero");

	assert_ok(dm, dmk_create(dm, name, table, options, ret_info));
	dmk_table_free(table);
}

uint32_t count_cookies(struct dmk *dm)
{
	struct dmk_udev_cookies *cookies;
	struct dmk_udev_cookie cookie;
	uint32_t n = 0;

	assert_ok(dm, dmk_list_udev_cookies(dm, &cookies));
	while (dmk_udev_cookies_next(cookies, &cookie))
		n++;
	dmk_udev_cookies_free(cookies);
	return n;
}

static int exit_of(int status)
{
	return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

int run(const char *word, ...)
{
	char *words[16] = { (char *)word };
	va_list args;
	int status, n = 0;
	pid_t pid;

	va_start(args, word);
	while (words[n] && n < 15)
		words[++n] = va_arg(args, char *);
	va_end(args);
	pid = fork();
	if (pid == 0) {
		execvp(words[0], words);
		_exit(127);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	return exit_of(status);
}

int shell(const char *command)
{
	return run("sh", "-c", command, NULL);
}

int udevd_pid(void)
{
	FILE *pipe = popen("pidof systemd-udevd | tr ' ' '\\n' | sort -n | head -n 1", "r");
	int pid = 0;

	assert_non_null(pipe);
	if (fscanf(pipe, "%d", &pid) != 1)
		pid = 0;
	pclose(pipe);
	return pid;
}

void settle(void)
{
	assert_int_equal(run("udevadm", "settle", "--timeout=60", NULL), 0);
}

void rule(const char *text)
{
	char command[512];

	snprintf(command, sizeof(command),
		 "mkdir -p /run/udev/rules.d && echo '%s' >/run/udev/rules.d/99-lie.rules && "
		 "udevadm control --reload && udevadm trigger /dev/ram1 && udevadm settle",
		 text);
	assert_int_equal(shell(command), 0);
}

void no_rule(void)
{
	rule("");
	assert_int_equal(unlink("/run/udev/rules.d/99-lie.rules"), 0);
}

int64_t ms_now(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * INT64_C(1000) + now.tv_nsec / 1000000;
}
