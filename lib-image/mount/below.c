/* SPDX-License-Identifier: MIT */
#include "below.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/sysmacros.h>

#include "base/error.h"
#include "look/algorithm.h"
#include "loop.h"

enum {
	OF_DATA,
	OF_HASH,
	OF_FEC
};

#define MOST_DIGEST_BYTES ((DMK_IMAGE_DIGEST_SIZE - 1) / 2)

/* ---- before the kernel is asked ---- */

static int check_options(const struct dmk_image_map_options *o, struct dmk_error *err)
{
	if ((o->flags & ~(uint32_t)DMK_IMAGE_SHARE) ||
	    !dmk_all_zero(o->reserved, sizeof(o->reserved)))
		return dmk_fail(err, -EINVAL,
				"flags or reserved words that this library does not know");
	if (o->timeout_ms < -1)
		return dmk_fail(err, -EINVAL, "a timeout of %" PRId64 " ms", o->timeout_ms);
	if (o->n_keys && !o->keys)
		return dmk_fail(err, -EINVAL, "no words for verity are given");
	if (o->offset_bytes % 512 || o->size_bytes % 512)
		return dmk_fail(err, -EINVAL,
				"a part of %" PRIu64 " bytes at byte %" PRIu64
				": multiples of 512 are allowed",
				o->size_bytes, o->offset_bytes);
	if (!o->image.root_digest || !*o->image.root_digest)
		return dmk_fail(err, -EINVAL, "the root digest is needed");
	return 0;
}

static int take_digest(struct dmk_mapping *mapping, const char *given, struct dmk_error *err)
{
	uint8_t bytes[MOST_DIGEST_BYTES];
	uint32_t size;
	int r = dmk_hex_bytes("the root digest", given, bytes, sizeof(bytes), &size, err);

	if (r == 0)
		dmk_bytes_hex(bytes, size, mapping->digest);
	return r;
}

/* With devices that stand for those that are still to be made. */
static int check_table(struct dmk_mapping *mapping, struct dmk_error *err)
{
	const struct dmk_below below = { .data = "0:1", .hash = "0:2", .fec = "0:3" };

	return dmk_mapping_table(mapping, &below, NULL, err);
}

int dmk_mapping_open(struct dmk_mapping *ret_mapping, struct dmk *dm,
		     const struct dmk_image_map_options *options, struct dmk_error *err)
{
	struct dmk_mapping mapping = {
		.dm = dm,
		.options = options,
		.image = { .data = DMK_FILE_CLOSED, .hash = DMK_FILE_CLOSED },
	};
	const struct dmk_window window = { options->offset_bytes, options->size_bytes };
	int r = check_options(options, err);

	if (r == 0)
		r = take_digest(&mapping, options->image.root_digest, err);
	if (r == 0)
		r = dmk_image_open(&mapping.image, &options->image, &window, DMK_FILE_READ, err);
	mapping.has_fec = options->image.fec || (options->image.flags & DMK_IMAGE_FEC_APPENDED);
	if (r == 0 && mapping.has_fec) {
		r = dmk_parity_open(&mapping.fec, &mapping.image, DMK_FILE_READ, err);
		mapping.has_fec = r == 0;
	}
	if (r == 0) {
		dmk_layer_step(err, DMK_STEP_ARGUMENTS);
		r = dmk_table_new(&mapping.table);
	}
	if (r == 0)
		r = check_table(&mapping, err);
	if (r < 0)
		dmk_mapping_close(&mapping);
	else
		*ret_mapping = mapping;
	return r;
}

void dmk_mapping_close(struct dmk_mapping *mapping)
{
	dmk_table_free(mapping->table);
	mapping->table = NULL;
	if (mapping->has_fec)
		dmk_parity_close(&mapping->fec);
	mapping->has_fec = false;
	dmk_image_close(&mapping->image);
}

/* ---- devices ---- */

static void put_number(char text[DMK_DEVNO_SIZE], dev_t number)
{
	snprintf(text, DMK_DEVNO_SIZE, "%u:%u", major(number), minor(number));
}

