/* SPDX-License-Identifier: MIT */
/* The table that a command line means. */
#ifndef DMKIT_TABLES_H
#define DMKIT_TABLES_H

#include "common/cli.h"

/* ---- segments.c, table-file.c */
/* What the words, --table or --table-file say; NULL: --no-table. 0 or an exit code, reported. */
int get_table(struct cli *cli, char **words, int n, struct dmk_table **ret_table);
/* What takes the segments that words say: a table, or a device of a stack. */
struct segment_sink {
	int (*add)(void *to, const char *type, const struct dmk_key_value *pairs, uint32_t n);
	const struct dmk_error *(*error)(const void *to);
	void *to;
};
int add_words_to(struct cli *cli, const struct segment_sink *sink, char **words, int n);
int add_words(struct cli *cli, struct dmk_table *table, char **words, int n);
int add_text(struct cli *cli, struct dmk_table *table);
/* dmk_table_parse(). Words that the library does not know are left to the kernel where its target
 * is newer: it is asked only then. 0 or a negative errno. */
int parse_text(struct cli *cli, struct dmk_table *table, const char *text, size_t size);
struct bytes {
	char *data;
	size_t length;
	size_t capacity;
};
/* All of a file, - is standard input. 0 or an exit code, reported. Then, in any case, drop_bytes(),
 * which wipes. */
int read_file(struct cli *cli, const char *path, struct bytes *ret_bytes);
int read_short_file(struct cli *cli, const char *path, size_t most_bytes, struct bytes *ret_bytes);
void drop_bytes(struct bytes *bytes);

/* ---- key-words.c */
#define MOST_SECRETS 4
#define KEY_TEXT_SIZE 8448 /* hex of the longest key, or ":SIZE:" and the longest description */
/* The pairs of one segment; those that say where a key is are replaced by the key. */
struct key_words {
	struct dmk_key_value *pairs; /* malloc'd */
	uint32_t n;
	char *texts[MOST_SECRETS];
	uint32_t n_texts;
};
/* Of the target's table, or of its message. 0 or an exit code, reported. Then, in any case: */
int key_words_take(struct cli *cli, const char *type, const char *message, struct key_words *words);
void key_words_drop(struct key_words *words); /* wipes */
/* Number index of the keys that say where a secret key is; NULL: past the last. */
#define KEY_WORD_SIZE 80
const char *key_word(const struct dmk_key *key, unsigned index, char buf[static KEY_WORD_SIZE]);

#endif
