/* SPDX-License-Identifier: MIT */
/*
 * The seam between dmkit and one target. A target is one file that defines one struct dmk_target, and
 * whose name stands in meson.build. Target files do no I/O: they turn values into text and text into
 * values.
 *
 * rows.c does from a target's rows whatever is the same for all: positional and optional arguments
 * (count, text, parser), limits, key=value in and out, what `dmkit help TARGET` prints. A target
 * whose parameters are its rows in order, then the optional ones behind their count, needs neither
 * parse nor format.
 */
#ifndef DMK_TARGET_H
#define DMK_TARGET_H

#include "base/error.h"
#include "base/util.h"
#include "dmkit.h"
#include "row.h"

enum dmk_target_flag {
	DMK_TARGET_ALONE = 1 << 0,     /* must be the only segment of its table */
	DMK_TARGET_SECRET = 1 << 1,    /* its parameters carry key material */
	DMK_TARGET_READONLY = 1 << 2,  /* its device is read-only, asked for or not */
	DMK_TARGET_IMMUTABLE = 1 << 3, /* only itself and `error` may take its place */
	DMK_TARGET_DISTINCT = 1 << 4   /* no device may be two of its devices */
};

/* Words of parameters, split as the kernel does, with their columns. They point into the text. */
struct dmk_words {
	const char *text;
	const char *syntax; /* what the parameters should have been, for errors */
	size_t position;
	size_t previous_end; /* where the last word ended: the column of a word that is missing */
	struct dmk_error *error;
};

struct dmk_word {
	const char *text;
	size_t length;
	uint32_t column; /* from 1 */
	bool escaped;	 /* holds a backslash: dmk_word_text() resolves it */
};

/*
 * One form of text and the value struct that holds what it says: a table's parameters, a status,
 * the arguments of a message. The struct ends in `void *owned; uint64_t reserved[8];`. The
 * functions may be NULL, each with the meaning given.
 */
struct dmk_form {
	const char *syntax; /* the text, in capitals */
	const struct dmk_row *rows;
	uint16_t n_rows;
	uint16_t value_size;
	uint16_t options_at; /* DMK_OPTIONS(); 0: no options word */
	bool exact; /* the kernel reads words of optional arguments in one case; "word:" always */

	/* Text -> a zeroed value, whose strings and arrays all come from its arena. What is allowed
	 * of each row is checked in reading, the last word is the caller's to check. NULL: by rows.
	 */
	int (*parse)(struct dmk_words *words, void *value);
	/* A value that was checked -> text. NULL: by rows. */
	void (*format)(const void *value, struct dmk_text *out);
	/* What the rows cannot say of a value. NULL: nothing. */
	int (*validate)(const void *value, struct dmk_error *err);
};

/* One message that a target understands. */
struct dmk_message {
	struct dmk_message_info info; /* n_keys: of form */
	const char *word;	      /* what the kernel reads, before the arguments */
	struct dmk_form form;	      /* of the arguments, as key=value has them */
	const struct dmk_form *typed; /* of the public struct; NULL: the same */
};

/* Where on its device a parameter's data lie that are not the segment's own. */
struct dmk_extent {
	const char *what; /* "the hash tree"; NULL: nothing is known */
	uint32_t block_bytes;
	uint64_t start_blocks;
	uint64_t n_blocks;
};

/* What one read of a new device tells of its parameters. */
struct dmk_trial {
	/* How many bytes to read from the segment's begin; 0: nothing is to be tried. */
	uint32_t (*read_bytes)(const void *value);
	/* After a read that failed: true where the status means that the parameters do not fit;
	 * err gets argument and detail. */
	bool (*misfit)(const void *value, const void *status, struct dmk_error *err);
};
/* The word at fault is none that dmkit knows: a newer kernel may. Returns r. */
static inline int dmk_unknown_word(struct dmk_error *err, int r)
{
	if (err)
		err->flags |= DMK_ERROR_UNKNOWN_WORD;
	return r;
}

/* Something in parameters that not every kernel has: by the target's version, or where that does
 * not tell, by the release of Linux that was the first. */
