/* SPDX-License-Identifier: MIT */
/* The fake's ctl_ioctl(): versions, copies in and out, rules, the log. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "fake-internal.h"

#define BARE_HEADER offsetof(struct dm_ioctl, data)

enum {
	NO_PARAMS = 1,	  /* only the header is copied in and out */
	GLOBAL_EVENT = 2, /* wakes whoever armed a poll */
	IGNORES_NAME = 4
};

static const struct {
	fake_command fn;
	uint32_t minor;
	uint32_t flags;
} commands[DMK_CMD_COUNT] = {
	[DM_REMOVE_ALL_CMD] = { fake_remove_all, 0, NO_PARAMS | GLOBAL_EVENT | IGNORES_NAME },
	[DM_LIST_DEVICES_CMD] = { fake_list, 0, IGNORES_NAME },
	[DM_DEV_CREATE_CMD] = { fake_create, 0, NO_PARAMS | GLOBAL_EVENT },
	[DM_DEV_REMOVE_CMD] = { fake_remove, 0, NO_PARAMS | GLOBAL_EVENT },
	[DM_DEV_RENAME_CMD] = { fake_rename, 0, GLOBAL_EVENT },
	[DM_DEV_SUSPEND_CMD] = { fake_suspend, 0, NO_PARAMS },
	[DM_DEV_STATUS_CMD] = { fake_dev_status, 0, NO_PARAMS },
	[DM_DEV_WAIT_CMD] = { fake_wait, 0, 0 },
	[DM_TABLE_LOAD_CMD] = { fake_load, 0, 0 },
	[DM_TABLE_CLEAR_CMD] = { fake_clear, 0, NO_PARAMS },
	[DM_TABLE_DEPS_CMD] = { fake_deps, 0, 0 },
	[DM_TABLE_STATUS_CMD] = { fake_table_status, 0, 0 },
	[DM_LIST_VERSIONS_CMD] = { fake_list_versions, 1, IGNORES_NAME },
	[DM_TARGET_MSG_CMD] = { fake_message, 2, 0 },
	[DM_DEV_SET_GEOMETRY_CMD] = { fake_geometry, 6, 0 },
	[DMK_CMD_ARM_POLL] = { fake_arm_poll, 37, NO_PARAMS },
	[DMK_CMD_TARGET_VERSION] = { fake_target_version, 41, 0 },
};

struct fake *fake_new(uint32_t minor_version)
{
	struct fake *fake = calloc(1, sizeof(*fake));

	fake->minor_version = minor_version;
	return fake;
}

void fake_free(struct fake *fake)
{
	while (fake->n_devices)
		fake_drop(fake, fake->devices[0]);
	free(fake->devices);
	free(fake);
}

void fake_add_rule(struct fake *fake, int command, uint32_t from, uint32_t count,
		   enum fake_fault fault, int code)
{
	if (fake->n_rules == sizeof(fake->rules) / sizeof(fake->rules[0]))
		abort();
	fake->rules[fake->n_rules++] = (struct fake_rule){
		.command = command, .from = from, .count = count, .fault = fault, .code = code
	};
}

void fake_clear_rules(struct fake *fake)
{
	fake->n_rules = 0;
}

void fake_clear_log(struct fake *fake)
{
	fake->calls = 0;
	memset(fake->calls_of, 0, sizeof(fake->calls_of));
}

/* The first rule that hits this call; all of them count it. */
static const struct fake_rule *find_rule(struct fake *fake, uint32_t command)
{
	const struct fake_rule *hit = NULL;

	for (size_t i = 0; i < fake->n_rules; i++) {
		struct fake_rule *rule = &fake->rules[i];

		if (rule->command >= 0 && (uint32_t)rule->command != command)
			continue;
		rule->seen++;
		if (!hit && rule->seen >= rule->from &&
		    (rule->count == 0 || rule->seen < rule->from + rule->count))
			hit = rule;
	}
	return hit;
}

/* check_version(): the driver's version goes out even where the request is refused. */
static int check_version(struct fake *fake, struct dm_ioctl *user)
{
	bool bad = user->version[0] != 4 || user->version[1] > fake->minor_version;

	user->version[0] = 4;
	user->version[1] = fake->minor_version;
	user->version[2] = 0;
	return bad ? -EINVAL : 0;
}

/* copy_params(): the frame is the caller's to free. */
static int copy_in(struct frame *frame, struct dm_ioctl *user, uint32_t flags)
{
	uint32_t size = user->data_size;

	if (size < BARE_HEADER || size > 1u << 30)
		return -EINVAL;
	frame->size = flags & NO_PARAMS ? (uint32_t)BARE_HEADER : size;
	frame->io = calloc(1, frame->size < sizeof(*user) ? sizeof(*user) : frame->size);
	if (!frame->io)
		return -ENOMEM;
	memcpy(frame->io, user, frame->size);
	frame->io->data_size = frame->size;
	if (user->flags & DM_SECURE_DATA_FLAG)
		memset(user, 0, size);
	return 0;
}

static int validate(struct dm_ioctl *io, uint32_t command, uint32_t flags)
{
	io->flags &= ~(uint32_t)(DM_BUFFER_FULL_FLAG | DM_UEVENT_GENERATED_FLAG |
				 DM_SECURE_DATA_FLAG | DM_DATA_OUT_FLAG);
	if (flags & IGNORES_NAME)
		return 0;
	if (command == DM_DEV_CREATE_CMD) {
		if (!io->name[0])
			return -EINVAL;
	} else if (io->uuid[0] && io->name[0]) {
		return -EINVAL;
	}
	io->name[DM_NAME_LEN - 1] = '\0';
	io->uuid[DM_UUID_LEN - 1] = '\0';
	return 0;
}

