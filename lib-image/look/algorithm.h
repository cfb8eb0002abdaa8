/* SPDX-License-Identifier: MIT */
/* Hash algorithms by the kernel's names; digests, salts and uuids as text and as bytes. */
#ifndef DMK_IMAGE_ALGORITHM_H
#define DMK_IMAGE_ALGORITHM_H

#include "dmkit-image.h"
#include "base/error.h"
#include "base/util.h"

struct dmk_algorithm {
	const char *name;    /* the kernel's */
	const char *openssl; /* libcrypto's */
	uint32_t digest_bytes;
};

/* NULL, and the error lists those that there are. */
const struct dmk_algorithm *dmk_algorithm_find(const char *name, struct dmk_error *err);

/* Hex digits into bytes, at most max of them; "-" is none. */
int dmk_hex_bytes(const char *what, const char *hex, uint8_t *bytes, uint32_t max,
		  uint32_t *ret_size, struct dmk_error *err) DMK_MUST_CHECK;
void dmk_bytes_hex(const uint8_t *bytes, uint32_t size, char *hex);

/* "01234567-89ab-cdef-0123-456789abcdef" */
int dmk_uuid_bytes(const char *uuid, uint8_t bytes[16], struct dmk_error *err) DMK_MUST_CHECK;
void dmk_uuid_text(const uint8_t bytes[16], char uuid[DMK_IMAGE_UUID_SIZE]);

#endif
