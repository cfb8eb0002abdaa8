/* SPDX-License-Identifier: MIT */
/* What the files of the command share. All state of one run is in struct cli, handed around. */
#ifndef DMKIT_CLI_H
#define DMKIT_CLI_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "dmkit.h"
#include "errors.h"
#include "json.h"
#include "numbers.h"

#define ARRAY_SIZE(a) (sizeof(a) / sizeof((a)[0]))

/* The exit codes: a contract, see exit-code.c for how an error becomes one. */
enum exit_status {
	EXIT_DONE = 0,
	EXIT_FAILED = 1,
	EXIT_USAGE = 2,
	EXIT_NO_MAPPING = 3,
	EXIT_BUSY = 4,
	EXIT_NOT_PERMITTED = 5,
	EXIT_NO_DM = 6,
	EXIT_DEADLINE = 7,
	EXIT_CODES
};
extern const char *const exit_texts[EXIT_CODES]; /* help.c: what each one means */

/* Every option there is; its row in options.c has name, value and help. */
enum opt {
	OPT_JSON,
	OPT_DEADLINE,
	OPT_UDEV,
	OPT_NO_UDEV,
	OPT_DRY_RUN,
	OPT_TRACE,
	OPT_HELP,
	OPT_VERSION,
	OPT_TABLE,
	OPT_TABLE_FILE,
	OPT_NO_TABLE,
	OPT_READONLY,
	OPT_UUID,
	OPT_DEVNO,
	OPT_MINOR,
	OPT_UID,
	OPT_GID,
	OPT_MODE,
	OPT_NO_NODE,
	OPT_NO_VERIFY,
	OPT_READ_AHEAD,
	OPT_NOFLUSH,
	OPT_NO_LOCKFS,
	OPT_FORCE,
	OPT_DEFERRED,
	OPT_CANCEL_DEFERRED,
	OPT_ALL,
	OPT_PREFIX,
	OPT_STATE,
	OPT_PRETTY,
	OPT_SHOW_KEYS,
	OPT_INACTIVE,
	OPT_FLUSH,
	OPT_RAW,
	OPT_SECTOR,
	OPT_COMMANDS,
	OPT_KEYS,
	OPT_MANUAL,
	OPT_OFFLINE,
	OPT_CHECK,
	OPT_UNCHECKED,
	OPT_CONCISE,
	OPT_DM_MOD_CREATE,
	OPT_FIX,
	OPT_KERNEL_VERSION,
	OPT_LONG,
	OPT_COLUMNS,
	OPT_SORT,
	OPT_NO_HEADINGS,
	OPT_BYTES,
	OPT_COLOR,
	OPT_ZERO,
	OPT_INVERSE,
	OPT_COUNT
};
#define BIT(option) (UINT64_C(1) << (option))

struct options {
	uint64_t given; /* BIT() of each that was */
	int64_t deadline_ms;
	uint32_t udev; /* enum dmk_udev_mode */
	const char *table;
	const char *table_file;
	const char *uuid;
	const char *prefix;
	uint32_t major; /* of --devno */
	uint32_t minor; /* of --devno */
	uint32_t fixed_minor;
	uint32_t uid;
	uint32_t gid;
	uint32_t mode;
	uint32_t read_ahead_sectors;
	bool read_ahead_minimum;
	uint32_t linux_release;
	uint64_t sector;
	const char *columns;
	const char *sort;
	const char *color;
};

enum command_flag {
	CMD_DEVICE = 1 << 0,  /* the first argument is a device, or --uuid or --devno is */
	CMD_DEVICES = 1 << 1, /* all arguments are devices: likewise */
	CMD_CHANGES = 1 << 2, /* changes something in the kernel: signals end it in order */
	CMD_TEXT = 1 << 3,    /* has no JSON form and asks nothing of the kernel */
	CMD_LINES = 1 << 4    /* its JSON is an object a line, not an array */
};

struct cli;

/* One command: dispatch, usage, help, completion and the manual's list all read this. */
struct command {
	char name[16];	  /* here, so that a look-up touches the table alone */
	const char *args; /* as usage shows them */
	const char *summary;
	const char *details;  /* more for `help NAME`, or "" */
	const char *examples; /* lines, without the leading "dmkit " */
	int min_args;
	int max_args; /* -1: any number */
	uint64_t options;
	uint32_t flags;
	int (*run)(struct cli *cli, char **args, int n);
};

/* What find_handle() makes of a word. */
struct handle {
	struct dmk_id id;	   /* by number where the word says one: that is still the device's
				    * own when another one has its name */
	const char *name;	   /* the word's own text, or: */
	char found[DMK_NAME_SIZE]; /* by which it was found */
};

