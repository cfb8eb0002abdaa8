/* SPDX-License-Identifier: MIT */
/* Numbers and sizes as key=value gives them, and "size", the key of every target. */
#include "target.h"

#include <errno.h>
#include <string.h>

struct dmk_key dmk_row_key(const struct dmk_row *row)
{
	struct dmk_key key = {
		.name = row->name,
		.kind = row->kind,
		.flags = row->key_flags,
		.fallback = dmk_row_fallback(row),
		.help = row->help,
		.allowed = dmk_row_allowed(row),
		.unit = row->unit,
		.fields = row->is_custom ? row->custom->fields : NULL,
	};
	unsigned int patch = row->since & 31;
	size_t length;

	if (row->since)
		dmk_print_text(key.since, sizeof(key.since), "%u.%u", row->since >> 12U,
			       row->since >> 5U & 127U);
	length = strlen(key.since);
	if (patch)
		dmk_print_text(key.since + length, sizeof(key.since) - length, ".%u", patch);
	return key;
}

struct dmk_key dmk_size_key(const struct dmk_target *target)
{
	struct dmk_key key = { .name = "size",
			       .kind = DMK_KEY_SECTORS,
			       .flags = DMK_KEY_REQUIRED,
			       .help = "how long the segment is" };

	for (uint32_t i = 0; i < target->table.n_rows; i++)
		if (target->table.rows[i].flags & DMK_ROW_SIZE_DEVICE) {
			key.flags = 0;
			key.help = "how long the segment is; default: the rest of its device";
		}
	if (target->length_sectors) {
		key.flags = 0;
		key.help = "how long the segment is; default: what the other keys say";
	}
	return key;
}

/* The bytes of one unit; 0: there is none of that name. */
static uint64_t unit_bytes(const char *unit, size_t length)
{
	static const char letters[] = "kmgtp";
	const char *found;

	if (length == 0)
		return 1;
	if (length == 1 && *unit == 's')
		return 512;
	found = strchr(letters, *unit | 0x20);
	if (!found || !*found || (length != 1 && (length != 3 || memcmp(unit + 1, "iB", 2) != 0)))
		return 0;
	return UINT64_C(1024) << (10 * (unsigned int)(found - letters));
}

static int parse_size(const char *text, size_t length, uint64_t *ret_bytes)
{
	size_t digits = 0;
	uint64_t number = 0, unit, bytes;
	int r;

	while (digits < length && text[digits] >= '0' && text[digits] <= '9')
		digits++;
	unit = unit_bytes(text + digits, length - digits);
	if (!unit)
		return -EINVAL;
	r = dmk_parse_u64(text, digits, UINT64_MAX, &number);
	if (r < 0)
		return r;
	if (__builtin_mul_overflow(number, unit, &bytes))
		return -ERANGE;
	*ret_bytes = bytes;
	return 0;
}

int dmk_parse_size(const char *text, uint64_t *ret_bytes)
{
	return text ? parse_size(text, strlen(text), ret_bytes) : -EINVAL;
}

static int parse_ms(const char *text, size_t length, uint64_t *ret_ms)
{
	uint64_t factor = 1, number = 0;
	int r;

	if (length > 2 && memcmp(text + length - 2, "ms", 2) == 0)
		length -= 2;
	else if (length > 1 && text[length - 1] == 's') {
		factor = 1000;
		length--;
	}
	r = dmk_parse_u64(text, length, UINT64_MAX / factor, &number);
	*ret_ms = number * factor;
	return r;
}

static int fail_key(struct dmk_error *err, const char *key, const char *text, size_t length,
		    const char *why)
{
	char shown[80];

	dmk_print_text(shown, sizeof(shown), "%.*s", (int)(length < 200 ? length : 200), text);
	return dmk_refuse(err, key, "'%s' %s", shown, why);
}

int dmk_key_sectors(const char *key, const char *text, size_t length, uint64_t *ret_sectors,
		    struct dmk_error *err)
{
	uint64_t bytes = 0;
	int r = parse_size(text, length, &bytes);

	if (r == -ERANGE || (r == 0 && bytes / 512 > DMK_MAX_SECTORS))
		return fail_key(err, key, text, length, "is too large");
	if (r < 0)
		return fail_key(
			err, key, text, length,
			"is no size: 4096s is sectors, 1MiB has a unit (KiB MiB GiB TiB PiB), "
			"a plain number is bytes");
	if (bytes % 512)
		return fail_key(err, key, text, length,
				"is no whole number of 512-byte sectors: a plain number is bytes, "
				"sectors end in s");
	*ret_sectors = bytes / 512;
	return 0;
}

int dmk_row_number_of_key(const struct dmk_row *row, const char *text, uint64_t *ret_number,
			  struct dmk_error *err)
{
	size_t length = strlen(text);
	char limits[128], why[160];
	uint64_t number = 0;
	int r;

	if ((row->flags & DMK_ROW_ANY_NUMBER) && length > 1 && text[length - 1] == 's') {
		r = dmk_parse_u64(text, length - 1, UINT64_MAX, &number);
	} else if (row->kind == DMK_KEY_SECTORS) {
		r = dmk_key_sectors(row->name, text, length, &number, err);
		if (r < 0)
			return r;
	} else if (row->kind == DMK_KEY_BYTES) {
		r = parse_size(text, length, &number);
	} else if (row->kind == DMK_KEY_MS) {
		r = parse_ms(text, length, &number);
	} else {
		r = dmk_row_parse_number(row, text, length, &number) ? 0 : -EINVAL;
	}
	if (r < 0 || !dmk_row_allows(row, number)) {
		dmk_row_limits(row, limits, sizeof(limits));
		dmk_print_text(why, sizeof(why), "is not allowed: must be %s", limits);
		return fail_key(err, row->name, text, length, why);
	}
	*ret_number = number;
	return 0;
}

bool dmk_row_is_fallback(const struct dmk_row *row, const void *value)
{
	const char *fallback = dmk_row_fallback(row);
	uint64_t number;

	if (row->word || !fallback)
		return false;
	if (row->kind == DMK_KEY_CHOICE) {
		const struct dmk_choice *choice = dmk_row_choice(row, value);

		return choice && strcmp(choice->name, fallback) == 0;
	}
	if (!dmk_row_is_number(row)) {
		const char *text = dmk_row_text(row, value);

		return !text || strcmp(text, fallback) == 0;
	}
	return dmk_row_number_of_key(row, fallback, &number, NULL) == 0 &&
	       number == dmk_row_number(row, value);
}
