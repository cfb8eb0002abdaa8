/* SPDX-License-Identifier: MIT */
/* --exec: a command for each device. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "dmsetup/verbs.h"

#define MAX_WORDS 256

int dms_exec(const char *command, const char *path)
{
	char *copy = strdup(command);
	char *words[MAX_WORDS + 2];
	size_t n = 0;
	pid_t pid;

	if (!copy)
		return dms_fail_memory();
	for (char *word = strtok(copy, " \t\n"); word && n < MAX_WORDS;
	     word = strtok(NULL, " \t\n"))
		words[n++] = word;
	words[n] = (char *)path;
	words[n + 1] = NULL;
	/* What is in the buffer would be written twice. */
	fflush(stdout);
	pid = n ? vfork() : -1;
	if (pid == 0) {
		execvp(words[0], words);
		_exit(127);
	}
	free(copy);
	if (pid < 0)
		return -1;
	while (waitpid(pid, NULL, 0) < 0 && errno == EINTR)
		;
	return 0;
}
