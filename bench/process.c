/* SPDX-License-Identifier: MIT */
/* One process, and what it cost. */
#include <errno.h>
#include <fcntl.h>
#include <linux/dm-ioctl.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/user.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "guest.h"

#define MAX_FILES 64

static char *const environment[] = { "PATH=/usr/sbin:/usr/bin:/sbin:/bin", "LC_ALL=C", NULL };

int64_t clock_ns(int clock)
{
	struct timespec now;

	clock_gettime(clock, &now);
	return (int64_t)now.tv_sec * 1000000000 + now.tv_nsec;
}

static int64_t timeval_ns(const struct timeval *time)
{
	return (int64_t)time->tv_sec * 1000000000 + (int64_t)time->tv_usec * 1000;
}

struct cost run(const char *const argv[], const char *out)
{
	posix_spawn_file_actions_t actions;
	int64_t cpu, wall;
	struct rusage usage;
	struct cost cost;
	pid_t pid;
	int r;

	posix_spawn_file_actions_init(&actions);
	posix_spawn_file_actions_addopen(&actions, STDOUT_FILENO, out, O_WRONLY | O_CREAT | O_TRUNC,
					 0600);
	/* What the kernel does later for the process before (memory, RCU) is not this one's. */
	usleep(300000);
	wall = clock_ns(CLOCK_MONOTONIC);
	cpu = clock_ns(CLOCK_PROCESS_CPUTIME_ID);
	r = posix_spawn(&pid, argv[0], &actions, NULL, (char *const *)argv, environment);
	if (r)
		die("%s: %s", argv[0], strerror(r));
	if (wait4(pid, &cost.status, 0, &usage) < 0)
		die("%s: wait4: %s", argv[0], strerror(errno));
	cost.cpu_ns = clock_ns(CLOCK_PROCESS_CPUTIME_ID) - cpu + timeval_ns(&usage.ru_utime) +
		      timeval_ns(&usage.ru_stime);
	cost.wall_ns = clock_ns(CLOCK_MONOTONIC) - wall;
	cost.peak_bytes = (int64_t)usage.ru_maxrss * 1024;
	posix_spawn_file_actions_destroy(&actions);
	return cost;
}

struct cost run_well(const char *const argv[], const char *out)
{
	struct cost cost = run(argv, out);

	if (cost.status)
		die("%s %s ended with status 0x%x", argv[0], argv[1] ? argv[1] : "", cost.status);
	return cost;
}

/* Each file that is mapped counts once. */
static void look_at_maps(pid_t pid, struct trace *trace)
{
	char path[64], line[4096];
	struct stat seen[MAX_FILES];
	int64_t n = 0;
	FILE *maps;

	snprintf(path, sizeof(path), "/proc/%d/maps", (int)pid);
	maps = fopen(path, "re");
	if (!maps)
		die("%s: %s", path, strerror(errno));
	while (fgets(line, sizeof(line), maps)) {
		char *name = strchr(line, '/');
		int64_t i = 0;

		if (!name || n == MAX_FILES)
			continue;
		name[strcspn(name, "\n")] = '\0';
		if (stat(name, &seen[n]) < 0)
			die("%s: %s", name, strerror(errno));
		while (seen[i].st_ino != seen[n].st_ino || seen[i].st_dev != seen[n].st_dev)
			i++;
		if (i < n)
			continue;
		trace->file_bytes += seen[n++].st_size;
	}
	fclose(maps);
	trace->files = n;
}

static void count_syscall(pid_t pid, struct trace *trace)
{
	struct user_regs_struct regs;

	if (ptrace(PTRACE_GETREGS, pid, NULL, &regs) < 0)
		die("ptrace: %s", strerror(errno));
	trace->syscalls++;
	/* ioctl is number 16; device-mapper's requests are of type 0xfd, the number is below. */
	if (regs.orig_rax == 16 && (regs.rsi >> 8 & 0xff) == DM_IOCTL)
		trace->dm_ioctls[regs.rsi & 0x1f]++;
}

static _Noreturn void be_traced(const char *const argv[])
{
	int null = open("/dev/null", O_WRONLY);

	dup2(null, STDOUT_FILENO);
	dup2(null, STDERR_FILENO);
	ptrace(PTRACE_TRACEME, 0, NULL, NULL);
	raise(SIGSTOP);
	execve(argv[0], (char *const *)argv, environment);
	_exit(127);
}

struct trace trace(const char *const argv[])
{
	const long options = PTRACE_O_TRACESYSGOOD | PTRACE_O_TRACEEXIT | PTRACE_O_EXITKILL;
	struct trace result = { 0 };
	bool entering = false;
	int status, deliver = 0;
	pid_t pid = fork();

	if (pid == 0)
		be_traced(argv);
	if (pid < 0 || waitpid(pid, &status, 0) < 0 ||
	    ptrace(PTRACE_SETOPTIONS, pid, NULL, (void *)options) < 0)
		die("%s cannot be traced: %s", argv[0], strerror(errno));
	for (;;) {
		if (ptrace(PTRACE_SYSCALL, pid, NULL, (void *)(long)deliver) < 0 ||
		    waitpid(pid, &status, 0) < 0)
			die("%s cannot be traced: %s", argv[0], strerror(errno));
		deliver = 0;
		if (!WIFSTOPPED(status))
			break;
		if (WSTOPSIG(status) == (SIGTRAP | 0x80)) {
			entering = !entering;
			if (entering)
				count_syscall(pid, &result);
		} else if (status >> 8 == (SIGTRAP | PTRACE_EVENT_EXIT << 8)) {
			look_at_maps(pid, &result);
		} else if (WSTOPSIG(status) != SIGTRAP) {
			deliver = WSTOPSIG(status);
		}
	}
	if (WIFEXITED(status) && WEXITSTATUS(status) == 127)
		die("%s cannot be started", argv[0]);
	return result;
}
