/* SPDX-License-Identifier: MIT */
/* All targets that dmkit knows. Alone in its file: a static program that defines the two itself
 * (dmkit-static.h) takes neither this nor the targets that it does not name. */
#include "target-list.h"
#include "rows/target.h"

/* meson.build's list, by name: DMK_TARGETS(X) is X(error) X(linear) ... A target's file defines
 * struct dmk_target dmk_target_<name>. */
#define DECLARE(name) extern const struct dmk_target dmk_target_##name;
DMK_TARGETS(DECLARE)

#define ADDRESS(name) &dmk_target_##name,
const struct dmk_target *const dmk_targets[] = { DMK_TARGETS(ADDRESS) };
const unsigned dmk_n_targets = DMK_ARRAY_SIZE(dmk_targets);
