/* SPDX-License-Identifier: MIT */
/* The rows of which a target's tables, statuses and messages consist: data alone. */
#ifndef DMK_ROW_H
#define DMK_ROW_H

#include "base/error.h"
#include "base/util.h"
#include "dmkit.h"

/*
 * The version of a target that brought something, in 16 bits: 0, it was always there.
 */
#define DMK_V3(major, minor, patch) ((major) << 12 | (minor) << 5 | (patch))
#define DMK_V(major, minor) DMK_V3(major, minor, 0)

enum dmk_row_flag {
	DMK_ROW_WIDE = 1 << 0, /* NUMBER and BYTES: the field is a uint64_t, not a uint32_t */
	DMK_ROW_POWER_OF_TWO = 1 << 1, /* of numbers */
	DMK_ROW_COLON = 1 << 2,	       /* an optional argument that is one word: "word:value" */
	DMK_ROW_SIZE_DEVICE = 1 << 3,  /* a segment without size= is what this device has ... */
	DMK_ROW_SIZE_OFFSET = 1 << 4,  /* ... from this sector on */
	DMK_ROW_ANY_CASE = 1 << 5,     /* CHOICE: the kernel reads its words in either case */
	/* What may follow the value of the COLON row before this one: "word:value:this". A key of
	 * its own, so that it alone is secret; its word is only its name. */
	DMK_ROW_TAIL = 1 << 6,
	/* A device that Linux refuses unless it holds the segment's length, or area_sectors() of
	 * it, from its offset on: that of a DEVICE_OFFSET, the next row if it is a SIZE_OFFSET,
	 * else 0. Its iterate_devices says so. */
	DMK_ROW_AREA = 1 << 7,
	DMK_ROW_ANY_NUMBER = 1 << 8, /* SECTORS: also beyond DMK_MAX_SECTORS */
	/* The number 0 is all ones in the field, where 0 is the fallback, which is another one. */
	DMK_ROW_ZERO_APART = 1 << 9,
	DMK_ROW_MAY_MISS = 1 << 10, /* DEVICE: "-" is one that is missing */
	DMK_ROW_PAGE = 1 << 11,	    /* BYTES: at most the machine's page */
	DMK_ROW_FIXES = 1 << 12,    /* fixes have brought it to Linux before .release too */
	/* Where it was not given the kernel chooses a value, and tells that in its table. */
	DMK_ROW_KERNEL_FILLS = 1 << 13
};

/* One of a CHOICE's words: what the kernel's text says, what key=value says, what the field holds.
 */
struct dmk_choice {
	const char *word;
	const char *name;
	uint32_t value;
	uint16_t since;	  /* DMK_V(), as of a row */
	uint16_t release; /* DMK_LINUX(): the first with it, where since does not say it */
};

/* The end of a list of choices: their names, as help shows them. */
#define DMK_ALLOWED(names)             \
	{                              \
		NULL, (names), 0, 0, 0 \
	}

/*
 * A row whose field is nothing that kinds know: nested groups. Its value as one text, with the
 * functions that take it in and give it out. count is how many values there are.
 */
struct dmk_custom {
	/* What one KEY=TEXT says, in the order of the command line. NULL: never on the way in. */
	int (*add)(void *value, const char *text, struct dmk_error *err);
	uint32_t (*count)(const void *value);
	void (*print)(const void *value, uint32_t index, struct dmk_text *out);
	const char *fields; /* of kind RECORD, as struct dmk_key has them */
	/* With DMK_ROW_SIZE_DEVICE: the device in it. */
	const char *(*device)(const void *value, uint32_t index);
};

/*
 * What makes the value of a status row mean trouble. Only a row that is there, and whose whole is
 * not 0, can be in any.
 */
enum dmk_trouble_when {
	DMK_TROUBLE_IS = 1, /* a CHOICE or number: it is value; a FLAG: it is there */
	DMK_TROUBLE_ABOVE,  /* a number: more than value */
	DMK_TROUBLE_FULL,   /* a RATIO, or a number and its whole: used up to value percent or more.
			     * Where the row `other` has the kernel's own mark, how much may be left:
			     * that much or less is left. */
	DMK_TROUBLE_HAS	    /* a TEXT or HEALTH: one of letters is in it */
};

struct dmk_trouble {
	uint8_t when;
	bool note;     /* need not be wrong */
	uint8_t other; /* FULL: the row of the mark, of a number that of the whole; 0: none */
	uint32_t value;
	const char *letters;
	const char *what; /* what it means: the rest of a sentence about the device */
	const char *mend; /* a command, or what to do; '@' stands for the device's name */
};

/* trouble.c: of the RATIO of a metadata device's blocks. */
extern const struct dmk_trouble dmk_metadata_trouble[];

/* The end of a list of troubles. The first one that a row is in is told: the worst comes first. */
#define DMK_NO_TROUBLE \
	{              \
		0      \
	}

