/* SPDX-License-Identifier: MIT */
#ifndef DMK_CONCISE_H
#define DMK_CONCISE_H

#include "dmkit.h"

/* Device number index, from 0; it is less than dmk_concise_count(). */
struct dmk_concise_device dmk_concise_at(const struct dmk_concise *concise, uint32_t index);

#endif
