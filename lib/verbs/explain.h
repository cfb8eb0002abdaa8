/* SPDX-License-Identifier: MIT */
/* What can be said of a table that the kernel refused. */
#ifndef DMK_EXPLAIN_H
#define DMK_EXPLAIN_H

#include "kernel/context.h"

/*
 * After a TABLE_LOAD that failed: names in the context's error the segment at fault, and the
 * backing device that is missing or the option that this kernel's target is too old for, as far as
 * that is certain.
 */
void dmk_explain_load(struct dmk *dm, struct dmk_table *table);

#endif
