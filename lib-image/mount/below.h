/* SPDX-License-Identifier: MIT */
/* The devices that an image lies on, and the table of verity over them. */
#ifndef DMK_IMAGE_BELOW_H
#define DMK_IMAGE_BELOW_H

#include "layer.h"
#include "look/look.h"
#include "look/parity.h"

#define DMK_DEVNO_SIZE 24 /* "MAJOR:MINOR" */

/* Each goes by itself once what stands on it is gone, and this is released. */
struct dmk_below {
	struct dmk_held loops[3]; /* of data, tree, parity, as far as they are files */
	struct dmk_layer linear;  /* of a part of a device */
	/* As the table has them; data's is the loop device's, the linear mapping's or its own. */
	char data[DMK_DEVNO_SIZE];
	char hash[DMK_DEVNO_SIZE];
	char fec[DMK_DEVNO_SIZE]; /* of parity, if there is any */
};

/* What dmk_image_map() and dmk_image_mount() work on. */
struct dmk_mapping {
	struct dmk *dm;
	const struct dmk_image_map_options *options;
	char digest[DMK_IMAGE_DIGEST_SIZE]; /* in small letters */
	struct dmk_image image;
	bool has_fec;
	struct dmk_fec fec;
	struct dmk_table *table;
};

/* Checks the options, opens the image, and sees whether table, digest and keys fit each other, before
 * anything is asked of the kernel. */
int dmk_mapping_open(struct dmk_mapping *ret_mapping, struct dmk *dm,
		     const struct dmk_image_map_options *options,
		     struct dmk_error *err) DMK_MUST_CHECK;
void dmk_mapping_close(struct dmk_mapping *mapping);

/* Block devices alone are taken as they are; with_loops makes loop devices of files, else they are
 * -ENOTBLK. name: of the mapping, where a linear one is needed below. */
int dmk_below_make(struct dmk_below *ret_below, const struct dmk_mapping *mapping, const char *name,
		   bool with_loops, struct dmk_error *err) DMK_MUST_CHECK;
void dmk_below_release(struct dmk_below *below);
void dmk_below_undo(struct dmk_below *below, struct dmk *dm, struct dmk_error *err);

/* verity's table over these devices, in the mapping's. signature: the key's description, or NULL. */
int dmk_mapping_table(struct dmk_mapping *mapping, const struct dmk_below *below,
		      const char *signature, struct dmk_error *err) DMK_MUST_CHECK;

#endif
