/* SPDX-License-Identifier: MIT */
/* An image mounted and unmounted, whole: by one command each way, and by Debian's tools. */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "guest.h"

#define ARGS(...) ((const char *const[]){ __VA_ARGS__, NULL })
#define NONE "/dev/null"
#define OUT "/tmp/out"
#define IMAGE "/bench/image"
#define DIR "/mnt"
#define ROUNDS 20

static char digest[256], hash_offset[32];

static void read_digest(void)
{
	FILE *file = fopen("/bench/digest", "re");

	if (!file || fscanf(file, "%255s %31s", digest, hash_offset) != 2)
		die("image: /bench/digest cannot be read");
	fclose(file);
}

/* Checked reading: a file of the image is there. */
static void look_inside(const char *side)
{
	struct stat st;

	if (stat(DIR "/guest.c", &st) < 0 || st.st_size == 0)
		die("image: %s has mounted something else", side);
}

static void look_clean(const char *side)
{
	struct stat st;

	if (stat(DIR "/guest.c", &st) == 0 || bare_count())
		die("image: %s has left something", side);
}

static int64_t by_dmkit(const char *program)
{
	int64_t cpu = run_well(ARGS(program, "image", "mount", IMAGE, DIR, digest, "--hash-offset",
				    hash_offset, "--type", "erofs"),
			       NONE)
			      .cpu_ns;

	look_inside(program);
	cpu += run_well(ARGS(program, "image", "umount", DIR), NONE).cpu_ns;
	look_clean(program);
	return cpu;
}

/* losetup says which loop device it took. */
static void read_line(char *line, int size)
{
	FILE *file = fopen(OUT, "re");

	if (!file || !fgets(line, size, file))
		die("image: losetup named no device");
	line[strcspn(line, "\n")] = '\0';
	fclose(file);
}

static int64_t by_tools(void)
{
	char loop[64], option[64];
	int64_t cpu = run_well(ARGS(LOSETUP, "--find", "--show", "--read-only", IMAGE), OUT).cpu_ns;

	read_line(loop, sizeof(loop));
	snprintf(option, sizeof(option), "--hash-offset=%s", hash_offset);
	cpu += run_well(ARGS(VERITYSETUP, "open", loop, "layer", loop, digest, option), NONE)
		       .cpu_ns;
	cpu += run_well(ARGS(MOUNT, "-t", "erofs", "-o", "ro", "/dev/mapper/layer", DIR), NONE)
		       .cpu_ns;
	look_inside("mount");
	cpu += run_well(ARGS(UMOUNT, DIR), NONE).cpu_ns;
	cpu += run_well(ARGS(VERITYSETUP, "close", "layer"), NONE).cpu_ns;
	cpu += run_well(ARGS(LOSETUP, "-d", loop), NONE).cpu_ns;
	look_clean("veritysetup");
	return cpu;
}

void bench_image(void)
{
	read_digest();
	if (mkdir(DIR, 0755) < 0 && errno != EEXIST)
		die("image: %s: %s", DIR, strerror(errno));
	for (unsigned round = 0; round < ROUNDS; round++) {
		figure("image", "static.mount", by_dmkit(STATIC));
		figure("image", "ordinary.mount", by_dmkit(ORDINARY));
		figure("image", "tools.mount", by_tools());
	}
}
