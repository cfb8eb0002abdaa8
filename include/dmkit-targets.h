/* SPDX-License-Identifier: MIT */
/*
 * dmkit-targets.h - the targets that dmkit knows: what holds for all of them, by struct and by
 * key=value, then one block each, in the order of the alphabet: parameters of a table, then status,
 * then messages. dmkit.h includes it.
 *
 * One value struct per text. In a struct that a _parse_table() or _parse_status() function filled,
 * strings and arrays belong to it: give it to its _clear(). In one that the caller fills they stay
 * the caller's. Devices are a path or MAJOR:MINOR. A path is the file's own name: blanks and
 * backslashes in it get the kernel's quote, a backslash, when it becomes text, and lose it when
 * they are read. No line of a table can hold a newline. A field that is zero or NULL is what its
 * key is when it is left out: what must be given is refused, and "0: ..." says the default of what
 * need not be. Versions are the target's first that has it, and Linux's.
 *
 * The functions of each target are inline, and call the five below with the target's name and
 * the struct's size. For a target X,
 *
 *	DMK_TABLE_FUNCTIONS(X, "x") makes
 *		int dmk_table_add_X(table, start_sectors, length_sectors, const struct dmk_X *)
 *		int dmk_X_parse_table(params, struct dmk_X *ret_value, ret_error)
 *		void dmk_X_clear(struct dmk_X *)
 *	DMK_STATUS_FUNCTIONS(X, "x") makes
 *		int dmk_X_parse_status(params, struct dmk_X_status *ret_status, ret_error)
 *		void dmk_X_status_clear(struct dmk_X_status *)
 *	DMK_MESSAGE_FUNCTION(X, "x") makes
 *		int dmk_X_format_message(const struct dmk_X_message *, ret_text, ret_error)
 */
#ifndef DMKIT_TARGETS_H
#define DMKIT_TARGETS_H

#include "dmkit.h"

#ifdef __cplusplus
extern "C" {
#endif

/* ---- typed targets -------------------------------------------------------------------- */

/* A struct of parameters, status or message by its target's name and its size, which the wrappers
 * of dmkit-targets.h know: C programs call those. A struct may be of an older or newer header than
 * this library: fields that it does not have are zero, and one that this library does not know must
 * be zero. ret_error may be NULL; it gets column, argument and detail. -EINVAL, also of a target
 * that dmkit does not know; -ENOMEM. Since: 0.1 */

/* Adds one segment. length_sectors 0 is what the value implies, where it does. Errors as
 * dmk_table_add(). */
DMK_API int dmk_table_add_value(struct dmk_table *table, const char *type, uint64_t start_sectors,
				uint64_t length_sectors, const void *value, size_t size);
/* What these fill is given to dmk_value_clear(). */
DMK_API int dmk_value_parse_table(const char *type, const char *params, void *ret_value,
				  size_t size, struct dmk_error *ret_error);
DMK_API int dmk_value_parse_status(const char *type, const char *params, void *ret_status,
				   size_t size, struct dmk_error *ret_error);
/* The text for dmk_message(): free() it. type NULL: one of device-mapper's own messages. */
DMK_API int dmk_value_format_message(const char *type, const void *message, size_t size,
				     char **ret_text, struct dmk_error *ret_error);
/* Frees and wipes what a parser put into the struct, and zeroes it. */
DMK_API void dmk_value_clear(void *value, size_t size);

/* ---- targets by key=value ------------------------------------------------------------- */

/* What a key's value is. Values are fixed. */
enum dmk_key_kind {
	DMK_KEY_TEXT = 1,
	DMK_KEY_DEVICE = 2,	   /* a path or MAJOR:MINOR */
	DMK_KEY_NUMBER = 3,	   /* a plain number */
	DMK_KEY_SECTORS = 4,	   /* 4096s, 2MiB, or plain bytes that are whole sectors */
	DMK_KEY_BYTES = 5,	   /* 4096, 4KiB */
	DMK_KEY_FLAG = 6,	   /* yes or no */
	DMK_KEY_HEX = 7,	   /* hex digits, or - for none */
	DMK_KEY_DEVICE_OFFSET = 8, /* DEVICE:OFFSET, OFFSET as SECTORS */
	DMK_KEY_BLOCKS = 9,	   /* a count of blocks */
	DMK_KEY_CHOICE = 10,	   /* one of the words of `allowed` */
	DMK_KEY_RATIO = 11,	   /* USED/TOTAL, of `unit`; in statuses */
	DMK_KEY_MS = 12,	   /* milliseconds: 500, 500ms, 2s */
	DMK_KEY_SIGNED = 13,	   /* a plain number that may be negative: -2, 2, +2 */
	DMK_KEY_RECORD = 14,	   /* several parts in one text, as `fields` says */
	DMK_KEY_HEALTH = 15 /* a letter for each leg, each device before it where there are any:
			       `allowed` is "A=alive|D=dead"; in statuses */
};

enum dmk_key_flag {
	DMK_KEY_REQUIRED = 1 << 0,
	DMK_KEY_REPEATED = 1 << 1, /* may be given several times, in order */
	DMK_KEY_SECRET = 1 << 2,   /* key material: hidden unless asked for */
	DMK_KEY_LAYOUT = 1 << 3	   /* says how the kernel's text was laid out, and nothing else: for
				      a copy that is the same to the byte */
};

/* One key of one target: what `dmkit help TARGET` prints. Its texts are static. */
struct dmk_key {
	const char *name;
	uint32_t kind;	      /* enum dmk_key_kind */
	uint32_t flags;	      /* DMK_KEY_* */
	const char *fallback; /* its value when not given, as text; NULL: none */
	const char *help;     /* one line */
	const char *allowed;  /* of CHOICE: "one|two|three" */
	char since[16];	      /* the target's version that brought it; "": always there */
	const char *unit;     /* of a number, where kind does not tell: "regions"; NULL: none */
	/* Of RECORD: the parts' names, with what stands between two of them: "device,args*". A '#'
	 * behind a name: a number; a '*': as many as there are. "group#@": may be left out with its
	 * '@', and is 1 then. In a part a comma stands behind a backslash. */
	const char *fields;
	uint64_t reserved[2];
};

/* One target that dmkit knows. Static: made by the library alone, so that it can grow at its end.
 */
struct dmk_target_info {
	const char *type;
	const char *summary; /* one line */
	const char *example; /* the words after `dmkit create NAME` */
	uint32_t n_keys;
	uint32_t unused;
};

/* One key with its value, in the order of the target's keys. */
struct dmk_key_value {
	const char *key;
	const char *value;	    /* as `key=value` takes it back: 4096s, yes, /dev/vdb */
	const struct dmk_key *info; /* NULL on the way in; lives as long as the values */
	uint64_t number;	    /* of SECTORS, BYTES, NUMBER, BLOCKS, MS, RATIO, the offset of
				       DEVICE_OFFSET, and of SIGNED, to be cast to int64_t */
	uint64_t total;		    /* of RATIO */
	uint64_t reserved[4];
};

struct dmk_key_values {
	struct dmk_key_value *items;
	uint32_t count;
	uint32_t unused;
	void *owned; /* private */
	uint64_t reserved[4];
};

/* Number index (from 0) of the targets that dmkit knows, by name; NULL past the last. Since: 0.1 */
DMK_API const struct dmk_target_info *dmk_target_info_at(uint32_t index);
/* NULL: dmkit does not know it. Since: 0.1 */
DMK_API const struct dmk_target_info *dmk_target_info_find(const char *type);
/* Key number index of a target; its texts are static. -ENOENT: past the last, or an unknown target.
 * Since: 0.1 */
DMK_API int dmk_target_key(const char *type, uint32_t index, struct dmk_key *ret_key);
/* Likewise what the target's status says, as dmk_status_to_keys() gives it; -ENOENT at once where
 * it says nothing. Since: 0.1 */
DMK_API int dmk_target_status_key(const char *type, uint32_t index, struct dmk_key *ret_key);

/* Adds one segment of target type from n key=value pairs (key and value of each; the rest is
 * ignored). The key "size" gives the length; without it, it is what the target's own keys say or
 * the rest of the first device, which is then opened and asked. -EINVAL names the key and what is
 * allowed; -ENOENT and others: the device could not be asked. Otherwise as dmk_table_add(). Since:
 * 0.1 */
DMK_API int dmk_table_add_keys(struct dmk_table *table, const char *type,
			       const struct dmk_key_value *pairs, uint32_t n);

/* The parameters of a target that dmkit knows as key=value pairs, defaults left out. The caller
 * gives *ret_values to dmk_key_values_clear(). -ENOENT: dmkit does not know the target; -EINVAL: it
 * cannot read the parameters. Since: 0.1 */
DMK_API int dmk_params_to_keys(const char *type, const char *params,
			       struct dmk_key_values *ret_values, struct dmk_error *ret_error);
/* A target's status text as key=value pairs, likewise. Since: 0.1 */
DMK_API int dmk_status_to_keys(const char *type, const char *params,
			       struct dmk_key_values *ret_values, struct dmk_error *ret_error);
/* params with key material as zeros, and else byte for byte as they are. 1: *ret_text (to be freed
 * with free()) is that; 0: there is none, params may be shown as they are. "(hidden)" where they
 * cannot be read, or the type is no target but has "crypt" or "integrity" in it. Since: 0.1 */
DMK_API int dmk_params_hide_keys(const char *type, const char *params, char **ret_text);
DMK_API void dmk_key_values_clear(struct dmk_key_values *values);

/* One message that a target understands. Static, as struct dmk_target_info. */
struct dmk_message_info {
	const char *name;  /* create-thin */
	const char *help;  /* one line */
	const char *since; /* the target's version that brought it; NULL: always there */
	uint32_t n_keys;
	uint32_t secret; /* 1: it carries a key: DMK_MESSAGE_SECRET */
};

/* Message number index of a target, NULL past the last; type NULL is device-mapper's own messages,
 * which every device understands. Then its keys; -ENOENT: past the last. Since: 0.1 */
DMK_API const struct dmk_message_info *dmk_target_message(const char *type, uint32_t index);
DMK_API int dmk_message_key(const char *type, const char *message, uint32_t index,
			    struct dmk_key *ret_key);

/* The text of a message from n key=value pairs, for dmk_message(). *ret_text is freed with free().
 * -ENOENT: there is no such target or message; -EINVAL names the key and what is allowed. Since:
 * 0.1 */
DMK_API int dmk_message_from_keys(const char *type, const char *message,
				  const struct dmk_key_value *pairs, uint32_t n, char **ret_text,
				  struct dmk_error *ret_error);

/* ---- the functions of each target ------------------------------------------------------ */

#define DMK_TABLE_FUNCTIONS(name, type)                                                         \
	static inline int dmk_table_add_##name(struct dmk_table *table, uint64_t start_sectors, \
					       uint64_t length_sectors,                         \
					       const struct dmk_##name *value)                  \
	{                                                                                       \
		return dmk_table_add_value(table, type, start_sectors, length_sectors, value,   \
					   sizeof(*value));                                     \
	}                                                                                       \
	static inline int dmk_##name##_parse_table(                                             \
		const char *params, struct dmk_##name *ret_value, struct dmk_error *ret_error)  \
	{                                                                                       \
		return dmk_value_parse_table(type, params, ret_value, sizeof(*ret_value),       \
					     ret_error);                                        \
	}                                                                                       \
	static inline void dmk_##name##_clear(struct dmk_##name *value)                         \
	{                                                                                       \
		dmk_value_clear(value, sizeof(*value));                                         \
	}

#define DMK_STATUS_FUNCTIONS(name, type)                                                     \
	static inline int dmk_##name##_parse_status(const char *params,                      \
						    struct dmk_##name##_status *ret_status,  \
						    struct dmk_error *ret_error)             \
	{                                                                                    \
		return dmk_value_parse_status(type, params, ret_status, sizeof(*ret_status), \
					      ret_error);                                    \
	}                                                                                    \
	static inline void dmk_##name##_status_clear(struct dmk_##name##_status *status)     \
	{                                                                                    \
		dmk_value_clear(status, sizeof(*status));                                    \
	}

#define DMK_MESSAGE_FUNCTION(name, type)                                                          \
	static inline int dmk_##name##_format_message(const struct dmk_##name##_message *message, \
						      char **ret_text,                            \
						      struct dmk_error *ret_error)                \
	{                                                                                         \
		return dmk_value_format_message(type, message, sizeof(*message), ret_text,        \
						ret_error);                                       \
	}

/* So many of so many, in the units that the field's name says. */
struct dmk_ratio {
	uint64_t used;
	uint64_t total;
};

/* One device and where its data begin. */
struct dmk_leg {
	const char *device;
	uint64_t offset_sectors;
};