struct cli {
	struct dmk *dm;
	const struct command *command; /* NULL before it is known */
	struct options options;
	int64_t deadline_ns;  /* CLOCK_MONOTONIC; 0: none was given */
	struct handle handle; /* of take_device() */
	const char *table_of; /* the device whose table is being read, for errors */
	uint32_t table_verb;  /* and what is being done: DMK_VERB_* */
	bool out_tty;
	bool err_tty;
	bool printed;	     /* something of the result, by commands that part what they print */
	struct json json;    /* the array on standard output */
	struct lines *lines; /* of all devices, by commands that gather them */
	struct tree *tree;   /* that is drawn */
};

static inline bool given(const struct cli *cli, enum opt option)
{
	return cli->options.given & BIT(option);
}

/* By --uuid or --devno. */
static inline bool addressed(const struct cli *cli)
{
	return given(cli, OPT_UUID) || given(cli, OPT_DEVNO);
}

/* ---- nearest.c: what a mistyped word may have been meant to be ---- */
#define NEAREST_MOST 3
struct nearest {
	char word[DMK_NAME_SIZE];
	char words[NEAREST_MOST][DMK_NAME_SIZE]; /* the nearest first */
	unsigned far[NEAREST_MOST];
	unsigned n;
	char text[NEAREST_MOST * (DMK_NAME_SIZE + 4) + 32];
};
void nearest_begin(struct nearest *nearest, const char *word, size_t length);
void nearest_look(struct nearest *nearest, const char *candidate);
/* "; the nearest: --table, --target", `before` before each of them, or "". */
const char *nearest_text(struct nearest *nearest, const char *before);
/* Behind what stands in text. */
void nearest_add(struct nearest *nearest, char *text, size_t size);

/* ---- commands.c, help.c ---- */
extern const struct command command_rows[]; /* commands.c: all of them */
extern const size_t n_command_rows;
void commands_set(const struct command *rows, size_t n);
const struct command *command_at(size_t index); /* NULL past the last */
const struct command *command_find(const char *name);
void command_names(char *buf, size_t size); /* of all: "create, replace" */
void print_usage(FILE *out);
void print_command_help(const struct cli *cli, const struct command *command);
int print_target_help(struct cli *cli, const char *type);
void print_target_keys(const char *type);
void print_core_messages(void);
/* Help, kind, default and the like of a key in one line. */
void describe_key(const struct dmk_key *key, char *line, size_t size);
int unknown_topic(struct cli *cli, const char *topic);
/* ---- help-json.c, help-dmsetup.c; topic NULL: all ---- */
int help_json(struct cli *cli, const char *topic);
void print_dmsetup_help(struct cli *cli);
/* ---- manual.c ---- */
void print_manual(void);

/* ---- options.c ---- */
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
/* Takes the options out of argv; *ret_first is the first other word. 0 or EXIT_USAGE, reported. */
int options_parse(struct cli *cli, int argc, char **argv, int *ret_first);

/* ---- udev.c ---- */
bool parse_udev(const char *text, uint32_t *ret_mode); /* false: neither auto, off nor on */
/* After a verb that succeeded: what udev did not do, and with --trace how it was. */
void note_udev(const struct cli *cli, const char *device);

/* ---- term.c ---- */
bool term_is(FILE *file);
unsigned term_columns(FILE *file); /* 0: it is no terminal, or does not say */
unsigned term_width(FILE *file);   /* in columns; 80 where it is no terminal */

/* ---- output.c ---- */
/* Bytes at s that may go to a terminal as they are, one character: 0 means that its first byte may
 * not, as it is a control character (C0, C1) or none of UTF-8. */
size_t printable_length(const char *s);
/* Part of a line: a control character becomes \xHH, so that it stays one line in a pipe too; on a
 * terminal (tty) so does all that is not printable UTF-8. */
void put_text(FILE *out, bool tty, const char *text);
/* Lines: raw bytes in a pipe; on a terminal each as by put_text(). */
void put_reply(FILE *out, bool tty, const char *text);

/* Lines of results for standard output, gathered: with a call of stdio for each word a table of
 * 100,000 segments would spend most of its time. Nothing else may be printed before the flush. */
struct lines {
	bool tty;
	size_t used;
	char text[1024];
};

void lines_begin(struct lines *lines, const struct cli *cli);
/* Each with the character that stands behind it. A name is as by put_text(); text too on a
 * terminal, and raw in a pipe. */
