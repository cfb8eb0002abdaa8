/* SPDX-License-Identifier: MIT */
/*
 * Runs each command line of a list by two programs against the same state of the kernel and
 * compares what they wrote, how they ended and what the kernel looks like afterwards:
 *
 *	compat ORACLE OURS LIST		a verdict a line
 *	compat --show ORACLE LIST	what ORACLE does, for a look
 *
 * The list (tests/compat/cases/) explains itself.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/utsname.h>
#include <unistd.h>

#include "compat.h"

#define MAX_REASONS 64

/* Parts of a comparison that a reason excuses. */
enum part {
	PART_OUT = 1,
	PART_ERR = 2,
	PART_STATUS = 4,
	PART_STATE = 8
};

struct reason {
	char *name;
	unsigned int parts;
	bool ended; /* it is one on older kernels than this */
};

static const char *oracle, *ours;
static bool show;
static struct state state;
static struct text fresh; /* what the state looks like before a command */
static bool dirty = true;
static bool built; /* the section's devices are there, or were */
static struct reason reasons[MAX_REASONS];
static int n_reasons;
static const char *list;
static int line_number;
static int failures;

_Noreturn void die(const char *format, ...)
{
	va_list args;

	fprintf(stdout, "not ok - %s:%d: ", list ? list : "compat", line_number);
	va_start(args, format);
	vprintf(format, args);
	va_end(args);
	putchar('\n');
	exit(2);
}

static unsigned int part_named(const char *name)
{
	static const char *const names[] = { "stdout", "stderr", "status", "state" };

	for (unsigned int i = 0; i < COUNT_OF(names); i++)
		if (strcmp(name, names[i]) == 0)
			return 1u << i;
	die("no part is called '%s'", name);
}

static bool linux_before(const char *version)
{
	unsigned int major, minor, own_major, own_minor;
	struct utsname name;

	if (uname(&name) < 0 || sscanf(name.release, "%u.%u", &own_major, &own_minor) != 2 ||
	    sscanf(version, "%u.%u", &major, &minor) != 2)
		die("a version of Linux is MAJOR.MINOR");
	return own_major < major || (own_major == major && own_minor < minor);
}

/* reason NAME PART... [before LINUX]: why, in words */
static void read_reason(char *rest)
{
	char *words[MAX_WORDS];
	struct reason *reason = &reasons[n_reasons++];
	char *why = strchr(rest, ':');
	int n;

	if (n_reasons == MAX_REASONS || !why)
		die("a reason is NAME PART...: WHY");
	*why = '\0';
	n = split_words(rest, words);
	*reason = (struct reason){ .name = strdup(words[0]) };
	if (n > 2 && strcmp(words[n - 2], "before") == 0) {
		n -= 2;
		reason->ended = !linux_before(words[n + 1]);
	}
	for (int i = 1; i < n; i++)
		reason->parts |= part_named(words[i]);
}

static const struct reason *find_reason(const char *name)
{
	for (int i = 0; i < n_reasons; i++)
		if (strcmp(reasons[i].name, name) == 0)
			return reasons[i].ended ? NULL : &reasons[i];
	die("no reason is called '%s'", name);
}

/* Whether the command does not wait for udevd: then the state is looked at when that is done. */
static bool is_unsynced(char **words, int n)
{
	for (int i = 0; i < n; i++)
		if (strcmp(words[i], "--noudevsync") == 0 ||
		    strcmp(words[i], "--udevcookie") == 0 ||
		    strncmp(words[i], "DM_UDEV_COOKIE=", 15) == 0 ||
		    strncmp(words[i], "DM_DISABLE_UDEV=", 16) == 0)
			return true;
	return false;
}

static void run_one(const char *program, char **words, int n, const char *input, struct run *run)
{
	if (dirty) {
		if (built)
			state_restore(&state);
		else
			state_build(&state);
		built = true;
		text_free(&fresh);
		text_add_bytes(&fresh, "", 0);
		state_tell(&state, &fresh);
	}
	run_command(program, words, n, input, run);
	if (state.udev && is_unsynced(words, n))
		state_settle();
	state_tell(&state, &run->state);
	/* What a message does to a target is on its disks. */
	dirty = strcmp(run->state.data, fresh.data) != 0 || (n > 1 && !strcmp(words[1], "message"));
}

static void print_block(const char *mark, const char *data)
{
	while (*data) {
		size_t length = strcspn(data, "\n");

		printf("%s%.*s%s\n", mark, (int)length, data, data[length] ? "" : "\\");
		data += length + (data[length] == '\n');
	}
}

/* The lines of one state that the other has not. */
static void print_difference(const char *mark, const char *data, const char *other)
{
	while (*data) {
		size_t length = strcspn(data, "\n");
		char *line = strndup(data, length + 1);
		const char *found = line ? strstr(other, line) : NULL;

		if (!found || (found != other && found[-1] != '\n'))
			printf("%s%.*s\n", mark, (int)length, data);
		free(line);
		data += length + (data[length] == '\n');
	}
}

static void print_run(const char *who, const struct run *run, unsigned int parts, const char *other)
{
	printf("# %s: exit %d\n", who, run->status);
	if (parts & PART_OUT)
		print_block("# | ", run->out.data);
	if (parts & PART_ERR)
		print_block("# ! ", run->err.data);
	if (parts & PART_STATE)
		print_difference("# = ", run->state.data, other);
}

/*
 * The first line is the same, byte for byte, and what follows begins as the oracle's does: the
 * kernel's reason may stand behind it. A usage text is in each program's own words.
 */
