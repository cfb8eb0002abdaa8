/* SPDX-License-Identifier: MIT */
/* The completion's two parts: what may follow by the tables, and which devices there are. */
#ifndef DMKIT_COMPLETE_H
#define DMKIT_COMPLETE_H

#include "common/cli.h"

struct completion {
	struct cli *cli;
	const struct command *command; /* NULL: it comes next */
	uint64_t given;		       /* options before the word: BIT() of each */
	uint32_t image_given;	       /* IMAGE_BIT() likewise */
	char *name[2];		       /* the command's words so far, where it has two */
	const char *uuid;	       /* of --uuid */
	char **args;		       /* the command's arguments before the word */
	int n;
	const char *word;
	const char *rest; /* of the word, behind key= or --option=; candidates are put for it */
};

/* Whose keys; the words of its segment, or message, begin at args[first]. */
struct keys_of {
	const char *type;
	const char *message; /* NULL: of the table */
	int first;
};

/* One candidate, where it begins as the word does. */
void complete_put(const struct completion *c, const char *text, size_t length, const char *after,
		  const char *help);
/* Files, for the rest of the word. */
void complete_path(const struct completion *c);

/* ---- complete-devices.c ---- */
enum device_word {
	DEVICE_NAME,
	DEVICE_UUID,
	DEVICE_NUMBER
};
/* Those that the command can do something with. */
void complete_devices(const struct completion *c, enum device_word what);
/* The type of the target that gets a message, "" where that cannot be told. */
void complete_type(const struct completion *c, const char *name, char type[static DMK_TYPE_SIZE]);

#endif
