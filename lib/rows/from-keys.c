/* SPDX-License-Identifier: MIT */
/* key=value pairs -> a form's value. */
#include "target.h"

#include <errno.h>
#include <string.h>

#include "nearest.h"

static int fail_key(const struct dmk_keys *q, const char *key, const char *why)
{
	return dmk_refuse(q->error, key, "%s", why);
}

/* "no such key; allowed: a b c", as many of them as there is room for. */
static int unknown_key(const struct dmk_keys *q, const char *key)
{
	char allowed[sizeof(q->error->detail)] = "";
	struct dmk_nearest nearest = { .word = key };
	char said[64] = "no such key";
	size_t used = 0;

	for (uint32_t i = 0; i <= q->form->n_rows; i++) {
		const char *known = i < q->form->n_rows ? q->form->rows[i].name : q->extra;

		if (known)
			dmk_nearest_look(&nearest, known);
	}
	if (nearest.best)
		dmk_print_text(said, sizeof(said), "no such key; the nearest: %s", nearest.best);
	for (uint32_t i = 0; i <= q->form->n_rows; i++) {
		const char *known = i < q->form->n_rows ? q->form->rows[i].name : q->extra;

		if (!known)
			break;
		if (used + strlen(known) + strlen(said) + sizeof("; allowed: ...") >=
		    sizeof(allowed)) {
			dmk_print_text(allowed + used, sizeof(allowed) - used, " ...");
			break;
		}
		dmk_print_text(allowed + used, sizeof(allowed) - used, "%s%s", used ? " " : "",
			       known);
		used += strlen(allowed + used);
	}
	if (!used)
		return fail_key(q, key, "no such key: none are allowed");
	return dmk_refuse(q->error, key, "%s; allowed: %s", said, allowed);
}

static const struct dmk_row *row_of_key(const struct dmk_form *form, const char *key)
{
	for (uint32_t i = 0; i < form->n_rows; i++)
		if (strcmp(form->rows[i].name, key) == 0)
			return &form->rows[i];
	return NULL;
}

/* Quick although it looks back: of keys that may stand once there are only as many as the target
 * has. */
static bool stood_before(const struct dmk_keys *q, uint32_t index)
{
	for (uint32_t i = 0; i < index; i++)
		if (strcmp(q->pairs[i].key, q->pairs[index].key) == 0)
			return true;
	return false;
}

/*
 * DEVICE:OFFSET. The last colon splits, always, but where the whole is MAJOR:MINOR: "8:0" is that
 * device from its first sector on, "8:0:2048s" the same from sector 2048. A path with a colon so
 * needs its :OFFSET.
 */
static int read_leg(const struct dmk_keys *q, const struct dmk_row *row, const char *text,
		    void *value, struct dmk_leg *leg)
{
	uint32_t major, minor;
	const char *colon = dmk_parse_devno(text, &major, &minor) ? NULL : strrchr(text, ':');
	char *device;
	int r = 0;

	if (!colon) {
		leg->device = text;
		return dmk_check_path(row->name, text, q->error);
	}
	r = dmk_key_sectors(row->name, colon + 1, strlen(colon + 1), &leg->offset_sectors,
			    q->error);
	if (r < 0)
		return r;
	device = dmk_arena_text(dmk_owned_of(q->form, value), text, (size_t)(colon - text));
	if (!device)
		return dmk_fail(q->error, -ENOMEM, "no memory");
	leg->device = device;
	return dmk_check_path(row->name, device, q->error);
}

/* All pairs of one DEVICE_OFFSET key, at the first of them. */
static int set_legs(const struct dmk_keys *q, const struct dmk_row *row, uint32_t index,
		    unsigned char *value)
{
	struct dmk_leg *legs;
	uint32_t n = 0;

	for (uint32_t i = index; i < q->n; i++)
		if (q->pairs[i].key && strcmp(q->pairs[i].key, row->name) == 0)
			n++;
	legs = dmk_arena_array(dmk_owned_of(q->form, value), n, sizeof(*legs));
	if (!legs)
		return dmk_fail(q->error, -ENOMEM, "no memory");
	*(struct dmk_leg **)(value + row->offset) = legs;
	*(uint32_t *)(value + row->count_offset) = n;
	n = 0;
	for (uint32_t i = index; i < q->n; i++) {
		const char *text = q->pairs[i].value;
		int r;

		if (!q->pairs[i].key || strcmp(q->pairs[i].key, row->name) != 0)
			continue;
		r = text ? read_leg(q, row, text, value, &legs[n++])
			 : fail_key(q, row->name, "has no value");
		if (r < 0)
			return r;
	}
	return 0;
}

static int fail_value(const struct dmk_keys *q, const struct dmk_row *row, const char *text,
		      const char *allowed)
{
	return dmk_refuse(q->error, row->name, "'%.80s' is not allowed: must be %s", text, allowed);
}

static int set_flag(const struct dmk_keys *q, const struct dmk_row *row, const char *text,
		    void *value)
{
	if (strcmp(text, "yes") == 0)
		*dmk_options_of(q->form, value) |= row->option;
	else if (strcmp(text, "no") != 0)
		return fail_value(q, row, text, "yes or no");
	return 0;
}

static int set_ratio(const struct dmk_keys *q, const struct dmk_row *row, const char *text,
		     void *value)
{
	struct dmk_word word = { .text = text, .length = strlen(text) };

	return dmk_row_read(row, &word, value, dmk_owned_of(q->form, value), q->error);
}

