/* SPDX-License-Identifier: MIT */
/* Whether one field holds what its row allows. */
#include "target.h"

#include <inttypes.h>
#include <string.h>

static int check_legs(const struct dmk_row *row, const void *value, struct dmk_error *err)
{
	const struct dmk_leg *legs =
		*(const struct dmk_leg *const *)((const unsigned char *)value + row->offset);
	uint32_t n = *(const uint32_t *)((const unsigned char *)value + row->count_offset);
	const char *name = dmk_row_name(row);

	if (n && !legs)
		return dmk_refuse(err, name, "is missing");
	if (n == 0 && (row->key_flags & DMK_KEY_REQUIRED))
		return dmk_refuse(err, name, "at least one is needed");
	for (uint32_t i = 0; i < n; i++) {
		int r = dmk_check_path(name, legs[i].device, err);

		if (r < 0)
			return r;
		if (legs[i].offset_sectors > DMK_MAX_SECTORS)
			return dmk_refuse(err, legs[i].device,
					  "offset %" PRIu64 " must be at most %" PRIu64 " sectors",
					  legs[i].offset_sectors, DMK_MAX_SECTORS);
	}
	return 0;
}

static int fail_number(const struct dmk_row *row, uint64_t number, struct dmk_error *err)
{
	const char *name = dmk_row_name(row);
	char limits[128], shown[32];

	dmk_row_limits(row, limits, sizeof(limits));
	if (row->kind == DMK_KEY_SIGNED)
		dmk_print_text(shown, sizeof(shown), "%" PRId64, (int64_t)number);
	else
		dmk_print_text(shown, sizeof(shown), "%" PRIu64, number);
	return dmk_refuse(err, name, "%s is not allowed: must be %s", shown, limits);
}

static int check_numbers(const struct dmk_row *row, const void *value, struct dmk_error *err)
{
	for (uint32_t i = 0; i < dmk_row_count(row, value); i++) {
		uint64_t number = dmk_row_number_at(row, value, i);

		if (!dmk_row_allows(row, number))
			return fail_number(row, number, err);
	}
	return 0;
}

int dmk_row_check_text(const struct dmk_row *row, const char *text, struct dmk_error *err)
{
	const char *name = dmk_row_name(row);

	return row->kind == DMK_KEY_DEVICE ? dmk_check_path(name, text, err)
					   : dmk_check_word(name, text, err);
}

static int check_list(const struct dmk_row *row, const void *value, struct dmk_error *err)
{
	const char *const *list = dmk_row_list(row, value);
	const char *name = dmk_row_name(row);
	uint32_t n = dmk_row_count(row, value);
	int r = 0;

	if ((n && !list) || (n == 0 && (row->key_flags & DMK_KEY_REQUIRED)))
		return dmk_refuse(err, name, "at least one is needed");
	if (dmk_row_is_number(row))
		return check_numbers(row, value, err);
	for (uint32_t i = 0; r == 0 && i < n; i++)
		r = dmk_row_check_text(row, list[i], err);
	return r;
}

int dmk_row_check(const struct dmk_row *row, const void *value, struct dmk_error *err)
{
	const char *name = dmk_row_name(row);
	int r = 0;

	if (row->is_custom)
		return 0;
	if (dmk_row_is_list(row))
		return check_list(row, value, err);
	for (uint32_t i = 0; r == 0 && i < row->n_parts; i++)
		r = dmk_row_check(&row->parts[i], value, err);
	if (row->n_parts)
		return r;
	switch (row->kind) {
	case DMK_KEY_FLAG:
	case DMK_KEY_RATIO:
		return 0;
	case DMK_KEY_CHOICE:
		if (dmk_row_choice(row, value))
			return 0;
		return dmk_refuse(err, name, "must be one of %s", dmk_row_allowed(row));
	case DMK_KEY_DEVICE_OFFSET:
		return check_legs(row, value, err);
	case DMK_KEY_HEX:
		if (dmk_row_is_no_hex(row, dmk_row_text(row, value)))
			return 0;
		return dmk_row_without_key(row, dmk_check_hex(name, dmk_row_text(row, value), err),
					   err);
	case DMK_KEY_TEXT:
	case DMK_KEY_DEVICE:
	case DMK_KEY_HEALTH:
		return dmk_row_without_key(
			row, dmk_row_check_text(row, dmk_row_text(row, value), err), err);
	default:
		break;
	}
	if (dmk_row_allows(row, dmk_row_number(row, value)))
		return 0;
	return fail_number(row, dmk_row_number(row, value), err);
}
