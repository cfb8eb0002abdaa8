/* SPDX-License-Identifier: MIT */
#ifndef DMK_KEYS_H
#define DMK_KEYS_H

#include "dmkit.h"
#include "base/util.h"

/* 1: *ret_sectors is how long device will be; 0: it is asked itself; a negative errno ends it. */
typedef int (*dmk_size_fn)(void *userdata, const char *device, uint64_t *ret_sectors);

/* dmk_table_add_keys() with devices that need not be there yet. */
int dmk_table_add_keys_sized(struct dmk_table *table, const char *type,
			     const struct dmk_key_value *pairs, uint32_t n, dmk_size_fn size_of,
			     void *userdata) DMK_MUST_CHECK;

#endif
