/* SPDX-License-Identifier: MIT */
/* linear: one range of one device. */
#include "../table.h"
#include "target.h"

#include <errno.h>
#include <inttypes.h>

static const struct dmk_row rows[] = {
	{
		.name = "device",
		.kind = DMK_KEY_DEVICE,
		.key_flags = DMK_KEY_REQUIRED,
		.help = DMK_HELP("the device below"),
		.offset = offsetof(struct dmk_linear, device),
		.flags = DMK_ROW_SIZE_DEVICE | DMK_ROW_AREA,
	},
	{
		/* Linux reads beyond 2^64 with a wrap (6.1 takes 2^64 as 0): here it is refused. */
		DMK_NAME_DEFAULT("offset", "0"),
		.kind = DMK_KEY_SECTORS,
		.help = DMK_HELP("where on the device the segment begins"),
		.offset = offsetof(struct dmk_linear, offset_sectors),
		.flags = DMK_ROW_SIZE_OFFSET,
	},
};

const struct dmk_target dmk_target_linear = {
	.info = { .type = "linear",
		  .summary = DMK_HELP("a range of one device"),
		  .example = DMK_HELP("linear device=/dev/vdb offset=1MiB size=512MiB"),
		  .n_keys = DMK_N_KEYS(rows) },
	.table = {
		.syntax = DMK_HELP("DEVICE OFFSET"),
		DMK_ROWS(rows),
		.value_size = sizeof(struct dmk_linear),
	},
};

static int whole_sectors(const char *what, size_t length, uint64_t bytes, struct dmk_error *err)
{
	if (bytes % 512 == 0)
		return 0;
	return dmk_fail_word(err, -EINVAL, what, length, 0,
			     "%" PRIu64 " bytes are no whole number of 512-byte sectors", bytes);
}

int dmk_table_add_linear_bytes(struct dmk_table *table, const char *device, uint64_t offset_bytes,
			       uint64_t length_bytes)
{
	struct dmk_linear linear = { .device = device, .offset_sectors = offset_bytes / 512 };
	struct dmk_error *err = dmk_table_begin(table);
	int r;

	dmk_copy_text(err->target, sizeof(err->target), "linear");
	r = whole_sectors("offset", 6, offset_bytes, err);
	if (r == 0)
		r = whole_sectors("length", 6, length_bytes, err);
	if (r < 0)
		return r;
	return dmk_table_add_linear(table, DMK_NEXT, length_bytes / 512, &linear);
}
