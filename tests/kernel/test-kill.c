/* SPDX-License-Identifier: MIT */
/*
 * The command is sent KILL, TERM and INT before and after each of its system calls, from the one
 * that opens the control node on. What it says afterwards is what is: done with exit code 0, or
 * ended by the signal and nothing changed. After KILL nothing is suspended, and no more is left
 * than `allowed` says.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "support.h"

#define OLD_TABLE "0 2048 linear " RAM0 " 0"
#define MOST_STOPS 200
#define BLOCKED_SECONDS 1

/* What is seen of the device afterwards. */
enum state {
	GONE = 1 << 0,
	NO_TABLE = 1 << 1, /* there, but nothing in it */
	OLD = 1 << 2,	   /* the table that it had, or that create was given */
	NEW = 1 << 3,
	INACTIVE = 1 << 4, /* the slot for the next table is taken */
	SUSPENDED = 1 << 5,
	NODE = 1 << 6,
	TEMPORARY_NODE = 1 << 7
};

struct verb {
	const char *name;
	const char *const *args;
	unsigned begins;
	unsigned ends;	  /* in one of these two */
	unsigned between; /* where TERM may leave it, too */
	unsigned allowed; /* what KILL may leave beside, and need not leave of the others */
	unsigned undone;  /* at so many stops at least it ends by the signal */
	unsigned most;	  /* stops that are looked at; 0: all that it has */
	bool hangs;	  /* I/O of the device waits in "below", and so does the verb */
	bool opened;	  /* somebody has the device open */
	bool races;	  /* the request is in a process of its own, which may be quicker */
};

/* ---- one run ---- */

enum event {
	STOPPED,
	BLOCKED,
	ENDED
};

struct run {
	pid_t pid;
	int status; /* of ENDED */
	int held;   /* the signal that it stopped for, of its own */
};

static void start(struct run *run, const struct verb *verb)
{
	const char *build = getenv("BUILD");
	char path[256];

	snprintf(path, sizeof(path), "%s/dmkit", build ? build : "build");
	*run = (struct run){ .pid = fork() };
	assert_true(run->pid >= 0);
	if (run->pid == 0) {
		int null = open("/dev/null", O_RDWR);

		dup2(null, STDIN_FILENO);
		dup2(null, STDOUT_FILENO);
		dup2(null, STDERR_FILENO);
		if (null > STDERR_FILENO)
			close(null);
		ptrace(PTRACE_TRACEME, 0, NULL, NULL);
		execv(path, (char *const *)(uintptr_t)verb->args);
		_exit(127);
	}
	assert_int_equal(waitpid(run->pid, &run->status, 0), run->pid);
	assert_true(WIFSTOPPED(run->status));
	ptrace(PTRACE_SETOPTIONS, run->pid, NULL,
	       (void *)(PTRACE_O_EXITKILL | PTRACE_O_TRACESYSGOOD));
}

static void wake(int number)
{
	(void)number;
}

/* To the next end of a system call, or begin of one. */
static enum event step(struct run *run, bool may_block)
{
	const struct sigaction action = { .sa_handler = wake };
	pid_t pid;

	sigaction(SIGALRM, &action, NULL);
	alarm(may_block ? BLOCKED_SECONDS : 0);
	ptrace(PTRACE_SYSCALL, run->pid, NULL, (void *)(uintptr_t)run->held);
	run->held = 0;
	pid = waitpid(run->pid, &run->status, 0);
	alarm(0);
	if (pid < 0 && errno == EINTR)
		return BLOCKED;
	assert_int_equal(pid, run->pid);
	if (!WIFSTOPPED(run->status))
		return ENDED;
	if (WSTOPSIG(run->status) != (SIGTRAP | 0x80))
		run->held = WSTOPSIG(run->status);
	return STOPPED;
}

static bool is_connected(const struct run *run)
{
	char link[64], target[64];
	ssize_t n;

	/* It has no other file then. */
	snprintf(link, sizeof(link), "/proc/%d/fd/3", (int)run->pid);
	n = readlink(link, target, sizeof(target) - 1);
	if (n < 0)
		return false;
	target[n] = '\0';
	return strcmp(target, "/dev/mapper/control") == 0;
}

/* Runs on to its end, however that comes. */
static void finish(struct run *run, enum event at, int number)
{
	kill(run->pid, number);
	if (at == BLOCKED && number != SIGKILL) {
		assert_int_equal(waitpid(run->pid, &run->status, 0), run->pid);
		assert_true(WIFSTOPPED(run->status));
		run->held = number;
	}
	if (number != SIGKILL)
		ptrace(PTRACE_DETACH, run->pid, NULL, (void *)(uintptr_t)run->held);
	assert_int_equal(waitpid(run->pid, &run->status, 0), run->pid);
}

