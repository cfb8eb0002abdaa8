/* SPDX-License-Identifier: MIT */
#include "refusal.h"

#include <errno.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

/* The log has the numbers of the first pid namespace: in another one our own is not known. */
static void name_sender(const struct dmk *dm, struct dmk_kmsg_window *window)
{
	char namespace[64] = "";
	long sender = dm->sender ? dm->sender : syscall(SYS_gettid);

	if (readlink("/proc/self/ns/pid", namespace, sizeof(namespace) - 1) > 0 &&
	    strcmp(namespace, DMK_FIRST_PID_NAMESPACE) == 0)
		dmk_print_text(window->caller, sizeof(window->caller), "T%d", (int)sender);
}

/* Of a device that is not there nothing was said. */
static bool ask_number(struct dmk *dm, const struct dmk_call *call, struct dmk_kmsg_window *window)
{
	struct dmk_call question = { .command = DM_DEV_STATUS_CMD,
				     .id = call->id,
				     .name = call->name };
	struct dm_ioctl io;

	/* A name that is taken is another device's. */
	if (call->command == DM_DEV_CREATE_CMD)
		return true;
	if (dmk_send_call(dm, &question, &io, sizeof(io)) < 0)
		return false;
	dmk_dev_decode(io.dev, &window->major, &window->minor);
	return true;
}

/* Of the first of its segments, as far as there is room; the states of targets are not looked at.
 */
static void ask_types(struct dmk *dm, const struct dmk_call *call, struct dmk_kmsg_window *window)
{
	struct dmk_call question = { .command = DM_TABLE_STATUS_CMD,
				     .flags = DM_NOFLUSH_FLAG,
				     .id = call->id,
				     .name = call->name };
	uint64_t room[1024] = { 0 };
	struct dm_ioctl *io = (struct dm_ioctl *)room;
	size_t at;

	if (dmk_send_call(dm, &question, io, sizeof(room)) < 0)
		return;
	at = io->data_start;
	for (uint32_t i = 0; i < io->target_count && window->n_types < DMK_KMSG_MOST_TYPES; i++) {
		struct dm_target_spec spec;

		if (at > sizeof(room) - sizeof(spec))
			return;
		memcpy(&spec, (const char *)room + at, sizeof(spec));
		/* A reply that was cut ends in zeros, or in what is no type. */
		if (spec.target_type[0])
			dmk_print_text(window->types[window->n_types++], DMK_KMSG_TYPE_SIZE,
				       "%.15s", spec.target_type);
		if (spec.next < sizeof(spec) || spec.next > sizeof(room))
			return;
		at = io->data_start + spec.next;
	}
}

/* The kernel's own reason for refusing the call with r, out of its log. */
void dmk_explain_refusal(struct dmk *dm, const struct dmk_call *call, int r)
{
	struct dmk_kmsg_window window = { .command = call->command, .name = call->name };
	struct dmk_error *err = &dm->error;
	char record[DMK_KMSG_RECORD_SIZE];
	struct dmk_kmsg_line line;
	bool asked = false;
	int readable = dmk_kmsg_ready(&dm->log);

	if (readable < 0) {
		/* Other errnos tell enough, and so does what was found already. */
		if (r == -EINVAL && !err->detail[0])
			dmk_print_text(
				err->detail, sizeof(err->detail),
				"the kernel refused it; why is in its log, and /dev/kmsg: %s",
				dmk_errno_text(readable));
		return;
	}
	if (call->command == DM_DEV_RENAME_CMD)
		window.new_name = call->payload;
	if (call->id && call->id->name)
		window.name = call->id->name;
	while (dmk_kmsg_read(&dm->log, record)) {
		if (!dmk_kmsg_parse(record, &line))
			continue;
		if (!asked) {
			name_sender(dm, &window);
			if (!ask_number(dm, call, &window))
				return;
		}
		asked = true;
		dmk_kmsg_add(&window, &line);
	}
	window.others |= dm->log.lost;
	if (dmk_kmsg_wants_types(&window))
		ask_types(dm, call, &window);
	dmk_kmsg_reason(&window, err->reason, sizeof(err->reason));
}
