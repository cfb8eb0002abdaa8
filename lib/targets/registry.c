/* SPDX-License-Identifier: MIT */
/* Every target that dmkit knows, by name. */
#include "target-list.h"
#include "target.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* meson.build's list, by name: DMK_TARGETS(X) is X(error) X(linear) ... A target's file defines
 * struct dmk_target dmk_target_<name>. */
#define DECLARE(name) extern const struct dmk_target dmk_target_##name;
DMK_TARGETS(DECLARE)

#define ADDRESS(name) &dmk_target_##name,
static const struct dmk_target *const targets[] = { DMK_TARGETS(ADDRESS) };

const struct dmk_target *dmk_target_find(const char *type)
{
	size_t low = 0, high = DMK_ARRAY_SIZE(targets);

	/* For each line of a table: most steps are decided by the first letter. */
	while (type && low < high) {
		size_t middle = (low + high) / 2;
		const char *name = targets[middle]->info.type;
		int order = (unsigned char)*type - (unsigned char)*name;

		if (order == 0)
			order = strcmp(type, name);
		if (order == 0)
			return targets[middle];
		if (order < 0)
			high = middle;
		else
			low = middle + 1;
	}
	return NULL;
}

int dmk_target_check(const char *type, const char *params, uint64_t length_sectors,
		     struct dmk_error *err)
{
	const struct dmk_target *target = dmk_target_find(type);
	DMK_CLEANUP(dmk_free_ptr) void *value = NULL;
	int r;

	if (!target)
		return 0;
	value = malloc(target->table.value_size);
	if (!value)
		return dmk_fail(err, -ENOMEM, "no memory");
	r = dmk_form_parse(&target->table, params, value, err);
	if (r < 0)
		return r;
	if (target->check)
		r = target->check(value, length_sectors, err);
	dmk_form_clear(&target->table, value);
	return r;
}

/* "1.3" or "1.3.1" */
static bool parse_version(const char *text, struct dmk_version *ret_version)
{
	struct dmk_version version = { 0 };

	if (!text || sscanf(text, "%" SCNu32 ".%" SCNu32 ".%" SCNu32, &version.major,
			    &version.minor, &version.patch) < 2)
		return false;
	*ret_version = version;
	return true;
}

bool dmk_version_less(const struct dmk_version *a, const struct dmk_version *b)
{
	if (a->major != b->major)
		return a->major < b->major;
	if (a->minor != b->minor)
		return a->minor < b->minor;
	return a->patch < b->patch;
}

bool dmk_target_needs(const char *type, const char *params, struct dmk_version *ret_version,
		      const struct dmk_row **ret_row)
{
	const struct dmk_target *target = dmk_target_find(type);
	DMK_CLEANUP(dmk_free_ptr) void *value = NULL;
	struct dmk_version newest = { 0 }, version;
	bool found = false;

	if (!target)
		return false;
	value = malloc(target->table.value_size);
	if (!value || dmk_form_parse(&target->table, params, value, NULL) < 0)
		return false;
	for (uint32_t i = 0; i < target->table.n_rows; i++) {
		const struct dmk_row *row = &target->table.rows[i];

		if (!parse_version(row->key.since, &version) ||
		    !dmk_version_less(&newest, &version) ||
		    !dmk_row_present(&target->table, row, value))
			continue;
		newest = version;
		*ret_row = row;
		found = true;
	}
	dmk_form_clear(&target->table, value);
	*ret_version = newest;
	return found;
}

const struct dmk_target_info *dmk_target_info_at(uint32_t index)
{
	return index < DMK_ARRAY_SIZE(targets) ? &targets[index]->info : NULL;
}

const struct dmk_target_info *dmk_target_info_find(const char *type)
{
	const struct dmk_target *target = dmk_target_find(type);

	return target ? &target->info : NULL;
}

const struct dmk_key *dmk_target_key(const char *type, uint32_t index)
{
	const struct dmk_target *target = dmk_target_find(type);

	if (!target || index > target->table.n_rows)
		return NULL;
	return index == target->table.n_rows ? dmk_size_key(target)
					     : &target->table.rows[index].key;
}