struct dmk_need {
	const char *word;  /* what needs it */
	uint16_t since;	   /* DMK_V(); 0: the version does not tell */
	uint16_t release;  /* DMK_LINUX(); 0: not known */
	bool maybe_before; /* fixes have brought it to older releases too */
};

struct dmk_target {
	struct dmk_target_info info; /* n_keys: DMK_N_KEYS(rows) */
	uint32_t flags;		     /* DMK_TARGET_* */
	struct dmk_form table;
	const struct dmk_form *status; /* NULL: its status is always empty */
	const struct dmk_message *messages;
	uint32_t n_messages;

	/* These may be NULL. Value and length together: multiples, ranges. NULL: any length. */
	int (*check)(const void *value, uint64_t length_sectors, struct dmk_error *err);
	/* The length that the value itself implies. NULL: none. */
	uint64_t (*length_sectors)(const void *value);
	/* The length without size= when the device (of several, the smallest) has rest_sectors from
	 * its offset on. NULL: just these. */
	uint64_t (*length_of_rest)(const void *value, uint64_t rest_sectors);
	/* How much of the segment each AREA row's devices hold. NULL: as much as it is long. */
	uint64_t (*area_sectors)(const void *value, uint64_t length_sectors);
	/* Of a row without AREA. NULL: nothing is known of any. */
	struct dmk_extent (*extent)(const void *value, const struct dmk_row *row);
	/* Why the kernel refused the value with code, if that is certain: err gets argument and
	 * detail. NULL: never. */
	bool (*explain)(const void *value, int code, struct dmk_error *err);
	const struct dmk_trial *trial; /* NULL: none */
	/* The logical block that Linux gives the mapping where its devices' are not larger: its
	 * length and the offsets of AREA rows are multiples of it. NULL: 512. */
	uint32_t (*block_bytes)(const void *value);
	/* What rows and choices do not say: number index of it. false: there is none. It may be
	 * none of all: word is NULL. */
	bool (*needs)(const void *value, uint32_t index, struct dmk_need *ret_need);
	/* Of parameters that cannot be read: whether every Linux takes them all the same. true: err
	 * says what it does with them. NULL: none. */
	bool (*passes)(const char *params, struct dmk_error *err);
};

/* "size" is a key of every target. */
#define DMK_N_KEYS(rows) (DMK_ARRAY_SIZE(rows) + 1)
/* Where a form's value has its options word: from 1 on, for it may be the first member. */
#define DMK_OPTIONS(type) .options_at = offsetof(type, options) + 1
#define DMK_ROWS(r, type) .rows = (r), .n_rows = DMK_ARRAY_SIZE(r), .value_size = sizeof(type)
#define DMK_MESSAGES(m) .messages = (m), .n_messages = DMK_ARRAY_SIZE(m)
/* A message of a table of them, as DMK_ROW() in row.h: without arguments, and with rows of them,
 * which fill DMK_ROWS_OF. */
#define DMK_MESSAGE(message_name, kernel_word, text)                                              \
	.info.name = (message_name), .word = (kernel_word), .info.help = text, .form.syntax = "", \
	.form.value_size = sizeof(DMK_ROWS_OF)
#define DMK_MESSAGE_WITH(message_name, kernel_word, capitals, r, text)                 \
	.info.name = (message_name), .word = (kernel_word), .info.help = text,         \
	.info.n_keys = DMK_ARRAY_SIZE(r), .form.syntax = (capitals), .form.rows = (r), \
	.form.n_rows = DMK_ARRAY_SIZE(r), .form.value_size = sizeof(DMK_ROWS_OF)
/* Every value struct ends so. */
#define DMK_RESERVED_BYTES (8 * sizeof(uint64_t))
#define DMK_TAIL_BYTES (sizeof(void *) + DMK_RESERVED_BYTES)

/* The value of targets without parameters. */
struct dmk_no_value {
	void *owned;
	uint64_t reserved[8];
};

