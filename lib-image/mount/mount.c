/* SPDX-License-Identifier: MIT */
/*
 * File or device, linear, verity, mount. Each part is armed to go by itself before the next one
 * stands on it, and held by an fd of ours until then: wherever this ends, by a failure or by a
 * SIGKILL, the kernel clears the rest away. Between the creation of a mapping and its arming there
 * are three requests; what a SIGKILL leaves there doctor knows.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "attach.h"
#include "base/error.h"
#include "below.h"
#include "blkid.h"
#include "look/file-system.h"
#include "patience.h"
#include "share.h"
#include "signature.h"

#define NAME_DIGITS 32
#define MOST_NAMES 100000
#define SHARE_MS 2000 /* for one that is just being made, or goes away */

/* The verity mapping, ours or shared. */
struct top {
	struct dmk_layer verity;
	struct dmk_below below; /* of ours */
	bool shared;
};

static int go_on(const struct dmk_mapping *mapping, struct dmk_error *err)
{
	return dmk_go_on_unless(mapping->dm, mapping->options->image.cancel_flag, err);
}

/* ---- the mapping ---- */

static int build(struct dmk_mapping *mapping, const char *name, struct top *top,
		 struct dmk_error *err)
{
	const struct dmk_image_map_options *o = mapping->options;
	struct dmk_signature signature = { 0 };
	char uuid[DMK_UUID_SIZE];
	int r = go_on(mapping, err);

	if (r == 0)
		r = dmk_below_make(&top->below, mapping, name, true, err);
	if (r < 0)
		return r;
	if (o->signature)
		r = dmk_signature_add(&signature, mapping->dm, o->signature, err);
	if (r == 0)
		r = dmk_mapping_table(mapping, &top->below,
				      o->signature ? signature.description : NULL, err);
	dmk_layer_uuid(uuid, DMK_LAYER_UUID_PREFIX, mapping->digest);
	if (r == 0)
		r = go_on(mapping, err);
	if (r == 0)
		r = dmk_layer_make(&top->verity, mapping->dm, name, uuid, mapping->table,
				   o->timeout_ms, err);
	dmk_signature_take_out(&signature);
	r = dmk_signature_judge(r, o->signature, err);
	if (r < 0)
		dmk_below_undo(&top->below, mapping->dm, err);
	return r;
}

/* One name: 0: the mapping is there and held; -EEXIST: the name is another's. */
static int try_name(struct dmk_mapping *mapping, const char *name, struct top *top,
		    struct dmk_error *err)
{
	bool share = mapping->options->flags & DMK_IMAGE_SHARE;
	struct dmk_patience patience;
	struct dmk_info info;
	int r, pause;

	dmk_patience_start(&patience, mapping->dm, SHARE_MS, SHARE_MS);
	for (;;) {
		if (share)
			r = dmk_share_find(&top->verity, mapping, name, err);
		else if (dmk_get_info(mapping->dm, &(struct dmk_id){ .name = name }, NULL, &info) ==
			 0)
			r = -EEXIST;
		else
			r = -ENXIO;
		top->shared = r == 0;
		if (r == -ENXIO)
			r = build(mapping, name, top, err);
		/* Somebody has made it in this moment: perhaps it can be shared. */
		if (r == -EBUSY && err->step == DMK_STEP_CREATE)
			r = share ? -EAGAIN : -EEXIST;
		if (r != -EAGAIN)
			return r;
		pause = dmk_patience_pause(&patience);
		if (pause == 0)
			pause = go_on(mapping, err);
		if (pause < 0)
			return pause == -ETIMEDOUT ? -EEXIST : pause;
	}
}

