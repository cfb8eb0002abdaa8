/* SPDX-License-Identifier: MIT */
/* The devices that a segment's parameters name, and how much of each the target takes. */
#include "rows/target.h"

#include <inttypes.h>
#include <string.h>

struct walk {
	const struct dmk_target *target;
	const void *value;
	uint64_t area_sectors;
	bool dashes; /* give "-" too where it is none that may be missing */
	dmk_target_device_fn fn;
	void *userdata;
};

static int give(const struct walk *walk, const struct dmk_row *row, const char *word,
		uint64_t offset_sectors)
{
	bool area = row->flags & DMK_ROW_AREA;
	struct dmk_target_device device = {
		.word = word,
		.offset_sectors = offset_sectors,
		.area_sectors = area ? walk->area_sectors : 0,
	};

	if (!word || !*word ||
	    (strcmp(word, "-") == 0 && (!walk->dashes || (row->flags & DMK_ROW_MAY_MISS))))
		return 0;
	if (!area && walk->target->extent)
		device.extent = walk->target->extent(walk->value, row);
	return walk->fn(walk->userdata, &device);
}

static uint64_t offset_of(const struct walk *walk, uint32_t index)
{
	const struct dmk_form *form = &walk->target->table;
	const struct dmk_row *next = &form->rows[index + 1];

	if (index + 1 == form->n_rows || !(next->flags & DMK_ROW_SIZE_OFFSET))
		return 0;
	return dmk_row_number(next, walk->value);
}

static int give_legs(const struct walk *walk, const struct dmk_row *row)
{
	const unsigned char *value = walk->value;
	const struct dmk_leg *legs = *(const struct dmk_leg *const *)(value + row->offset);
	uint32_t n = *(const uint32_t *)(value + row->count_offset);
	int r = 0;

	for (uint32_t i = 0; r == 0 && i < n; i++)
		r = give(walk, row, legs[i].device, legs[i].offset_sectors);
	return r;
}

static int give_row(const struct walk *walk, uint32_t index)
{
	const struct dmk_row *row = &walk->target->table.rows[index];
	int r = 0;

	if (row->is_custom) {
		if (!row->custom->device)
			return 0;
		for (uint32_t i = 0; r == 0 && i < row->custom->count(walk->value); i++)
			r = give(walk, row, row->custom->device(walk->value, i), 0);
		return r;
	}
	if (row->kind == DMK_KEY_DEVICE_OFFSET)
		return give_legs(walk, row);
	if (row->kind != DMK_KEY_DEVICE)
		return 0;
	if (!dmk_row_is_list(row))
		return give(walk, row, dmk_row_text(row, walk->value), offset_of(walk, index));
	for (uint32_t i = 0; r == 0 && i < dmk_row_count(row, walk->value); i++)
		r = give(walk, row, dmk_row_list(row, walk->value)[i], 0);
	return r;
}

static int give_rows(const struct walk *walk)
{
	int r = 0;

	for (uint32_t i = 0; r == 0 && i < walk->target->table.n_rows; i++)
		r = give_row(walk, i);
	return r;
}

uint64_t dmk_target_block(const struct dmk_target *target, const void *value)
{
	uint32_t bytes = target->block_bytes ? target->block_bytes(value) : 0;

	return bytes > 512 ? bytes / 512 : 1;
}

struct block_check {
	uint64_t block;
	struct dmk_error *err;
};

static int check_device(void *userdata, const struct dmk_target_device *device)
{
	const struct block_check *check = userdata;

	if (strcmp(device->word, "-") == 0)
		return dmk_refuse(check->err, device->word, "is no device");
	if (!device->area_sectors || device->offset_sectors % check->block == 0)
		return 0;
	return dmk_refuse(check->err, device->word,
			  "offset %" PRIu64 " is no multiple of the %" PRIu64
			  " sectors of the mapping's logical block",
			  device->offset_sectors, check->block);
}

int dmk_target_check_devices(const struct dmk_target *target, const void *value,
			     uint64_t length_sectors, struct dmk_error *err)
{
	struct block_check check = { .block = dmk_target_block(target, value), .err = err };
	struct walk walk = { .target = target,
			     .value = value,
			     .area_sectors = length_sectors,
			     .dashes = true,
			     .fn = check_device,
			     .userdata = &check };

	if (length_sectors % check.block)
		return dmk_refuse(err, "size",
				  "%" PRIu64 " sectors are no multiple of the %" PRIu64
				  " of the mapping's logical block",
				  length_sectors, check.block);
	return give_rows(&walk);
}

int dmk_target_devices(const char *type, const char *params, uint64_t length_sectors,
		       dmk_target_device_fn fn, void *userdata)
{
	const struct dmk_target *target = dmk_target_find(type);
	DMK_CLEANUP(dmk_free_ptr) void *value = NULL;
	struct walk walk = {
		.target = target, .area_sectors = length_sectors, .fn = fn, .userdata = userdata
	};
	int r = 0;

	if (!target)
		return 0;
	value = dmk_form_read(&target->table, params);
	if (!value)
		return 0;
	walk.value = value;
	if (target->area_sectors)
		walk.area_sectors = target->area_sectors(value, length_sectors);
	r = give_rows(&walk);
	dmk_form_clear(&target->table, value);
	return r;
}