/* ---- device-mapper's own messages ----------------------------------------------------- */

/* device-mapper's own messages, which every device understands. Those with a reply: STATS_CREATE,
 * STATS_LIST, STATS_PRINT, STATS_PRINT_CLEAR. Statistics: Linux 3.12. */
enum dmk_core_message_kind {
	DMK_CORE_CANCEL_DEFERRED_REMOVE = 1,
	DMK_CORE_STATS_CREATE = 2, /* start to histogram, program_id, aux_data */
	DMK_CORE_STATS_DELETE = 3, /* region_id */
	DMK_CORE_STATS_CLEAR = 4,  /* region_id */
	DMK_CORE_STATS_LIST = 5,   /* program_id */
	DMK_CORE_STATS_PRINT = 6,  /* region_id, starting_line, number_of_lines */
	DMK_CORE_STATS_PRINT_CLEAR = 7,
	DMK_CORE_STATS_SET_AUX = 8 /* region_id, aux_data */
};

enum dmk_core_message_option {
	DMK_STATS_PRECISE_TIMESTAMPS = 1 << 0, /* times are nanoseconds; Linux 4.2 */
	DMK_STATS_STARTING_LINE = 1 << 1,      /* starting_line is given though it is 0 */
	DMK_STATS_NUMBER_OF_LINES = 1 << 2
};

struct dmk_core_message {
	uint32_t message; /* enum dmk_core_message_kind */
	uint32_t region_id;
	uint64_t options; /* DMK_STATS_* */
	uint64_t start_sectors;
	uint64_t length_sectors;  /* of the region; 0: the whole device */
	uint64_t step_sectors;	  /* of one area; or give areas */
	uint32_t areas;		  /* how many of one length; or give step_sectors */
	uint32_t unused;	  /* zero */
	const char *histogram;	  /* "10,20,30": rising bounds of times; NULL: none; Linux 4.2 */
	const char *program_id;	  /* one word; NULL: none */
	const char *aux_data;	  /* one word; NULL: none */
	uint64_t starting_line;	  /* the area to begin with, from 0 */
	uint64_t number_of_lines; /* 0 without its bit: all */
	void *owned;		  /* private */
	uint64_t reserved[8];
};

/* As those of targets; the type is NULL. Since: 0.1 */
static inline int dmk_core_format_message(const struct dmk_core_message *message, char **ret_text,
					  struct dmk_error *ret_error)
{
	return dmk_value_format_message(NULL, message, sizeof(*message), ret_text, ret_error);
}

/* One region that STATS_LIST tells of. */
struct dmk_stats_region {
	uint32_t region_id;
	uint32_t n_bounds;
	uint64_t start_sectors;
	uint64_t length_sectors;
	uint64_t step_sectors;
	uint64_t options;	/* DMK_STATS_PRECISE_TIMESTAMPS */
	const uint64_t *bounds; /* of the histogram: n_bounds, rising; NULL: it has none */
	const char *program_id; /* "-": none was given */
	const char *aux_data;	/* "-": none was given; may hold blanks */
	uint64_t reserved[8];
};

struct dmk_stats_regions {
	const struct dmk_stats_region *items;
	uint32_t count;
	uint32_t unused;
	void *owned; /* private */
	uint64_t reserved[8];
};

/* One area's counters, as /proc/diskstats has them for a disk. Times are milliseconds, or
 * nanoseconds where the region was made with precise timestamps. */
struct dmk_stats_area {
	uint64_t start_sectors;
	uint64_t length_sectors; /* the step, also of a last area that is shorter */
	uint64_t reads;		 /* completed */
	uint64_t reads_merged;
	uint64_t sectors_read;
	uint64_t time_reading; /* of each read, added up */
	uint64_t writes;
	uint64_t writes_merged;
	uint64_t sectors_written;
	uint64_t time_writing;
	uint64_t time_busy; /* with any I/O in flight */
	uint64_t time_in_queue;
	uint64_t time_busy_reading;
	uint64_t time_busy_writing;
	int32_t in_flight; /* now */
	uint32_t n_histogram;
	const uint64_t *histogram; /* I/Os up to each bound, then those beyond the last one; NULL */
	uint64_t reserved[8];
};

struct dmk_stats_areas {
	const struct dmk_stats_area *items;
	uint32_t count;
	uint32_t unused;
	void *owned; /* private */
	uint64_t reserved[8];
};

/* Replies of the statistics messages; NULL is "". -EINVAL names line and column. Since: 0.1 */
DMK_API int dmk_stats_parse_create(const char *reply, uint32_t *ret_region_id,
				   struct dmk_error *ret_error);
DMK_API int dmk_stats_parse_list(const char *reply, struct dmk_stats_regions *ret_regions,
				 struct dmk_error *ret_error);
DMK_API int dmk_stats_parse_print(const char *reply, struct dmk_stats_areas *ret_areas,
				  struct dmk_error *ret_error);
DMK_API void dmk_stats_regions_clear(struct dmk_stats_regions *regions);
DMK_API void dmk_stats_areas_clear(struct dmk_stats_areas *areas);

/* ---- cache: a fast device in front of a slow one -------------------------------------- */

/* How cache deals with writes to blocks that are cached. Values are fixed. */
enum dmk_cache_mode {
	DMK_CACHE_WRITEBACK = 1,
	DMK_CACHE_WRITETHROUGH = 2,
	DMK_CACHE_PASSTHROUGH = 3 /* the origin does it all, such a block is dropped: Linux 3.13 */
};

enum dmk_cache_option {
	DMK_CACHE_MODE = 1 << 0,	       /* mode is written out */
	DMK_CACHE_METADATA2 = 1 << 1,	       /* since 1.10, Linux 4.12 */
	DMK_CACHE_NO_DISCARD_PASSDOWN = 1 << 2 /* since 2.1, Linux 5.1 */
};

/* cache: a fast device in front of a slow one. The first 4 KiB of a new metadata_device must be
 * zero. cache 1.0 */
struct dmk_cache {
	const char *metadata_device;
	const char *cache_device;
	const char *origin_device;
	uint64_t block_size_sectors;	/* 64 (32 KiB) to 2097152 (1 GiB), a multiple of 64 */
	uint64_t options;		/* DMK_CACHE_* */
	const char *policy;		/* "default", "smq", "cleaner", ...; NULL: "default" */
	const char *const *policy_args; /* "KEY:VALUE" each; "migration_threshold:2048" too */
	uint32_t n_policy_args;		/* up to 512 */
	uint32_t mode;	     /* enum dmk_cache_mode; 0: the kernel's, which is writeback */
	uint32_t word_order; /* 0 to 5, see below */
	uint32_t unused;     /* zero */
	void *owned;	     /* private */
	uint64_t reserved[8];
};
/* The kernel shows the features as they were given. Usual is metadata2, the mode,
 * no_discard_passdown, as in its status; word_order keeps any other of their orders, so that a
 * parsed text can be written again as it was: 0 is the usual one. */

/* Values are fixed. */
enum dmk_cache_state {
	DMK_CACHE_RW = 1,
	DMK_CACHE_RO = 2,
	DMK_CACHE_FAIL = 3, /* no I/O any more: its metadata must be repaired */
	DMK_CACHE_ERROR = 4 /* the kernel could not read the metadata for this status */
};

enum dmk_cache_status_option {
	DMK_CACHE_STATUS_NUMBERS = 1 << 0, /* all but state: not in FAIL and ERROR */
	DMK_CACHE_STATUS_METADATA2 = 1 << 1,
	DMK_CACHE_STATUS_NO_DISCARD_PASSDOWN = 1 << 2,
	DMK_CACHE_STATUS_MIGRATION_THRESHOLD = 1 << 3
};

/* cache's status */
struct dmk_cache_status {
	uint32_t state;	      /* enum dmk_cache_state, of the metadata */
	uint32_t mode;	      /* enum dmk_cache_mode */
	uint32_t needs_check; /* 1: the metadata must be checked before they can be written again */
	uint32_t n_core_args;
	uint32_t n_policy_args;
	uint32_t unused;
	uint64_t options; /* DMK_CACHE_STATUS_* */
	uint64_t metadata_block_size_sectors;
	struct dmk_ratio metadata; /* of metadata blocks */
	uint64_t block_size_sectors;
	struct dmk_ratio cache; /* of cache blocks */
	uint64_t read_hits;	/* hits and misses: since the metadata were made */
	uint64_t read_misses;
	uint64_t write_hits;
	uint64_t write_misses;
	uint64_t demotions; /* blocks that left the cache; these two: since the table was loaded */
	uint64_t promotions;
	uint64_t dirty_blocks; /* not yet written to the origin */
	uint64_t migration_threshold_sectors;
	const char *const *core_args; /* "KEY:VALUE", what there is besides the threshold */
	const char *policy;
	const char *const *policy_args; /* "KEY:VALUE" each */
	void *owned;			/* private */
	uint64_t reserved[8];
};

/* cache's messages. Values are fixed. */
enum dmk_cache_message_kind {
	DMK_CACHE_SET = 1,		   /* key, value: of the policy or the core */
	DMK_CACHE_MIGRATION_THRESHOLD = 2, /* migration_threshold_sectors */
	DMK_CACHE_INVALIDATE_CBLOCKS = 3   /* cblocks; in passthrough mode alone */
};

struct dmk_cache_message {
	uint32_t message; /* enum dmk_cache_message_kind */
	uint32_t n_cblocks;
	const char *key;
	const char *value;
	const char *const *cblocks; /* "5", or "5-9" for 5 to 8 */
	uint64_t migration_threshold_sectors;
	void *owned; /* zero */
	uint64_t reserved[8];
};

DMK_TABLE_FUNCTIONS(cache, "cache")
DMK_STATUS_FUNCTIONS(cache, "cache")
DMK_MESSAGE_FUNCTION(cache, "cache")

/* ---- clone: a source, copied while it is used ----------------------------------------- */

enum dmk_clone_option {
	DMK_CLONE_NO_HYDRATION = 1 << 0,
	DMK_CLONE_NO_DISCARD_PASSDOWN = 1 << 1,
	DMK_CLONE_HYDRATION_THRESHOLD = 1 << 2,
	DMK_CLONE_HYDRATION_BATCH_SIZE = 1 << 3
};

/* How the words of a parsed clone stood, where it was not the usual way: a table's text shows them
 * as they were given. Builders leave it 0. */
enum dmk_clone_word_order {
	DMK_CLONE_DISCARD_FIRST = 1 << 0,    /* no_discard_passdown before no_hydration */
	DMK_CLONE_BATCH_SIZE_FIRST = 1 << 1, /* hydration_batch_size before the threshold */
	DMK_CLONE_EMPTY_FEATURES = 1 << 2,   /* "0", though no core arguments follow */
	DMK_CLONE_EMPTY_CORE_ARGS = 1 << 3   /* "0" */
};

/* clone: a read-only source that is copied to a destination while it is used; length up to 2^31
 * regions. The first 4 KiB of a new metadata_device must be zero. clone 1.0, Linux 5.4 */
struct dmk_clone {
	const char *metadata_device;
	const char *destination_device;
	const char *source_device;
	uint64_t region_size_sectors;	      /* a power of two from 8 (4 KiB) to 2097152 (1 GiB) */
	uint64_t options;		      /* DMK_CLONE_* */
	uint32_t hydration_threshold_regions; /* being copied at one time; kernel's default: 1 */
	uint32_t hydration_batch_size_regions; /* copied in one go; kernel's default: 1 */
	uint32_t word_order;		       /* enum dmk_clone_word_order bits */
	uint32_t unused;		       /* zero */
	void *owned;			       /* private */
	uint64_t reserved[8];
};

/* Values are fixed. */
enum dmk_clone_state {
	DMK_CLONE_RW = 1,
	DMK_CLONE_RO = 2,
	DMK_CLONE_FAIL = 3, /* no I/O any more: its metadata must be repaired */
	DMK_CLONE_ERROR = 4 /* the kernel could not read the metadata for this status */
};

enum dmk_clone_status_option {
	DMK_CLONE_STATUS_NUMBERS = 1 << 0, /* all but state: not in FAIL and ERROR */
	DMK_CLONE_STATUS_NO_HYDRATION = 1 << 1,
	DMK_CLONE_STATUS_NO_DISCARD_PASSDOWN = 1 << 2
};

/* clone's status. It is done when hydrated.used is hydrated.total. */
struct dmk_clone_status {
	uint32_t state; /* enum dmk_clone_state, of the metadata */
	uint32_t unused;
	uint64_t options; /* DMK_CLONE_STATUS_* */
	uint64_t metadata_block_size_sectors;
	struct dmk_ratio metadata; /* of metadata blocks */
	uint64_t region_size_sectors;
	struct dmk_ratio hydrated;  /* of regions */
	uint64_t hydrating_regions; /* right now */
	uint64_t hydration_threshold_regions;
	uint64_t hydration_batch_size_regions;
	void *owned; /* private */
	uint64_t reserved[8];
};

