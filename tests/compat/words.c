/* SPDX-License-Identifier: MIT */
/* Words, growing text, and a program run with both its outputs kept. */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "compat.h"

#define LIMIT_MS 60000 /* no command of the list waits so long: then it hangs */

void text_add_bytes(struct text *text, const char *data, size_t size)
{
	text->data = realloc(text->data, text->size + size + 1);
	if (!text->data)
		die("no memory");
	memcpy(text->data + text->size, data, size);
	text->size += size;
	text->data[text->size] = '\0';
}

void text_add(struct text *text, const char *format, ...)
{
	char *line;
	va_list args;
	int n;

	va_start(args, format);
	n = vasprintf(&line, format, args);
	va_end(args);
	if (n < 0)
		die("no memory");
	text_add_bytes(text, line, (size_t)n);
	free(line);
}

void text_free(struct text *text)
{
	free(text->data);
	*text = (struct text){ 0 };
}

/* Inside "": \n, \t, \xNN, and any other byte after \ as it is. Moves *from to its last byte. */
static char escaped(char **from)
{
	char hex[3] = { 0 };
	char c = *++*from;

	if (c == 'n')
		return '\n';
	if (c == 't')
		return '\t';
	if (c != 'x')
		return c;
	memcpy(hex, *from + 1, 2);
	*from += 2;
	return (char)strtoul(hex, NULL, 16);
}

int split_words(char *line, char **words)
{
	char *to = line;
	int n = 0;

	for (char *from = line; *from;) {
		char quote = '\0';

		if (*from == ' ') {
			from++;
			continue;
		}
		if (n == MAX_WORDS - 1)
			die("too many words");
		words[n++] = to;
		for (; *from && (quote || *from != ' '); from++) {
			if (quote ? *from == quote : *from == '\'' || *from == '"')
				quote = quote ? '\0' : *from;
			else if (*from == '\\' && quote == '"')
				*to++ = escaped(&from);
			else
				*to++ = *from;
		}
		if (*from)
			from++;
		*to++ = '\0';
	}
	words[n] = NULL;
	return n;
}

static void child(const char *program, char **words, const char *input, const int *out,
		  const int *err)
{
	int in[2];

	/* Short enough for a pipe. */
	if (!input)
		in[0] = open("/dev/null", O_RDONLY);
	else if (pipe(in) < 0 || write(in[1], input, strlen(input)) < 0 || close(in[1]) < 0)
		_exit(126);
	dup2(in[0], 0);
	dup2(out[1], 1);
	dup2(err[1], 2);
	for (; *words && strchr(*words, '=') && (*words)[0] != '-'; words++)
		putenv(*words);
	for (int fd = 3; fd < 64; fd++)
		close(fd);
	execv(program, words);
	_exit(127);
}

static int64_t now_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * INT64_C(1000) + now.tv_nsec / 1000000;
}

/* Reads both until both have ended; false: that took too long. */
static bool read_both(int out, int err, struct run *run)
{
	struct pollfd polled[2] = { { .fd = out, .events = POLLIN },
				    { .fd = err, .events = POLLIN } };
	struct text *texts[2] = { &run->out, &run->err };
	int64_t end = now_ms() + LIMIT_MS;
	int open = 2;

	while (open > 0) {
		char bytes[4096];

		if (poll(polled, 2, (int)(end > now_ms() ? end - now_ms() : 0)) <= 0)
			return false;
		for (int i = 0; i < 2; i++) {
			ssize_t n;

			if (!polled[i].revents)
				continue;
			n = read(polled[i].fd, bytes, sizeof(bytes));
			if (n > 0) {
				text_add_bytes(texts[i], bytes, (size_t)n);
			} else {
				polled[i].fd = -1;
				open--;
			}
		}
	}
	return true;
}

/* The keys that are made up at random. */
static void mask_cookies(char *text)
{
	while ((text = strstr(text, "0x0D4D")) && strlen(text) >= 10) {
		memset(text + 6, 'X', 4);
		text += 10;
	}
}

void run_command(const char *program, char **words, int n, const char *input, struct run *ret_run)
{
	int out[2], err[2], status = 0;
	pid_t pid;

	if (n == 0 || pipe2(out, O_CLOEXEC) < 0 || pipe2(err, O_CLOEXEC) < 0)
		die("nothing to run");
	pid = fork();
	if (pid < 0)
		die("%s", strerror(errno));
	if (pid == 0)
		child(program, words, input, out, err);
	close(out[1]);
	close(err[1]);
	text_add_bytes(&ret_run->out, "", 0);
	text_add_bytes(&ret_run->err, "", 0);
	text_add_bytes(&ret_run->state, "", 0);
	if (!read_both(out[0], err[0], ret_run)) {
		text_add(&ret_run->err, "(it hung)\n");
		kill(pid, SIGKILL);
	}
	close(out[0]);
	close(err[0]);
	waitpid(pid, &status, 0);
	ret_run->status = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
	mask_cookies(ret_run->out.data);
}

void run_free(struct run *run)
{
	text_free(&run->out);
	text_free(&run->err);
	text_free(&run->state);
}