/* What a rule does to a reply that was already copied out. */
static void corrupt(enum fake_fault fault, struct dm_ioctl *io, uint32_t size)
{
	switch (fault) {
	case FAKE_NAME_ENDLESS:
		memset(io->name, 'n', sizeof(io->name));
		break;
	case FAKE_UUID_ENDLESS:
		memset(io->uuid, 'u', sizeof(io->uuid));
		break;
	case FAKE_SIZE_HUGE:
		io->data_size = size + 1;
		break;
	case FAKE_START_LOW:
		io->data_start = BARE_HEADER - 1;
		break;
	case FAKE_START_HIGH:
		io->data_start = size + 1;
		break;
	case FAKE_COUNT_HUGE:
		io->target_count = UINT32_MAX;
		break;
	case FAKE_PAYLOAD_ONES:
		if (io->data_start < io->data_size)
			memset((char *)io + io->data_start, 0xff, io->data_size - io->data_start);
		break;
	case FAKE_PAYLOAD_CUT:
		if (io->data_start < io->data_size)
			io->data_size = io->data_start + 1;
		break;
	case FAKE_VERSION_5:
		io->version[0] = 5;
		break;
	default:
		break;
	}
}

static int run(struct frame *frame, struct dm_ioctl *user, uint32_t command)
{
	uint32_t flags = commands[command].flags;
	int r = validate(frame->io, command, flags);

	if (r < 0)
		return r;
	frame->io->data_size = BARE_HEADER;
	r = commands[command].fn(frame);
	if (r == 0 && (flags & GLOBAL_EVENT))
		frame->fake->global_event_nr++;
	if (r == 0 && frame->io->data_size)
		memcpy(user, frame->io, frame->io->data_size);
	return r;
}

static int serve(struct fake *fake, uint32_t command, struct dm_ioctl *user, uint32_t size)
{
	struct frame frame = { .fake = fake, .rule = find_rule(fake, command) };
	const struct fake_rule *rule = frame.rule;
	int r;

	if (rule && rule->fault == FAKE_BEFORE)
		return rule->code;
	/* Not run: the buffers that follow from it grow up to a gigabyte, and need not be copied.
	 */
	if (rule && rule->fault == FAKE_FULL) {
		user->flags |= DM_BUFFER_FULL_FLAG;
		return 0;
	}
	r = check_version(fake, user);
	if (r == 0 && command != DM_VERSION_CMD) {
		if (command >= DMK_CMD_COUNT || fake->minor_version < commands[command].minor)
			return -ENOTTY;
		if (user->data_size != size)
			abort();
		r = copy_in(&frame, user, commands[command].flags);
		if (r == 0)
			r = run(&frame, user, command);
		free(frame.io);
	}
	if (rule && rule->fault == FAKE_AFTER && r == 0)
		return rule->code;
	if (rule && rule->fault > FAKE_RESUME_FAILS)
		corrupt(rule->fault, user, size);
	return r;
}

int fake_transport(struct dmk *dm, void *userdata, uint32_t command, void *request, uint32_t size)
{
	struct fake *fake = userdata;
	struct fake_call *call = fake->calls < FAKE_LOG ? &fake->log[fake->calls] : NULL;
	int r;

	(void)dm;
	fake->calls++;
	if (command < DMK_CMD_COUNT)
		fake->calls_of[command]++;
	if (fake->on_call)
		fake->on_call(fake, command, fake->calls, fake->on_call_data);
	if (call) {
		call->command = command;
		call->size = size;
		memcpy(&call->io, request, sizeof(call->io));
	}
	r = serve(fake, command, request, size);
	if (call)
		call->result = r;
	return r;
}

static void dump_table(FILE *out, const char *what, const struct fake_table *table)
{
	if (!table)
		return;
	fprintf(out, " %s%s", what, table->readonly ? "(ro)" : "");
	for (uint32_t i = 0; i < table->count; i++)
		fprintf(out, "[%llu %llu %s %s]", (unsigned long long)table->targets[i].start,
			(unsigned long long)table->targets[i].length, table->targets[i].type,
			table->targets[i].params);
}

char *fake_dump(const struct fake *fake)
{
	char *text = NULL;
	size_t size = 0;
	FILE *out = open_memstream(&text, &size);

	for (size_t i = 0; i < fake->n_devices; i++) {
		const struct fake_device *device = fake->devices[i];

		fprintf(out, "%s uuid=%s minor=%u open=%d", device->name, device->uuid,
			device->minor, device->open_count);
		fprintf(out, "%s%s%s", device->suspended ? " suspended" : "",
			device->deferred ? " deferred" : "", device->readonly ? " readonly" : "");
		dump_table(out, "live", device->live);
		dump_table(out, "inactive", device->inactive);
		fputc('\n', out);
	}
	for (size_t i = 0; i < sizeof(fake->pools) / sizeof(fake->pools[0]); i++)
		if (fake->pools[i].thins)
			fprintf(out, "metadata of %s: thins %llx\n", fake->pools[i].name,
				(unsigned long long)fake->pools[i].thins);
	fclose(out);
	return text;
}