static bool same_errors(const char *theirs, const char *mine)
{
	const char *usage = strstr(theirs, "Usage:");
	size_t size = usage ? (size_t)(usage - theirs) + strlen("Usage:") : strlen(theirs);

	if (!*theirs || !*mine)
		return !*theirs && !*mine;
	if (strncmp(theirs, mine, size) != 0)
		return false;
	return usage || !mine[size] || strncmp(mine + size, "Reason: ", 8) == 0;
}

static unsigned int compare(const struct run *a, const struct run *b)
{
	return (strcmp(a->out.data, b->out.data) != 0 ? PART_OUT : 0) |
	       (!same_errors(a->err.data, b->err.data) ? PART_ERR : 0) |
	       (a->status != b->status ? PART_STATUS : 0) |
	       (strcmp(a->state.data, b->state.data) != 0 ? PART_STATE : 0);
}

/* [~REASON] $ COMMAND LINE [<< INPUT] */
static void run_case(char *line, const struct reason *reason)
{
	struct run theirs = { 0 }, mine = { 0 };
	char *text = strdup(line);
	char *words[MAX_WORDS];
	const char *input = NULL;
	unsigned int differ, excused = reason ? reason->parts : 0;
	int n = split_words(line, words);

	if (n > 2 && strcmp(words[n - 2], "<<") == 0) {
		input = words[n - 1];
		n -= 2;
		words[n] = NULL;
	}
	run_one(oracle, words, n, input, &theirs);
	if (show) {
		printf("$ %s\n", text);
		print_run("oracle", &theirs, PART_OUT | PART_ERR | PART_STATE, fresh.data);
		print_difference("# - ", fresh.data, theirs.state.data);
	} else {
		run_one(ours, words, n, input, &mine);
		differ = compare(&theirs, &mine);
		if (differ & ~excused || (reason && !differ)) {
			printf("not ok - %d: %s\n", line_number, text);
			if (!differ)
				printf("# nothing differs: %s is no reason\n", reason->name);
			print_run("dmsetup", &theirs, differ, mine.state.data);
			print_run("dmkit", &mine, differ, theirs.state.data);
			failures++;
		} else {
			printf("ok - %s%s%s\n", text, reason ? " # on purpose: " : "",
			       reason ? reason->name : "");
		}
		run_free(&mine);
	}
	run_free(&theirs);
	free(text);
}

static void add_device(char *line)
{
	struct device *device = &state.devices[state.n_devices++];
	char *copy = strdup(line);

	if (state.n_devices == MAX_DEVICES)
		die("too many devices");
	device->n = split_words(copy, device->words);
	device->minor = (uint32_t)(state.n_devices - 1);
	device->words[0] = copy; /* to be freed */
	dirty = true;
}

static void add_many(char *rest)
{
	int n = atoi(rest);

	for (int i = 0; i < n; i++) {
		char line[64];

		snprintf(line, sizeof(line), "dev many%02d '0 %d linear 1:0 %d'", i, 8 + i, i);
		add_device(line);
	}
}

static void read_line(char *line)
{
	if (line[0] == '\0' || line[0] == '#') {
		return;
	} else if (strncmp(line, "$ ", 2) == 0) {
		run_case(line + 2, NULL);
	} else if (line[0] == '~') {
		char *dollar = strstr(line, " $ ");

		if (!dollar)
			die("~REASON $ COMMAND LINE");
		*dollar = '\0';
		run_case(dollar + 3, find_reason(line + 1));
	} else if (strncmp(line, "reason ", 7) == 0) {
		read_reason(line + 7);
	} else if (strncmp(line, "[", 1) == 0) {
		state_clear(&state);
		state_reset(&state);
		built = false;
		dirty = true;
	} else if (strncmp(line, "nodes ", 6) == 0) {
		state.node_dir =
			strcmp(line + 6, "/run/dm") == 0 ? "/run/dm/mapper" : "/dev/mapper";
		setenv("DM_DEV_DIR", line + 6, 1);
		state.udev = !strcmp(line + 6, "/dev") && access("/run/udev/control", F_OK) == 0;
	} else if (strncmp(line, "dev ", 4) == 0) {
		add_device(line);
	} else if (strncmp(line, "many ", 5) == 0) {
		add_many(line + 5);
	} else if (strncmp(line, "zero ", 5) == 0) {
		state.zeroed[state.n_zeroed++] = strdup(line + 5);
	} else if (strncmp(line, "cookie ", 7) == 0) {
		state.cookies[state.n_cookies++] = strdup(line + 7);
		dirty = true;
	} else {
		die("what is '%s'?", line);
	}
}

int main(int argc, char **argv)
{
	char *line = NULL;
	size_t room = 0;
	FILE *file;

	show = argc == 4 && strcmp(argv[1], "--show") == 0;
	if (argc != 4)
		die("usage: compat ORACLE OURS LIST | compat --show ORACLE LIST");
	oracle = argv[show ? 2 : 1];
	ours = argv[2];
	list = argv[3];
	setvbuf(stdout, NULL, _IOLBF, 0);
	state_reset(&state);
	file = fopen(list, "re");
	if (!file)
		die("%s", strerror(errno));
	while (getline(&line, &room, file) >= 0) {
		line_number++;
		line[strcspn(line, "\n")] = '\0';
		read_line(line);
	}
	free(line);
	fclose(file);
	state_clear(&state);
	return failures > 0;
}
