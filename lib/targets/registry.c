/* SPDX-License-Identifier: MIT */
/* Every target that dmkit knows, by name. */
#include "rows/nearest.h"
#include "target-list.h"
#include "rows/target.h"

#include <errno.h>
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

const struct dmk_target_info *dmk_target_info_at(uint32_t index)
{
	return index < DMK_ARRAY_SIZE(targets) ? &targets[index]->info : NULL;
}

const struct dmk_target_info *dmk_target_info_find(const char *type)
{
	const struct dmk_target *target = dmk_target_find(type);

	return target ? &target->info : NULL;
}

int dmk_target_key(const char *type, uint32_t index, struct dmk_key *ret_key)
{
	const struct dmk_target *target = dmk_target_find(type);

	if (!target || index > target->table.n_rows)
		return -ENOENT;
	*ret_key = index == target->table.n_rows ? dmk_size_key(target)
						 : dmk_row_key(&target->table.rows[index]);
	return 0;
}

int dmk_target_status_key(const char *type, uint32_t index, struct dmk_key *ret_key)
{
	const struct dmk_target *target = dmk_target_find(type);

	if (!target || !target->status || index >= target->status->n_rows)
		return -ENOENT;
	*ret_key = dmk_row_key(&target->status->rows[index]);
	return 0;
}

void dmk_nearest_target(const char *type, char *text, size_t size)
{
	struct dmk_nearest nearest = { .word = type };

	for (size_t i = 0; i < DMK_ARRAY_SIZE(targets); i++)
		dmk_nearest_look(&nearest, targets[i]->info.type);
	dmk_print_text(text, size, "%s%s", nearest.best ? "; the nearest: " : "",
		       nearest.best ? nearest.best : "");
}

int dmk_fail_no_target(struct dmk_error *err, const char *type)
{
	const char *word = type ? type : "";
	char nearest[64];

	dmk_nearest_target(word, nearest, sizeof(nearest));
	return dmk_fail_word(err, -EINVAL, word, strlen(word), 0,
			     "dmkit does not know this target%s", nearest);
}
