/* SPDX-License-Identifier: MIT */
/* Messages of one size, and where their digests go. */
#ifndef DMK_IMAGE_MESSAGES_H
#define DMK_IMAGE_MESSAGES_H

#include <stddef.h>
#include <stdint.h>

struct dmk_messages {
	const uint8_t *first;
	size_t stride_bytes; /* from one to the next */
	size_t size_bytes;
	uint32_t n;
};

struct dmk_digests {
	uint8_t *first;
	size_t stride_bytes;
};

#endif
