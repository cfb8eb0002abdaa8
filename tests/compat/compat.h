/* SPDX-License-Identifier: MIT */
/* What the parts of compat share: the words of a list, the state of the kernel, one run. */
#ifndef COMPAT_H
#define COMPAT_H

#include <stdbool.h>
#include <stddef.h>

#include "dmkit.h"

#define MAX_WORDS 64
#define MAX_DEVICES 80
#define COUNT_OF(a) (sizeof(a) / sizeof((a)[0]))

_Noreturn void die(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* A string that grows. */
struct text {
	char *data;
	size_t size;
};

void text_add(struct text *text, const char *format, ...) __attribute__((format(printf, 2, 3)));
void text_add_bytes(struct text *text, const char *data, size_t size);
void text_free(struct text *text);

/* Splits a line as a shell does, as far as '', "" with \n and \xNN, and \ go; cuts it up. */
int split_words(char *line, char **words);

/* One state of the kernel: what a section's `dev` lines say. */
struct device {
	char *words[MAX_WORDS];
	int n;
	uint32_t minor;	  /* unless minor= says another */
	struct text told; /* what state_tell() says of it, once it was made */
};

struct state {
	struct device devices[MAX_DEVICES];
	int n_devices;
	char *cookies[8]; /* KEY=VALUE */
	int n_cookies;
	char *zeroed[8]; /* disks */
	int n_zeroed;
	const char *node_dir;
	bool udev; /* systemd-udevd makes the nodes */
};

void state_reset(struct state *state);
void state_clear(const struct state *state);
void state_build(struct state *state);
/* Back to what state_build() made: what a command changed is made anew. */
void state_restore(struct state *state);
/* Until udevd has nothing left to do. */
void state_settle(void);
/* All that a command could have changed. */
void state_tell(const struct state *state, struct text *ret_text);

/* One run of a command. */
struct run {
	struct text out;
	struct text err;
	struct text state;
	int status;
};

void run_command(const char *program, char **words, int n, const char *input, struct run *ret_run);
void run_free(struct run *run);

#endif