/* clone's messages. Values are fixed. */
enum dmk_clone_message_kind {
	DMK_CLONE_ENABLE_HYDRATION = 1,
	DMK_CLONE_DISABLE_HYDRATION = 2,
	DMK_CLONE_SET_HYDRATION_THRESHOLD = 3, /* regions; 0 stops the hydration */
	DMK_CLONE_SET_HYDRATION_BATCH_SIZE = 4 /* regions */
};

struct dmk_clone_message {
	uint32_t message; /* enum dmk_clone_message_kind */
	uint32_t regions;
	void *owned; /* zero */
	uint64_t reserved[8];
};

DMK_TABLE_FUNCTIONS(clone, "clone")
DMK_STATUS_FUNCTIONS(clone, "clone")
DMK_MESSAGE_FUNCTION(clone, "clone")

/* ---- crypt: encryption ---------------------------------------------------------------- */

/* Which optional arguments of crypt are given. A field below that is not zero counts as given
 * without its bit. */
enum dmk_crypt_option {
	DMK_CRYPT_ALLOW_DISCARDS = 1 << 0,	   /* since 1.11, Linux 3.1 */
	DMK_CRYPT_SAME_CPU_CRYPT = 1 << 1,	   /* since 1.14, Linux 4.0 */
	DMK_CRYPT_HIGH_PRIORITY = 1 << 2,	   /* since 1.26, Linux 6.10 */
	DMK_CRYPT_SUBMIT_FROM_CRYPT_CPUS = 1 << 3, /* since 1.14, Linux 4.0 */
	DMK_CRYPT_NO_READ_WORKQUEUE = 1 << 4,	   /* since 1.22, Linux 5.9 */
	DMK_CRYPT_NO_WRITE_WORKQUEUE = 1 << 5,	   /* since 1.22, Linux 5.9 */
	DMK_CRYPT_INTEGRITY = 1 << 6,		   /* since 1.17, Linux 4.12 */
	DMK_CRYPT_SECTOR_SIZE = 1 << 7,		   /* since 1.17, Linux 4.12 */
	DMK_CRYPT_IV_LARGE_SECTORS = 1 << 8,	   /* since 1.17, Linux 4.12 */
	DMK_CRYPT_INTEGRITY_KEY_SIZE = 1 << 9	   /* since 1.28, Linux 6.12 */
};

/* Values are fixed. */
enum dmk_crypt_integrity {
	DMK_CRYPT_INTEGRITY_NONE = 1, /* room for random IVs alone */
	DMK_CRYPT_INTEGRITY_AEAD = 2  /* the cipher authenticates */
};

/* crypt: one range of one device, encrypted. A table with one is loaded with DM_SECURE_DATA, and
 * what the library copies of the key is wiped. crypt 1.0 */
struct dmk_crypt {
	const char *cipher; /* CIPHER[:KEYS]-MODE-IV[:OPTIONS], capi:SPECIFICATION-IV[:OPTIONS] */
	const char *key;    /* hex; ":SIZE:TYPE:DESCRIPTION": of the kernel's keyring; "-": none */
	uint64_t iv_offset_sectors; /* a multiple of sector_size_bytes */
	const char *device;
	uint64_t offset_sectors;
	uint64_t options;	      /* DMK_CRYPT_* */
	uint32_t integrity_tag_bytes; /* of each tag in the device below: 1 to 480 */
	uint32_t integrity_type;      /* enum dmk_crypt_integrity, where integrity_tag_bytes is */
	uint32_t sector_size_bytes;   /* 512, 1024, 2048, 4096; 0: 512 */
	uint32_t integrity_key_bytes; /* of the key, for the hash in authenc() */
	void *owned;		      /* private */
	uint64_t reserved[8];
};

enum dmk_crypt_message_kind {
	DMK_CRYPT_KEY_SET = 1, /* key, of the size it had; the device must be suspended */
	DMK_CRYPT_KEY_WIPE = 2 /* likewise; it cannot be resumed without a key */
};

struct dmk_crypt_message {
	uint32_t message; /* enum dmk_crypt_message_kind */
	uint32_t unused;  /* zero */
	const char *key;  /* as in struct dmk_crypt */
	void *owned;	  /* private */
	uint64_t reserved[8];
};

/* dmk_crypt_clear() wipes the key. dmk_crypt_format_message(): for dmk_message() with
 * DMK_MESSAGE_SECRET; who has *ret_text wipes it before free(). */
DMK_TABLE_FUNCTIONS(crypt, "crypt")
DMK_MESSAGE_FUNCTION(crypt, "crypt")

/* ---- delay: I/O that waits ------------------------------------------------------------ */

/* Which of delay's two further places are given. A device, offset or delay of one that is not zero
 * or NULL counts as given without its bit. */
enum dmk_delay_option {
	DMK_DELAY_WRITE = 1 << 0,
	DMK_DELAY_FLUSH = 1 << 1 /* needs DMK_DELAY_WRITE; Linux 4.18 */
};

/* delay: all I/O waits; writes, and of these the flushes, may have a place and a delay of their
 * own. delay 1.0 */
struct dmk_delay {
	const char *device;
	uint64_t offset_sectors;
	uint32_t delay_ms;
	uint32_t write_delay_ms;
	const char *write_device; /* NULL: writes go where reads go */
	uint64_t write_offset_sectors;
	const char *flush_device; /* NULL: flushes go where writes go */
	uint64_t flush_offset_sectors;
	uint32_t flush_delay_ms;
	uint32_t unused;  /* zero */
	uint64_t options; /* DMK_DELAY_* */
	void *owned;	  /* private */
	uint64_t reserved[8];
};

/* delay's status: how much I/O waits at this moment */
struct dmk_delay_status {
	uint32_t reads;
	uint32_t writes;
	uint32_t flushes; /* 0 also where the kernel does not say it, before Linux 4.18 */
	uint32_t unused;
	void *owned; /* private */
	uint64_t reserved[8];
};

DMK_TABLE_FUNCTIONS(delay, "delay")
DMK_STATUS_FUNCTIONS(delay, "delay")

/* ---- dust: blocks that are bad -------------------------------------------------------- */

/* dust: reads of blocks that were told to be bad fail; a write heals them. dust 1.0, Linux 5.2 */
struct dmk_dust {
	const char *device;
	uint64_t offset_sectors;
	uint32_t block_size_bytes; /* a power of two from 512 to 2^30, at most the segment */
	uint32_t unused;	   /* zero */
	void *owned;		   /* private */
	uint64_t reserved[8];
};

enum dmk_dust_state {
	DMK_DUST_BYPASS = 1,		    /* bad blocks are as good as others */
	DMK_DUST_FAIL_READ_ON_BAD_BLOCK = 2 /* "enable" was sent */
};

/* dust's status */
struct dmk_dust_status {
	const char *device; /* MAJOR:MINOR */
	uint32_t state;	    /* enum dmk_dust_state */
	uint32_t quiet;	    /* 1: blocks that come and go are not logged */
	void *owned;	    /* private */
	uint64_t reserved[8];
};

enum dmk_dust_message_kind {
	DMK_DUST_ADDBADBLOCK = 1,    /* block, write_fail_count */
	DMK_DUST_REMOVEBADBLOCK = 2, /* block */
	DMK_DUST_QUERYBLOCK = 3,     /* block; has a reply */
	DMK_DUST_COUNTBADBLOCKS = 4, /* has a reply */
	DMK_DUST_CLEARBADBLOCKS = 5, /* has a reply */
	DMK_DUST_LISTBADBLOCKS = 6,  /* has a reply */
	DMK_DUST_ENABLE = 7,
	DMK_DUST_DISABLE = 8,
	DMK_DUST_QUIET = 9 /* from verbose to quiet, and back */
};

struct dmk_dust_message {
	uint32_t message;	   /* enum dmk_dust_message_kind */
	uint32_t write_fail_count; /* so many writes fail as well; 0 to 255, Linux 5.5 */
	uint64_t block; /* counted in blocks from the device's first sector, not from offset */
	void *owned;	/* private */
	uint64_t reserved[8];
};

/* What dust answers (Linux 5.9; before, it is in the kernel's log). */
struct dmk_dust_reply {
	uint32_t message;	/* enum dmk_dust_message_kind: what was asked */
	uint32_t found;		/* QUERYBLOCK, CLEARBADBLOCKS: 1 where there was one */
	uint64_t block;		/* QUERYBLOCK */
	uint64_t n_blocks;	/* COUNTBADBLOCKS, LISTBADBLOCKS */
	const uint64_t *blocks; /* LISTBADBLOCKS: n_blocks of them, upwards */
	void *owned;		/* private */
	uint64_t reserved[8];
};

DMK_TABLE_FUNCTIONS(dust, "dust")
DMK_STATUS_FUNCTIONS(dust, "dust")
DMK_MESSAGE_FUNCTION(dust, "dust")

/* kind: enum dmk_dust_message_kind, what was asked. A reply of NULL is "". */
DMK_API int dmk_dust_parse_reply(uint32_t kind, const char *reply, struct dmk_dust_reply *ret_reply,
				 struct dmk_error *ret_error);
DMK_API void dmk_dust_reply_clear(struct dmk_dust_reply *reply);

/* ---- ebs: smaller logical blocks ------------------------------------------------------ */

enum dmk_ebs_option {
	DMK_EBS_UNDERLYING_SECTORS = 1 << 0
};

/* ebs: smaller logical blocks than those of the device. ebs 1.0, Linux 5.8 */
struct dmk_ebs {
	const char *device;
	uint64_t offset_sectors;     /* a multiple of the underlying blocks */
	uint64_t emulated_sectors;   /* 1, 2, 4, 8; more where pages are larger than 4096 bytes */
	uint64_t underlying_sectors; /* a power of two to 32768; 0: what the device says */
	uint64_t options;	     /* DMK_EBS_* */
	void *owned;		     /* private */
	uint64_t reserved[8];
};

DMK_TABLE_FUNCTIONS(ebs, "ebs")

/* ---- era: which blocks were written when ---------------------------------------------- */

/* era: as linear, and notes in which era each block was last written. The first 4 KiB of a new
 * metadata_device must be zero. era 1.0 */
struct dmk_era {
	const char *metadata_device;
	const char *origin_device;
	uint64_t block_size_sectors; /* 8 to 2^32 - 8, a multiple of 8 */
	void *owned;		     /* private */
	uint64_t reserved[8];
};

enum dmk_era_status_option {
	DMK_ERA_STATUS_NUMBERS = 1 << 0,  /* not set: the kernel could not tell ("Error") */
	DMK_ERA_STATUS_HELD_ROOT = 1 << 1 /* a metadata snapshot is held */
};

/* era's status */
struct dmk_era_status {
	uint64_t options; /* DMK_ERA_STATUS_* */
	uint32_t era;	  /* the current one */
	uint32_t error;	  /* 1: the kernel could not tell the rest */
	uint64_t metadata_block_size_sectors;
	struct dmk_ratio metadata; /* of metadata blocks */
	uint64_t held_root_block;  /* the metadata block with the snapshot's root */
	void *owned;		   /* private */
	uint64_t reserved[8];
};

/* era's messages, without arguments. Values are fixed. */
enum dmk_era_message_kind {
	DMK_ERA_CHECKPOINT = 1, /* a new era, if the current one had writes: see the status */
	DMK_ERA_TAKE_METADATA_SNAP = 2,
	DMK_ERA_DROP_METADATA_SNAP = 3
};

struct dmk_era_message {
	uint32_t message; /* enum dmk_era_message_kind */
	uint32_t unused;  /* zero */
	void *owned;	  /* zero */
	uint64_t reserved[8];
};

DMK_TABLE_FUNCTIONS(era, "era")
DMK_STATUS_FUNCTIONS(era, "era")
DMK_MESSAGE_FUNCTION(era, "era")

/* ---- error: all I/O fails ------------------------------------------------------------- */

/* A segment of it has no parameters. error 1.0 */
static inline int dmk_table_add_error(struct dmk_table *table, uint64_t start_sectors,
				      uint64_t length_sectors)
{
	return dmk_table_add(table, start_sectors, length_sectors, "error", "");
}

/* ---- flakey: good and bad by turns ---------------------------------------------------- */

/* What flakey does while it is down; none of them: all I/O fails. The target is 1.5 with them all
 * and without the newer ones. */
