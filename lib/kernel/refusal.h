/* SPDX-License-Identifier: MIT */
/* Why the kernel refused a request: out of its log. */
#ifndef DMK_REFUSAL_H
#define DMK_REFUSAL_H

#include "control.h"

/* Fills the error's reason, or says in its detail why the log cannot be read, after call was
 * refused with r and before another request is sent. */
void dmk_explain_refusal(struct dmk *dm, const struct dmk_call *call, int r);

#endif
