/* SPDX-License-Identifier: MIT */
/*
 * The first process of a kernel whose root has this, the driver's modules and dmkit, and nothing
 * else: no /dev, no library, no shell. Runs the command and says whether it did what it should.
 */
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/reboot.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#define MOST_WORDS 8

struct step {
	const char *words[MOST_WORDS];
	const char *output; /* NULL: any */
	int status;
};

static const struct step steps[] = {
	{ { "version" }, NULL, 0 },
	{ { "list" }, "", 0 },
	{ { "create", "base", "error", "size=1MiB" }, "", 0 },
	{ { "create", "top", "linear", "device=/dev/mapper/base", "size=512KiB" }, "", 0 },
	{ { "table" }, "base: 0 2048 error\ntop: 0 1024 linear 254:0 0\n", 0 },
	{ { "remove", "base", "--deadline", "0" }, "", 4 },
	{ { "remove", "base", "top" }, "", 0 },
	{ { "list" }, "", 0 },
};

/* What dmkit wrote, up to room; its exit status, or the negative number of the signal. */
static int run(const struct step *step, char *output, size_t room)
{
	char *words[MOST_WORDS + 2] = { "dmkit" };
	size_t length = 0;
	int fds[2], status;
	ssize_t n;
	pid_t pid;

	for (int i = 0; i < MOST_WORDS; i++)
		words[i + 1] = (char *)step->words[i];
	if (pipe(fds) < 0 || (pid = fork()) < 0) {
		snprintf(output, room, "no process for it: %m");
		return -1;
	}
	if (pid == 0) {
		dup2(fds[1], STDOUT_FILENO);
		execv("/dmkit", words);
		_exit(127);
	}
	close(fds[1]);
	while ((n = read(fds[0], output + length, room - 1 - length)) > 0)
		length += (size_t)n;
	output[length] = '\0';
	close(fds[0]);
	if (waitpid(pid, &status, 0) < 0)
		return -1;
	return WIFEXITED(status) ? WEXITSTATUS(status) : -WTERMSIG(status);
}

static void load_modules(void)
{
	char path[32];

	for (int i = 0; i < 10; i++) {
		int fd;

		snprintf(path, sizeof(path), "/module%d", i);
		fd = open(path, O_RDONLY);
		if (fd < 0)
			return;
		if (syscall(SYS_finit_module, fd, "", 0) < 0)
			printf("# %s cannot be loaded: %m\n", path);
		close(fd);
	}
}

int main(void)
{
	static char output[4096];

	mkdir("/proc", 0755);
	mount("proc", "/proc", "proc", 0, NULL);
	load_modules();
	for (size_t i = 0; i < sizeof(steps) / sizeof(steps[0]); i++) {
		int status = run(&steps[i], output, sizeof(output));
		int good = status == steps[i].status &&
			   (!steps[i].output || strcmp(output, steps[i].output) == 0);

		printf("%sok - in an initramfs of its own: dmkit", good ? "" : "not ");
		for (int w = 0; w < MOST_WORDS && steps[i].words[w]; w++)
			printf(" %s", steps[i].words[w]);
		printf("\n");
		if (!good)
			printf("# exit status %d, output: %s\n", status, output);
	}
	printf("# the end\n");
	fflush(stdout);
	reboot(RB_POWER_OFF);
	return 1;
}