/* All that are known: all-targets.c, or a static program's own choice of them (dmkit-static.h). */
extern const struct dmk_target *const dmk_targets[];
extern const unsigned dmk_n_targets;
/* registry.c: NULL where dmkit does not know type. */
const struct dmk_target *dmk_target_find(const char *type) DMK_MUST_CHECK;
/* "; the nearest: linear", of the targets that dmkit knows, or "". */
void dmk_nearest_target(const char *type, char *text, size_t size);
/* Fails err with -EINVAL: dmkit does not know the target. type may be NULL. */
int dmk_fail_no_target(struct dmk_error *err, const char *type);
/*
 * Reads params (NUL-terminated) as type's and checks them with length_sectors. Unknown types pass.
 * err gets argument, column (into params) and detail. 1: they pass, but what err says of them, with
 * code 0, is left to the kernel; words that dmkit does not know only where the target is newer.
 */
int dmk_target_check(const char *type, const char *params, uint64_t length_sectors, bool newer,
		     struct dmk_error *err) DMK_MUST_CHECK;
/* The same of a value that its form has validated. */
int dmk_target_check_value(const struct dmk_target *target, const void *value,
			   uint64_t length_sectors, struct dmk_error *err) DMK_MUST_CHECK;

static inline bool dmk_version_less(const struct dmk_version *a, const struct dmk_version *b)
{
	if (a->major != b->major)
		return a->major < b->major;
	if (a->minor != b->minor)
		return a->minor < b->minor;
	return a->patch < b->patch;
}

/* What a row's since says. */
static inline struct dmk_version dmk_since_version(uint16_t since)
{
	return (struct dmk_version){ .major = since >> 12,
				     .minor = since >> 5 & 127,
				     .patch = since & 31 };
}

/* devices.c: one device that a segment's parameters name. */
struct dmk_target_device {
	const char *word;
	uint64_t offset_sectors;
	uint64_t area_sectors;	  /* from there on the device has to hold this; 0: not known */
	struct dmk_extent extent; /* instead of offset and area */
};
/* Calls fn for each of them until it returns something else than 0, which is returned. Nothing is
 * called for a type that dmkit does not know, nor for parameters that cannot be read. */
typedef int (*dmk_target_device_fn)(void *userdata, const struct dmk_target_device *device);
int dmk_target_devices(const char *type, const char *params, uint64_t length_sectors,
		       dmk_target_device_fn fn, void *userdata) DMK_MUST_CHECK;

/* How many sectors the target's own logical block has; 1: it says none. */
uint64_t dmk_target_block(const struct dmk_target *target, const void *value);
/* Linux asks of each segment and device that they are whole blocks: dm-table.c's
 * device_area_is_invalid(). And "-" must be no device. */
int dmk_target_check_devices(const struct dmk_target *target, const void *value,
			     uint64_t length_sectors, struct dmk_error *err) DMK_MUST_CHECK;
/* trouble.c: calls fn for each row of a status that means trouble, with its value as key=value has
 * it, until it returns something else than 0, which is returned. Nothing is called for a type that
 * dmkit does not know, nor for a status that cannot be read. */
typedef int (*dmk_trouble_fn)(void *userdata, const struct dmk_row *row,
			      const struct dmk_trouble *trouble, const char *value);
int dmk_target_troubles(const char *type, const char *status, dmk_trouble_fn fn,
			void *userdata) DMK_MUST_CHECK;

/* form.c: one value as a whole. */
/* Leaves value zero on failure. */
int dmk_form_parse(const struct dmk_form *form, const char *text, void *ret_value,
		   struct dmk_error *err) DMK_MUST_CHECK;
/* The value in memory of its own: dmk_form_clear(), then free(). NULL: it cannot be read, or there
 * is no memory. */
void *dmk_form_read(const struct dmk_form *form, const char *text) DMK_MUST_CHECK;
/* Rows, options, reserved words and what the form itself says. sound_alone: each row was checked
 * when it was read, and the options are those of rows. */
int dmk_form_validate(const struct dmk_form *form, const void *value, bool sound_alone,
		      struct dmk_error *err) DMK_MUST_CHECK;
