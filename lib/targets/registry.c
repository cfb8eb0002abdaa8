/* SPDX-License-Identifier: MIT */
/* The targets that dmkit, or this program (dmkit-static.h), knows, by name. */
#include "rows/nearest.h"
#include "rows/target.h"

#include <errno.h>
#include <string.h>

/* A program's own choice (dmkit-static.h) is short, and in any order; all of them are in that of
 * strcmp(). */
#define FEW 8

static const struct dmk_target *find_among_few(const char *type)
{
	for (unsigned i = 0; i < dmk_n_targets; i++)
		if (strcmp(dmk_targets[i]->info.type, type) == 0)
			return dmk_targets[i];
	return NULL;
}

const struct dmk_target *dmk_target_find(const char *type)
{
	unsigned low = 0, high = dmk_n_targets;

	if (type && dmk_n_targets <= FEW)
		return find_among_few(type);
	/* For each line of a table: most steps are decided by the first letter. */
	while (type && low < high) {
		unsigned middle = (low + high) / 2;
		const char *name = dmk_targets[middle]->info.type;
		int order = (unsigned char)*type - (unsigned char)*name;

		if (order == 0)
			order = strcmp(type, name);
		if (order == 0)
			return dmk_targets[middle];
		if (order < 0)
			high = middle;
		else
			low = middle + 1;
	}
	return NULL;
}

const struct dmk_target_info *dmk_target_info_at(uint32_t index)
{
	return index < dmk_n_targets ? &dmk_targets[index]->info : NULL;
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

	for (unsigned i = 0; i < dmk_n_targets; i++)
		dmk_nearest_look(&nearest, dmk_targets[i]->info.type);
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