enum dmk_flakey_option {
	DMK_FLAKEY_ERROR_READS = 1 << 0, /* Linux 6.4; not with corruption of reads */
	DMK_FLAKEY_DROP_WRITES = 1 << 1, /* neither with error_writes nor corruption of writes */
	DMK_FLAKEY_ERROR_WRITES = 1 << 2,
	DMK_FLAKEY_CORRUPT_BIO_BYTE = 1 << 3,	 /* corrupt_bio_* */
	DMK_FLAKEY_RANDOM_READ_CORRUPT = 1 << 4, /* Linux 6.5 */
	DMK_FLAKEY_RANDOM_WRITE_CORRUPT = 1 << 5 /* Linux 6.5 */
};

enum dmk_flakey_direction {
	DMK_FLAKEY_READ = 0,
	DMK_FLAKEY_WRITE = 1
};

/* flakey: good for so long, bad for so long, and again, from the load of the table on. flakey 1.0;
 * options as flakey 1.2 */
struct dmk_flakey {
	const char *device;
	uint64_t offset_sectors;
	uint32_t up_interval_seconds; /* both together 1 to 2^32 - 1 */
	uint32_t down_interval_seconds;
	uint64_t options;		/* DMK_FLAKEY_* */
	uint32_t corrupt_bio_byte;	/* of each bio, counted from 1 */
	uint32_t corrupt_bio_direction; /* enum dmk_flakey_direction */
	uint32_t corrupt_bio_value;	/* 0 to 255 */
	uint32_t corrupt_bio_flags;	/* only bios that have all of these REQ_ bits; 0: all */
	uint32_t random_read_corrupt;	/* of 1,000,000,000 bios */
	uint32_t random_write_corrupt;	/* of 1,000,000,000 bios */
	void *owned;			/* private */
	uint64_t reserved[8];
};

DMK_TABLE_FUNCTIONS(flakey, "flakey")

/* ---- inlinecrypt: encryption by the storage's hardware -------------------------------- */

enum dmk_inlinecrypt_option {
	DMK_INLINECRYPT_KEY_TYPE = 1 << 0,
	DMK_INLINECRYPT_ALLOW_DISCARDS = 1 << 1,
	DMK_INLINECRYPT_SECTOR_SIZE = 1 << 2,
	DMK_INLINECRYPT_IV_LARGE_SECTORS = 1 << 3 /* needed with any sector size but 512 */
};

enum dmk_inlinecrypt_key_type {
	DMK_INLINECRYPT_RAW = 1,       /* the default */
	DMK_INLINECRYPT_HW_WRAPPED = 2 /* only the hardware can unwrap it */
};

/* inlinecrypt: one range of one device, encrypted by the storage's own hardware. inlinecrypt 1.0 */
struct dmk_inlinecrypt {
	const char *cipher;	    /* NULL: aes-xts-plain64 */
	uint64_t options;	    /* DMK_INLINECRYPT_*; a field that is not zero needs none */
	const char *key;	    /* hex, 1 to 128 bytes; or ":BYTES:logon:DESCRIPTION" */
	uint64_t iv_offset_sectors; /* a multiple of sector_size_bytes */
	const char *device;
	uint64_t offset_sectors;
	uint32_t key_type;	    /* enum dmk_inlinecrypt_key_type */
	uint32_t sector_size_bytes; /* a power of two from 512 to 4096 */
	void *owned;		    /* private */
	uint64_t reserved[8];
};

/* dmk_inlinecrypt_parse_table(): also of what Linux prints, which is not what it takes: a number for
 * the key type stands behind the key there. */
DMK_TABLE_FUNCTIONS(inlinecrypt, "inlinecrypt")

/* ---- integrity: a tag for each block -------------------------------------------------- */

/* Which optional arguments of integrity are given. A field below that is not zero or NULL counts
 * as given without its bit. */
enum dmk_integrity_option {
	DMK_INTEGRITY_META_DEVICE = 1 << 0, /* since 1.2, Linux 4.19 */
	DMK_INTEGRITY_BLOCK_SIZE = 1 << 1,
	DMK_INTEGRITY_RECALCULATE = 1 << 2,	  /* since 1.2, Linux 4.19 */
	DMK_INTEGRITY_RESET_RECALCULATE = 1 << 3, /* since 1.8, Linux 5.13 */
	DMK_INTEGRITY_ALLOW_DISCARDS = 1 << 4,	  /* since 1.6, Linux 5.7 */
	DMK_INTEGRITY_JOURNAL_SECTORS = 1 << 5,
	DMK_INTEGRITY_INTERLEAVE_SECTORS = 1 << 6,
	DMK_INTEGRITY_BUFFER_SECTORS = 1 << 7,
	DMK_INTEGRITY_JOURNAL_WATERMARK = 1 << 8,
	DMK_INTEGRITY_COMMIT_TIME = 1 << 9,
	DMK_INTEGRITY_SECTORS_PER_BIT = 1 << 10,       /* since 1.3, Linux 5.2 */
	DMK_INTEGRITY_BITMAP_FLUSH_INTERVAL = 1 << 11, /* since 1.3, Linux 5.2 */
	DMK_INTEGRITY_FIX_PADDING = 1 << 12,	       /* since 1.4, Linux 5.5 */
	DMK_INTEGRITY_FIX_HMAC = 1 << 13,	       /* since 1.7, Linux 5.12 */
	DMK_INTEGRITY_LEGACY_RECALCULATE = 1 << 14,    /* Linux 5.11 */
	DMK_INTEGRITY_INTERNAL_HASH = 1 << 15,
	DMK_INTEGRITY_JOURNAL_CRYPT = 1 << 16,
	DMK_INTEGRITY_JOURNAL_MAC = 1 << 17,
	/* Only with a keyed internal_hash. A fix of Linux 6.12 and others, with no version of its
	 * own; implies ALLOW_DISCARDS, and is printed in its place. */
	DMK_INTEGRITY_ALLOW_DISCARDS_KEYED = 1 << 18
};

/* Values are fixed. */
enum dmk_integrity_mode {
	DMK_INTEGRITY_JOURNAL = 1,  /* J: data and tag are written both or not at all */
	DMK_INTEGRITY_BITMAP = 2,   /* B: dirty regions are noted; needs internal_hash; since 1.3 */
	DMK_INTEGRITY_DIRECT = 3,   /* D: a crash may leave a tag that does not fit */
	DMK_INTEGRITY_RECOVERY = 4, /* R: nothing is checked, nothing can be written */
	DMK_INTEGRITY_INLINE = 5    /* I: in the device's own metadata; since 1.12, Linux 6.11 */
};

/* integrity: a device with a tag for each block. Linux formats the device where the 4096 bytes of
 * its superblock are zeros; the sizes for formatting mean nothing afterwards. integrity 1.0, Linux
 * 4.12 */
struct dmk_integrity {
	const char *device;
	uint64_t offset_sectors; /* reserved before the superblock */
	uint32_t tag_bytes;	 /* 1 to 255; 0: as many as internal_hash has */
	uint32_t mode;		 /* enum dmk_integrity_mode; 0: JOURNAL */
	uint64_t options;	 /* DMK_INTEGRITY_* */
	const char *meta_device;
	const char *internal_hash;     /* as the kernel's crypto names it: crc32c, hmac(sha256) */
	const char *internal_hash_key; /* hex */
	const char *journal_crypt;     /* ctr(aes) */
	const char *journal_crypt_key; /* hex */
	const char *journal_mac;
	const char *journal_mac_key; /* hex */
	uint64_t sectors_per_bit;    /* of the bitmap */
	uint32_t block_size_bytes;   /* 512, 1024, 2048, 4096; 0: 512 */
	uint32_t journal_sectors;    /* when formatting */
	uint32_t interleave_sectors; /* when formatting: data between areas of tags */
	uint32_t buffer_sectors;     /* of tags, read at a time */
	uint32_t journal_watermark_percent;
	uint32_t commit_time_ms;
	uint32_t bitmap_flush_interval_ms;
	uint32_t unused; /* zero */
	void *owned;	 /* private */
	uint64_t reserved[8];
};

enum dmk_integrity_status_option {
	DMK_INTEGRITY_STATUS_RECALCULATED = 1 << 0 /* recalculated_sectors is known */
};

/* integrity's status */
struct dmk_integrity_status {
	uint64_t options;		/* DMK_INTEGRITY_STATUS_*: what the kernel says */
	uint64_t mismatches;		/* tags that did not fit */
	uint64_t provided_data_sectors; /* how long the mapping may be */
	uint64_t recalculated_sectors;	/* how far recalculate has come */
	void *owned;			/* private */
	uint64_t reserved[8];
};

/* dmk_integrity_clear() wipes the keys. */
DMK_TABLE_FUNCTIONS(integrity, "integrity")
DMK_STATUS_FUNCTIONS(integrity, "integrity")

/* ---- linear: a range of one device ---------------------------------------------------- */

/* linear: one range of one device. linear 1.0 */
struct dmk_linear {
	const char *device;
	uint64_t offset_sectors;
	void *owned; /* private */
	uint64_t reserved[8];
};

DMK_TABLE_FUNCTIONS(linear, "linear")

/* linear with all in bytes, from byte offset_bytes of device; bytes that are no whole number of
 * sectors are -EINVAL. Since: 0.1 */
DMK_API int dmk_table_add_linear_bytes(struct dmk_table *table, const char *device,
				       uint64_t offset_bytes, uint64_t length_bytes);

/* ---- log-writes: all writes recorded -------------------------------------------------- */

/* log-writes: one device, and another on which all writes are recorded. log-writes 1.0, Linux 4.1
 */
struct dmk_log_writes {
	const char *device;
	const char *log_device;
	void *owned; /* private */
	uint64_t reserved[8];
};

enum dmk_log_writes_status_option {
	DMK_LOG_WRITES_LOGGING_DISABLED = 1 << 0 /* the log failed: nothing is recorded any more */
};

/* log-writes' status */
struct dmk_log_writes_status {
	uint64_t logged_entries;
	uint64_t highest_allocated_sector; /* of the log */
	uint64_t options;		   /* DMK_LOG_WRITES_*: what the kernel says */
	void *owned;			   /* private */
	uint64_t reserved[8];
};

enum dmk_log_writes_message_kind {
	DMK_LOG_WRITES_MARK = 1 /* mark */
};

struct dmk_log_writes_message {
	uint32_t message; /* enum dmk_log_writes_message_kind */
	uint32_t unused;  /* zero */
	const char *mark; /* one word; what is more than a logical block less 33 bytes (479, or
			     4063) is cut by the kernel */
	void *owned;	  /* private */
	uint64_t reserved[8];
};

DMK_TABLE_FUNCTIONS(log_writes, "log-writes")
DMK_STATUS_FUNCTIONS(log_writes, "log-writes")
DMK_MESSAGE_FUNCTION(log_writes, "log-writes")

/* ---- mirror: the same on several devices ---------------------------------------------- */

/* Where a mirror keeps which regions are equal on all legs. Values are fixed. */
enum dmk_mirror_log {
	DMK_MIRROR_CORE = 1,	 /* in memory */
	DMK_MIRROR_DISK = 2,	 /* on a device */
	DMK_MIRROR_USERSPACE = 3 /* in a daemon (Linux 2.6.31) */
};

/* Which optional arguments of mirror are given. */
enum dmk_mirror_option {
	DMK_MIRROR_SYNC = 1 << 0,	      /* copy all, whatever the log says */
	DMK_MIRROR_NOSYNC = 1 << 1,	      /* take the legs as equal */
	DMK_MIRROR_INTEGRATED_FLUSH = 1 << 2, /* of DMK_MIRROR_USERSPACE. Linux 3.14 */
	DMK_MIRROR_HANDLE_ERRORS = 1 << 3,
	DMK_MIRROR_KEEP_LOG = 1 << 4 /* needs the one above. since 1.14, Linux 4.2 */
};

/* mirror: 2 to 9 devices with the same data; the first is what the others are made equal to. 1.0 */
struct dmk_mirror {
	uint32_t log;	 /* enum dmk_mirror_log; 0: CORE */
	uint32_t n_legs; /* 2 to 9 */
	const struct dmk_leg *legs;
	uint64_t region_size_sectors;	  /* a power of two from 2 to 2^31; not of USERSPACE */
	const char *log_device;		  /* of DISK alone */
	const char *log_uuid;		  /* of USERSPACE alone: the log's name for its daemon */
	const char *const *log_arguments; /* of USERSPACE alone: what the daemon reads */
	uint32_t n_log_arguments;
	uint32_t unused;  /* zero */
	uint64_t options; /* DMK_MIRROR_* */
	void *owned;	  /* private */
	uint64_t reserved[8];
};

enum dmk_mirror_status_option {
	DMK_MIRROR_STATUS_LOG_DEVICE = 1 << 0, /* log_device and log_health are known */
	DMK_MIRROR_STATUS_NO_DAEMON = 1 << 1   /* the daemon of a USERSPACE log does not answer */
};

