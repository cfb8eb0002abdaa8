/* SPDX-License-Identifier: MIT */
/*
 * Ctrl-C and TERM in the middle of a create: the library is told to stop, undoes what it has done,
 * and then the process ends by the signal as its parent expects.
 */
#include <signal.h>
#include <stddef.h>
#include <sys/wait.h>
#include <unistd.h>

#include "common/cli.h"
#include "common/signals.h"

/* A handler is given nothing but the number, so this one word cannot live in struct cli. */
static volatile int32_t caught;

static void on_signal(int number)
{
	if (number != SIGALRM)
		caught = number;
	/* What comes after the library's last look at `caught`, and before a request that blocks,
	 * would end nothing: so it comes again. */
	alarm(1);
}

void signals_install(struct dmk *dm)
{
	static const int numbers[] = { SIGINT, SIGTERM, SIGHUP };
	/* No SA_RESTART: a call that blocks in the kernel must come back, which makes the kernel
	 * undo it. */
	struct sigaction action = { .sa_handler = on_signal };
	struct sigaction before;

	sigemptyset(&action.sa_mask);
	for (size_t i = 0; i < ARRAY_SIZE(numbers); i++) {
		/* What nohup or a background job ignores stays ignored. */
		if (sigaction(numbers[i], &action, &before) == 0 && before.sa_handler == SIG_IGN) {
			sigaction(numbers[i], &before, NULL);
			if (caught == numbers[i])
				caught = 0;
		}
	}
	sigaction(SIGALRM, &action, NULL);
	dmk_set_cancel(dm, &caught, -1);
}

bool signals_caught(void)
{
	return caught != 0;
}

static void held(sigset_t *ret_set)
{
	static const int numbers[] = {
		SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGUSR1, SIGUSR2, SIGCHLD
	};

	sigemptyset(ret_set);
	for (size_t i = 0; i < ARRAY_SIZE(numbers); i++)
		sigaddset(ret_set, numbers[i]);
}

bool signals_hold(sigset_t *ret_before)
{
	sigset_t set;

	held(&set);
	/* Where children's ends are ignored, none would be told. */
	signal(SIGCHLD, SIG_DFL);
	sigprocmask(SIG_BLOCK, &set, ret_before);
	return !caught;
}

int wait_for_child(pid_t child)
{
	sigset_t set;
	int status = 0;

	held(&set);
	while (waitpid(child, &status, WNOHANG) == 0) {
		siginfo_t info;
		int number = sigwaitinfo(&set, &info);

		if (number > 0 && number != SIGCHLD && info.si_code <= 0 && info.si_pid != child)
			kill(child, number);
	}
	return status;
}

void signals_pass_on(void)
{
	if (caught) {
		signal((int)caught, SIG_DFL);
		raise((int)caught);
	}
}