/* Fields of positional rows that are zero, or NULL: the fallback's value, as of a key that is left
 * out. What it puts in lives for ever. */
int dmk_form_fill(const struct dmk_form *form, void *value, struct dmk_error *err) DMK_MUST_CHECK;
/* Of a value that was validated. */
int dmk_form_format(const struct dmk_form *form, const void *value, struct dmk_text *out,
		    struct dmk_error *err) DMK_MUST_CHECK;
void dmk_form_clear(const struct dmk_form *form, void *value);

/* For public parsers: starts *err (may be NULL) as verb's error of type's params ("" if they are
 * secret). */
void dmk_begin_parse(struct dmk_error *err, uint32_t verb, const char *type, const char *params);

/* words.c. A missing word is -EINVAL naming `what`; so is a word too many at the end. */
struct dmk_words dmk_words_of(const char *params, const char *syntax, struct dmk_error *err);
bool dmk_words_next(struct dmk_words *words, struct dmk_word *ret_word) DMK_MUST_CHECK;
int dmk_words_need(struct dmk_words *words, const char *what,
		   struct dmk_word *ret_word) DMK_MUST_CHECK;
int dmk_words_number(struct dmk_words *words, const char *what, uint64_t min, uint64_t max,
		     uint64_t *ret_value) DMK_MUST_CHECK;
int dmk_words_end(struct dmk_words *words) DMK_MUST_CHECK;
uint64_t dmk_words_left(const struct dmk_words *words);
/* Whether this word comes next; skip steps over it then. */
bool dmk_words_next_is(const struct dmk_words *words, const char *s);
bool dmk_words_skip(struct dmk_words *words, const char *s);
bool dmk_word_is(const struct dmk_word *word,
		 const char *s); /* case does not matter, as in the kernel */
bool dmk_word_is_exactly(const struct dmk_word *word, const char *s);

/* secret.c: what carries a key, or has to be taken for one: types that only sound like a target
 * that does, and digits like a key's behind a type that is not known. */
bool dmk_type_is_secret(const char *type);
/* All but targets that are known to have no key. */
bool dmk_type_may_be_secret(const char *type);
bool dmk_segment_is_secret(const struct dmk_segment *segment);
#define DMK_HIDDEN "(hidden)"
/* params, or that they are hidden: a key stands in them, or may, as they cannot be read. */
const char *dmk_shown_params(const char *type, const char *params);

/* What the kernel makes of the word; buf has length + 1 bytes. */
void dmk_word_text(const struct dmk_word *word, char *buf);
/* It quotes a byte that needs no quote: its writer may have meant the backslash itself. */
bool dmk_word_quotes_much(const struct dmk_word *word);
/* One of the words is so, and the kernel makes that path of it. */
bool dmk_params_quote_much(const char *params, const char *path);
#define DMK_QUOTES "a backslash of a table's text quotes the next byte: \\\\ is one"

/* Memory of one parsed value: one chain behind its `owned`, freed and wiped whole. NULL: no memory.
 */
char *dmk_arena_text(void **owned, const char *s, size_t length) DMK_MUST_CHECK;
char *dmk_arena_word(void **owned, const struct dmk_word *word) DMK_MUST_CHECK;
void *dmk_arena_array(void **owned, size_t n, size_t size) DMK_MUST_CHECK; /* zeroed */
void dmk_arena_free(void **owned);

/*
 * A word that a value brings must be one word for the kernel: not NULL, not empty, no blanks,
 * control characters or backslashes. Hex: whole bytes. The path of a device may hold blanks and
 * backslashes: it is quoted when it becomes text, dmk_text_add_path(), and read back without.
 */
int dmk_check_word(const char *what, const char *s, struct dmk_error *err) DMK_MUST_CHECK;
int dmk_check_path(const char *what, const char *s, struct dmk_error *err) DMK_MUST_CHECK;
void dmk_text_add_path(struct dmk_text *out, const char *path);
int dmk_check_hex(const char *what, const char *s, struct dmk_error *err) DMK_MUST_CHECK;