/* Sends it `number` at stop `stop`; false: it has no more stops than that. */
static bool run_and_kill(const struct verb *verb, int number, unsigned stop, struct run *run)
{
	enum event event = STOPPED;

	start(run, verb);
	while (event == STOPPED && !is_connected(run))
		event = step(run, false);
	for (unsigned i = 0; i < stop && event == STOPPED; i++)
		event = step(run, verb->hangs);
	if (event == ENDED) {
		assert_true(WIFEXITED(run->status));
		assert_int_equal(WEXITSTATUS(run->status), 0);
		return false;
	}
	finish(run, event, number);
	/* A verb that hangs has nothing behind that. */
	return event == STOPPED;
}

/* ---- what is left ---- */

static unsigned table_state(struct dmk *dm)
{
	struct dmk_segments *segments;
	struct dmk_segment segment;
	unsigned state = NO_TABLE;
	int r = dmk_get_table(dm, DMK_NAME("t"), NULL, &segments);

	if (r < 0) { /* a deferred removal, which the kernel does when it comes to it */
		assert_code(dm, r, -ENXIO);
		return GONE;
	}
	if (dmk_segments_next(segments, &segment) == 1)
		state = strcmp(segment.type, "linear") == 0 ? OLD : NEW;
	dmk_segments_free(segments);
	return state;
}

static unsigned node_state(void)
{
	DIR *dir = opendir("/dev/mapper");
	struct dirent *entry;
	unsigned state = 0;

	assert_non_null(dir);
	while ((entry = readdir(dir)))
		if (strncmp(entry->d_name, ".dmkit", 6) == 0)
			state = TEMPORARY_NODE;
	closedir(dir);
	return state | (node_rdev("t") ? NODE : 0);
}

static unsigned state_of(struct dmk *dm)
{
	unsigned state = node_state();
	unsigned table = table_state(dm);
	struct dmk_info info;

	if (table == GONE || dmk_get_info(dm, DMK_NAME("t"), NULL, &info) == -ENXIO)
		return state | GONE;
	if (state & NODE)
		assert_true(node_is("t", &info));
	return state | table | (info.flags & DMK_INFO_SUSPENDED ? SUSPENDED : 0) |
	       (info.flags & DMK_INFO_INACTIVE_TABLE ? INACTIVE : 0);
}

/* The tables are the kernel's whole; everything else comes or goes by steps. */
static bool is_allowed(const struct verb *verb, unsigned state)
{
	const unsigned tables = GONE | NO_TABLE | OLD | NEW;
	unsigned all = verb->begins | verb->between | verb->ends | verb->allowed;

	return (state & tables & all) && !(state & ~all);
}

/* A request in a process of its own goes with the killed one, a moment later. */
static unsigned settled_state(struct dmk *dm, const struct verb *verb)
{
	unsigned state = state_of(dm);

	for (int ms = 0; ms < 5000 && !is_allowed(verb, state); ms += 10) {
		usleep(10000);
		state = state_of(dm);
	}
	return state;
}

/* ---- the matrix ---- */

static pid_t write_in_vain(void)
{
	pid_t pid = fork();

	assert_true(pid >= 0);
	if (pid == 0) {
		int fd = open("/dev/mapper/t", O_WRONLY | O_DIRECT | O_CLOEXEC);
		void *block = NULL;

		if (fd < 0 || posix_memalign(&block, 4096, 4096) != 0)
			_exit(1);
		memset(block, 0, 4096);
		_exit(pwrite(fd, block, 4096, 0) == 4096 ? 0 : 2);
	}
	usleep(100000);
	return pid;
}

static pid_t prepare(struct dmk *dm, const struct verb *verb, int *ret_fd)
{
	*ret_fd = -1;
	if (verb->hangs)
		make_device(dm, "below", OLD_TABLE);
	if (!(verb->begins & GONE))
		make_device(dm, "t", verb->hangs ? "0 2048 linear /dev/mapper/below 0" : OLD_TABLE);
	if (verb->hangs)
		assert_ok(dm, dmk_suspend(dm, DMK_NAME("below"), NULL, NULL));
	if (verb->opened)
		*ret_fd = open("/dev/mapper/t", O_RDONLY | O_CLOEXEC);
	return verb->hangs ? write_in_vain() : 0;
}