/* The part of a device, as a mapping of its own. */
static int make_linear(struct dmk_below *below, const struct dmk_mapping *mapping, const char *name,
		       struct dmk_error *err)
{
	const struct dmk_file *data = &mapping->image.data;
	char below_name[DMK_NAME_SIZE + 8], uuid[DMK_UUID_SIZE], device[DMK_DEVNO_SIZE];
	struct dmk_table *table;
	int r;

	if (snprintf(below_name, sizeof(below_name), "%s-data", name) >= DMK_NAME_SIZE)
		return dmk_refuse(err, name,
				  "too long: the mapping below gets the same name with -data "
				  "behind, and %d bytes are allowed",
				  DMK_NAME_SIZE - 1);
	r = dmk_table_new(&table);
	if (r < 0)
		return dmk_fail(err, r, "the table");
	put_number(device, data->was.st_rdev);
	r = dmk_table_add_linear_bytes(table, device, data->begin_bytes,
				       data->size_bytes / 512 * 512);
	if (r < 0 && err) {
		dmk_copy_text(err->detail, sizeof(err->detail), dmk_table_error(table)->detail);
		err->code = r;
	}
	dmk_layer_uuid(uuid, DMK_LAYER_UUID_PREFIX, mapping->digest);
	if (r == 0)
		r = dmk_layer_make(&below->linear, mapping->dm, below_name, uuid, table,
				   mapping->options->timeout_ms, err);
	dmk_table_free(table);
	if (r == 0)
		put_number(below->data, below->linear.held.number);
	return r;
}

static int take_file(struct dmk_below *below, unsigned int index, const struct dmk_file *file,
		     uint64_t part_bytes, bool with_loops, char text[DMK_DEVNO_SIZE],
		     struct dmk_error *err)
{
	int r;

	if (file->is_device) {
		put_number(text, file->was.st_rdev);
		return 0;
	}
	if (!with_loops)
		return dmk_fail_word(err, -ENOTBLK, file->path, strlen(file->path), 0,
				     "it is a file, and device-mapper maps block devices alone: "
				     "image mount makes a loop device of it, or losetup does");
	r = dmk_loop_attach(&below->loops[index], file, part_bytes, err);
	if (r == 0)
		put_number(text, below->loops[index].number);
	return r;
}

/* data first: the tree and the parity may be in it. */
static int make_all(struct dmk_below *below, const struct dmk_mapping *mapping, const char *name,
		    bool with_loops, struct dmk_error *err)
{
	const struct dmk_image_map_options *o = mapping->options;
	const struct dmk_image *image = &mapping->image;
	bool part = o->offset_bytes || o->size_bytes;
	int r = part && image->data.is_device
			? make_linear(below, mapping, name, err)
			: take_file(below, OF_DATA, &image->data, part ? image->data.size_bytes : 0,
				    with_loops, below->data, err);

	if (r == 0 && image->own_hash)
		r = take_file(below, OF_HASH, &image->hash, 0, with_loops, below->hash, err);
	else if (r == 0)
		memcpy(below->hash, below->data, sizeof(below->hash));
	if (r < 0)
		return r;
	if (mapping->has_fec && mapping->fec.own_file)
		return take_file(below, OF_FEC, &mapping->fec.file, 0, with_loops, below->fec, err);
	memcpy(below->fec, below->hash, sizeof(below->fec));
	return 0;
}

int dmk_below_make(struct dmk_below *ret_below, const struct dmk_mapping *mapping, const char *name,
		   bool with_loops, struct dmk_error *err)
{
	struct dmk_below below = { .loops = { DMK_NOT_HELD, DMK_NOT_HELD, DMK_NOT_HELD },
				   .linear = DMK_NO_LAYER };
	int r = make_all(&below, mapping, name, with_loops, err);

	if (r < 0)
		dmk_below_undo(&below, mapping->dm, err);
	else
		*ret_below = below;
	return r;
}

void dmk_below_release(struct dmk_below *below)
{
	dmk_layer_release(&below->linear);
	for (size_t i = 0; i < DMK_ARRAY_SIZE(below->loops); i++)
		dmk_held_close(&below->loops[i]);
}

void dmk_below_undo(struct dmk_below *below, struct dmk *dm, struct dmk_error *err)
{
	dmk_layer_undo(&below->linear, dm, err);
	dmk_below_release(below);
}
