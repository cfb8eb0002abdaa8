/* SPDX-License-Identifier: MIT */
/* image verify and image repair: the bad blocks, and how many. */
#include <errno.h>
#include <inttypes.h>

#include "cmd/commands.h"
#include "cmd/image.h"
#include "common/cli.h"
#include "common/json.h"
#include "read/image-library.h"
#include "show/errors.h"
#include "show/output.h"

static bool repairs(const struct image_run *run)
{
	return run->cli->command->run == cmd_image_repair;
}

static bool writes(const struct image_run *run)
{
	return repairs(run) && !given(run->cli, OPT_DRY_RUN);
}

/* What the parity can do, or has done; "": there is none. */
static const char *mend_text(const struct image_run *run, const struct dmk_image_bad *bad)
{
	static const char *const words[2][2][2] = {
		{ { ", not mendable", ", not all of them mendable" },
		  { ", mendable", ", mendable" } },
		{ { ", not mended", ", not all of them mended" }, { ", mended", ", mended" } },
	};

	if (!bad->mendable)
		return "";
	return words[writes(run)][bad->mendable == 1][bad->n_blocks > 1];
}

static void print_bad(const struct image_run *run, const struct dmk_image_bad *bad)
{
	const uint64_t last = bad->first_block + bad->n_blocks - 1;

	if (bad->area == DMK_IMAGE_ROOT) {
		printf("root: block %" PRIu64 " of the tree at byte %" PRIu64
		       " is not what the root digest says%s\n",
		       bad->first_block, bad->offset_bytes, mend_text(run, bad));
		return;
	}
	fputs(bad->area == DMK_IMAGE_TREE ? "tree: " : "data: ", stdout);
	if (bad->area == DMK_IMAGE_TREE)
		printf("level %u, ", bad->level);
	if (bad->n_blocks > 1)
		printf("blocks %" PRIu64 "-%" PRIu64 " (%" PRIu64 ")", bad->first_block, last,
		       bad->n_blocks);
	else
		printf("block %" PRIu64, bad->first_block);
	printf(" at byte %" PRIu64 "%s%s\n", bad->offset_bytes,
	       bad->unproved ? ", unproved: the block of the tree with the digest is bad" : "",
	       mend_text(run, bad));
}

static void json_bad(struct json *json, const struct dmk_image_bad *bad)
{
	static const char *const areas[] = { "", "data", "tree", "root" };

	json_object(json, NULL);
	json_string(json, "area", bad->area <= DMK_IMAGE_ROOT ? areas[bad->area] : "");
	json_u64(json, "level", bad->level);
	json_u64(json, "first_block", bad->first_block);
	json_u64(json, "blocks", bad->n_blocks);
	json_u64(json, "offset_bytes", bad->offset_bytes);
	json_bool(json, "unproved", bad->unproved);
	if (bad->mendable)
		json_string(json, "mendable", bad->mendable == 1 ? "all" : "not-all");
	else
		json_null(json, "mendable");
	json_close(json);
}

/* The object begins with its first range, so that a failure leaves standard output empty. */
static void open_result(struct image_run *run)
{
	struct json *json = &run->cli->json;

	if (run->opened)
		return;
	run->opened = true;
	json_item(run->cli);
	json_string(json, "data", run->image.data);
	json_string(json, "hash", image_tree_path(&run->image));
	json_array(json, "bad");
}

static void on_bad(void *userdata, const struct dmk_image_bad *bad)
{
	struct image_run *run = userdata;

	image_run_hide(run);
	if (!given(run->cli, OPT_JSON)) {
		print_bad(run, bad);
		return;
	}
	open_result(run);
	json_bad(&run->cli->json, bad);
}

static void close_result(struct image_run *run, const struct dmk_image_counts *counts)
{
	struct json *json = &run->cli->json;

	open_result(run);
	json_close(json);
	json_u64(json, "checked_bytes", counts->checked_bytes);
	json_u64(json, "bad_data_blocks", counts->bad_data);
	json_u64(json, "bad_tree_blocks", counts->bad_tree);
	json_u64(json, "unproved_blocks", counts->unproved);
	json_u64(json, "mendable_blocks", counts->mendable);
	if (repairs(run))
		json_bool(json, "written", writes(run));
	json_close(json);
}

static bool has_fec(const struct image_run *run)
{
	return run->image.fec || (run->image.flags & DMK_IMAGE_FEC_APPENDED);
}

static void print_counts(struct image_run *run, const struct dmk_image_counts *counts)
{
	image_run_hide(run);
	if (given(run->cli, OPT_JSON)) {
		close_result(run, counts);
		return;
	}
	printf("%" PRIu64 " bytes checked: ", counts->checked_bytes);
	if (!counts->bad_data && !counts->bad_tree && !counts->unproved) {
		puts("all blocks are good");
		return;
	}
	printf("%" PRIu64 " bad of data, %" PRIu64 " bad of the tree", counts->bad_data,
	       counts->bad_tree);
	if (counts->unproved)
		printf(", %" PRIu64 " unproved", counts->unproved);
	if (has_fec(run))
		printf("; %" PRIu64 " %s", counts->mendable, writes(run) ? "mended" : "mendable");
	putchar('\n');
}

/* DATA [HASH] ROOT-DIGEST. */
static int take_words(struct image_run *run, char **args, int n,
		      char digest[static DIGEST_WORD_SIZE])
{
	struct cli *cli = run->cli;
	int status = image_take_digest(cli, args[n - 1], digest);

	run->image.data = args[0];
	run->image.hash = n > 2 ? args[1] : NULL;
	run->image.root_digest = digest;
	run->image.bad = on_bad;
	if (status == EXIT_DONE && repairs(run) && !has_fec(run))
		return usage_error(cli, "fec",
				   "needs --fec FILE or --fec appended: nothing is mended without "
				   "error correction");
	if (repairs(run) && given(cli, OPT_DRY_RUN))
		run->image.flags |= DMK_IMAGE_DRY_RUN;
	return status;
}

static int check_image(struct cli *cli, char **args, int n)
{
	char digest[DIGEST_WORD_SIZE];
	struct dmk_image_counts counts = { 0 };
	struct image_library library;
	struct dmk_error error;
	struct image_run run;
	int status, r;

	image_run_begin(cli, &run, "checking");
	status = take_words(&run, args, n, digest);
	if (status == EXIT_DONE)
		status = image_library_find(cli, &library);
	if (status != EXIT_DONE)
		return status;
	r = (repairs(&run) ? library.repair : library.verify)(&run.image, &counts, &error);
	/* A file that ends too early is told with the same errno. */
	if (r < 0 && (r != -EBADMSG || !(counts.bad_data || counts.bad_tree || counts.unproved)))
		return image_run_fail(&run, &error);
	print_counts(&run, &counts);
	return r < 0 ? EXIT_FAILED : EXIT_DONE;
}

int cmd_image_verify(struct cli *cli, char **args, int n)
{
	return check_image(cli, args, n);
}

int cmd_image_repair(struct cli *cli, char **args, int n)
{
	return check_image(cli, args, n);
}
