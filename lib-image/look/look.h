/* SPDX-License-Identifier: MIT */
/* An image opened: its files, its numbers, its tree; what every verb begins with. */
#ifndef DMK_IMAGE_LOOK_H
#define DMK_IMAGE_LOOK_H

#include "dmkit-image.h"
#include "file.h"
#include "tree.h"

struct dmk_image {
	const struct dmk_image_options *options;
	struct dmk_file data;
	struct dmk_file hash; /* of the tree: fd is data's where it lies there */
	bool own_hash;	      /* hash has an fd of its own */
	struct dmk_image_info info;
	struct dmk_tree tree;
	uint8_t salt[256];
};

/* Begins a verb: clears *err, names the verb and what it is about, which may be NULL; returns err,
 * NULL too. */
struct dmk_error *dmk_image_begin(struct dmk_error *err, uint32_t verb, const char *device);

/* A part of data's file that is all of the image; 0 and 0: no part. */
struct dmk_window {
	uint64_t offset_bytes;
	uint64_t size_bytes; /* 0: up to the end */
};

/* Checks the options, opens data and the tree's file, reads the superblock, or takes the numbers
 * from the options (NO_SUPERBLOCK), plans the tree, and checks that both lie in their files and not
 * in each other. Of an image that is there already: not format's. */
int dmk_image_open(struct dmk_image *ret_image, const struct dmk_image_options *options,
		   const struct dmk_window *window, enum dmk_file_mode mode,
		   struct dmk_error *err) DMK_MUST_CHECK;
void dmk_image_close(struct dmk_image *image);

/* Numbers from the options alone, with every default but salt, uuid and data_blocks. */
int dmk_image_numbers(const struct dmk_image_options *options, struct dmk_image_info *info,
		      struct dmk_error *err) DMK_MUST_CHECK;
/* info's salt, in bytes. */
void dmk_image_salt(const struct dmk_image_info *info, uint8_t salt[256]);
/* Tree and data do not overlap, nor does the superblock; -EINVAL. */
int dmk_image_apart(const struct dmk_image *image, struct dmk_error *err) DMK_MUST_CHECK;

#endif
