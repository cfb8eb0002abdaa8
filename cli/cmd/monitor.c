/* SPDX-License-Identifier: MIT */
/* monitor: one line for each thing that happens to a device, until a signal or the deadline. */
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "cmd/commands.h"
#include "common/cli.h"
#include "common/json.h"
#include "common/numbers.h"
#include "common/signals.h"
#include "read/devices.h"
#include "show/errors.h"
#include "show/output.h"
#include "show/typed.h"

static const char *const kinds[] = {
	[DMK_WATCH_CREATED] = "created", [DMK_WATCH_REMOVED] = "removed",
	[DMK_WATCH_RENAMED] = "renamed", [DMK_WATCH_UUID_SET] = "uuid-set",
	[DMK_WATCH_RESUMED] = "resumed", [DMK_WATCH_EVENT] = "event",
};

/* NULL: the device went away since, which is told next; or failed, which is reported. */
static struct dmk_segments *status_of(struct cli *cli, const struct dmk_watch_event *event,
				      int *status)
{
	const struct dmk_id id = { .major = event->major, .minor = event->minor };
	struct dmk_segments *segments;

	if (event->kind != DMK_WATCH_EVENT)
		return NULL;
	if (dmk_get_status(cli->dm, &id, NULL, &segments) == 0)
		return segments;
	*status = each_fail(cli, &(const struct each){ .all = true });
	return NULL;
}

static int put_json(const struct dmk_watch_event *event, struct dmk_segments *segments)
{
	struct json json = { .out = stdout };
	struct dmk_segment segment;
	int r = 0;

	json_object(&json, NULL);
	json_string(&json, "event", kinds[event->kind]);
	json_string(&json, "name", event->name);
	if (event->kind == DMK_WATCH_RENAMED)
		json_string(&json, "old_name", event->old_name);
	json_string(&json, "uuid", event->uuid);
	json_u64(&json, "major", event->major);
	json_u64(&json, "minor", event->minor);
	json_u64(&json, "event_nr", event->event_nr);
	if (event->kind == DMK_WATCH_EVENT) {
		json_array(&json, "segments");
		while (segments && (r = dmk_segments_next(segments, &segment)) > 0) {
			json_object(&json, NULL);
			json_status(&json, &segment);
			json_close(&json);
		}
		json_close(&json);
	}
	json_close(&json);
	return r;
}

static int put_line(const struct cli *cli, const struct dmk_watch_event *event,
		    struct dmk_segments *segments)
{
	struct dmk_segment segment;
	int r = 0;

	printf("%s ", kinds[event->kind]);
	if (event->kind == DMK_WATCH_RENAMED) {
		put_text(stdout, cli->out_tty, event->old_name);
		fputs(" to ", stdout);
	}
	put_text(stdout, cli->out_tty, event->name);
	if (event->kind == DMK_WATCH_UUID_SET) {
		fputs(": ", stdout);
		put_text(stdout, cli->out_tty, event->uuid);
	}
	if (event->kind == DMK_WATCH_EVENT)
		printf(" %u", event->event_nr);
	for (bool first = true; segments; first = false) {
		r = dmk_segments_next(segments, &segment);
		if (r <= 0)
			break;
		fputs(first ? ": " : "; ", stdout);
		put_status(cli, &segment, dmk_segments_count(segments) > 1);
	}
	putchar('\n');
	return r;
}

static int print_event(struct cli *cli, const struct dmk_watch_event *event)
{
	int status = EXIT_DONE;
	struct dmk_segments *segments = status_of(cli, event, &status);
	int r;

	if (status != EXIT_DONE)
		return status;
	r = given(cli, OPT_JSON) ? put_json(event, segments) : put_line(cli, event, segments);
	if (r < 0)
		status = fail_errno(cli, r, event->name, "read the reply for");
	dmk_segments_free(segments);
	errno = 0;
	/* Each line is there when it happens, in a pipe too. */
	if (status == EXIT_DONE && fflush(stdout) != 0)
		status = fail_errno(cli, errno ? -errno : -EIO, "", "write to standard output");
	return status;
}

