/* SPDX-License-Identifier: MIT */
/* Parameters of any target, as it reads and checks them. */
#include "rows/target.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* Parameters that were refused: 1 if they are left to the kernel. */
static int left_to_the_kernel(const struct dmk_target *target, const char *params, bool newer,
			      struct dmk_error *err)
{
	if (target->passes && target->passes(params, err)) {
		err->code = 0;
	} else if (newer && (err->flags & DMK_ERROR_UNKNOWN_WORD)) {
		err->code = 0;
		dmk_print_text(err->detail, sizeof(err->detail),
			       "not known; left to this kernel, whose %s is newer than what dmkit "
			       "was made from",
			       target->info.type);
	}
	return err->code ? err->code : 1;
}

int dmk_target_check_value(const struct dmk_target *target, const void *value,
			   uint64_t length_sectors, struct dmk_error *err)
{
	int r = target->check ? target->check(value, length_sectors, err) : 0;

	return r == 0 ? dmk_target_check_devices(target, value, length_sectors, err) : r;
}

int dmk_target_check(const char *type, const char *params, uint64_t length_sectors, bool newer,
		     struct dmk_error *err)
{
	const struct dmk_target *target = dmk_target_find(type);
	DMK_CLEANUP(dmk_free_ptr) void *value = NULL;
	struct dmk_error unseen = { 0 };
	int r;

	if (!target)
		return 0;
	if (!err)
		err = &unseen;
	value = malloc(target->table.value_size);
	if (!value)
		return dmk_fail(err, -ENOMEM, "no memory");
	r = dmk_form_parse(&target->table, params, value, err);
	if (r < 0)
		return r == -EINVAL ? left_to_the_kernel(target, params, newer, err) : r;
	r = dmk_target_check_value(target, value, length_sectors, err);
	dmk_form_clear(&target->table, value);
	return r;
}
