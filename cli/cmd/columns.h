/* SPDX-License-Identifier: MIT */
/* Devices as rows of columns, for list and tree. */
#ifndef DMKIT_COLUMNS_H
#define DMKIT_COLUMNS_H

#include "cmd/facts.h"
#include "show/output.h"

enum column {
	COLUMN_NAME,
	COLUMN_DEVICE,
	COLUMN_KERNEL_NAME,
	COLUMN_SIZE,
	/* What disks have not. */
	COLUMN_UUID,
	COLUMN_EVENT,
	COLUMN_TYPES,
	COLUMN_STATE,
	COLUMN_TABLES,
	COLUMN_RO,
	COLUMN_OPEN,
	COLUMN_SEGMENTS,
	/* And what they have again. */
	COLUMN_MOUNT,
	COLUMN_USED_BY,
	COLUMN_COUNT
};

struct columns {
	uint32_t n;
	uint32_t n_sort;
	unsigned wants; /* enum facts_want, of those and of --sort */
	enum column at[COLUMN_COUNT];
	enum column sort[COLUMN_COUNT];
	bool descending[COLUMN_COUNT];
};

/* -o and --sort; defaults: what is shown without -o. 0 or EXIT_USAGE, reported. */
int columns_take(struct cli *cli, const char *defaults, struct columns *ret_columns);

struct row {
	struct facts *facts;
	const struct columns *columns; /* for the sort */
	char *prefix;	    /* of the name, "" unless it is a tree's; drawn by ourselves */
	const char *suffix; /* behind the name, NULL: none */
	size_t index;
};
/* By --sort, and what is equal as it stood; without --sort all stays. */
void rows_sort(const struct columns *columns, struct row *rows, size_t n);
/* Aligned under a heading, or separated by tabs. */
void rows_print(const struct cli *cli, const struct columns *columns, const struct row *rows,
		size_t n, bool aligned);
/* The columns as keys of the object that is open. */
void json_columns(struct cli *cli, const struct columns *columns, const struct facts *facts);
void json_words(struct json *json, const char *key, const struct words *words);

/* For people, "1.5GiB"; with --bytes the number alone. */
const char *shown_size(const struct cli *cli, uint64_t sectors, char buf[static SIZE_TEXT]);
/* Words with a comma between. free() */
char *join_words(const struct words *words);

/* Colour, where it is wanted: --color, else a terminal without NO_COLOR. */
enum colour {
	COLOUR_NONE,
	COLOUR_HEADING,
	COLOUR_NAME,
	COLOUR_WARNING,
	COLOUR_PLACE,
	COLOUR_GONE
};
/* ---- colour.c */
void put_colour(const struct cli *cli, enum colour colour); /* COLOUR_NONE ends it */

#endif
