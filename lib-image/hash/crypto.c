/* SPDX-License-Identifier: MIT */
#include "crypto.h"

#include <errno.h>
#include <stdlib.h>

#include <openssl/evp.h>

#include "base/error.h"

struct dmk_crypto {
	EVP_MD *algorithm;
	EVP_MD_CTX *context;
};

int dmk_crypto_new(struct dmk_crypto **ret_crypto, const struct dmk_algorithm *algorithm,
		   struct dmk_error *err)
{
	struct dmk_crypto *crypto = calloc(1, sizeof(*crypto));
	int r = 0;

	if (crypto)
		crypto->context = EVP_MD_CTX_new();
	if (!crypto || !crypto->context) {
		r = dmk_fail(err, -ENOMEM, "no memory to hash with");
	} else {
		crypto->algorithm = EVP_MD_fetch(NULL, algorithm->openssl, NULL);
		if (!crypto->algorithm)
			r = dmk_fail(err, -EOPNOTSUPP, "this machine's libcrypto has no %s",
				     algorithm->name);
		else if (!EVP_DigestInit_ex2(crypto->context, crypto->algorithm, NULL) ||
			 EVP_MD_get_size(crypto->algorithm) != (int)algorithm->digest_bytes)
			r = dmk_fail(err, -EIO, "libcrypto refuses to begin with %s",
				     algorithm->name);
	}
	if (r < 0)
		dmk_crypto_free(crypto);
	else
		*ret_crypto = crypto;
	return r;
}

void dmk_crypto_free(struct dmk_crypto *crypto)
{
	if (!crypto)
		return;
	EVP_MD_CTX_free(crypto->context);
	EVP_MD_free(crypto->algorithm);
	free(crypto);
}

/* Without an algorithm a context begins anew with the one that it has: nothing is looked up. */
int dmk_crypto_run(struct dmk_crypto *crypto, const struct dmk_messages *messages,
		   const struct dmk_digests *ret_digests, struct dmk_error *err)
{
	const uint8_t *message = messages->first;
	uint8_t *digest = ret_digests->first;

	for (uint32_t i = 0; i < messages->n; i++) {
		if (!EVP_DigestInit_ex2(crypto->context, NULL, NULL) ||
		    !EVP_DigestUpdate(crypto->context, message, messages->size_bytes) ||
		    !EVP_DigestFinal_ex(crypto->context, digest, NULL))
			return dmk_fail(err, -EIO, "libcrypto failed to hash a block");
		message += messages->stride_bytes;
		digest += ret_digests->stride_bytes;
	}
	return 0;
}
