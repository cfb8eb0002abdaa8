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
/* An option's letter means another one in some commands. */
void options_settle(struct options *options, const struct command *command);
/* What a value may be, for the message; NULL: value was good and is stored. */
const char *option_store(struct options *options, enum opt option, const char *value);
/* Takes the options out of argv; *ret_first is the first other word. 0 or EXIT_USAGE, reported. */
int options_parse(struct cli *cli, int argc, char **argv, int *ret_first);

/* ---- image-options.c */
/* As store() in options.c: what the value may be, where it is not; NULL: it is stored. */
const char *store_image_option(struct options *options, enum opt option, const char *value);

/* ---- command-list.c */
void commands_set(const struct command *rows, size_t n);
const struct command *command_at(size_t index); /* NULL past the last */
const struct command *command_find(const char *name);
/* The command that the first words are, and how many of them; NULL: none. */
const struct command *command_take(char *const *words, int n, int *ret_used);
/* "image" is the first word of several commands. */
bool command_is_group(const char *word);
bool command_in_group(const struct command *command, const char *word);
void command_names(char *buf, size_t size); /* of all: "create, replace" */

#endif
