/* SPDX-License-Identifier: MIT */
#ifndef DMKIT_DOCTOR_H
#define DMKIT_DOCTOR_H

#include "dmkit.h"

struct sentence {
	char text[2048];
	size_t length;
};

const char *finding_kind(const struct dmk_finding *finding);
/* These fill a sentence, and return the text in it. */
const char *say_finding(struct sentence *sentence, const struct dmk_finding *finding);
const char *say_mend(struct sentence *sentence,
		     const struct dmk_finding *finding); /* "": nothing does */

#endif
