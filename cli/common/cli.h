/* SPDX-License-Identifier: MIT */
/* What the files of the command share. All state of one run is in struct cli, handed around. */
#ifndef DMKIT_CLI_H
#define DMKIT_CLI_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "common/json.h"
#include "dmkit.h"

#define PRINTF(fmt, args) __attribute__((format(printf, fmt, args)))
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
	EXIT_CHANGES = 10, /* of plan */
	EXIT_CODES
};

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
	OPT_SET,
	OPT_STACK,
	OPT_STACK_NAME,
	OPT_ALLOW_BUSY,
	OPT_STRICT,
	OPT_OWNER,
	OPT_YES,
	OPT_COUNT
};
#define BIT(option) (UINT64_C(1) << (option))

#define MOST_SETS 64

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
	const char *sets[MOST_SETS]; /* VAR=value each */
	unsigned n_sets;
	const char *stack_name;
	const char *owner;
	int n_behind; /* words behind "--"; -1: there was none */
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
	uint32_t table_verb;  /* and what is being done: DMK_VERB_*; 0: the command itself */
	const struct text_part *part; /* the words being read stand there; NULL: they are argv's */
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

#endif
