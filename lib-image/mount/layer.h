/* SPDX-License-Identifier: MIT */
/* A mapping that goes by itself: the kernel removes it once nobody has it open. */
#ifndef DMK_IMAGE_LAYER_H
#define DMK_IMAGE_LAYER_H

#include "dmkit-image.h"
#include "held.h"

/* What a mapping of ours has in front of its uuid: no other is unmounted or cleared away. */
#define DMK_LAYER_UUID_PREFIX "DMKIT-IMAGE-"

struct dmk_layer {
	struct dmk_held held; /* that keeps it */
	struct dmk_info info;
};

#define DMK_NO_LAYER ((struct dmk_layer){ .held = { .fd = -1 } })

/* prefix, the digest's first 64 digits, and what nobody else has. */
void dmk_layer_uuid(char uuid[DMK_UUID_SIZE], const char *prefix, const char *digest);

/* Makes it, read-only and without a node of its name. -EBUSY at DMK_STEP_CREATE: the name is taken.
 * All of it or nothing. */
int dmk_layer_make(struct dmk_layer *ret_layer, struct dmk *dm, const char *name, const char *uuid,
		   struct dmk_table *table, int64_t timeout_ms,
		   struct dmk_error *err) DMK_MUST_CHECK;
/* Lets go of it: it stays while somebody else has it open. */
void dmk_layer_release(struct dmk_layer *layer);
/* The same, and it is gone when this returns, unless somebody has it open. */
void dmk_layer_undo(struct dmk_layer *layer, struct dmk *dm, struct dmk_error *err);

/* dm's last failure as one of err's verb; returns r. */
int dmk_layer_fail(struct dmk_error *err, struct dmk *dm, int r);
/* The step that what fails next belongs to. */
void dmk_layer_step(struct dmk_error *err, uint32_t step);

#endif