static void clean_up(struct dmk *dm, const struct verb *verb, pid_t writer, int fd)
{
	unsigned state;
	int status, r;

	if (fd >= 0)
		close(fd);
	if (verb->hangs)
		assert_ok(dm, dmk_resume(dm, DMK_NAME("below"), NULL, NULL));
	if (writer)
		assert_int_equal(waitpid(writer, &status, 0), writer);
	state = state_of(dm);
	if (state & SUSPENDED)
		assert_ok(dm, dmk_resume(dm, DMK_NAME("t"), NULL, NULL));
	/* What KILL left, a create and a remove of the same name clear away, but for a node that
	 * was being made. */
	if (state & GONE)
		make_device(dm, "t", OLD_TABLE);
	r = dmk_remove(dm, DMK_NAME("t"), NULL, NULL);
	if (r != -ENXIO) /* a deferred removal was quicker */
		assert_ok(dm, r);
	if (verb->hangs)
		assert_ok(dm, dmk_remove(dm, DMK_NAME("below"), NULL, NULL));
	if (state & TEMPORARY_NODE)
		assert_ok(dm, dmk_sync_nodes(dm, NULL));
	assert_int_equal(state_of(dm), GONE);
	assert_int_equal(count_devices(dm), 0);
}

static void check_end(const struct verb *verb, int number, unsigned stop, const struct run *run,
		      unsigned state)
{
	bool by_signal = WIFSIGNALED(run->status) && WTERMSIG(run->status) == number;
	bool done = WIFEXITED(run->status) && WEXITSTATUS(run->status) == 0;
	bool good;

	if (number == SIGKILL)
		good = is_allowed(verb, state);
	else
		good = (by_signal && (state == verb->begins || state == verb->between)) ||
		       (done && state == verb->ends);
	if (!good)
		fail_msg("%s: signal %d at stop %u: status 0x%x, state 0x%x, was 0x%x", verb->name,
			 number, stop, (unsigned)run->status, state, verb->begins);
}

static void kill_by(struct dmk *dm, const struct verb *verb, int number, unsigned first,
		    unsigned pace)
{
	unsigned most = verb->most ? verb->most : MOST_STOPS;
	unsigned stop, ended = 0, done = 0;
	bool more = true;

	for (stop = first; more && stop < most; stop += pace) {
		struct run run;
		int fd;
		pid_t writer = prepare(dm, verb, &fd);

		more = run_and_kill(verb, number, stop, &run);
		check_end(verb, number, stop, &run, settled_state(dm, verb));
		/* Once it is done, it is done. */
		assert_true(done == 0 || WIFEXITED(run.status) || number == SIGKILL || verb->races);
		ended += WIFSIGNALED(run.status);
		done += WIFEXITED(run.status);
		clean_up(dm, verb, writer, fd);
	}
	assert_true(verb->most || !more);
	printf("# %s: signal %d at %u stops, ended by it at %u\n", verb->name, number,
	       (stop - first) / pace, ended);
	assert_true(ended * pace >= verb->undone);
}

/* The first `whole` verbs: every signal at every stop. The others: KILL when some call has ended,
 * TERM when one begins, which runs with it. */
static void kill_verbs(struct dmk *dm, const struct verb *verbs, size_t n, size_t whole)
{
	for (size_t i = 0; i < n; i++) {
		kill_by(dm, &verbs[i], SIGKILL, 0, i < whole ? 1 : 4);
		kill_by(dm, &verbs[i], SIGTERM, i < whole ? 0 : 1, i < whole ? 1 : 2);
		if (i < whole)
			kill_by(dm, &verbs[i], SIGINT, 0, 1);
	}
}

#define ARGS(...) ((const char *const[]){ "dmkit", __VA_ARGS__, NULL })

static void create_verbs(void **state)
{
	const struct verb verbs[] = {
		{ .name = "create",
		  .args = ARGS("create", "t", "--table", OLD_TABLE),
		  .begins = GONE,
		  .ends = OLD | NODE,
		  .allowed = NO_TABLE | INACTIVE | TEMPORARY_NODE,
		  .undone = 20 },
		{ .name = "create with a read-ahead",
		  .args = ARGS("create", "t", "--read-ahead", "64", "--table", OLD_TABLE),
		  .begins = GONE,
		  .ends = OLD | NODE,
		  .allowed = NO_TABLE | INACTIVE | TEMPORARY_NODE,
		  .undone = 28 },
		{ .name = "create that waits for a disk",
		  .args = ARGS("create", "t", "--deadline", "60s", "--table",
			       "0 8 linear /dev/mapper/never 0"),
		  .begins = GONE,
		  .ends = GONE,
		  .allowed = NO_TABLE,
		  .undone = 30,
		  .most = 30 },
	};

	kill_verbs(*state, verbs, sizeof(verbs) / sizeof(verbs[0]), 1);
}