/* mirror's status */
struct dmk_mirror_status {
	uint32_t n_legs;
	uint32_t n_failed;		  /* legs with another letter than 'A' */
	const char *const *devices;	  /* MAJOR:MINOR each */
	struct dmk_ratio in_sync_regions; /* done when used is total */
	const char *health;	/* a letter a leg: 'A' alive, 'D' a write failed, 'F' a flush
				   failed, 'S' out of sync, 'R' a read failed, 'U' unknown */
	uint64_t options;	/* DMK_MIRROR_STATUS_* */
	const char *log;	/* "core", "disk", "userspace", or what a daemon calls it */
	const char *log_device; /* MAJOR:MINOR, or NULL */
	const char *log_health; /* "A" alive, "D" failed, "F" a flush failed, or NULL */
	void *owned;		/* private */
	uint64_t reserved[8];
};

DMK_TABLE_FUNCTIONS(mirror, "mirror")
DMK_STATUS_FUNCTIONS(mirror, "mirror")

/* ---- multipath: one device by several paths ------------------------------------------- */

/* Which optional arguments of multipath are given. A field below that is not zero counts as given
 * without its bit. */
enum dmk_multipath_option {
	DMK_MULTIPATH_QUEUE_IF_NO_PATH = 1 << 0,
	DMK_MULTIPATH_PG_INIT_RETRIES = 1 << 1,
	DMK_MULTIPATH_PG_INIT_DELAY = 1 << 2,
	DMK_MULTIPATH_RETAIN_ATTACHED_HW_HANDLER = 1 << 3, /* since 1.5, Linux 3.6 */
	DMK_MULTIPATH_QUEUE_MODE = 1 << 4		   /* Linux 4.8 */
};

enum dmk_multipath_queue_mode {
	DMK_MULTIPATH_QUEUE_BIO = 1, /* any block device may be a path, no hardware handler */
	DMK_MULTIPATH_QUEUE_RQ = 2,  /* the default: paths must be request-based (blk-mq) */
	DMK_MULTIPATH_QUEUE_MQ = 3   /* the same as RQ since Linux 5.0 */
};

/* One path: its device, and as many words for the selector as its group says. */
struct dmk_multipath_path {
	const char *device;
	const char *const *args; /* n_path_args of the group; NULL where that is 0 */
};

/* One priority group: paths of equal worth, and who chooses among them. The selectors of Linux 6.12
 * and a path's words: round-robin [REPEATS], queue-length [REPEATS], service-time [REPEATS
 * [THROUGHPUT, 0 to 100]], historical-service-time [REPEATS], io-affinity CPUMASK (hex). A group's
 * words: historical-service-time [BASE-WEIGHT, 0 to 1023 [THRESHOLD-MULTIPLIER]]. */
struct dmk_multipath_group {
	const char *selector;
	const char *const *args; /* of the selector as a whole */
	uint32_t n_args;
	uint32_t n_path_args; /* the same for each path */
	const struct dmk_multipath_path *paths;
	uint32_t n_paths; /* 1 to 1024 */
	uint32_t unused;  /* zero */
};

/* multipath: one device behind several paths, tried group by group. Alone in its table.
 * multipath 1.0 */
struct dmk_multipath {
	const char *hw_handler;	   /* "alua", "rdac", "emc", "hp_sw"; NULL: none */
	uint64_t options;	   /* DMK_MULTIPATH_* */
	uint32_t pg_init_retries;  /* 1 to 50 */
	uint32_t pg_init_delay_ms; /* at most 60000 */
	uint32_t queue_mode;	   /* enum dmk_multipath_queue_mode; 0: not given */
	uint32_t initial_group;	   /* from 1; 0: 1 */
	const char *const *hw_handler_args;
	uint32_t n_hw_handler_args;
	uint32_t n_groups; /* at most 1024 */
	const struct dmk_multipath_group *groups;
	void *owned; /* private */
	uint64_t reserved[8];
};

/* multipath's status */
enum dmk_multipath_group_state {
	DMK_MULTIPATH_GROUP_ACTIVE = 1,	 /* "A": in use now */
	DMK_MULTIPATH_GROUP_ENABLED = 2, /* "E": may be used */
	DMK_MULTIPATH_GROUP_DISABLED = 3 /* "D": by disable-group, or its hardware was busy */
};

enum dmk_multipath_path_state {
	DMK_MULTIPATH_PATH_ACTIVE = 1, /* "A" */
	DMK_MULTIPATH_PATH_FAILED = 2  /* "F" */
};

struct dmk_multipath_path_status {
	const char *device;	 /* MAJOR:MINOR */
	const char *const *info; /* n_info of the group: queue-length: I/Os in flight; service-time:
				    bytes in flight, throughput; historical-service-time: service
				    time, outstanding, stale after (ns); io-affinity: misses */
	uint32_t state;		 /* enum dmk_multipath_path_state */
	uint32_t fail_count;	 /* how often it failed so far */
};

struct dmk_multipath_group_status {
	uint32_t state;	 /* enum dmk_multipath_group_state */
	uint32_t n_args; /* of the selector as a whole */
	const char *const *args;
	const struct dmk_multipath_path_status *paths;
	uint32_t n_paths;
	uint32_t n_info;
};

struct dmk_multipath_status {
	uint32_t queue_io;	/* 1: I/O waits until a group was chosen and made ready */
	uint32_t pg_init_count; /* tries of the hardware handler so far */
	uint32_t current_group; /* from 1: in use or next; 0: there is none */
	uint32_t n_groups;
	uint32_t n_paths;	 /* of all groups */
	uint32_t n_failed_paths; /* how many of them failed */
	const struct dmk_multipath_group_status *groups;
	void *owned; /* private */
	uint64_t reserved[8];
};

enum dmk_multipath_message_kind {
	DMK_MULTIPATH_MESSAGE_QUEUE_IF_NO_PATH = 1,
	DMK_MULTIPATH_MESSAGE_FAIL_IF_NO_PATH = 2,
	DMK_MULTIPATH_MESSAGE_DISABLE_GROUP = 3, /* group */
	DMK_MULTIPATH_MESSAGE_ENABLE_GROUP = 4,	 /* group */
	DMK_MULTIPATH_MESSAGE_SWITCH_GROUP = 5,	 /* group */
	DMK_MULTIPATH_MESSAGE_FAIL_PATH = 6,	 /* path */
	DMK_MULTIPATH_MESSAGE_REINSTATE_PATH = 7 /* path */
};

/* A message to multipath. A suspended device answers -EBUSY. */
struct dmk_multipath_message {
	uint32_t message; /* enum dmk_multipath_message_kind */
	uint32_t group;	  /* from 1 */
	const char *path; /* its device */
	void *owned;	  /* private */
	uint64_t reserved[8];
};

DMK_TABLE_FUNCTIONS(multipath, "multipath")
DMK_STATUS_FUNCTIONS(multipath, "multipath")
DMK_MESSAGE_FUNCTION(multipath, "multipath")

/* ---- pcache: persistent memory as a cache --------------------------------------------- */

/* Cache modes of pcache. */
enum dmk_pcache_mode {
	DMK_PCACHE_WRITEBACK = 1
};

enum dmk_pcache_switch {
	DMK_PCACHE_FALSE = 1,
	DMK_PCACHE_TRUE = 2
};

enum dmk_pcache_option {
	DMK_PCACHE_CACHE_MODE = 1 << 0,
	DMK_PCACHE_DATA_CRC = 1 << 1
};

/* pcache: persistent memory as a write-back cache. Alone in its table; a live one takes no other
 * table. pcache 0.1, Linux 6.18 */
struct dmk_pcache {
	const char *cache_device; /* with DAX; formatted by itself */
	uint64_t options;	  /* DMK_PCACHE_*; a field that is not zero needs none */
	const char *backing_device;
	uint32_t cache_mode; /* enum dmk_pcache_mode */
	uint32_t data_crc;   /* enum dmk_pcache_switch: check what is read from the cache; FALSE */
	void *owned;	     /* private */
	uint64_t reserved[8];
};

/* Where in the cache: a segment of 16 MiB and bytes into it. */
struct dmk_pcache_position {
	uint32_t segment;
	uint32_t offset_bytes;
};

/* pcache's status */
struct dmk_pcache_status {
	uint32_t superblock_flags;
	uint32_t segments;	 /* of the device */
	uint32_t cache_segments; /* for the cache */
	uint32_t used_segments;
	uint32_t gc_percent;
	uint32_t cache_flags; /* bit 0: data_crc; bit 1: initialised; bits 2-5: mode, 0 is writeback
			       */
	struct dmk_pcache_position key_head;   /* where new keys are written */
	struct dmk_pcache_position dirty_tail; /* what is not written back begins here */
	struct dmk_pcache_position key_tail;   /* what may be given free begins here */
	void *owned;			       /* private */
	uint64_t reserved[8];
};

enum dmk_pcache_message_kind {
	DMK_PCACHE_MESSAGE_GC_PERCENT = 1 /* percent */
};

struct dmk_pcache_message {
	uint32_t message; /* enum dmk_pcache_message_kind */
	uint32_t percent; /* 0 to 90: how full the cache is when it begins to give segments free */
	void *owned;	  /* private */
	uint64_t reserved[8];
};

DMK_TABLE_FUNCTIONS(pcache, "pcache")
DMK_STATUS_FUNCTIONS(pcache, "pcache")
DMK_MESSAGE_FUNCTION(pcache, "pcache")

/* ---- raid: Linux's software RAID ------------------------------------------------------ */

/* Values are fixed. */
enum dmk_raid_type {
	DMK_RAID0 = 1,	    /* striping. since 1.7, Linux 4.2 */
	DMK_RAID1 = 2,	    /* mirroring. since 1.1, Linux 3.1 */
	DMK_RAID4 = 3,	    /* a device with parity */
	DMK_RAID5_N = 4,    /* parity on the last device. since 1.9, Linux 4.8 */
	DMK_RAID5_LS = 5,   /* left symmetric */
	DMK_RAID5_RS = 6,   /* right symmetric */
	DMK_RAID5_LA = 7,   /* left asymmetric */
	DMK_RAID5_RA = 8,   /* right asymmetric */
	DMK_RAID6_ZR = 9,   /* zero restart */
	DMK_RAID6_NR = 10,  /* N restart */
	DMK_RAID6_NC = 11,  /* N continue */
	DMK_RAID6_N_6 = 12, /* this and the next four: since 1.9, Linux 4.8 */
	DMK_RAID6_LS_6 = 13,
	DMK_RAID6_RS_6 = 14,
	DMK_RAID6_LA_6 = 15,
	DMK_RAID6_RA_6 = 16,
	DMK_RAID10 = 17,      /* striping of mirrors, as raid10_format says. since 1.3, Linux 3.6 */
	DMK_RAID10_NEAR = 18, /* this and the next two: since 1.9, Linux 4.8 */
	DMK_RAID10_OFFSET = 19,
	DMK_RAID10_FAR = 20
};

/* Values are fixed. */
enum dmk_raid10_format {
	DMK_RAID10_FORMAT_NEAR = 1,
	DMK_RAID10_FORMAT_FAR = 2,
	DMK_RAID10_FORMAT_OFFSET = 3
};

enum dmk_raid_journal_mode {
	DMK_RAID_JOURNAL_WRITETHROUGH = 1,
	DMK_RAID_JOURNAL_WRITEBACK = 2
};

/* Which optional arguments of raid are given. A field below that is not zero or NULL counts as
 * given without its bit. */
enum dmk_raid_option {
	DMK_RAID_SYNC = 1 << 0,			 /* not raid0 */
	DMK_RAID_NOSYNC = 1 << 1,		 /* not raid0, raid6 */
	DMK_RAID_DAEMON_SLEEP = 1 << 2,		 /* not raid0 */
	DMK_RAID_MIN_RECOVERY_RATE = 1 << 3,	 /* not raid0 */
	DMK_RAID_MAX_RECOVERY_RATE = 1 << 4,	 /* not raid0 */
	DMK_RAID_MAX_WRITE_BEHIND = 1 << 5,	 /* raid1. since 1.1 */
	DMK_RAID_STRIPE_CACHE = 1 << 6,		 /* raid4/5/6 */
	DMK_RAID_REGION_SIZE = 1 << 7,		 /* not raid0 */
	DMK_RAID_RAID10_COPIES = 1 << 8,	 /* raid10. since 1.3 */
	DMK_RAID_RAID10_FORMAT = 1 << 9,	 /* raid10. since 1.4.2, Linux 3.9 */
	DMK_RAID_RAID10_USE_NEAR_SETS = 1 << 10, /* raid10, not near. since 1.9, Linux 4.8 */
	DMK_RAID_DELTA_DISKS = 1 << 11,		 /* not raid0. since 1.9, Linux 4.8 */
	DMK_RAID_DATA_OFFSET = 1 << 12,		 /* since 1.9, Linux 4.8 */
	DMK_RAID_JOURNAL_DEV = 1 << 13,		 /* raid4/5/6. since 1.10, Linux 4.11 */
	DMK_RAID_JOURNAL_MODE = 1 << 14		 /* needs the one above. since 1.11.1, Linux 4.12 */
};