void lines_name(struct lines *lines, const char *name, char after);
void lines_text(struct lines *lines, const char *text, char after);
void lines_byte(struct lines *lines, char byte);
void lines_number(struct lines *lines, uint64_t number, char after);
void lines_flush(struct lines *lines);
size_t text_width(bool tty, const char *text);
/* The same, filled up with blanks to width; no blanks for the last of a line (width 0). */
void put_padded(FILE *out, bool tty, const char *text, size_t width);
/* One word as a POSIX shell reads it back; on a terminal what is not printable is $'\xHH'. */
void put_quoted(FILE *out, bool tty, const char *word);
/* Words of text, broken at the terminal's width; lines but the first begin with indent blanks. */
void put_wrapped(FILE *out, const char *text, unsigned indent);
/* Text that begins in that column, as by put_text(), and broken so at width; 0: it stays a line. */
void put_folded(FILE *out, bool tty, const char *text, unsigned column, unsigned indent,
		unsigned width);
#define FOLD_INDENT 4
/* That of a sentence: at most 100 on a terminal, 0 elsewhere. */
unsigned fold_width(FILE *out);
/* The largest unit that gives a whole number: 100s, 4MiB. It is what size= takes back. */
#define SIZE_TEXT 32
const char *format_size(uint64_t sectors, char buf[static SIZE_TEXT]);

/* Opens the next object of the array on standard output. */
void json_item(struct cli *cli);

/* ---- utf8.c ---- */
/* How many bytes the valid UTF-8 sequence at s has; 0: it is none. */
size_t utf8_length(const char *s);
bool utf8_valid(const char *s);
bool utf8_locale(void); /* whether the environment says so */

/* ---- device-arg.c ---- */
/*
 * The name of the device that a word means: the word itself or NAME of /dev/mapper/NAME, where a
 * device has that name; else what is called so in libdevmapper's form (my\x20disk), dm-N,
 * MAJOR:MINOR, or any path that leads to its node. One that is not there by any of them keeps its
 * word as name, for the verb to say so. 0 or an exit code, reported.
 */
int find_handle(struct cli *cli, const char *word, struct handle *ret_handle);
/* Exit code 3, for a word that leads to no mapping; with the nearest names. */
int fail_handle(struct cli *cli, const char *word, const char *format, ...) PRINTF(3, 4);
/*
 * The device that a CMD_DEVICE command means: its first argument, or --uuid or --devno. *args and
 * *n move past what was used. 0 or an exit code, reported.
 */
int take_device(struct cli *cli, char ***args, int *n, struct dmk_id *ret_id);
void address(const struct cli *cli, struct dmk_id *ret_id);
/* NAME out of /dev/mapper/NAME; another word as it is. */
const char *strip_node_dir(const char *word);
const char *device_word(const struct dmk_id *id, char *buf, size_t size);
/* That the words say which devices, and once. 0 or EXIT_USAGE, reported. */
int check_devices(struct cli *cli, int n);
/*
 * Calls fn for each named device, or --uuid's or --devno's, or --prefix's, or for all there are,
 * which a command that changes something refuses. Goes on after a
 * failure, which fn has reported; returns the first one's exit code.
 */
struct each {
	struct dmk_id id;
	bool all;			 /* all there are are meant */
	bool prefix;			 /* more than one is meant */
	const struct dmk_device *listed; /* its row of the list where all are meant, else NULL */
};
typedef int (*each_fn)(struct cli *cli, const struct each *each);
int each_device(struct cli *cli, char **names, int n, each_fn fn);
/* The same, in each-order.c: what stands on another one comes before it, or after it. */
int each_ordered(struct cli *cli, char **names, int n, bool top_first, each_fn fn);
/* fail(); but EXIT_DONE for a device that went away while all were walked. */
int each_fail(struct cli *cli, const struct each *each);
void query_options(const struct cli *cli, struct dmk_query_options *ret_options);

/* ---- segments.c, table-file.c ---- */
/* What the words, --table or --table-file say; NULL: --no-table. 0 or an exit code, reported. */
int get_table(struct cli *cli, char **words, int n, struct dmk_table **ret_table);
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
void drop_bytes(struct bytes *bytes);

/* ---- secrets.c ---- */
/* params for the eye: key material as zeros unless --show-keys. free(*ret_owned) after use. */
const char *shown_params(const struct cli *cli, const char *type, const char *params,
			 char **ret_owned);
bool has_secret(const char *type, const char *params);
/* The message sets a key that stands in it; one that only names a key does not. */
bool message_has_key(const char *text);
/* Leaves the pages that hold these bytes out of core dumps. */
void no_dump(void *bytes, size_t size);
bool is_secret(const struct dmk_key_value *value);
/* "hidden, 64 bytes" */
#define HIDDEN_TEXT 48
const char *hidden_value(const struct dmk_key_value *value, char buf[static HIDDEN_TEXT]);

/* ---- key-words.c ---- */
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

/* ---- records.c ---- */
/* A value of kind RECORD. */
void json_record(struct json *json, const char *name, const char *fields, const char *text);

