/* SPDX-License-Identifier: MIT */
/*
 * remove --all: what nothing stands on goes first, then what that stood on. A device that is busy
 * for a moment holds up nothing but what is below it: all others go on, and it is tried again until
 * the deadline.
 */
#include <errno.h>
#include <stdlib.h>
#include <time.h>

#include "graph.h"

#define DEFAULT_MS 5000
#define FIRST_PAUSE_MS 5
#define LONGEST_PAUSE_MS 200

struct waves {
	struct graph graph;
	struct node **ready; /* nothing stands on them any more; n_ready of them */
	struct node **busy;  /* tried and busy; ready and busy have room for all */
	size_t n_ready;
	size_t n_busy;
	int status;
};

static void took_away(struct waves *waves, struct node *node)
{
	node->gone = true;
	for (uint32_t i = 0; i < node->n_deps; i++) {
		struct node *below = graph_find(&waves->graph, &node->deps[i]);

		if (below && --below->n_above == 0 && !below->gone)
			waves->ready[waves->n_ready++] = below;
	}
}

static void refused(struct cli *cli, struct waves *waves, struct node *node)
{
	int status = fail(cli);

	node->failed = true;
	if (waves->status == EXIT_DONE)
		waves->status = status;
}

/* One try for each that is ready, and for each that becomes ready by that. */
static void wave(struct cli *cli, struct waves *waves)
{
	dmk_set_timeout(cli->dm, -1);
	while (waves->n_ready > 0 && !signals_caught()) {
		struct node *node = waves->ready[--waves->n_ready];
		int r = try_remove(cli, DMK_NAME(node->name));

		if (r == 0 || exit_code(dmk_last_error(cli->dm)) == EXIT_NO_MAPPING)
			took_away(waves, node);
		else if (r == -EBUSY)
			waves->busy[waves->n_busy++] = node;
		else
			refused(cli, waves, node);
	}
}

static void retry(struct waves *waves)
{
	struct node **swap = waves->ready;

	waves->ready = waves->busy;
	waves->n_ready = waves->n_busy;
	waves->busy = swap;
	waves->n_busy = 0;
}

static void pause_ms(unsigned ms)
{
	struct timespec time = { .tv_nsec = (long)ms * 1000000 };

	nanosleep(&time, NULL);
}

/* Each that stays is named with who holds it: the library finds that out at a last try. */
static void name_the_rest(struct cli *cli, struct waves *waves)
{
	for (size_t i = 0; i < waves->graph.n; i++) {
		struct node *node = &waves->graph.nodes[i];

		if (node->gone || node->failed)
			continue;
		if (try_remove(cli, DMK_NAME(node->name)) == 0 ||
		    exit_code(dmk_last_error(cli->dm)) == EXIT_NO_MAPPING)
			took_away(waves, node);
		else
			refused(cli, waves, node);
	}
}

int remove_all(struct cli *cli)
{
	int64_t deadline_ns =
		cli->deadline_ns ? cli->deadline_ns : now_ns() + DEFAULT_MS * INT64_C(1000000);
	struct waves waves = { 0 };
	unsigned pause = FIRST_PAUSE_MS;
	int status = graph_read(cli, &waves.graph);
	size_t n = waves.graph.n;

	if (status != EXIT_DONE || n == 0)
		return status;
	/* Each removal is tried once, but udev gets its time. */
	dmk_set_deadline(cli->dm, deadline_ns);
	waves.ready = calloc(n, sizeof(*waves.ready));
	waves.busy = calloc(n, sizeof(*waves.busy));
	if (!waves.ready || !waves.busy) {
		waves.status = fail_errno(cli, -ENOMEM, "", "remove all");
		n = 0;
	}
	for (size_t i = 0; i < n; i++) {
		if (waves.graph.nodes[i].n_above == 0 && !waves.graph.nodes[i].gone)
			waves.ready[waves.n_ready++] = &waves.graph.nodes[i];
	}
	for (;;) {
		wave(cli, &waves);
		if (waves.n_busy == 0 || signals_caught() ||
		    now_ns() + pause * INT64_C(1000000) > deadline_ns)
			break;
		pause_ms(pause);
		pause = pause * 2 < LONGEST_PAUSE_MS ? pause * 2 : LONGEST_PAUSE_MS;
		retry(&waves);
	}
	if (signals_caught())
		waves.status = fail_errno(cli, -ECANCELED, "", "remove all");
	else if (n > 0)
		name_the_rest(cli, &waves);
	free(waves.ready);
	free(waves.busy);
	graph_free(&waves.graph);
	return waves.status;
}
