/* SPDX-License-Identifier: MIT */
#ifndef DMKIT_OPTIONS_H
#define DMKIT_OPTIONS_H

#include "common/cli.h"

/* ---- options.c */
struct option_row {
	const char *name;
	const char *value; /* NULL: takes none */
	const char *help;
	bool global;
};
const struct option_row *option_row(enum opt option);
/* What it does in that command; NULL: in all of them. */
const char *option_help(const struct command *command, enum opt option);
/* The option of that name, or the only one that begins so; OPT_COUNT: none. */
enum opt option_find(const char *name, size_t length);
/* What a value may be, for the message; NULL: value was good and is stored. */
const char *option_store(struct options *options, enum opt option, const char *value);
/* Takes the options out of argv; *ret_first is the first other word. 0 or EXIT_USAGE, reported. */
int options_parse(struct cli *cli, int argc, char **argv, int *ret_first);

/* ---- command-list.c */
void commands_set(const struct command *rows, size_t n);
const struct command *command_at(size_t index); /* NULL past the last */
const struct command *command_find(const char *name);
void command_names(char *buf, size_t size); /* of all: "create, replace" */

#endif