/* ---- typed.c ---- */
/* "hash-start" of kind BLOCKS is "hash_start_blocks": the unit is in the name, once. */
#define JSON_KEY_SIZE 64
void json_key_name(const struct dmk_key *key, char buf[static JSON_KEY_SIZE]);
bool is_yes_or_no(
	const struct dmk_key *key); /* a CHOICE of these two, which JSON has as a boolean */
/* Into the object that is open, for targets that dmkit knows; nothing for others. */
void json_table_keys(const struct cli *cli, struct json *json, const char *type,
		     const char *params);
void json_status_values(struct json *json, const char *type, const char *params);
/* The same for people, "key value, key value"; false: it cannot be read. */
bool put_status_values(const struct cli *cli, const char *type, const char *params);
/* One segment of a status, "thin-pool: metadata 12/1024 blocks (1.2 %), ..."; of several segments
 * each says where it is. And the same as keys of the object that is open. */
void put_status(const struct cli *cli, const struct dmk_segment *segment, bool several);
void json_status(struct json *json, const struct dmk_segment *segment);

/* ---- pretty.c ---- */
/* The table as words of the grammar. 0 or an exit code, reported. */
int print_pretty(struct cli *cli, struct dmk_segments *segments, bool prefix);

/* ---- results.c ---- */
void json_info(struct cli *cli, const struct dmk_info *info);
/* What a changing command says when it is done: with --json the device as it is, else nothing. */
int done(struct cli *cli, const struct dmk_info *info);
/* The same of one that has to do with udev. */
int done_udev(struct cli *cli, const struct dmk_info *info);

/* ---- disks.c ---- */
/* "254:3" */
#define DEVNO_TEXT 24
const char *format_devno(uint32_t major, uint32_t minor, char buf[static DEVNO_TEXT]);
/* The kernel's name of a block device out of /sys, "" where it has none. */
void disk_name(uint32_t major, uint32_t minor, char *buf, size_t size);
uint64_t disk_size_sectors(uint32_t major, uint32_t minor);
/* The first line of a file of /sys; "" where there is none. */
void sys_line(const char *path, char *buf, size_t size);

/* ---- transport.c, signals.c ---- */
void transport_install(struct cli *cli);
void signals_install(struct dmk *dm);
bool signals_caught(void);
/* Ends the process by the signal that ended the command, if one did. */
void signals_pass_on(void);
/* Before each of several calls: what is left of --deadline is this one's limit. */
void arm_deadline(struct cli *cli);

/* ---- the commands, cmd-*.c ---- */
int cmd_create(struct cli *cli, char **args, int n);
int cmd_replace(struct cli *cli, char **args, int n);
int cmd_load(struct cli *cli, char **args, int n);
int cmd_check(struct cli *cli, char **args, int n);
/* --check: what dmk_table_check() says of the table that id gets. 0 or an exit code, reported. */
int check_first(struct cli *cli, struct dmk_table *table, const struct dmk_id *id);
int cmd_clear(struct cli *cli, char **args, int n);
int cmd_suspend(struct cli *cli, char **args, int n);
int cmd_resume(struct cli *cli, char **args, int n);
int cmd_remove(struct cli *cli, char **args, int n);
int cmd_rename(struct cli *cli, char **args, int n);
int cmd_set_uuid(struct cli *cli, char **args, int n);
int cmd_set_geometry(struct cli *cli, char **args, int n);
int cmd_list(struct cli *cli, char **args, int n);
int cmd_tree(struct cli *cli, char **args, int n);
int cmd_info(struct cli *cli, char **args, int n);
int cmd_table(struct cli *cli, char **args, int n);
int cmd_status(struct cli *cli, char **args, int n);
int cmd_deps(struct cli *cli, char **args, int n);
/* All of --concise. 0 or an exit code, reported. */
int create_concise(struct cli *cli, char **args, int n, const struct dmk_create_options *create);
int cmd_doctor(struct cli *cli, char **args, int n);
int cmd_export(struct cli *cli, char **args, int n);
int cmd_holders(struct cli *cli, char **args, int n);
int cmd_message(struct cli *cli, char **args, int n);
int cmd_wait(struct cli *cli, char **args, int n);
int cmd_monitor(struct cli *cli, char **args, int n);
int cmd_targets(struct cli *cli, char **args, int n);
int cmd_target_version(struct cli *cli, char **args, int n);
int cmd_version(struct cli *cli, char **args, int n);
int cmd_help(struct cli *cli, char **args, int n);
int cmd_complete(struct cli *cli, char **args, int n);

/* dmsetup/main.c: whether the program's name is one of dmsetup's, and that command as a whole. */
bool dmsetup_is_called(const char *name);
int dmsetup_main(int argc, char **argv);

#endif
