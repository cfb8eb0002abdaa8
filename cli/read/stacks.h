/* SPDX-License-Identifier: MIT */
/* Stack files: what stands in one, as INI or JSON, and the stack that it means. */
#ifndef DMKIT_STACKS_H
#define DMKIT_STACKS_H

#include "common/cli.h"
#include "dmkit-stack.h"
#include "read/tables.h"
#include "show/errors.h"

#define STACK_FILE_BYTES ((size_t)4 << 20)

/* One KEY = VALUE. Lines that go on with a value are pieces of it. */
struct stack_entry {
	char *key;
	uint32_t line; /* the key's own place */
	uint32_t column;
	struct text_piece *pieces; /* at least one */
	uint32_t n;
};

struct stack_section {
	struct text_piece name; /* as it stands there: with its ${VAR} */
	struct stack_entry *entries;
	uint32_t n;
};

struct stack_text {
	const char *file;
	struct bytes bytes;
	struct stack_section *sections;
	uint32_t n;
};

/* ---- stack-text.c: all of these copy. 0 or -ENOMEM. */
int stack_text_section(struct stack_text *text, const struct text_piece *name);
/* Of the last section; and one more piece of its last entry. */
int stack_text_entry(struct stack_text *text, const struct text_piece *key,
		     const struct text_piece *value);
int stack_text_piece(struct stack_text *text, const struct text_piece *value);
void stack_text_drop(struct stack_text *text);

/* ---- stack-place.c */
/* Wrong at this place of it; returns EXIT_USAGE, reported. */
int fail_stack_text(struct cli *cli, const struct stack_text *text, const struct text_piece *place,
		    const char *format, ...) PRINTF(4, 5);
/* The line that begins at `at`, which number it has. */
struct text_piece place_of(const struct stack_text *text, const char *at);
/* What stands there of that key, or of all (NULL), after the section's name where that is meant:
 * free(). */
struct text_piece *stack_pieces(const struct stack_section *section, const char *key, bool name,
				uint32_t *ret_n);
/* What the library says of the stack, with the place of the device that it names. The exit code. */
int fail_stack(struct cli *cli, const struct stack_text *text, const struct dmk_error *err);
/* For struct dmk_stack_options: what is no error. userdata is a struct stack_noted. */
struct stack_noted {
	struct cli *cli;
	const struct stack_text *text;
};
void note_stack(void *userdata, const struct dmk_error *note);

/* ---- stack-ini.c, stack-json.c: what stands in text->bytes, which a NUL ends. 0 or an exit code,
 * reported. */
int stack_read_ini(struct cli *cli, struct stack_text *text);
int stack_read_json(struct cli *cli, struct stack_text *text);

/* ---- stack-words.c */
/* Text with what --set gives for each ${VAR}: free(). 0 or an exit code, reported. */
int expand_vars(struct cli *cli, const char *text, char **ret_text);
/* Words with blanks between, '...' and "..." around those with blanks in them; of what they hold
 * each ${VAR} is replaced. */
struct text_words {
	char **words;
	uint32_t n;
};
int add_text_words(struct cli *cli, const char *text, struct text_words *words);
void drop_text_words(struct text_words *words);

/* ---- stack-keys.c */
struct stack_keys {
	struct options options; /* as a command line's */
	char *uuid;
};
/* All but the table and messages. 0 or an exit code, reported; then, in any case: */
int stack_keys_take(struct cli *cli, const struct stack_text *text,
		    const struct stack_section *section, struct stack_keys *keys);
void stack_keys_drop(struct stack_keys *keys);
/* key-file and the like, of a target's secret. */
bool is_stack_key_word(const char *type, const char *word);

/* ---- stack-build.c */
/* What the file says, for plan and apply; text stays for errors: stack_text_drop() in any case. 0
 * or an exit code, reported. */
int stack_build(struct cli *cli, const struct stack_text *text, const char *name,
		struct dmk_stack **ret_stack);

/* ---- stack-file.c */
/* A file's stack. 0 or an exit code, reported; then stack_text_drop() in any case. */
#if defined(HAVE_INIH) || defined(HAVE_JSON_C)
int stack_read(struct cli *cli, const char *file, struct stack_text *text,
	       struct dmk_stack **ret_stack);
#else
void say_no_stack_files(struct cli *cli);
/* Here, so that a small program is built without what plans and applies. */
static inline int stack_read(struct cli *cli, const char *file, struct stack_text *text,
			     struct dmk_stack **ret_stack)
{
	(void)file;
	(void)ret_stack;
	*text = (struct stack_text){ 0 };
	say_no_stack_files(cli);
	return EXIT_FAILED;
}
#endif
/* By --name, or what the file is called. 0 or an exit code, reported. */
int stack_name(struct cli *cli, const char *file, char ret_name[static DMK_STACK_NAME_SIZE]);
/* Whether a word is a file of a stack, and no stack's name. */
bool is_stack_file(const char *word);

#endif