/* row.c: one row and its field. */
uint64_t dmk_row_number(const struct dmk_row *row, const void *value);
void dmk_row_set_number(const struct dmk_row *row, void *value, uint64_t number);
const char *dmk_row_text(const struct dmk_row *row, const void *value);
void dmk_row_set_text(const struct dmk_row *row, void *value, const char *text);
/* One that is to be its text: a path or a word. */
int dmk_row_check_text(const struct dmk_row *row, const char *text,
		       struct dmk_error *err) DMK_MUST_CHECK;
bool dmk_row_is_number(const struct dmk_row *row);
/* The field is as in a value of zeros. */
bool dmk_row_is_zero(const struct dmk_row *row, const void *value);
/* REPEATED, but DEVICE_OFFSET and custom. */
bool dmk_row_is_list(const struct dmk_row *row);
uint32_t dmk_row_count(const struct dmk_row *row, const void *value);
const char *const *dmk_row_list(const struct dmk_row *row, const void *value);
int dmk_row_append(const struct dmk_row *row, void *value, void **owned,
		   const char *text) DMK_MUST_CHECK;
/* Lists of numbers. */
bool dmk_row_is_number_list(const struct dmk_row *row);
uint64_t dmk_row_number_at(const struct dmk_row *row, const void *value, uint32_t index);
int dmk_row_append_number(const struct dmk_row *row, void *value, void **owned,
			  uint64_t number) DMK_MUST_CHECK;
/* Of a row whose field is a number: "12", with SIGNED also "-3" and "+3". */
bool dmk_row_parse_number(const struct dmk_row *row, const char *text, size_t length,
			  uint64_t *ret_number);
const struct dmk_ratio *dmk_row_ratio(const struct dmk_row *row, const void *value);
/* NULL: the field holds none of the choices. */
const struct dmk_choice *dmk_row_choice(const struct dmk_row *row, const void *value);
/* By the kernel's word, and with by_name by the name that key=value has for it too. */
bool dmk_row_choose(const struct dmk_row *row, void *value, const char *text, size_t length,
		    bool by_name);
bool dmk_row_allows(const struct dmk_row *row, uint64_t number);
/* "a power of two from 512 to 65536" */
void dmk_row_limits(const struct dmk_row *row, char *buf, size_t size);
/* The name that the kernel's text or its document has for it, for errors. */
const char *dmk_row_name(const struct dmk_row *row);
/* The field from one word of the kernel's text; any kind but FLAG and DEVICE_OFFSET. */
int dmk_row_read(const struct dmk_row *row, const struct dmk_word *word, void *value, void **owned,
		 struct dmk_error *err) DMK_MUST_CHECK;
/* A key's digits do not go into an error. Returns result. */
int dmk_row_without_key(const struct dmk_row *row, int result, struct dmk_error *err);
/* HEX that is not given: "-" or nothing. */
bool dmk_row_is_no_hex(const struct dmk_row *row, const char *text);
/* row-check.c: the field holds what is allowed. */
int dmk_row_check(const struct dmk_row *row, const void *value,
		  struct dmk_error *err) DMK_MUST_CHECK;
/* The field as one word of the kernel's text; parts with ':' between them. */
void dmk_row_print(const struct dmk_row *row, const void *value, struct dmk_text *out);
/* Item number index of a list. */
void dmk_row_print_at(const struct dmk_row *row, const void *value, uint32_t index,
		      struct dmk_text *out);

/* legs.c: n pairs of DEVICE OFFSET; what they are for, in the plural. */
int dmk_legs_read(struct dmk_words *words, const char *what, uint32_t n, void **owned,
		  const struct dmk_leg **ret_legs) DMK_MUST_CHECK;
/* " DEVICE OFFSET" for each. */
void dmk_legs_print(const struct dmk_leg *legs, uint32_t n, struct dmk_text *out);

/* rows.c: all rows of a form. */
uint64_t *dmk_options_of(const struct dmk_form *form, void *value);
void **dmk_owned_of(const struct dmk_form *form, void *value);
bool dmk_row_present(const struct dmk_form *form, const struct dmk_row *row, const void *value);
int dmk_rows_check(const struct dmk_form *form, const void *value, bool sound_alone,
		   struct dmk_error *err) DMK_MUST_CHECK;