/* All that has happened since the last time. */
static int print_events(struct cli *cli, struct dmk_watch *watch)
{
	struct dmk_watch_event event;
	int status = EXIT_DONE;
	int r = 0;

	while (status == EXIT_DONE && !signals_caught() && (r = dmk_watch_next(watch, &event)) > 0)
		status = print_event(cli, &event);
	if (status == EXIT_DONE && r < 0)
		status = fail(cli);
	/* The end by the signal is in main(). */
	return status == EXIT_DONE && signals_caught() ? EXIT_FAILED : status;
}

/* Nobody reads any more: end as a write would have ended it. */
static int reader_gone(struct cli *cli)
{
	raise(SIGPIPE);
	return fail_errno(cli, -EPIPE, "", "write to standard output");
}

/* 1: something happened; 0: the deadline; an exit code, negative, reported. */
static int wait_for_more(struct cli *cli, int fd, const sigset_t *unblocked)
{
	struct pollfd fds[] = { { .fd = fd, .events = POLLIN }, { .fd = STDOUT_FILENO } };
	int64_t left = given(cli, OPT_DEADLINE) ? cli->deadline_ns - now_ns() : INT64_MAX;
	struct timespec time;
	int r;

	if (left <= 0)
		return 0;
	if (signals_caught())
		return -EXIT_FAILED;
	time.tv_sec = (time_t)(left / 1000000000);
	time.tv_nsec = (long)(left % 1000000000);
	r = ppoll(fds, ARRAY_SIZE(fds), left == INT64_MAX ? NULL : &time, unblocked);
	if (r < 0 && errno == EINTR)
		return signals_caught() ? -EXIT_FAILED : 1;
	if (r < 0)
		return -fail_errno(cli, -errno, "", "wait");
	if (fds[1].revents)
		return -reader_gone(cli);
	return r > 0;
}

static int watch_all(struct cli *cli, struct dmk_watch *watch)
{
	sigset_t ours;
	sigset_t unblocked;
	int status;
	int fd;
	int r;

	if (dmk_watch_fd(watch, &fd) < 0)
		return fail(cli);
	sigemptyset(&ours);
	sigaddset(&ours, SIGINT);
	sigaddset(&ours, SIGTERM);
	sigaddset(&ours, SIGHUP);
	do {
		status = print_events(cli, watch);
		if (status != EXIT_DONE)
			return status;
		/* One that comes just before the poll must not be slept over; while the kernel is
		 * asked it has to get through. */
		sigprocmask(SIG_BLOCK, &ours, &unblocked);
		r = wait_for_more(cli, fd, &unblocked);
		sigprocmask(SIG_SETMASK, &unblocked, NULL);
	} while (r > 0);
	return -r;
}

static int watch_named(struct cli *cli, const char **names, uint32_t n)
{
	struct dmk_watch_options options = { .flags = DMK_WATCH_RESUMES,
					     .n_names = n,
					     .names = names };
	struct dmk_watch *watch;
	int status;

	signals_install(cli->dm);
	if (dmk_watch_new(cli->dm, &options, &watch) < 0)
		return signals_caught() ? EXIT_FAILED : fail(cli);
	status = watch_all(cli, watch);
	dmk_watch_free(watch);
	return status;
}

/* What --uuid or --devno is called now. */
static int watch_addressed(struct cli *cli)
{
	struct dmk_info info;
	const char *name = info.name;
	struct dmk_id id;

	address(cli, &id);
	if (dmk_get_info(cli->dm, &id, NULL, &info) < 0)
		return fail(cli);
	return watch_named(cli, &name, 1);
}

/* None of the names has to be there yet. */
int cmd_monitor(struct cli *cli, char **args, int n)
{
	struct handle *handles = calloc((size_t)n + 1, sizeof(*handles));
	const char **names = calloc((size_t)n + 1, sizeof(*names));
	int status = EXIT_DONE;

	if (!names || !handles)
		status = fail_errno(cli, -ENOMEM, "", "start");
	for (int i = 0; i < n && status == EXIT_DONE; i++) {
		status = find_handle(cli, args[i], &handles[i]);
		names[i] = handles[i].name;
	}
	if (status == EXIT_DONE)
		status = addressed(cli) ? watch_addressed(cli)
					: watch_named(cli, names, (uint32_t)n);
	free(names);
	free(handles);
	return status;
}
