/* SPDX-License-Identifier: MIT */
/* switch: regions of one size, each on one of several paths. */
#include "switch.h"

#include <inttypes.h>

#define DMK_ROWS_OF struct dmk_switch

static const struct dmk_row rows[] = {
	{ DMK_REQUIRED("region-size", SECTORS, "how much goes to one path as a whole"),
	  DMK_FIELD(region_sectors), .min = 1, .max = UINT32_MAX },
	{ DMK_ROW("device", DEVICE_OFFSET,
		  "once per path; without :OFFSET it is 0 (8:0 is a device), but a path that "
		  "holds ':' needs one"),
	  DMK_FIELD(paths), DMK_COUNT(n_paths), .key_flags = DMK_KEY_REQUIRED | DMK_KEY_REPEATED,
	  .flags = DMK_ROW_SIZE_DEVICE | DMK_ROW_AREA },
};

static int parse(struct dmk_words *words, void *value)
{
	struct dmk_switch *map = value;
	uint64_t n = 0, options;
	int r = dmk_words_number(words, "the number of paths", 1, UINT32_MAX, &n);

	if (r == 0)
		r = dmk_words_number(words, "region-size", 1, UINT32_MAX, &map->region_sectors);
	/* None is known up to Linux 6.12. */
	if (r == 0)
		r = dmk_words_number(words, "the number of optional words", 0, 0, &options);
	if (r == 0)
		r = dmk_legs_read(words, "paths", (uint32_t)n, &map->owned, &map->paths);
	if (r == 0)
		map->n_paths = (uint32_t)n;
	return r;
}

static void format(const void *value, struct dmk_text *out)
{
	const struct dmk_switch *map = value;

	dmk_text_add(out, "%" PRIu32 " %" PRIu64 " 0", map->n_paths, map->region_sectors);
	dmk_legs_print(map->paths, map->n_paths, out);
}

static int validate(const void *value, struct dmk_error *err)
{
	const struct dmk_switch *map = value;

	return map->unused ? dmk_refuse(err, "unused", "must be zero") : 0;
}

const struct dmk_target dmk_target_switch = {
	.info = { .type = "switch",
		  .summary = "regions, each on one of several paths",
		  .example = "switch region-size=64KiB device=/dev/vdb:0 device=/dev/vdc:0",
		  .n_keys = DMK_N_KEYS(rows) },
	.table = {
		.syntax = "PATHS REGION-SIZE 0 DEVICE OFFSET [DEVICE OFFSET ...]",
		DMK_ROWS(rows, struct dmk_switch),
		.parse = parse,
		.format = format,
		.validate = validate,
	},
	.messages = dmk_switch_messages,
	.n_messages = 1,
};
