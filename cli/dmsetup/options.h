/* SPDX-License-Identifier: MIT */
#ifndef DMSETUP_OPTIONS_H
#define DMSETUP_OPTIONS_H

#include "dmsetup/dmsetup.h"

/* Reads argv behind its first word into d; what is no option goes into ret_words, which has room
 * for all. How many those are, or -1: stderr has been told. */
int dms_read_options(struct dmsetup *d, int argc, char **argv, char **ret_words);

#endif