/* The positional rows, in order. */
int dmk_rows_read(const struct dmk_form *form, struct dmk_words *words, void *value) DMK_MUST_CHECK;
void dmk_rows_print(const struct dmk_form *form, const void *value, struct dmk_text *out);
/* n rows of the form from `first` on, one word each, whether optional or not: for texts in which
 * not all of the rows stand, or other words between them. */
int dmk_rows_read_some(const struct dmk_form *form, uint32_t first, uint32_t n,
		       struct dmk_words *words, void *value) DMK_MUST_CHECK;
void dmk_rows_print_some(const struct dmk_form *form, uint32_t first, uint32_t n, const void *value,
			 struct dmk_text *out);
/* The optional ones, "N word [value] ...", in any order; the words must end there. For none,
 * nothing at all is written. */
int dmk_rows_read_options(const struct dmk_form *form, struct dmk_words *words,
			  void *value) DMK_MUST_CHECK;
void dmk_rows_print_options(const struct dmk_form *form, const void *value, struct dmk_text *out);
/* The same in the middle of a text, or without a count: the next n words; how many there are; each
 * with a blank before it. */
int dmk_rows_read_words(const struct dmk_form *form, struct dmk_words *words, void *value,
			uint64_t n) DMK_MUST_CHECK;
/* NULL: none. Cuts "word:value" at the colon where a row is of that form; *ret_rest is then the
 * value. */
const struct dmk_row *dmk_row_of_word(const struct dmk_form *form, const struct dmk_word *word,
				      struct dmk_word *ret_rest);
uint32_t dmk_rows_count_words(const struct dmk_form *form, const void *value);
void dmk_rows_print_words(const struct dmk_form *form, const void *value, struct dmk_text *out);

/* to-keys.c: number index of the row's values as key=value has it. */
void dmk_row_print_value(const struct dmk_row *row, const void *value, uint32_t index,
			 struct dmk_text *out);

/* messages.c: the word, then the arguments, by the message's form or typed one, which has validated
 * value; free() *ret_text. */
int dmk_message_print(const struct dmk_message *message, const struct dmk_form *form,
		      const void *value, char **ret_text, struct dmk_error *err) DMK_MUST_CHECK;
/* core.c: the messages that every device understands. */
extern const struct dmk_target dmk_core_messages;

/* from-keys.c: a value from key=value pairs. */
struct dmk_keys {
	const struct dmk_form *form;
	const char *name; /* of the target or the message, for errors */
	const struct dmk_key_value *pairs;
	uint32_t n;
	const char *extra;	/* a key that is none of the form's ("size"), or NULL */
	const char *extra_text; /* out: what was given for it, or NULL */
	struct dmk_error *error;
};
/* Into a zeroed value, and validates it; text fields point into the pairs, arrays come from the
 * arena. */
int dmk_form_from_keys(struct dmk_keys *keys, void *value) DMK_MUST_CHECK;

/* key-text.c: values as key=value gives them. */
/* Of a row whose field is a number. err gets the key and what is allowed. */
int dmk_row_number_of_key(const struct dmk_row *row, const char *text, uint64_t *ret_number,
			  struct dmk_error *err) DMK_MUST_CHECK;
int dmk_key_sectors(const char *key, const char *text, size_t length, uint64_t *ret_sectors,
		    struct dmk_error *err) DMK_MUST_CHECK;
/* What a row that is not given is as key=value; NULL: nothing. */
const char *dmk_row_fallback(const struct dmk_row *row);
/* The fallback of a positional row is what the field holds. */
bool dmk_row_is_fallback(const struct dmk_row *row, const void *value);
/* The names of a CHOICE's choices; NULL: it is none. */
const char *dmk_row_allowed(const struct dmk_row *row);
/* The row as the public struct. */
struct dmk_key dmk_row_key(const struct dmk_row *row);
/* "size" of this target. */
struct dmk_key dmk_size_key(const struct dmk_target *target);

#endif
