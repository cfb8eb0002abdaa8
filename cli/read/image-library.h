/* SPDX-License-Identifier: MIT */
/* What makes and checks images hashes, and stands in the shared library alone: the command finds it
 * when it is asked for that, so that libcrypto costs nothing else anything. */
#ifndef DMKIT_IMAGE_LIBRARY_H
#define DMKIT_IMAGE_LIBRARY_H

#include "common/cli.h"

struct image_library {
	__typeof__(dmk_image_format) *format;
	__typeof__(dmk_image_verify) *verify;
	__typeof__(dmk_image_repair) *repair;
};
/* 0 or an exit code, reported. */
int image_library_find(struct cli *cli, struct image_library *ret_library);

#endif