/* "part:part:..."; the last one may hold a ':' itself. */
static int set_parts(const struct dmk_keys *q, const struct dmk_row *row, const char *text,
		     void *value)
{
	int r = 0;

	for (uint32_t i = 0; r == 0 && i < row->n_parts; i++) {
		const char *colon = i + 1 < row->n_parts ? strchr(text, ':') : NULL;
		struct dmk_word word = { .text = text, .length = strlen(text) };

		if (colon)
			word.length = (size_t)(colon - text);
		else if (i + 1 < row->n_parts) {
			return dmk_refuse(q->error, row->name,
					  "needs %u values with ':' between them: %s", row->n_parts,
					  row->help);
		}
		r = dmk_row_read(&row->parts[i], &word, value, dmk_owned_of(q->form, value),
				 q->error);
		text += word.length + 1;
	}
	/* What was read is a part of the text, and no word that the kernel has split off. */
	return r < 0 ? r : dmk_row_check(row, value, q->error);
}

static int set_text(const struct dmk_keys *q, const struct dmk_row *row, const char *text,
		    void *value)
{
	if (row->n_parts)
		return set_parts(q, row, text, value);
	if (!dmk_row_is_list(row)) {
		dmk_row_set_text(row, value, text);
		return dmk_row_check(row, value, q->error);
	}
	if (dmk_row_append(row, value, dmk_owned_of(q->form, value), text) < 0)
		return dmk_fail(q->error, -ENOMEM, "no memory");
	return dmk_row_check_text(row, text, q->error);
}

static int set_number(const struct dmk_keys *q, const struct dmk_row *row, uint64_t number,
		      void *value)
{
	if (!dmk_row_is_list(row))
		dmk_row_set_number(row, value, number);
	else if (dmk_row_append_number(row, value, dmk_owned_of(q->form, value), number) < 0)
		return dmk_fail(q->error, -ENOMEM, "no memory");
	return 0;
}

/* Any kind but DEVICE_OFFSET. */
static int set_row(const struct dmk_keys *q, const struct dmk_row *row, const char *text,
		   void *value)
{
	char one_of[160];
	uint64_t number = 0;
	int r = 0;

	if (row->is_custom)
		return row->custom->add(value, text, q->error);
	switch (row->kind) {
	case DMK_KEY_FLAG:
		return set_flag(q, row, text, value);
	case DMK_KEY_RATIO:
		return set_ratio(q, row, text, value);
	case DMK_KEY_CHOICE:
		dmk_print_text(one_of, sizeof(one_of), "one of %s", dmk_row_allowed(row));
		if (!dmk_row_choose(row, value, text, strlen(text), true))
			return fail_value(q, row, text, one_of);
		break;
	default:
		if (!dmk_row_is_number(row)) {
			r = set_text(q, row, text, value);
			break;
		}
		r = dmk_row_number_of_key(row, text, &number, q->error);
		if (r == 0)
			r = set_number(q, row, number, value);
	}
	if (r == 0 && row->word)
		*dmk_options_of(q->form, value) |= row->option;
	return r;
}

static int read_pair(struct dmk_keys *q, uint32_t index, void *value)
{
	const struct dmk_key_value *pair = &q->pairs[index];
	const struct dmk_row *row;
	bool again, extra;

	if (!pair->key)
		return fail_key(q, "", "a pair has no key");
	row = row_of_key(q->form, pair->key);
	extra = !row && q->extra && strcmp(pair->key, q->extra) == 0;
	if (!row && !extra)
		return unknown_key(q, pair->key);
	if (!pair->value)
		return fail_key(q, pair->key, "has no value");
	again = stood_before(q, index);
	if (again && (!row || !(row->key_flags & DMK_KEY_REPEATED)))
		return fail_key(q, pair->key, "given twice");
	if (extra) {
		q->extra_text = pair->value;
		return 0;
	}
	if (row->kind != DMK_KEY_DEVICE_OFFSET)
		return set_row(q, row, pair->value, value);
	return again ? 0 : set_legs(q, row, index, value);
}

static bool is_given(const struct dmk_keys *q, const char *key)
{
	for (uint32_t i = 0; i < q->n; i++)
		if (strcmp(q->pairs[i].key, key) == 0)
			return true;
	return false;
}

/* Keys that were not given: their defaults, or an error. */
static int fill_in(const struct dmk_keys *q, void *value)
{
	for (uint32_t i = 0; i < q->form->n_rows; i++) {
		const struct dmk_row *row = &q->form->rows[i];
		int r;

		if (row->word || is_given(q, row->name))
			continue;
		if (row->key_flags & DMK_KEY_REQUIRED) {
			return dmk_refuse(q->error, row->name,
					  "this key is missing, and %s needs it: %s", q->name,
					  row->help);
		}
		if (!row->has_fallback)
			continue;
		r = set_row(q, row, dmk_row_fallback(row), value);
		if (r < 0)
			return r;
	}
	return 0;
}

int dmk_form_fill(const struct dmk_form *form, void *value, struct dmk_error *err)
{
	const struct dmk_keys q = { .form = form, .error = err };
	int r = 0;

	for (uint32_t i = 0; r == 0 && i < form->n_rows; i++) {
		const struct dmk_row *row = &form->rows[i];

		if (!row->word && row->has_fallback && !row->is_custom &&
		    dmk_row_is_zero(row, value))
			r = set_row(&q, row, dmk_row_fallback(row), value);
	}
	return r;
}

int dmk_form_from_keys(struct dmk_keys *keys, void *value)
{
	int r = 0;

	if (keys->n && !keys->pairs)
		return dmk_fail(keys->error, -EINVAL, "no pairs are given");
	for (uint32_t i = 0; r == 0 && i < keys->n; i++)
		r = read_pair(keys, i, value);
	if (r == 0)
		r = fill_in(keys, value);
	return r < 0 ? r : dmk_form_validate(keys->form, value, true, keys->error);
}