static int find_mapping(struct dmk_mapping *mapping, struct top *top, struct dmk_error *err)
{
	const char *given = mapping->options->name;
	const struct dmk_error begun = *err;
	char name[DMK_NAME_SIZE];
	int r = -EEXIST;

	for (unsigned int i = 1; r == -EEXIST && i <= (given ? 1 : MOST_NAMES); i++) {
		if (given)
			dmk_copy_text(name, sizeof(name), given);
		else if (i == 1)
			snprintf(name, sizeof(name), "image-%.*s", NAME_DIGITS, mapping->digest);
		else
			snprintf(name, sizeof(name), "image-%.*s-%u", NAME_DIGITS, mapping->digest,
				 i);
		*err = begun;
		r = try_name(mapping, name, top, err);
	}
	if (r != -EEXIST)
		return r;
	/* Or that of the mapping below. */
	if (err->argument[0])
		dmk_copy_text(name, sizeof(name), err->argument);
	*err = begun;
	err->step = DMK_STEP_CREATE;
	return dmk_fail_word(
		err, -EBUSY, name, strlen(name), 0,
		mapping->options->flags & DMK_IMAGE_SHARE
			? "a device of this name is there, and it is no mount's of the "
			  "same image by the same words"
			: "a device of this name is there");
}

/* ---- the file system ---- */

/* Its status tells a bad block from a bad disk. */
static bool is_corrupted(struct dmk *dm, const struct dmk_layer *verity)
{
	const struct dmk_id id = { .uuid = verity->info.uuid };
	struct dmk_verity_status status = { 0 };
	struct dmk_segments *segments;
	struct dmk_segment segment;
	bool corrupted = false;

	if (dmk_get_status(dm, &id, NULL, &segments) < 0)
		return false;
	if (dmk_segments_next(segments, &segment) == 1 &&
	    dmk_verity_parse_status(segment.params, &status, NULL) == 0) {
		corrupted = status.state == DMK_VERITY_CORRUPTED;
		dmk_verity_status_clear(&status);
	}
	dmk_segments_free(segments);
	return corrupted;
}

static int fail_read(const struct dmk_mapping *mapping, const struct dmk_layer *verity,
		     const struct dmk_file *file, int r, struct dmk_error *err)
{
	dmk_layer_step(err, DMK_STEP_TRIAL);
	if (r == -EIO && is_corrupted(mapping->dm, verity))
		return dmk_fail_word(err, r, "root-digest", strlen("root-digest"), 0,
				     "the first block does not fit it: it is another image's, or "
				     "data, tree or salt are not what they were");
	return dmk_fail(err, r, "%s: %s", file->path, dmk_errno_text(r));
}

/* Also the one read that the root digest has to prove, before anybody mounts it. */
static int find_type(const struct dmk_mapping *mapping, const struct dmk_layer *verity,
		     const struct dmk_file *file, char type[DMK_IMAGE_TYPE_SIZE],
		     struct dmk_error *err)
{
	const char *given = mapping->options->type;
	uint64_t size_bytes;
	uint8_t bytes[512];
	int r;

	/* Without read-ahead: each block of it would be hashed. */
	posix_fadvise(file->fd, 0, 0, POSIX_FADV_RANDOM);
	if (!given && dmk_file_system_find(file, 0, type, &size_bytes))
		return 0;
	r = dmk_file_read(file, bytes, sizeof(bytes), 0, NULL);
	if (r < 0)
		return fail_read(mapping, verity, file, r, err);
	if (given)
		dmk_copy_text(type, DMK_IMAGE_TYPE_SIZE, given);
	if (given || dmk_blkid_find(file->fd, type, DMK_IMAGE_TYPE_SIZE))
		return 0;
	dmk_layer_step(err, DMK_STEP_FILE_SYSTEM);
	return dmk_fail(
		err, -EINVAL,
		"the image has no erofs, squashfs, ext2, ext3 or ext4: the type of its file "
		"system is needed");
}

/* The kernel tells it in its log alone, and not whose it is. */
static int explain_blocks(const struct dmk_image_info *info, const char *type, int r,
			  struct dmk_error *err)
{
	if (r != -EINVAL || strncmp(type, "ext", 3) != 0 || err->reason[0])
		return r;
	return dmk_fail(
		err, r,
		"the kernel does not mount its %s; if its blocks are smaller than verity's, "
		"%u bytes, that is why",
		type, info->data_block_size_bytes);
}

