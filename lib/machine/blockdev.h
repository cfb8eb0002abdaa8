/* SPDX-License-Identifier: MIT */
/* What we ask of block devices. Knows nothing of device-mapper. dmk_get_blockdev() is public. */
#ifndef DMK_BLOCKDEV_H
#define DMK_BLOCKDEV_H

#include <stdbool.h>
#include <stdint.h>

#include "base/util.h"

/* Sets the read-ahead of the device at path; with minimum only if it is less now. */
int dmk_blockdev_set_read_ahead(const char *path, uint32_t sectors, bool minimum) DMK_MUST_CHECK;

/* The number of a block device by path or MAJOR:MINOR, which is not opened. -ENOTBLK, -ENXIO,
 * stat(2)'s. */
int dmk_blockdev_number(const char *device, uint32_t *ret_major,
			uint32_t *ret_minor) DMK_MUST_CHECK;

/* A file of its folder in /sys/dev/block, "/size", or "" for the folder: whether it is there, with
 * access(2)'s errno; and the number in it, 0: none is known. */
bool dmk_blockdev_has(uint32_t major, uint32_t minor, const char *file) DMK_MUST_CHECK;
uint64_t dmk_blockdev_fact(uint32_t major, uint32_t minor, const char *file) DMK_MUST_CHECK;

/* The block device behind a loop device by the kernel's name; 0:0 for a file. -ENXIO: nothing is
 * behind it; others: open(2)'s. */
int dmk_blockdev_loop_backing(const char *name, uint32_t *ret_major,
			      uint32_t *ret_minor) DMK_MUST_CHECK;

/* Reads size bytes of the device with this number past the page cache; offset, size and buf are
 * aligned to its logical block. -ENXIO: the path is another device's; open(2)'s, read(2)'s. */
int dmk_blockdev_read(const char *device, uint32_t major, uint32_t minor, uint64_t offset_bytes,
		      void *buf, size_t size) DMK_MUST_CHECK;

/* Whether somebody has it for himself alone: it is opened so for a moment. */
bool dmk_blockdev_is_claimed(const char *device) DMK_MUST_CHECK;

/* Why device (a path or MAJOR:MINOR) cannot be one that the kernel opens; NULL: nothing speaks
 * against it. A negative errno says which it is. */
int dmk_blockdev_missing(const char *device, const char **ret_why) DMK_MUST_CHECK;

/* Behind "it does not exist": "; /dev/ram0 does", where word is that device's name and not its
 * path. false: it is no block device's, and text is as it was. */
bool dmk_blockdev_add_meant(const char *word, char *text, size_t size);

/* Whether Linux may take the word for a device without any node: a hex number, PARTUUID=... */
bool dmk_blockdev_is_code(const char *word) DMK_MUST_CHECK;

/* Up to 6.4 Linux finds a disk by the name behind /dev/ as well, without any node. */
bool dmk_blockdev_is_disk_name(const char *word) DMK_MUST_CHECK;
/* Opening a number that nothing has can make the device (brd, floppy, loop, md, z2ram), or load the
 * driver of a major that nobody has yet. With the others it is certain. */
bool dmk_blockdev_may_appear(uint32_t major) DMK_MUST_CHECK;

#endif
