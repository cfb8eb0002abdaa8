/* SPDX-License-Identifier: MIT */
/*
 * Prints what happens to devices: one fd and one poll() for all of them, in an event loop that has
 * something else to wait for too: here that standard input ends. Only devices with one of the
 * NAMEs, if there are any.
 *
 *	cc watch-events.c -o watch-events $(pkg-config --cflags --libs libdmkit)
 *	watch-events [NAME...]
 */
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include <dmkit.h>

static void print_event(const struct dmk_watch_event *event)
{
	switch (event->kind) {
	case DMK_WATCH_CREATED:
		printf("%s is new, number %u:%u\n", event->name, event->major, event->minor);
		break;
	case DMK_WATCH_REMOVED:
		printf("%s is gone\n", event->name);
		break;
	case DMK_WATCH_RENAMED:
		printf("%s is called %s now\n", event->old_name, event->name);
		break;
	case DMK_WATCH_UUID_SET:
		printf("%s has the uuid %s\n", event->name, event->uuid);
		break;
	case DMK_WATCH_RESUMED:
		printf("%s has a new table\n", event->name);
		break;
	case DMK_WATCH_EVENT:
		printf("%s had event %u\n", event->name, event->event_nr);
		break;
	}
}

/* Until standard input ends. 0 or a negative errno of the library. */
static int loop(struct dmk_watch *watch)
{
	struct pollfd fds[] = { { .events = POLLIN }, { .fd = STDIN_FILENO, .events = POLLIN } };
	struct dmk_watch_event event;
	char byte;
	int r = dmk_watch_fd(watch, &fds[0].fd);

	while (r == 0) {
		/* All there is to tell, before each poll(). */
		while ((r = dmk_watch_next(watch, &event)) > 0)
			print_event(&event);
		fflush(stdout);
		if (r < 0 || poll(fds, 2, -1) < 0)
			break;
		if (fds[1].revents && read(STDIN_FILENO, &byte, 1) <= 0)
			break;
	}
	return r;
}

int main(int argc, char **argv)
{
	struct dmk_watch_options options = {
		.flags = DMK_WATCH_RESUMES,
		.n_names = (uint32_t)argc - 1,
		.names = (const char *const *)argv + 1,
	};
	struct dmk_watch *watch = NULL;
	char why[DMK_ERROR_TEXT_SIZE];
	struct dmk *dm;
	int r;

	if (dmk_new(&dm) < 0)
		return EXIT_FAILURE;
	r = dmk_watch_new(dm, &options, &watch);
	if (r == 0)
		r = loop(watch);
	if (r < 0) {
		dmk_error_format(dmk_last_error(dm), why, sizeof(why));
		fprintf(stderr, "%s\n", why);
	}
	dmk_watch_free(watch);
	dmk_free(dm);
	return r < 0 ? EXIT_FAILURE : EXIT_SUCCESS;
}
