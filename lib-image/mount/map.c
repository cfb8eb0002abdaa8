/* SPDX-License-Identifier: MIT */
/* The mapping alone, of block devices: it stays until it is removed. */
#include <errno.h>
#include <string.h>

#include "base/error.h"
#include "below.h"
#include "signature.h"

/* Not that of a mount's: it is in its place when nobody has it open. */
#define UUID_PREFIX "DMKIT-VERITY-"

static int map(struct dmk_mapping *mapping, const char *name, const struct dmk_below *below,
	       struct dmk_info *ret_info, struct dmk_error *err)
{
	const struct dmk_image_map_options *o = mapping->options;
	struct dmk_signature signature = { 0 };
	char uuid[DMK_UUID_SIZE];
	const struct dmk_create_options create = {
		.flags = DMK_CREATE_READONLY,
		.timeout_ms = o->timeout_ms,
		.uuid = uuid,
	};
	int r = o->signature ? dmk_signature_add(&signature, mapping->dm, o->signature, err) : 0;

	if (r < 0)
		return r;
	dmk_layer_uuid(uuid, UUID_PREFIX, mapping->digest);
	r = dmk_mapping_table(mapping, below, o->signature ? signature.description : NULL, err);
	if (r == 0) {
		r = dmk_create(mapping->dm, name, mapping->table, &create, ret_info);
		if (r < 0)
			dmk_layer_fail(err, mapping->dm, r);
	}
	dmk_signature_take_out(&signature);
	return dmk_signature_judge(r, o->signature, err);
}

int dmk_image_map(struct dmk *dm, const char *name, const struct dmk_image_map_options *options,
		  struct dmk_info *ret_info, struct dmk_error *ret_error)
{
	struct dmk_error *err = dmk_image_begin(ret_error, DMK_VERB_IMAGE_MAP, name);
	struct dmk_mapping mapping;
	struct dmk_below below;
	int r;

	if (options->flags || options->name || options->type || options->mount_options)
		return dmk_fail(err, -EINVAL, "share, name, type and options are a mount's");
	if (!name || !*name)
		return dmk_fail(err, -EINVAL, "a name for the mapping is needed");
	r = dmk_mapping_open(&mapping, dm, options, err);
	if (r < 0)
		return r;
	r = dmk_below_make(&below, &mapping, name, false, err);
	if (r == 0) {
		r = map(&mapping, name, &below, ret_info, err);
		if (r < 0)
			dmk_below_undo(&below, dm, err);
		else
			dmk_below_release(&below);
	}
	dmk_mapping_close(&mapping);
	return r;
}