static int mount_top(const struct dmk_mapping *mapping, const struct dmk_layer *verity, int folder,
		     const char *dir, struct dmk_error *err)
{
	const struct dmk_image_info *info = &mapping->image.info;
	const char *options = mapping->options->mount_options;
	const struct dmk_file file = {
		.fd = verity->held.fd,
		.path = verity->held.path,
		.is_device = true,
		.size_bytes = info->data_blocks * info->data_block_size_bytes,
	};
	char type[DMK_IMAGE_TYPE_SIZE];
	int r = find_type(mapping, verity, &file, type, err);

	if (r == 0)
		r = go_on(mapping, err);
	if (r < 0)
		return r;
	dmk_layer_step(err, DMK_STEP_MOUNT);
	r = dmk_attach(file.path, type, folder, dir, options, err);
	/* A kernel may have ext4 alone, which does the two before as well. */
	if (r == -ENODEV && (strcmp(type, "ext2") == 0 || strcmp(type, "ext3") == 0))
		r = dmk_attach(file.path, "ext4", folder, dir, options, err);
	return explain_blocks(info, type, r, err);
}

/* ---- the verb ---- */

static int check_mount(const char *dir, const struct dmk_image_map_options *options,
		       int *ret_folder, struct dmk_error *err)
{
	int r;

	if (!dir || !*dir)
		return dmk_fail(err, -EINVAL, "a folder to mount on is needed");
	if (options->type && (!*options->type || strlen(options->type) >= DMK_IMAGE_TYPE_SIZE))
		return dmk_refuse(err, options->type, "a file system's type has 1 to %d characters",
				  DMK_IMAGE_TYPE_SIZE - 1);
	if (options->name && (!*options->name || strlen(options->name) >= DMK_NAME_SIZE))
		return dmk_refuse(err, options->name, "a name has 1 to %d characters",
				  DMK_NAME_SIZE - 1);
	r = dmk_attach_check(options->mount_options, err);
	return r < 0 ? r : dmk_folder_open(dir, ret_folder, err);
}

static int mount_image(struct dmk_mapping *mapping, int folder, const char *dir,
		       struct dmk_info *ret_info, struct dmk_error *err)
{
	struct top top = { .verity = DMK_NO_LAYER };
	int r = find_mapping(mapping, &top, err);

	if (r < 0)
		return r;
	r = mount_top(mapping, &top.verity, folder, dir, err);
	if (r == 0 && ret_info)
		*ret_info = top.verity.info;
	if (r < 0 && !top.shared) {
		dmk_layer_undo(&top.verity, mapping->dm, err);
		dmk_below_undo(&top.below, mapping->dm, err);
		return r;
	}
	if (!top.shared)
		dmk_below_release(&top.below);
	dmk_layer_release(&top.verity);
	return r;
}

int dmk_image_mount(struct dmk *dm, const char *dir, const struct dmk_image_map_options *options,
		    struct dmk_info *ret_info, struct dmk_error *ret_error)
{
	struct dmk_error unasked;
	struct dmk_error *err = dmk_image_begin(ret_error ? ret_error : &unasked,
						DMK_VERB_IMAGE_MOUNT, options->image.data);
	DMK_CLEANUP(dmk_close_ptr) int folder = -1;
	struct dmk_mapping mapping;
	int r = check_mount(dir, options, &folder, err);

	if (r == 0)
		r = dmk_mapping_open(&mapping, dm, options, err);
	if (r < 0)
		return r;
	r = mount_image(&mapping, folder, dir, ret_info, err);
	dmk_mapping_close(&mapping);
	if (r == 0) /* names that were tried in vain are no failure */
		dmk_image_begin(err, DMK_VERB_IMAGE_MOUNT, options->image.data);
	return r;
}