/* raid: Linux's software RAID (md) under device-mapper's hand. raid 1.0, Linux 2.6.38 */
struct dmk_raid {
	uint32_t type;	    /* enum dmk_raid_type */
	uint32_t n_devices; /* 1 to 253 */
	/* Of each position; "-" one that is missing. metadata_devices hold superblock and bitmap
	 * and are NULL with n_metadata 0, which is all "-", or as many as n_devices. */
	const char *const *data_devices;
	const char *const *metadata_devices;
	uint32_t n_metadata;
	uint32_t n_rebuild;
	const uint32_t *rebuild; /* positions (from 0) to be made anew; not raid0 */
	uint64_t chunk_sectors;	 /* a power of two from 8; raid1: ignored, 0. 0: none is said */
	uint64_t options;	 /* DMK_RAID_* */
	uint32_t daemon_sleep_ms;
	uint32_t min_recovery_rate_kib; /* a second and device */
	uint32_t max_recovery_rate_kib;
	uint32_t n_write_mostly;
	const uint32_t *write_mostly;	   /* positions that are read last; raid1. since 1.1 */
	uint64_t max_write_behind_sectors; /* the kernel halves it: its table says KiB */
	uint32_t stripe_cache;	      /* entries, a page of each device. Fewer than a chunk's worth
					 become that: the kernel's table says how many */
	uint32_t raid10_copies;	      /* 2 to n_devices */
	uint64_t region_size_sectors; /* what a bit of the bitmap stands for; a power of two */
	uint32_t raid10_format;	      /* enum dmk_raid10_format */
	int32_t delta_disks;	      /* -251 to 251: devices that a reshape adds or takes away */
	uint64_t data_offset_sectors; /* 0, or from 32 on a multiple of the page size */
	const char *journal_device;
	uint32_t journal_mode; /* enum dmk_raid_journal_mode */
	uint32_t unused;       /* zero */
	void *owned;	       /* private */
	uint64_t reserved[8];
};

/* What a raid does. Values are fixed. */
enum dmk_raid_action {
	DMK_RAID_IDLE = 1,
	DMK_RAID_FROZEN = 2,
	DMK_RAID_RESYNC = 3,  /* the first time, or after a crash */
	DMK_RAID_RECOVER = 4, /* a device is made anew */
	DMK_RAID_CHECK = 5,
	DMK_RAID_REPAIR = 6,
	DMK_RAID_RESHAPE = 7
};

enum dmk_raid_journal {
	DMK_RAID_JOURNAL_NONE = 1,
	DMK_RAID_JOURNAL_ALIVE_WRITETHROUGH = 2,
	DMK_RAID_JOURNAL_ALIVE_WRITEBACK = 3,
	DMK_RAID_JOURNAL_DEAD = 4
};

enum dmk_raid_status_option {
	DMK_RAID_STATUS_ACTION = 1
				 << 0, /* action and mismatches are known. since 1.5, Linux 3.10 */
	DMK_RAID_STATUS_DATA_OFFSET = 1 << 1, /* since 1.9, Linux 4.8 */
	DMK_RAID_STATUS_JOURNAL = 1 << 2      /* since 1.10, Linux 4.11 */
};

/* raid's status */
struct dmk_raid_status {
	uint32_t type;		/* enum dmk_raid_type, as the superblocks have it */
	uint32_t n_devices;	/* after a reshape that is asked for or under way */
	uint32_t n_failed;	/* letters 'D' of health */
	uint32_t n_not_in_sync; /* letters 'a' of health */
	const char *health; /* a letter a position: 'A' alive, 'a' alive but not in sync, 'D' dead,
			       '-' missing */
	uint64_t done_sectors; /* of each device; what action, or the last one, has behind it */
	uint64_t total_sectors;
	uint64_t options;    /* DMK_RAID_STATUS_* */
	uint64_t mismatches; /* sectors that differed, of the last check alone */
	uint64_t data_offset_sectors;
	uint32_t action;  /* enum dmk_raid_action */
	uint32_t journal; /* enum dmk_raid_journal */
	void *owned;	  /* private */
	uint64_t reserved[8];
};

/* Messages of raid, since 1.5, Linux 3.10; not of raid0, which answers -EINVAL. All but the first
 * two are -EBUSY while something runs. Values are fixed. */
enum dmk_raid_message_type {
	DMK_RAID_MESSAGE_IDLE = 1,   /* stop what runs; what must be done starts again */
	DMK_RAID_MESSAGE_FROZEN = 2, /* stop what runs and start nothing until another message */
	DMK_RAID_MESSAGE_RESYNC = 3,
	DMK_RAID_MESSAGE_RECOVER = 4,
	DMK_RAID_MESSAGE_CHECK = 5, /* read and compare all */
	DMK_RAID_MESSAGE_REPAIR = 6 /* the same, and make equal what differs */
};

struct dmk_raid_message {
	uint32_t message; /* enum dmk_raid_message_type */
	uint32_t unused;  /* zero */
	void *owned;	  /* private */
	uint64_t reserved[8];
};

DMK_TABLE_FUNCTIONS(raid, "raid")
DMK_STATUS_FUNCTIONS(raid, "raid")
DMK_MESSAGE_FUNCTION(raid, "raid")

/* ---- snapshot, snapshot-merge, snapshot-origin ---------------------------------------- */

/* How a snapshot keeps what it copied. Values are fixed. */
enum dmk_snapshot_store {
	DMK_SNAPSHOT_PERSISTENT = 1,	      /* "P": on disk, it survives a reboot */
	DMK_SNAPSHOT_PERSISTENT_OVERFLOW = 2, /* "PO": the same, and the status may say "Overflow".
						 since 1.15, Linux 4.4 */
	DMK_SNAPSHOT_TRANSIENT = 3	      /* "N": its map is in memory alone */
};

/* In chunk_sectors, the number 0. */
#define DMK_SNAPSHOT_CHUNK_OF_STORE UINT64_MAX

/* Which optional arguments of snapshot and snapshot-merge are given. */
enum dmk_snapshot_option {
	DMK_SNAPSHOT_DISCARD_ZEROES_COW = 1 << 0,     /* since 1.16, Linux 5.3 */
	DMK_SNAPSHOT_DISCARD_PASSDOWN_ORIGIN = 1 << 1 /* since 1.16; needs the one above */
};

/* snapshot: what origin holds now, whatever is written to it through snapshot-origin later.
 * snapshot-merge: the way back; its store cannot be transient. snapshot 1.0, snapshot-merge 1.0
 * (Linux 2.6.33) */
struct dmk_snapshot {
	const char *origin_device;
	const char *cow_device; /* where what changes is kept */
	/* A power of two to 2097152; 0: 8, which is 4 KiB; DMK_SNAPSHOT_CHUNK_OF_STORE, not with
	 * TRANSIENT: as the store on cow_device says, or 32 in a new one. */
	uint64_t chunk_sectors;
	uint32_t store;	  /* enum dmk_snapshot_store; 0: PERSISTENT */
	uint32_t unused;  /* zero */
	uint64_t options; /* DMK_SNAPSHOT_* */
	void *owned;	  /* private */
	uint64_t reserved[8];
};

/* The status of snapshot and snapshot-merge. Values are fixed. */
enum dmk_snapshot_state {
	DMK_SNAPSHOT_ACTIVE = 1,
	DMK_SNAPSHOT_INVALID = 2,  /* cow_device was full or failed: all that it held is lost */
	DMK_SNAPSHOT_OVERFLOW = 3, /* cow_device is full; of DMK_SNAPSHOT_PERSISTENT_OVERFLOW */
	DMK_SNAPSHOT_MERGE_FAILED = 4,
	DMK_SNAPSHOT_UNKNOWN = 5 /* the store cannot tell */
};

enum dmk_snapshot_status_option {
	DMK_SNAPSHOT_STATUS_USAGE = 1 << 0 /* the sectors are known: active ones say them */
};

/* A merge is done once used_sectors is metadata_sectors. */
struct dmk_snapshot_status {
	uint32_t state; /* enum dmk_snapshot_state */
	uint32_t unused;
	uint64_t options;      /* DMK_SNAPSHOT_STATUS_* */
	uint64_t used_sectors; /* of cow_device, metadata included */
	uint64_t total_sectors;
	uint64_t metadata_sectors;
	void *owned; /* private */
	uint64_t reserved[8];
};

/* snapshot-origin: a device that has snapshots; what is overwritten is copied to them first. 1.0 */
struct dmk_snapshot_origin {
	const char *origin_device;
	void *owned; /* private */
	uint64_t reserved[8];
};

DMK_TABLE_FUNCTIONS(snapshot, "snapshot")
DMK_STATUS_FUNCTIONS(snapshot, "snapshot")
DMK_TABLE_FUNCTIONS(snapshot_origin, "snapshot-origin")

/* snapshot-merge has snapshot's structs: they are cleared as snapshot's. */
static inline int dmk_table_add_snapshot_merge(struct dmk_table *table, uint64_t start_sectors,
					       uint64_t length_sectors,
					       const struct dmk_snapshot *value)
{
	return dmk_table_add_value(table, "snapshot-merge", start_sectors, length_sectors, value,
				   sizeof(*value));
}

static inline int dmk_snapshot_merge_parse_table(const char *params, struct dmk_snapshot *ret_value,
						 struct dmk_error *ret_error)
{
	return dmk_value_parse_table("snapshot-merge", params, ret_value, sizeof(*ret_value),
				     ret_error);
}

static inline int dmk_snapshot_merge_parse_status(const char *params,
						  struct dmk_snapshot_status *ret_status,
						  struct dmk_error *ret_error)
{
	return dmk_value_parse_status("snapshot-merge", params, ret_status, sizeof(*ret_status),
				      ret_error);
}

/* ---- striped: devices by turns -------------------------------------------------------- */

/* striped: n devices in turn, chunk_sectors each, 1 to 2^32 - 1. length is a multiple of n *
 * chunk_sectors. striped 1.0 */
struct dmk_striped {
	uint64_t chunk_sectors;
	const struct dmk_leg *legs;
	uint32_t n_legs;
	uint32_t unused; /* zero */
	void *owned;	 /* private */
	uint64_t reserved[8];
};

/* striped's status */
struct dmk_striped_status {
	uint32_t n_legs;
	uint32_t n_failed;	    /* how many of them are dead */
	const char *const *devices; /* MAJOR:MINOR each */
	const char *health;	    /* a letter a leg: 'A' alive, 'D' dead */
	void *owned;		    /* private */
	uint64_t reserved[8];
};

DMK_TABLE_FUNCTIONS(striped, "striped")
DMK_STATUS_FUNCTIONS(striped, "striped")

/* ---- switch: regions on paths --------------------------------------------------------- */

/* switch: regions of one size, each on one of the paths; at first in turn. switch 1.0, Linux 3.12
 */
struct dmk_switch {
	uint64_t region_sectors; /* 1 to 2^32 - 1 */
	const struct dmk_leg *paths;
	uint32_t n_paths;
	uint32_t unused; /* zero */
	void *owned;	 /* private */
	uint64_t reserved[8];
};

enum dmk_switch_mapping_kind {
	DMK_SWITCH_REGION = 1, /* region goes to path */
	DMK_SWITCH_NEXT = 2,   /* the region after the last one goes to path */
	DMK_SWITCH_REPEAT = 3  /* the last cycle regions' paths are repeated for the next count */
};

/* One step of set_region_mappings. At the message's begin the last region is number 0. */
struct dmk_switch_mapping {
	uint32_t kind; /* enum dmk_switch_mapping_kind */
	uint32_t path; /* REGION, NEXT: from 0 */
	uint64_t region;
	uint64_t cycle; /* from 1 */
	uint64_t count;
};

enum dmk_switch_message_kind {
	DMK_SWITCH_SET_REGION_MAPPINGS = 1 /* mappings */
};

struct dmk_switch_message {
	uint32_t message; /* enum dmk_switch_message_kind */
	uint32_t n_mappings;
	const struct dmk_switch_mapping *mappings;
	void *owned; /* private */
	uint64_t reserved[8];
};

DMK_TABLE_FUNCTIONS(switch, "switch")
DMK_MESSAGE_FUNCTION(switch, "switch")

