/* SPDX-License-Identifier: MIT */
/* The signature of a root digest, where the kernel looks for it: in the thread's own keyring. */
#ifndef DMK_IMAGE_SIGNATURE_H
#define DMK_IMAGE_SIGNATURE_H

#include "dmkit-image.h"
#include "base/util.h"

struct dmk_signature {
	int32_t key; /* 0: none */
	char description[48];
};

/* -EOPNOTSUPP: this kernel cannot check one. */
int dmk_signature_add(struct dmk_signature *ret_signature, struct dmk *dm, const char *path,
		      struct dmk_error *err) DMK_MUST_CHECK;
/* r, of the table's load: says it of the signature, where that is what the kernel refused. */
int dmk_signature_judge(int r, const char *path, struct dmk_error *err) DMK_MUST_CHECK;
void dmk_signature_take_out(struct dmk_signature *signature);

#endif
