/* SPDX-License-Identifier: MIT */
/* Loop devices: files, or parts of them, as block devices. */
#ifndef DMK_IMAGE_LOOP_H
#define DMK_IMAGE_LOOP_H

#include "held.h"
#include "look/file.h"

/* Read-only, and detached by the kernel as soon as nobody has it open: it is, in *ret_held. size 0:
 * all of the file from its begin on. */
int dmk_loop_attach(struct dmk_held *ret_held, const struct dmk_file *file, uint64_t size_bytes,
		    struct dmk_error *err) DMK_MUST_CHECK;

#endif
