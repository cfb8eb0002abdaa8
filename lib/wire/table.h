/* SPDX-License-Identifier: MIT */
/* Tables in the kernel's wire layout: room for a struct dm_ioctl, then one spec per segment, so
 * that a load hands the kernel these very bytes. */
#ifndef DMK_TABLE_H
#define DMK_TABLE_H

#include "dmkit.h"
#include "base/error.h"

struct dm_ioctl;

struct dmk_table {
	char *data;  /* NULL: no segment yet */
	size_t size; /* used, the header's room included; 0 where data is NULL */
	size_t capacity;
	uint32_t count;
	bool secret;   /* a segment carries key material: DM_SECURE_DATA, and every copy is wiped */
	bool alone;    /* its one segment's target must be the only one */
	bool readonly; /* a segment's target is never writable */
	bool on_trial; /* a segment's target has a trial */
	bool unchecked; /* only the kernel judges */
	uint32_t n_newer;
	char (*newer)[DMK_TYPE_SIZE]; /* targets that are newer in the kernel than here */
	uint64_t end_sectors;

	/* dmk_table_get(): the next segment to be asked for, most likely. */
	uint32_t walk_index;
	size_t walk_offset;

	struct dmk_error error;
};

/* Clears the table's error and returns it, with verb, step and the number of the segment to come.
 */
struct dmk_error *dmk_table_begin(struct dmk_table *table);

/* Where a segment's words stand in its text, for errors; all 0 where there is no text. */
struct dmk_columns {
	uint32_t start;
	uint32_t length;
	uint32_t type;
	uint32_t params;
};

/* dmk_table_add() of bytes that no NUL ends. The caller has called dmk_table_begin(). value: what its
 * target's form made them from, and need not read again; NULL: they are text. */
int dmk_table_append(struct dmk_table *table, const struct dmk_segment *segment,
		     size_t params_length, const void *value,
		     const struct dmk_columns *columns) DMK_MUST_CHECK;
int dmk_table_add_read(struct dmk_table *table, uint64_t start_sectors, uint64_t length_sectors,
		       const char *type, const char *params, const void *value) DMK_MUST_CHECK;

/* Is s one of the strings in the table's memory? That moves when the table grows. */
bool dmk_table_owns(const struct dmk_table *table, const char *s);

/* Back to what it was: count segments, size bytes, end_sectors. */
struct dmk_table_mark {
	size_t size;
	uint32_t count;
	bool secret;
	bool alone;
	bool readonly;
	bool on_trial;
	uint64_t end_sectors;
};
struct dmk_table_mark dmk_table_mark(const struct dmk_table *table);
void dmk_table_rollback(struct dmk_table *table, const struct dmk_table_mark *mark);

/* The wire bytes behind the header. */
size_t dmk_table_payload_size(const struct dmk_table *table);

#endif