/* ---- thin: blocks out of a pool ------------------------------------------------------- */

enum dmk_thin_option {
	DMK_THIN_EXTERNAL_ORIGIN = 1 << 0 /* since 1.1, Linux 3.4 */
};

/* thin: a device whose blocks come from a pool as they are written. thin 1.0 */
struct dmk_thin {
	const char *pool_device;
	const char *external_origin; /* NULL: none; what is not yet written is read from there */
	uint32_t id;		     /* up to 2^24 - 1, made by the pool's create-thin */
	uint32_t unused;	     /* zero */
	uint64_t options;	     /* DMK_THIN_* */
	void *owned;		     /* private */
	uint64_t reserved[8];
};

/* What the status of a thin device could say. Values are fixed. */
enum dmk_thin_state {
	DMK_THIN_OK = 1,
	DMK_THIN_FAIL = 2,  /* its pool has failed */
	DMK_THIN_ERROR = 3, /* the kernel could not read the pool's metadata for this status */
	DMK_THIN_CLOSED = 4 /* "-": it is not open in its pool */
};

enum dmk_thin_status_option {
	DMK_THIN_STATUS_MAPPED = 1 << 0, /* in state OK alone */
	DMK_THIN_STATUS_HIGHEST = 1 << 1 /* something is mapped */
};

/* thin's status */
struct dmk_thin_status {
	uint32_t state; /* enum dmk_thin_state */
	uint32_t unused;
	uint64_t options; /* DMK_THIN_STATUS_* */
	uint64_t mapped_sectors;
	uint64_t highest_mapped_sector; /* the last one that is */
	void *owned;			/* private */
	uint64_t reserved[8];
};

DMK_TABLE_FUNCTIONS(thin, "thin")
DMK_STATUS_FUNCTIONS(thin, "thin")

/* ---- thin-pool: the blocks that thin devices share ------------------------------------ */

/* Which features of thin-pool are given. Four of them at most: Linux 6.1 takes no more. */
enum dmk_thin_pool_option {
	DMK_THIN_POOL_SKIP_BLOCK_ZEROING = 1 << 0,
	DMK_THIN_POOL_IGNORE_DISCARD = 1 << 1,	    /* since 1.1, Linux 3.4 */
	DMK_THIN_POOL_NO_DISCARD_PASSDOWN = 1 << 2, /* since 1.1, Linux 3.4 */
	DMK_THIN_POOL_READ_ONLY = 1 << 3,	    /* since 1.3, Linux 3.6 */
	DMK_THIN_POOL_ERROR_IF_NO_SPACE = 1 << 4    /* since 1.10, Linux 3.14 */
};

/* thin-pool: the blocks that thin devices share. Alone in its table. The first 4 KiB of a new
 * metadata_device must be zero. thin-pool 1.0 */
struct dmk_thin_pool {
	const char *metadata_device;
	const char *data_device;
	uint64_t block_size_sectors;	/* 128 (64 KiB) to 2097152 (1 GiB), a multiple of 128 */
	uint64_t low_water_mark_blocks; /* an event comes when fewer are free */
	uint64_t options;		/* DMK_THIN_POOL_* */
	void *owned;			/* private */
	uint64_t reserved[8];
};

/* What a pool can do. Values are fixed. */
enum dmk_thin_pool_mode {
	DMK_THIN_POOL_RW = 1,
	DMK_THIN_POOL_RO = 2,
	DMK_THIN_POOL_OUT_OF_DATA_SPACE = 3,
	DMK_THIN_POOL_FAIL = 4, /* no I/O any more: its metadata must be repaired */
	DMK_THIN_POOL_ERROR = 5 /* the kernel could not read the metadata for this status */
};

enum dmk_thin_pool_discard {
	DMK_THIN_POOL_DISCARD_PASSDOWN = 1, /* to the data device as well */
	DMK_THIN_POOL_DISCARD_NO_PASSDOWN = 2,
	DMK_THIN_POOL_DISCARD_IGNORED = 3
};

enum dmk_thin_pool_no_space {
	DMK_THIN_POOL_QUEUE_IF_NO_SPACE = 1,
	DMK_THIN_POOL_FAIL_IF_NO_SPACE = 2
};

enum dmk_thin_pool_status_option {
	DMK_THIN_POOL_STATUS_NUMBERS = 1 << 0,		 /* all but mode: not in FAIL and ERROR */
	DMK_THIN_POOL_STATUS_HELD_ROOT = 1 << 1,	 /* a metadata snapshot is reserved */
	DMK_THIN_POOL_STATUS_METADATA_LOW_WATER = 1 << 2 /* old kernels do not say it */
};

/* thin-pool's status */
struct dmk_thin_pool_status {
	uint32_t mode;	      /* enum dmk_thin_pool_mode */
	uint32_t discard;     /* enum dmk_thin_pool_discard */
	uint32_t no_space;    /* enum dmk_thin_pool_no_space */
	uint32_t needs_check; /* 1: the metadata must be checked before they can be written again */
	uint64_t options;     /* DMK_THIN_POOL_STATUS_* */
	uint64_t transaction_id;
	struct dmk_ratio metadata;	    /* of metadata blocks, 4 KiB each */
	struct dmk_ratio data;		    /* of data blocks */
	uint64_t held_root_block;	    /* the metadata block with the snapshot's root */
	uint64_t metadata_low_water_blocks; /* an event comes when fewer metadata blocks are free */
	void *owned;			    /* private */
	uint64_t reserved[8];
};

/* thin-pool's messages. Values are fixed. */
enum dmk_thin_pool_message_kind {
	DMK_THIN_POOL_CREATE_THIN = 1,	      /* id */
	DMK_THIN_POOL_CREATE_SNAP = 2,	      /* id, origin: suspend the origin first if it runs */
	DMK_THIN_POOL_DELETE = 3,	      /* id */
	DMK_THIN_POOL_SET_TRANSACTION_ID = 4, /* from, to */
	DMK_THIN_POOL_RESERVE_METADATA_SNAP = 5,
	DMK_THIN_POOL_RELEASE_METADATA_SNAP = 6
};

struct dmk_thin_pool_message {
	uint32_t message; /* enum dmk_thin_pool_message_kind */
	uint32_t id;	  /* of a thin device in its pool, up to 2^24 - 1 */
	uint32_t origin;  /* likewise */
	uint32_t unused;  /* zero */
	uint64_t from;	  /* the transaction id as it is now */
	uint64_t to;
	void *owned; /* zero */
	uint64_t reserved[8];
};

DMK_TABLE_FUNCTIONS(thin_pool, "thin-pool")
DMK_STATUS_FUNCTIONS(thin_pool, "thin-pool")
DMK_MESSAGE_FUNCTION(thin_pool, "thin-pool")

/* ---- unstriped: one stripe of a set --------------------------------------------------- */

/* unstriped: one stripe of a striped set or of a RAID 0. length is a multiple of chunk_sectors.
 * unstriped 1.0, Linux 4.16 */
struct dmk_unstriped {
	uint32_t stripes;	/* 1 to 2^31 - 1 */
	uint32_t stripe;	/* from 0 to stripes - 1 */
	uint64_t chunk_sectors; /* 1 to 2^32 - 1 */
	const char *device;
	uint64_t offset_sectors;
	void *owned; /* private */
	uint64_t reserved[8];
};

DMK_TABLE_FUNCTIONS(unstriped, "unstriped")

/* ---- vdo: deduplicated and compressed ------------------------------------------------- */

/* Which optional arguments of vdo are given. A field below that is not zero counts as given without
 * its bit. */
enum dmk_vdo_option {
	DMK_VDO_ACK = 1 << 0,
	DMK_VDO_BIO = 1 << 1,
	DMK_VDO_BIO_ROTATION_INTERVAL = 1 << 2,
	DMK_VDO_CPU = 1 << 3,
	DMK_VDO_HASH = 1 << 4,
	DMK_VDO_LOGICAL = 1 << 5,
	DMK_VDO_PHYSICAL = 1 << 6,
	DMK_VDO_MAX_DISCARD = 1 << 7,
	DMK_VDO_DEDUPLICATION = 1 << 8,
	DMK_VDO_COMPRESSION = 1 << 9,
	DMK_VDO_INDEX_SPARSE = 1 << 10, /* since 9.2, Linux 7.2, as the next two */
	DMK_VDO_INDEX_MEMORY = 1 << 11,
	DMK_VDO_SLAB_SIZE = 1 << 12
};

enum dmk_vdo_switch {
	DMK_VDO_OFF = 1,
	DMK_VDO_ON = 2
};

/* vdo: deduplication, compression and thin provisioning. Before 9.2 (Linux 7.2) vdoformat must have
 * formatted the device; then the kernel does, where it finds zeros. Alone in its table, whose
 * length is the logical size, whole blocks of 4096 bytes, at most 4 PiB. Table version V4,
 * Linux 6.9. */
struct dmk_vdo {
	const char *storage_device;
	uint64_t options;		 /* DMK_VDO_* */
	uint64_t storage_device_blocks;	 /* its size, in blocks of 4096 bytes */
	uint64_t max_discard_blocks;	 /* 1 to 1048575; 1 where not given */
	uint32_t minimum_io_size_bytes;	 /* 512 or 4096; 0: 4096 */
	uint32_t block_map_cache_blocks; /* of 4096 bytes; 0: 32768, as the document recommends */
	uint32_t block_map_era_blocks;	 /* 1 to 16380; 0: 16380 */
	uint32_t ack_threads;		 /* 0 to 100; 1 where not given */
	uint32_t bio_threads;		 /* 1 to 100; 4 */
	uint32_t bio_rotation_interval;	 /* 1 to 1024; 64 */
	uint32_t cpu_threads;		 /* 1 to 100; 1 */
	uint32_t hash_threads;		 /* 0 to 100; 0. These three: all 0, or none is */
	uint32_t logical_threads;	 /* 0 to 60, each with 4096 blocks of cache or more; 0 */
	uint32_t physical_threads;	 /* 0 to 16; 0 */
	uint32_t deduplication;		 /* enum dmk_vdo_switch; ON */
	uint32_t compression;		 /* enum dmk_vdo_switch; OFF */
	/* Of the formatting: */
	const char *index_memory; /* 0.25, 0.5, 0.75, or 1, 2 ...: GiB; 0.25 */
	uint32_t index_sparse;	  /* enum dmk_vdo_switch; OFF */
	uint32_t slab_blocks;	  /* of 4096 bytes, a power of two */
	void *owned;		  /* private */
	uint64_t reserved[8];
};

enum dmk_vdo_mode {
	DMK_VDO_NORMAL = 1,
	DMK_VDO_RECOVERING = 2, /* it repairs itself */
	DMK_VDO_READ_ONLY = 3	/* an error: vdoforcerebuild(8) */
};

enum dmk_vdo_index_state {
	DMK_VDO_INDEX_CLOSED = 1,
	DMK_VDO_INDEX_CLOSING = 2,
	DMK_VDO_INDEX_ERROR = 3,
	DMK_VDO_INDEX_OFFLINE = 4,
	DMK_VDO_INDEX_ONLINE = 5,
	DMK_VDO_INDEX_OPENING = 6,
	DMK_VDO_INDEX_SUSPENDED = 7,
	DMK_VDO_INDEX_UNKNOWN = 8
};

/* vdo's status */
struct dmk_vdo_status {
	const char *device;   /* below, as /dev/NAME */
	uint32_t mode;	      /* enum dmk_vdo_mode */
	uint32_t in_recovery; /* 1: yes */
	uint32_t index_state; /* enum dmk_vdo_index_state */
	uint32_t compression; /* enum dmk_vdo_switch */
	uint64_t used_blocks; /* of 4096 bytes, data and overhead */
	uint64_t total_blocks;
	void *owned; /* private */
	uint64_t reserved[8];
};

enum dmk_vdo_message_kind {
	DMK_VDO_MESSAGE_STATS = 1,	      /* its reply: dmk_vdo_parse_reply() */
	DMK_VDO_MESSAGE_CONFIG = 2,	      /* likewise */
	DMK_VDO_MESSAGE_DUMP = 3,	      /* what: into the kernel's log */
	DMK_VDO_MESSAGE_DUMP_ON_SHUTDOWN = 4, /* the same when the device stops */
	DMK_VDO_MESSAGE_COMPRESSION = 5,      /* compression */
	DMK_VDO_MESSAGE_INDEX_CLOSE = 6,
	DMK_VDO_MESSAGE_INDEX_CREATE = 7,
	DMK_VDO_MESSAGE_INDEX_DISABLE = 8,
	DMK_VDO_MESSAGE_INDEX_ENABLE = 9
};

