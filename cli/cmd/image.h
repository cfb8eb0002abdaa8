/* SPDX-License-Identifier: MIT */
/* What the commands of image share: their words, and what is told while they work. */
#ifndef DMKIT_CMD_IMAGE_H
#define DMKIT_CMD_IMAGE_H

#include "common/cli.h"

/* ---- image.c ---- */
#define DIGEST_WORD_SIZE 1024 /* a digest has at most 128 digits: the library says what is wrong */
/* ROOT-DIGEST, or @FILE that holds it. 0 or an exit code, reported. */
int image_take_digest(struct cli *cli, const char *word, char digest[static DIGEST_WORD_SIZE]);
/* Where the tree is: hash, else data itself. */
const char *image_tree_path(const struct dmk_image_options *image);
/* Its numbers, as keys of the object that is open. */
void json_image(struct cli *cli, const struct dmk_image_options *image,
		const struct dmk_image_info *info);
/* --dry-run of what has no requests to show: EXIT_USAGE, reported. */
int image_refuse_dry_run(struct cli *cli, const char *why);

/* ---- image-progress.c ---- */
/* A format, verify or repair: how far it is, on a terminal, and what ends it early. */
struct image_run {
	struct cli *cli;
	struct dmk_image_options image;
	const char *reading; /* what it does with the data: "hashing" */
	uint32_t phase;
	int64_t phase_ns; /* when it began, and what was done by then */
	uint64_t phase_bytes;
	bool shown;	       /* a line that is to be taken away */
	bool opened;	       /* the object of the result, and the array in it */
	bool late;	       /* past --deadline */
	volatile int32_t stop; /* with --deadline: a signal came, or it is late */
};
/* The options as they were given, with progress, userdata and cancel flag. */
void image_run_begin(struct cli *cli, struct image_run *run, const char *reading);
/* Before anything else is printed. */
void image_run_hide(struct image_run *run);
/* What failed. The exit code. */
int image_run_fail(struct image_run *run, const struct dmk_error *err);

#endif
