/* SPDX-License-Identifier: MIT */
/* Every block of an image beside the digest that the tree has of it. */
#ifndef DMK_IMAGE_SCAN_H
#define DMK_IMAGE_SCAN_H

#include "look/look.h"

/* What is bad: neighbours of one kind are one range. The tree's come first here, from the root down,
 * since they are mended in that order. */
struct dmk_scan {
	struct dmk_image_bad *ranges;
	size_t n_ranges;
	size_t capacity;
	struct dmk_image_counts counts;
};

/* All blocks by all threads; digest: the root's, in bytes. 0 where blocks are bad as well. err is not
 * NULL. */
int dmk_scan_image(const struct dmk_image *image, const uint8_t *digest, struct dmk_scan *ret_scan,
		   struct dmk_error *err) DMK_MUST_CHECK;
/* Joins it with the last one where it goes on there. */
int dmk_scan_add(struct dmk_scan *scan, const struct dmk_image_bad *bad) DMK_MUST_CHECK;
/* counts of the ranges, all but mendable. Of the tree's root as of the tree, unproved ones as that
 * alone. */
void dmk_scan_count(struct dmk_scan *scan);
void dmk_scan_free(struct dmk_scan *scan);
/* To options->bad, data first, each in the order of its place. */
void dmk_scan_tell(const struct dmk_scan *scan, const struct dmk_image_options *options);

#endif
