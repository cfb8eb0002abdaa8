/* SPDX-License-Identifier: MIT */
/* Digests of many messages at a time, each in a lane of the vector registers, by libipsec-mb. */
#ifndef DMK_IMAGE_MULTI_H
#define DMK_IMAGE_MULTI_H

#include "look/algorithm.h"
#include "messages.h"

struct dmk_multi;

#ifdef HAVE_IPSEC_MB
/* NULL: on this machine it would not be quicker than libcrypto, or it does not know the algorithm, or
 * cannot do messages of this size. */
struct dmk_multi *dmk_multi_new(const struct dmk_algorithm *algorithm, size_t message_bytes);
void dmk_multi_free(struct dmk_multi *multi);
/* How many of n messages are worth its while: the first ones. A round with few of its lanes in use
 * takes as long as a full one. */
uint32_t dmk_multi_share(const struct dmk_multi *multi, uint32_t n);
int dmk_multi_run(struct dmk_multi *multi, const struct dmk_messages *messages,
		  const struct dmk_digests *ret_digests, struct dmk_error *err) DMK_MUST_CHECK;
#else
static inline struct dmk_multi *dmk_multi_new(const struct dmk_algorithm *algorithm,
					      size_t message_bytes)
{
	(void)algorithm;
	(void)message_bytes;
	return NULL;
}

static inline void dmk_multi_free(struct dmk_multi *multi)
{
	(void)multi;
}

static inline uint32_t dmk_multi_share(const struct dmk_multi *multi, uint32_t n)
{
	(void)multi;
	(void)n;
	return 0;
}

static inline int dmk_multi_run(struct dmk_multi *multi, const struct dmk_messages *messages,
				const struct dmk_digests *ret_digests, struct dmk_error *err)
{
	(void)multi;
	(void)messages;
	(void)ret_digests;
	(void)err;
	return 0;
}
#endif

#endif