/*
 * One row: a key of the command line, and the field of the value struct that it fills. What the
 * field is follows from kind:
 *
 *   TEXT, DEVICE, HEX: const char *. With DMK_KEY_REPEATED an array of them, const char *const *,
 *     with its uint32_t count at count_offset.
 *   NUMBER, BYTES, MS: uint32_t, or uint64_t with DMK_ROW_WIDE. NUMBER with DMK_KEY_REPEATED an
 *     array of them, const uint32_t *, with its uint32_t count at count_offset.
 *   SIGNED: int32_t; min and max are int32_t, cast.
 *   SECTORS, BLOCKS: uint64_t.
 *   CHOICE: uint32_t, one of choices, which end in DMK_ALLOWED().
 *   RATIO: two uint64_t, struct dmk_ratio.
 *   RECORD: always with DMK_CUSTOM().
 *   HEALTH: as TEXT; choices are the letters.
 *   FLAG: none: its bit in the options word says it all.
 *   DEVICE_OFFSET: a struct dmk_leg array, with its uint32_t count at count_offset; REPEATED.
 *   Any, with DMK_CUSTOM(): what its functions say. The form's parse, format and validate are
 *     then its own, and it has no word.
 *   TEXT with parts: none itself. An optional argument of several words, "word part part ...",
 * whose parts are rows with a field each; key=value has "part:part:...", and so has the kernel with
 * DMK_ROW_COLON: "word:part:part".
 *
 * A row without a word is positional. One with a word is an optional argument of the kernel's text,
 * given as "word" (FLAG) or "word value"; option is its bit in the struct's uint64_t options word.
 * It is there when its bit is set or its field is not zero. Rows stand in the order in which the
 * kernel prints them.
 */
struct dmk_row {
	const char *name; /* the key's; what is not said here is as in struct dmk_key */
	const char *help;
	const char *word;
	const char *unit; /* of a number or a RATIO, where kind does not tell */
	union {
		const struct dmk_choice *choices; /* CHOICE */
		const struct dmk_row *parts;	  /* n_parts of them */
		const struct dmk_custom *custom;  /* is_custom */
		/* Of numbers; max 0: no limit but the field's (SECTORS: DMK_MAX_SECTORS). */
		struct {
			uint32_t min;
			uint32_t max;
		};
	};
	uint32_t option;
	uint16_t offset;
	uint16_t count_offset;
	uint16_t flags;		/* DMK_ROW_* */
	uint16_t since;		/* DMK_V() */
	uint16_t release;	/* DMK_LINUX(): the first with it; help has it too, see below */
	uint16_t kind : 5;	/* enum dmk_key_kind */
	uint16_t key_flags : 4; /* DMK_KEY_* */
	uint16_t exclusive : 2; /* not 0: only one of the rows with this number may be there */
	uint16_t n_parts : 3;
	uint16_t is_custom : 1;
	uint16_t has_fallback : 1;
	/* Of a status: what it means where it means trouble, up to DMK_NO_TROUBLE. NULL: never. */
	const struct dmk_trouble *trouble;
};

/*
 * How all rows are written: one of the first four with the row's name, its kind without DMK_KEY_,
 * and its help; then the next ones, and what else there is to say, by its name. The struct that the
 * rows fill is said once before them: #define DMK_ROWS_OF struct dmk_linear
 */
#define DMK_ROW(row_name, of_kind, text) .name = (row_name), .kind = DMK_KEY_##of_kind, .help = text
/* A key that must be given. */
#define DMK_REQUIRED(row_name, of_kind, text) \
	.name = (row_name), .kind = DMK_KEY_##of_kind, .help = text, .key_flags = DMK_KEY_REQUIRED
/* One that has this value, a text, where it is not given: dmk_row_fallback() finds it behind the
 * name's NUL. */
#define DMK_DEFAULT(row_name, of_kind, value, text) \
	.name = row_name "\0" value, .kind = DMK_KEY_##of_kind, .help = text, .has_fallback = 1
/* Of a status: there where the bit is set. */
#define DMK_SAID(row_name, of_kind, bit, text) \
	.name = (row_name), .kind = DMK_KEY_##of_kind, .help = text, DMK_WORD(row_name, bit)
/* The help of one that not every Linux has, which says so: its release. */
#define DMK_SINCE_LINUX(major, minor, text) \
	text " (Linux " #major "." #minor ")", .release = DMK_LINUX(major, minor)
/* The word of an optional argument, and its bit. */
#define DMK_WORD(kernel_word, bit) .word = (kernel_word), .option = (bit)
#define DMK_FIELD(field) .offset = offsetof(DMK_ROWS_OF, field)
#define DMK_COUNT(field) .count_offset = offsetof(DMK_ROWS_OF, field)
/* For fields that no kind knows. */
#define DMK_CUSTOM(functions) .custom = (functions), .is_custom = 1

#endif
