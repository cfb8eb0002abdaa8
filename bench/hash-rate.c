/* SPDX-License-Identifier: MIT */
/* What libipsec-mb and libcrypto need for the digests of a file's blocks and nothing else, each block
 * behind its salt in memory already: `hash-rate FILE`. CPU of this thread, one "@ image SERIES NS" each,
 * and what the reading took. That both have the same digests is checked. */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <intel-ipsec-mb.h>
#include <openssl/evp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define BLOCK_BYTES 4096
#define SALT_BYTES 32
#define MESSAGE_BYTES (SALT_BYTES + BLOCK_BYTES)
#define DIGEST_BYTES 32
/* As many as stay in the second cache. */
#define BLOCKS 64

static uint8_t messages[BLOCKS][MESSAGE_BYTES];
static uint8_t digests[2][BLOCKS][DIGEST_BYTES];

static _Noreturn void die(const char *what, const char *why)
{
	printf("! hash-rate: %s: %s\n", what, why);
	exit(1);
}

static int64_t cpu_ns(void)
{
	struct timespec now;

	clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
	return (int64_t)now.tv_sec * 1000000000 + now.tv_nsec;
}

/* How many blocks came. */
static unsigned read_blocks(int fd)
{
	for (unsigned i = 0; i < BLOCKS; i++) {
		ssize_t n = read(fd, messages[i] + SALT_BYTES, BLOCK_BYTES);

		if (n < 0)
			die("read", strerror(errno));
		if (n != BLOCK_BYTES)
			return i;
	}
	return BLOCKS;
}

static void check_job(const IMB_JOB *job)
{
	if (job && job->status != IMB_STATUS_COMPLETED)
		die("libipsec-mb", "a job failed");
}

static void by_ipsec_mb(IMB_MGR *manager, unsigned n)
{
	IMB_JOB *job;

	for (unsigned i = 0; i < n; i++) {
		job = IMB_GET_NEXT_JOB(manager);
		job->cipher_mode = IMB_CIPHER_NULL;
		job->cipher_direction = IMB_DIR_ENCRYPT;
		job->chain_order = IMB_ORDER_HASH_CIPHER;
		job->hash_alg = IMB_AUTH_SHA_256;
		job->src = messages[i];
		job->hash_start_src_offset_in_bytes = 0;
		job->msg_len_to_hash_in_bytes = MESSAGE_BYTES;
		job->auth_tag_output = digests[0][i];
		job->auth_tag_output_len_in_bytes = DIGEST_BYTES;
		check_job(IMB_SUBMIT_JOB_NOCHECK(manager));
	}
	while ((job = IMB_FLUSH_JOB(manager)))
		check_job(job);
}

static void by_libcrypto(EVP_MD_CTX *context, const EVP_MD *sha256, unsigned n)
{
	for (unsigned i = 0; i < n; i++)
		if (!EVP_DigestInit_ex2(context, sha256, NULL) ||
		    !EVP_DigestUpdate(context, messages[i], MESSAGE_BYTES) ||
		    !EVP_DigestFinal_ex(context, digests[1][i], NULL))
			die("libcrypto", "a digest failed");
}

int main(int argc, char **argv)
{
	EVP_MD *sha256 = EVP_MD_fetch(NULL, "SHA256", NULL);
	EVP_MD_CTX *context = EVP_MD_CTX_new();
	IMB_MGR *manager = alloc_mb_mgr(0);
	int64_t spent[2] = { 0, 0 }, start = cpu_ns(), reading = 0;
	IMB_ARCH arch;
	int fd;

	fd = argc == 2 ? open(argv[1], O_RDONLY | O_CLOEXEC) : -1;
	if (fd < 0)
		die(argc == 2 ? argv[1] : "usage: hash-rate FILE", strerror(errno));
	if (!sha256 || !context || !manager)
		die("SHA-256", "it is not there");
	init_mb_mgr_auto(manager, &arch);
	for (unsigned n; (n = read_blocks(fd)) > 0;) {
		reading += cpu_ns() - start;
		start = cpu_ns();
		by_ipsec_mb(manager, n);
		spent[0] += cpu_ns() - start;
		start = cpu_ns();
		by_libcrypto(context, sha256, n);
		spent[1] += cpu_ns() - start;
		if (memcmp(digests[0], digests[1], n * sizeof(digests[0][0])) != 0)
			die("libipsec-mb", "its digests are others than libcrypto's");
		start = cpu_ns();
	}
	printf("@ image rate.libipsec-mb %" PRId64 "\n", spent[0]);
	printf("@ image rate.libcrypto %" PRId64 "\n", spent[1]);
	printf("@ image rate.reading %" PRId64 "\n", reading);
	free_mb_mgr(manager);
	EVP_MD_CTX_free(context);
	EVP_MD_free(sha256);
	close(fd);
	return 0;
}