static void replace_verbs(void **state)
{
	const struct verb verbs[] = {
		{ .name = "replace",
		  .args = ARGS("replace", "t", "--table", "0 2048 zero"),
		  .begins = OLD | NODE,
		  .ends = NEW | NODE,
		  .allowed = INACTIVE,
		  .undone = 10 },
		{ .name = "replace with a deadline",
		  .races = true,
		  .args = ARGS("replace", "t", "--deadline", "60s", "--table", "0 2048 zero"),
		  .begins = OLD | NODE,
		  .ends = NEW | NODE,
		  .allowed = INACTIVE,
		  .undone = 10 },
		{ .name = "replace that hangs",
		  .args = ARGS("replace", "t", "--table", "0 2048 zero"),
		  .begins = OLD | NODE,
		  .ends = OLD | NODE,
		  .allowed = INACTIVE,
		  .undone = 10,
		  .hangs = true },
		{ .name = "replace that hangs, with a deadline",
		  .args = ARGS("replace", "t", "--deadline", "60s", "--table", "0 2048 zero"),
		  .begins = OLD | NODE,
		  .ends = OLD | NODE,
		  .allowed = INACTIVE,
		  .undone = 10,
		  .hangs = true },
	};

	kill_verbs(*state, verbs, sizeof(verbs) / sizeof(verbs[0]), 1);
}

static void remove_verbs(void **state)
{
	const struct verb verbs[] = {
		{ .name = "remove",
		  .args = ARGS("remove", "t"),
		  .begins = OLD | NODE,
		  .ends = GONE },
		{ .name = "remove of what is open",
		  .args = ARGS("remove", "t", "--deadline", "60s"),
		  .begins = OLD | NODE,
		  .ends = OLD | NODE,
		  .undone = 20,
		  .most = 20,
		  .opened = true },
		{ .name = "deferred remove of what is open",
		  .args = ARGS("remove", "t", "--deferred"),
		  .begins = OLD | NODE,
		  .ends = OLD,
		  .opened = true },
		/* What error took the place of is lost, and the device is not suspended. */
		{ .name = "remove --force of what is open",
		  .args = ARGS("remove", "t", "--force", "--deadline", "60s"),
		  .begins = OLD | NODE,
		  .between = NEW | NODE,
		  .ends = GONE,
		  .allowed = INACTIVE,
		  .undone = 30,
		  .most = 48,
		  .opened = true },
		{ .name = "remove --force that hangs",
		  .args = ARGS("remove", "t", "--force"),
		  .begins = OLD | NODE,
		  .ends = OLD | NODE,
		  .allowed = INACTIVE,
		  .undone = 10,
		  .hangs = true },
	};

	kill_verbs(*state, verbs, sizeof(verbs) / sizeof(verbs[0]), 1);
}

/* Suspended is what it was asked for: only with exit code 0, unless KILL takes that away. */
static void suspend_verbs(void **state)
{
	const struct verb verbs[] = {
		{ .name = "suspend",
		  .args = ARGS("suspend", "t"),
		  .begins = OLD | NODE,
		  .ends = OLD | NODE | SUSPENDED,
		  .undone = 4 },
		{ .name = "suspend with a deadline",
		  .races = true,
		  .args = ARGS("suspend", "t", "--deadline", "60s"),
		  .begins = OLD | NODE,
		  .ends = OLD | NODE | SUSPENDED,
		  .undone = 4 },
		{ .name = "suspend that hangs",
		  .args = ARGS("suspend", "t"),
		  .begins = OLD | NODE,
		  .ends = OLD | NODE,
		  .undone = 4,
		  .hangs = true },
	};

	kill_verbs(*state, verbs, sizeof(verbs) / sizeof(verbs[0]), 0);
}

#define KILL_TEST(f) cmocka_unit_test_setup_teardown(f, connect_kernel, leave_nothing)

int main(void)
{
	const struct CMUnitTest tests[] = {
		KILL_TEST(create_verbs),
		KILL_TEST(replace_verbs),
		KILL_TEST(remove_verbs),
		KILL_TEST(suspend_verbs),
	};

	setvbuf(stdout, NULL, _IOLBF, 0);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