struct dmk_vdo_message {
	uint32_t message;	 /* enum dmk_vdo_message_kind */
	uint32_t compression;	 /* enum dmk_vdo_switch */
	const char *const *what; /* viopool, pools, vdo, queues, threads, default, all */
	uint32_t n_what;	 /* 0: default */
	uint32_t unused;	 /* zero */
	void *owned;		 /* private */
	uint64_t reserved[8];
};

DMK_TABLE_FUNCTIONS(vdo, "vdo")
DMK_STATUS_FUNCTIONS(vdo, "vdo")
DMK_MESSAGE_FUNCTION(vdo, "vdo")

struct dmk_key_values;
/* The reply to a stats or config message, "{ name : value, packer : { name : value, }, }", as pairs
 * of key and value; a name within another is "packer.name". number is set where the value is one;
 * info is NULL. dmk_key_values_clear(). -EINVAL: something else, or the kernel had no room for all
 * of it. Since: 0.1 */
DMK_API int dmk_vdo_parse_reply(const char *reply, struct dmk_key_values *ret_values,
				struct dmk_error *ret_error);

/* ---- verity: checked by a hash tree --------------------------------------------------- */

/* Which optional arguments of verity are given. A field below that is not zero or NULL counts as
 * given without its bit. */
enum dmk_verity_option {
	DMK_VERITY_IGNORE_CORRUPTION = 1 << 0,	   /* since 1.2 */
	DMK_VERITY_RESTART_ON_CORRUPTION = 1 << 1, /* since 1.2 */
	DMK_VERITY_PANIC_ON_CORRUPTION = 1 << 2,   /* since 1.7, Linux 5.9 */
	DMK_VERITY_RESTART_ON_ERROR = 1 << 3,	   /* since 1.10, Linux 6.12 */
	DMK_VERITY_PANIC_ON_ERROR = 1 << 4,	   /* since 1.10, Linux 6.12 */
	DMK_VERITY_IGNORE_ZERO_BLOCKS = 1 << 5,	   /* since 1.3, Linux 4.5 */
	DMK_VERITY_CHECK_AT_MOST_ONCE = 1 << 6,	   /* since 1.4, Linux 4.17 */
	DMK_VERITY_TRY_VERIFY_IN_TASKLET = 1 << 7, /* since 1.9, Linux 6.0 */
	DMK_VERITY_FEC_DEVICE = 1 << 8,		   /* fec_*: since 1.3, Linux 4.5 */
	DMK_VERITY_FEC_BLOCKS = 1 << 9,
	DMK_VERITY_FEC_START = 1 << 10,
	DMK_VERITY_FEC_ROOTS = 1 << 11,
	DMK_VERITY_ROOT_HASH_SIG = 1 << 12 /* since 1.5, Linux 5.4 */
};

/* In version, the number 0. */
#define DMK_VERITY_VERSION_0 UINT32_MAX

/* verity: read-only, each block checked against a hash tree. verity 1.0 */
struct dmk_verity {
	/* Of the on-disk format: 1 (salt first), or DMK_VERITY_VERSION_0 (Chrome OS); 0: 1. */
	uint32_t version;
	uint32_t data_block_size_bytes; /* a power of two from 512 to 65536, and at most the page
					   size; 0: 4096 */
	uint32_t hash_block_size_bytes; /* a power of two from 512 to 2^30; 0: 4096 */
	uint32_t fec_roots;		/* 2 to 24 */
	const char *data_device;
	const char *hash_device;
	uint64_t data_blocks;	    /* in data blocks */
	uint64_t hash_start_blocks; /* where the tree begins on hash_device, in hash blocks */
	const char *algorithm;	    /* as the kernel's crypto names it; NULL: sha256 */
	const char *root_digest;    /* hex */
	const char *salt;	    /* hex, NULL or "-": none */
	uint64_t options;	    /* DMK_VERITY_* */
	const char *fec_device;
	uint64_t fec_blocks;		    /* data and hash blocks that the code covers */
	uint64_t fec_start_blocks;	    /* where the code begins on fec_device, in blocks */
	const char *root_hash_sig_key_desc; /* of a key in the kernel's keyring */
	void *owned;			    /* private */
	uint64_t reserved[8];
};

/* verity's status */
enum dmk_verity_state {
	DMK_VERITY_VALID = 1,	 /* "V": no bad block was read so far */
	DMK_VERITY_CORRUPTED = 2 /* "C": at least one was */
};

enum dmk_verity_status_option {
	DMK_VERITY_STATUS_CORRECTED = 1 << 0,  /* corrected_blocks is known */
	DMK_VERITY_STATUS_WITHOUT_FEC = 1 << 1 /* there is no FEC to correct anything */
};

struct dmk_verity_status {
	uint32_t state; /* enum dmk_verity_state */
	uint32_t unused;
	uint64_t options;	   /* DMK_VERITY_STATUS_*: what the kernel says */
	uint64_t corrected_blocks; /* by FEC, where the kernel says it (newer than Linux 6.12) */
	void *owned;		   /* private */
	uint64_t reserved[8];
};

/* A layer as hcsshim's guest gets it: one device with a file system of data_bytes from its first
 * byte and the hash tree behind it, with or without a superblock of one block in between. */
struct dmk_verity_image {
	const char *device;
	uint64_t data_bytes;	   /* the file system's size, a multiple of block_size_bytes */
	uint32_t block_size_bytes; /* 0: 4096 */
	uint32_t version;	   /* as struct dmk_verity */
	uint32_t superblock; /* 1: a superblock of one block stands before the tree; 0: none */
	uint32_t unused;     /* zero */
	const char *algorithm;
	const char *root_digest;
	const char *salt;
	uint64_t reserved[8];
};

/* Here length_sectors 0 stands for as many as the data blocks make. */
DMK_TABLE_FUNCTIONS(verity, "verity")
DMK_STATUS_FUNCTIONS(verity, "verity")

DMK_API int dmk_table_add_verity_image(struct dmk_table *table,
				       const struct dmk_verity_image *image);

/* ---- writecache: writes go to a fast device first ------------------------------------- */

/* What writecache keeps its data on. Values are fixed. */
enum dmk_writecache_type {
	DMK_WRITECACHE_SSD = 1,
	DMK_WRITECACHE_PMEM = 2
};

/* Which optional arguments of writecache are given. A field below that is not zero counts as given
 * without its bit. */
enum dmk_writecache_option {
	DMK_WRITECACHE_START_SECTOR = 1 << 0, /* since 1.1, Linux 4.19 */
	DMK_WRITECACHE_HIGH_WATERMARK = 1 << 1,
	DMK_WRITECACHE_LOW_WATERMARK = 1 << 2,
	DMK_WRITECACHE_WRITEBACK_JOBS = 1 << 3,
	DMK_WRITECACHE_AUTOCOMMIT_BLOCKS = 1 << 4,
	DMK_WRITECACHE_AUTOCOMMIT_TIME = 1 << 5,
	DMK_WRITECACHE_MAX_AGE = 1 << 6,	 /* since 1.3, Linux 5.8 */
	DMK_WRITECACHE_CLEANER = 1 << 7,	 /* since 1.2, Linux 5.7 */
	DMK_WRITECACHE_FUA = 1 << 8,		 /* of pmem alone */
	DMK_WRITECACHE_NOFUA = 1 << 9,		 /* of pmem alone */
	DMK_WRITECACHE_METADATA_ONLY = 1 << 10,	 /* since 1.5, Linux 5.14 */
	DMK_WRITECACHE_PAUSE_WRITEBACK = 1 << 11 /* since 1.5, Linux 5.14; of ssd alone */
};

/* writecache: writes go to a fast device first. The first sector of a new cache_device (at
 * start_sectors) must be zero. writecache 1.0 */
struct dmk_writecache {
	uint32_t type;		   /* enum dmk_writecache_type; 0: SSD */
	uint32_t block_size_bytes; /* a power of two from 512 to the page size; 0: 4096 */
	const char *origin_device;
	const char *cache_device;
	uint64_t options;		 /* DMK_WRITECACHE_* */
	uint64_t start_sectors;		 /* where on cache_device the cache begins */
	uint32_t high_watermark_percent; /* the kernel's default: 50; not below the low one */
	uint32_t low_watermark_percent;	 /* the kernel's default: 45 */
	uint32_t writeback_jobs;	 /* blocks in flight at most */
	uint32_t autocommit_blocks;	 /* the kernel's default: 65536, pmem 64 */
	uint32_t autocommit_time_ms;	 /* up to an hour; the kernel's default: 1000 */
	uint32_t max_age_ms;		 /* up to a day */
	uint32_t pause_writeback_ms;	 /* up to a minute; the kernel's default: 3000 */
	uint32_t unused;		 /* zero */
	void *owned;			 /* private */
	uint64_t reserved[8];
};

enum dmk_writecache_status_option {
	DMK_WRITECACHE_STATUS_COUNTERS = 1 << 0 /* reads and what follows; since 1.6, Linux 5.15 */
};

/* writecache's status, in blocks */
struct dmk_writecache_status {
	uint64_t options; /* DMK_WRITECACHE_STATUS_* */
	uint64_t error;	  /* not 0: it has failed (Linux 6.1 says 1) */
	uint64_t blocks;
	uint64_t free_blocks;
	uint64_t writeback_blocks; /* being written back */
	uint64_t reads;
	uint64_t read_hits;
	uint64_t writes;
	uint64_t write_hits_uncommitted;
	uint64_t write_hits_committed;
	uint64_t writes_around;		     /* past the cache */
	uint64_t writes_allocate;	     /* into free blocks of the cache */
	uint64_t writes_blocked_on_freelist; /* requests that had to wait for a free block */
	uint64_t flushes;		     /* requests */
	uint64_t discards;
	void *owned; /* private */
	uint64_t reserved[8];
};

/* writecache's messages, without arguments. Values are fixed. */
enum dmk_writecache_message_kind {
	DMK_WRITECACHE_FLUSH = 1, /* returns when all is on the origin */
	DMK_WRITECACHE_FLUSH_ON_SUSPEND = 2,
	DMK_WRITECACHE_START_CLEANER = 3, /* since 1.2, Linux 5.7 */
	DMK_WRITECACHE_CLEAR_STATS = 4	  /* since 1.6, Linux 5.15 */
};

struct dmk_writecache_message {
	uint32_t message; /* enum dmk_writecache_message_kind */
	uint32_t unused;  /* zero */
	void *owned;	  /* zero */
	uint64_t reserved[8];
};

DMK_TABLE_FUNCTIONS(writecache, "writecache")
DMK_STATUS_FUNCTIONS(writecache, "writecache")
DMK_MESSAGE_FUNCTION(writecache, "writecache")

/* ---- zero: reads give zeros, writes vanish -------------------------------------------- */

/* A segment of it has no parameters. zero 1.0 */
static inline int dmk_table_add_zero(struct dmk_table *table, uint64_t start_sectors,
				     uint64_t length_sectors)
{
	return dmk_table_add(table, start_sectors, length_sectors, "zero", "");
}

/* ---- zoned: zoned devices as ordinary ones -------------------------------------------- */

/* zoned: zoned block devices as one that takes writes anywhere; format them with dmzadm first.
 * Alone in its table. Its length is what its metadata say: the kernel sets it. zoned 2.0, Linux 5.8
 */
struct dmk_zoned {
	const char *const *devices; /* one zoned device; or a regular one, then zoned ones */
	uint32_t n_devices;
	uint32_t unused; /* zero */
	void *owned;	 /* private */
	uint64_t reserved[8];
};

struct dmk_zoned_zones {
	uint32_t unmapped; /* free */
	uint32_t total;
};

/* The zones of one device. */
struct dmk_zoned_device_status {
	struct dmk_zoned_zones random;
	struct dmk_zoned_zones sequential;
};

/* zoned's status */
struct dmk_zoned_status {
	uint32_t n_zones;
	uint32_t n_devices; /* without a first, regular one: that is all cache */
	struct dmk_zoned_zones cache;
	const struct dmk_zoned_device_status *devices;
	void *owned; /* private */
	uint64_t reserved[8];
};

enum dmk_zoned_message_kind {
	DMK_ZONED_MESSAGE_RECLAIM = 1 /* move random zones to sequential ones now */
};

struct dmk_zoned_message {
	uint32_t message; /* enum dmk_zoned_message_kind */
	uint32_t unused;  /* zero */
	void *owned;	  /* private */
	uint64_t reserved[8];
};

DMK_TABLE_FUNCTIONS(zoned, "zoned")
DMK_STATUS_FUNCTIONS(zoned, "zoned")
DMK_MESSAGE_FUNCTION(zoned, "zoned")

#undef DMK_TABLE_FUNCTIONS
#undef DMK_STATUS_FUNCTIONS
#undef DMK_MESSAGE_FUNCTION

#ifdef __cplusplus
}
#endif

#endif
