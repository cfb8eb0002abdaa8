/* SPDX-License-Identifier: MIT */
#include "multi.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <intel-ipsec-mb.h>

#include "base/error.h"

/* A lane counts what is left of its message in 16 bits. */
#define MOST_MESSAGE_BYTES 65534

struct dmk_multi {
	IMB_MGR *manager;
	IMB_HASH_ALG algorithm;
	uint32_t digest_bytes;
	uint32_t lanes;
};

static const struct plain {
	const char *name;
	IMB_HASH_ALG algorithm;
	uint32_t word_bytes; /* that it computes with: a lane is so wide */
	bool sha_ni;	     /* libcrypto has instructions for it */
} plain[] = {
	{ "sha1", IMB_AUTH_SHA_1, 4, true },	  { "sha224", IMB_AUTH_SHA_224, 4, true },
	{ "sha256", IMB_AUTH_SHA_256, 4, true },  { "sha384", IMB_AUTH_SHA_384, 8, false },
	{ "sha512", IMB_AUTH_SHA_512, 8, false },
};

static const struct plain *plain_find(const char *name)
{
	for (size_t i = 0; i < DMK_ARRAY_SIZE(plain); i++)
		if (strcmp(plain[i].name, name) == 0)
			return &plain[i];
	return NULL;
}

/* 0: it does not pay. Eight lanes of AVX2 lose against the SHA instructions of one core, sixteen of
 * AVX-512 do not. */
static uint32_t lanes_of(const IMB_MGR *manager, const struct plain *hash)
{
	if (manager->used_arch == IMB_ARCH_AVX512)
		return 64 / hash->word_bytes;
	if (manager->used_arch == IMB_ARCH_AVX2 &&
	    !(hash->sha_ni && (manager->features & IMB_FEATURE_SHANI)))
		return 32 / hash->word_bytes;
	return 0;
}

struct dmk_multi *dmk_multi_new(const struct dmk_algorithm *algorithm, size_t message_bytes)
{
	const struct plain *hash = plain_find(algorithm->name);
	IMB_ARCH arch = IMB_ARCH_NONE;
	struct dmk_multi *multi;

	if (!hash || message_bytes > MOST_MESSAGE_BYTES)
		return NULL;
	multi = calloc(1, sizeof(*multi));
	if (!multi)
		return NULL;
	multi->manager = alloc_mb_mgr(0);
	if (multi->manager) {
		init_mb_mgr_auto(multi->manager, &arch);
		if (imb_get_errno(multi->manager) == 0)
			multi->lanes = lanes_of(multi->manager, hash);
	}
	if (!multi->lanes) {
		dmk_multi_free(multi);
		return NULL;
	}
	multi->algorithm = hash->algorithm;
	multi->digest_bytes = algorithm->digest_bytes;
	return multi;
}

void dmk_multi_free(struct dmk_multi *multi)
{
	if (!multi)
		return;
	if (multi->manager)
		free_mb_mgr(multi->manager);
	free(multi);
}

uint32_t dmk_multi_share(const struct dmk_multi *multi, uint32_t n)
{
	uint32_t rest = n % multi->lanes;

	return rest * 2 < multi->lanes ? n - rest : n;
}

/* Counts a job that has come out, whichever it is. */
static uint32_t is_done(const IMB_JOB *job)
{
	return job && job->status == IMB_STATUS_COMPLETED;
}

/* Jobs come out in the order in which they went in, some calls later; what is still in it at the
 * end comes out by flushing. */
int dmk_multi_run(struct dmk_multi *multi, const struct dmk_messages *messages,
		  const struct dmk_digests *ret_digests, struct dmk_error *err)
{
	IMB_MGR *manager = multi->manager;
	uint32_t done = 0;
	IMB_JOB *job;

	for (uint32_t i = 0; i < messages->n; i++) {
		job = IMB_GET_NEXT_JOB(manager);
		memset(job, 0, sizeof(*job));
		job->cipher_mode = IMB_CIPHER_NULL;
		job->cipher_direction = IMB_DIR_ENCRYPT;
		job->chain_order = IMB_ORDER_HASH_CIPHER;
		job->hash_alg = multi->algorithm;
		job->src = messages->first + i * messages->stride_bytes;
		job->msg_len_to_hash_in_bytes = messages->size_bytes;
		job->auth_tag_output = ret_digests->first + i * ret_digests->stride_bytes;
		job->auth_tag_output_len_in_bytes = multi->digest_bytes;
		done += is_done(IMB_SUBMIT_JOB(manager));
	}
	while ((job = IMB_FLUSH_JOB(manager)))
		done += is_done(job);
	if (done != messages->n)
		return dmk_fail(err, -EIO, "libipsec-mb hashed %u of %u blocks", done, messages->n);
	return 0;
}
