/* SPDX-License-Identifier: MIT */
/* with: the command that runs while its devices are there. */
#include <ctype.h>
#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "cmd/with.h"
#include "common/numbers.h"
#include "common/signals.h"
#include "show/errors.h"

#define VARIABLE "DMKIT_DEV"
#define PATIENCE_NS INT64_C(2000000000)
#define PAUSE_NS 5000000
#define SHELL_NOT_FOUND 127 /* as shells, env and others have it */
#define SHELL_NOT_RUN 126
#define SHELL_SIGNAL 128

/* The path of a device as $DMKIT_DEV_NAME. 0 or a negative errno. */
static int set_variable(struct cli *cli, const char *name, bool single)
{
	char variable[sizeof(VARIABLE) + 1 + DMK_NAME_SIZE];
	char path[4096];
	int r = dmk_node_path(cli->dm, name, path, sizeof(path));

	if (r < 0)
		return r;
	snprintf(variable, sizeof(variable), "%s%s%s", VARIABLE, single ? "" : "_",
		 single ? "" : name);
	for (char *c = variable; *c; c++)
		*c = isalnum((unsigned char)*c) ? (char)toupper((unsigned char)*c) : '_';
	return setenv(variable, path, 1) < 0 ? -errno : 0;
}

/* In the child: nothing of the parent's is left open but what it was started with. */
static void become(char **command, const sigset_t *mask)
{
	signal(SIGALRM, SIG_DFL);
	sigprocmask(SIG_SETMASK, mask, NULL);
	execvp(command[0], command);
	dprintf(STDERR_FILENO, "dmkit: with: '%s': %s (-%s)\n", command[0], dmk_errno_text(errno),
		dmk_errno_name(errno));
	_exit(errno == ENOENT ? SHELL_NOT_FOUND : SHELL_NOT_RUN);
}

int run_with(struct cli *cli, const struct rig *rig, char **command)
{
	sigset_t before;
	pid_t child;
	int status;

	for (uint32_t i = 0; i < rig->n; i++) {
		int r = set_variable(cli, rig->names[i], rig->single);

		if (r < 0)
			return fail_errno(cli, r, rig->names[i], "tell the path of");
	}
	if (!signals_hold(&before))
		return fail_errno(cli, -EINTR, command[0], "run");
	fflush(NULL);
	child = fork();
	if (child < 0)
		return fail_errno(cli, -errno, command[0], "run");
	if (child == 0)
		become(command, &before);
	status = wait_for_child(child);
	return WIFSIGNALED(status) ? SHELL_SIGNAL + WTERMSIG(status) : WEXITSTATUS(status);
}

/* false: it is there still, or another one of that name. */
static bool is_gone(struct cli *cli, const char *name)
{
	struct dmk_info info;

	return dmk_get_info(cli->dm, DMK_NAME(name), NULL, &info) == -ENXIO;
}

static void say_open(struct cli *cli, const char *name)
{
	struct dmk_error err = { .code = -EBUSY };
	char text[512];

	snprintf(err.device, sizeof(err.device), "%s", name);
	snprintf(text, sizeof(text),
		 "with: '%s' is open still, and goes when it is closed; "
		 "'dmkit holders' says who has it",
		 name);
	if (!given(cli, OPT_JSON))
		put_sentence(cli, text);
}

void wait_for_end(struct cli *cli, const struct rig *rig)
{
	const int64_t end_ns = now_ns() + PATIENCE_NS;

	for (uint32_t i = 0; i < rig->n; i++) {
		const char *name = rig->names[i];
		bool gone;

		/* The kernel removes them in a thread of its own, udevd may look at one meanwhile. */
		while (!(gone = is_gone(cli, name)) && now_ns() < end_ns)
			nanosleep(&(struct timespec){ .tv_nsec = PAUSE_NS }, NULL);
		if (gone)
			dmk_sync_nodes(cli->dm, name);
		else
			say_open(cli, name);
	}
}
