/* SPDX-License-Identifier: MIT */
/* dmk_table_add_keys(): key=value pairs -> a target's value -> one segment, as long as its device
 * allows. */
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "machine/blockdev.h"
#include "dmkit.h"
#include "base/error.h"
#include "wire/table.h"
#include "wire/typed.h"
#include "keys.h"
#include "rows/target.h"
#include "base/util.h"

struct request {
	const struct dmk_target *target;
	struct dmk_error *err;
	void *value;
	uint64_t size_sectors; /* 0: not given */
	dmk_size_fn size_of;   /* NULL: all devices are asked */
	void *userdata;
};

static int fail_size(const struct request *q, const char *why)
{
	return dmk_refuse(q->err, "size", "%s", why);
}

static int read_size(struct request *q, const char *text)
{
	int r = dmk_key_sectors("size", text, strlen(text), &q->size_sectors, q->err);

	if (r == 0 && q->size_sectors == 0)
		r = fail_size(q, "must be at least one sector");
	return r;
}

static int ask_device(const struct request *q, const char *device, uint64_t *ret_sectors)
{
	struct dmk_blockdev blockdev;
	char said[256] = "it does not exist";
	int r = dmk_get_blockdev(device, &blockdev);

	if (r == 0) {
		*ret_sectors = blockdev.size_bytes / 512;
		return 0;
	}
	q->err->step = DMK_STEP_BLOCKDEV;
	if (r == -ENOENT && dmk_blockdev_add_meant(device, said, sizeof(said)))
		return dmk_fail_word(q->err, r, device, strlen(device), 0, "%s", said);
	if (r == -ENOTBLK)
		return dmk_fail_word(q->err, r, device, strlen(device), 0,
				     "a file needs a loop device: losetup");
	return dmk_fail_word(q->err, r, device, strlen(device), 0,
			     "its size cannot be asked, and size= is not given");
}

/* What device has from offset_sectors on; at most what *smallest says already. */
static int ask_rest(const struct request *q, const char *device, uint64_t offset_sectors,
		    uint64_t *smallest)
{
	uint64_t sectors = 0;
	int r = q->size_of ? q->size_of(q->userdata, device, &sectors) : 0;

	if (r == 0)
		r = ask_device(q, device, &sectors);
	if (r < 0)
		return r;
	if (offset_sectors >= sectors)
		return dmk_refuse(q->err, device,
				  "nothing is left of its %" PRIu64 " sectors from sector %" PRIu64
				  " on",
				  sectors, offset_sectors);
	if (sectors - offset_sectors < *smallest)
		*smallest = sectors - offset_sectors;
	return 0;
}

static uint64_t size_offset(const struct request *q)
{
	for (uint32_t i = 0; i < q->target->table.n_rows; i++)
		if (q->target->table.rows[i].flags & DMK_ROW_SIZE_OFFSET)
			return dmk_row_number(&q->target->table.rows[i], q->value);
	return 0;
}

static int ask_row(const struct request *q, const struct dmk_row *row, uint64_t *smallest)
{
	const unsigned char *value = q->value;
	const struct dmk_leg *legs;
	uint32_t n;
	int r = 0;

	if (row->is_custom) {
		for (uint32_t i = 0; r == 0 && i < row->custom->count(value); i++)
			r = ask_rest(q, row->custom->device(value, i), 0, smallest);
		return r;
	}
	if (dmk_row_is_list(row)) {
		/* "-" is a device that is missing. */
		for (uint32_t i = 0; r == 0 && i < dmk_row_count(row, value); i++)
			if (strcmp(dmk_row_list(row, value)[i], "-") != 0)
				r = ask_rest(q, dmk_row_list(row, value)[i], 0, smallest);
		return r;
	}
	if (row->kind != DMK_KEY_DEVICE_OFFSET)
		return ask_rest(q, dmk_row_text(row, value), size_offset(q), smallest);
	legs = *(const struct dmk_leg *const *)(value + row->offset);
	n = *(const uint32_t *)(value + row->count_offset);
	for (uint32_t i = 0; r == 0 && i < n; i++)
		r = ask_rest(q, legs[i].device, legs[i].offset_sectors, smallest);
	return r;
}

static int no_device(const struct request *q)
{
	return dmk_refuse(q->err, "size",
			  "this key is missing: %s has no device whose size could be taken",
			  q->target->info.type);
}

static int default_size(struct request *q)
{
	const struct dmk_row *row = NULL;
	uint64_t rest = UINT64_MAX;
	int r;

	for (uint32_t i = 0; !row && i < q->target->table.n_rows; i++)
		if (q->target->table.rows[i].flags & DMK_ROW_SIZE_DEVICE)
			row = &q->target->table.rows[i];
	if (!row)
		return no_device(q);
	r = ask_row(q, row, &rest);
	if (r < 0)
		return r;
	/* A key that may be left out was: there is no device. */
	if (rest == UINT64_MAX)
		return no_device(q);
	q->size_sectors =
		q->target->length_of_rest ? q->target->length_of_rest(q->value, rest) : rest;
	q->size_sectors -= q->size_sectors % dmk_target_block(q->target, q->value);
	if (q->size_sectors == 0)
		return dmk_refuse(q->err, "size",
				  "the %" PRIu64 " sectors that are left are too few", rest);
	return 0;
}

/* What checks a value says the kernel's words for options; here keys were written: with - for _. */
static void name_keys(const struct request *q, char *text)
{
	const struct dmk_form *form = &q->target->table;

	for (uint32_t i = 0; i < form->n_rows; i++) {
		const struct dmk_row *row = &form->rows[i];
		size_t length = strlen(row->name);

		if (!row->word || strlen(row->word) != length)
			continue;
		for (char *at = text; (at = strstr(at, row->word)); at += length)
			memcpy(at, row->name, length);
	}
}

int dmk_table_add_keys_sized(struct dmk_table *table, const char *type,
			     const struct dmk_key_value *pairs, uint32_t n, dmk_size_fn size_of,
			     void *userdata)
{
	struct request q = { .target = dmk_target_find(type),
			     .err = dmk_table_begin(table),
			     .size_of = size_of,
			     .userdata = userdata };
	struct dmk_keys keys = { .name = type, .pairs = pairs, .n = n, .extra = "size" };
	int r;

	dmk_copy_text(q.err->target, sizeof(q.err->target), type ? type : "");
	if (!q.target)
		return dmk_fail_no_target(q.err, type);
	q.value = calloc(1, q.target->table.value_size);
	if (!q.value)
		return dmk_fail(q.err, -ENOMEM, "no memory");
	keys.form = &q.target->table;
	keys.error = q.err;
	r = dmk_form_from_keys(&keys, q.value);
	if (r == 0 && keys.extra_text)
		r = read_size(&q, keys.extra_text);
	if (r == 0 && !q.size_sectors && !q.target->length_sectors)
		r = default_size(&q);
	if (r == 0)
		r = dmk_table_add_form(table, q.target, DMK_NEXT, q.size_sectors, q.value);
	if (r < 0) {
		name_keys(&q, q.err->argument);
		name_keys(&q, q.err->detail);
	}
	dmk_form_clear(&q.target->table, q.value);
	free(q.value);
	return r;
}

int dmk_table_add_keys(struct dmk_table *table, const char *type, const struct dmk_key_value *pairs,
		       uint32_t n)
{
	return dmk_table_add_keys_sized(table, type, pairs, n, NULL, NULL);
}
