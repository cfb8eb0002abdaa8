/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <inttypes.h>

#include "cmd/columns.h"
#include "cmd/image.h"
#include "common/cli.h"
#include "common/numbers.h"
#include "common/signals.h"
#include "common/term.h"
#include "show/errors.h"

#define SECOND_NS 1000000000

void image_run_hide(struct image_run *run)
{
	if (run->shown)
		fputs("\r\033[K", stderr);
	fflush(stderr);
	run->shown = false;
}

static const char *phase_word(const struct image_run *run)
{
	switch (run->phase) {
	case DMK_IMAGE_PHASE_HASH:
		return run->reading;
	case DMK_IMAGE_PHASE_FEC:
		return "computing parity";
	case DMK_IMAGE_PHASE_REPAIR:
		return "mending";
	default:
		return "writing to the disk";
	}
}

/* "hashing: 412MiB of 1GiB, 40 %, 1.5GiB/s, 3 s left". */
static void describe(const struct image_run *run, uint64_t done, uint64_t all, char *line,
		     size_t size)
{
	const int64_t spent_ns = now_ns() - run->phase_ns;
	const double rate =
		spent_ns > 0 ? (double)(done - run->phase_bytes) * SECOND_NS / (double)spent_ns : 0;
	char texts[3][SIZE_TEXT];
	int used;

	if (all == 0 || done > all) {
		snprintf(line, size, "%s", phase_word(run));
		return;
	}
	used = snprintf(line, size, "%s: %s of %s, %u %%", phase_word(run),
			shown_size(run->cli, done / 512, texts[0]),
			shown_size(run->cli, all / 512, texts[1]),
			(unsigned)((double)done * 100 / (double)all));
	if (rate >= 1 && (size_t)used < size)
		snprintf(line + used, size - (size_t)used, ", %s/s, %" PRIu64 " s left",
			 shown_size(run->cli, (uint64_t)rate / 512, texts[2]),
			 (uint64_t)((double)(all - done) / rate + 0.5));
}

static void show(struct image_run *run, uint64_t done, uint64_t all)
{
	char line[160];

	if (!run->cli->err_tty || given(run->cli, OPT_JSON))
		return;
	describe(run, done, all, line, sizeof(line));
	/* In the last column some terminals begin a new line. */
	fprintf(stderr, "\r%.*s\033[K", (int)term_width(stderr) - 1, line);
	fflush(stderr);
	run->shown = true;
}

static void on_progress(void *userdata, uint32_t phase, uint64_t done, uint64_t all)
{
	struct image_run *run = userdata;

	if (phase != run->phase) {
		run->phase = phase;
		run->phase_ns = now_ns();
		run->phase_bytes = done;
	}
	if (run->cli->options.deadline_ms > 0 && now_ns() > run->cli->deadline_ns)
		run->late = true;
	run->stop = run->late || signals_caught();
	show(run, done, all);
}

void image_run_begin(struct cli *cli, struct image_run *run, const char *reading)
{
	*run = (struct image_run){ .cli = cli,
				   .image = cli->options.image.image,
				   .reading = reading };
	run->image.uuid = cli->options.uuid;
	run->image.progress = on_progress;
	run->image.userdata = run;
	signals_install(cli->dm);
	/* A signal is seen at once; the deadline when there is progress. */
	run->image.cancel_flag = given(cli, OPT_DEADLINE) ? &run->stop : signals_flag();
}

int image_run_fail(struct image_run *run, const struct dmk_error *err)
{
	struct dmk_error told = *err;

	image_run_hide(run);
	if (run->late && told.code == -ECANCELED && !signals_caught()) {
		told.code = -ETIMEDOUT;
		snprintf(told.detail, sizeof(told.detail), "the deadline passed");
	}
	return fail_with(run->cli, &told);
}
