/* SPDX-License-Identifier: MIT */
/* Digests by libcrypto, one after the other: every algorithm, every machine. */
#ifndef DMK_IMAGE_CRYPTO_H
#define DMK_IMAGE_CRYPTO_H

#include "look/algorithm.h"
#include "messages.h"

struct dmk_crypto;

int dmk_crypto_new(struct dmk_crypto **ret_crypto, const struct dmk_algorithm *algorithm,
		   struct dmk_error *err) DMK_MUST_CHECK;
void dmk_crypto_free(struct dmk_crypto *crypto);
int dmk_crypto_run(struct dmk_crypto *crypto, const struct dmk_messages *messages,
		   const struct dmk_digests *ret_digests, struct dmk_error *err) DMK_MUST_CHECK;

#endif
