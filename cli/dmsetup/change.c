/* SPDX-License-Identifier: MIT */
/* The verbs that change a device that is there. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "dmsetup/verbs.h"

#define RETRY_MS 5000 /* --retry: dmsetup's 25 times 200 ms, whoever else tries again around it */

/* root and disk, and what they may: what dmsetup's nodes are */
#define NODE_GID 6
#define NODE_MODE 0660

uint32_t dms_node_uid(const struct dmsetup *d)
{
	return (uint32_t)d->number[DMS_UID];
}

uint32_t dms_node_gid(const struct dmsetup *d)
{
	return dms_given(d, DMS_GID) ? (uint32_t)d->number[DMS_GID] : NODE_GID;
}

uint32_t dms_node_mode(const struct dmsetup *d)
{
	return dms_given(d, DMS_MODE) ? (uint32_t)d->number[DMS_MODE] : NODE_MODE;
}

static uint32_t suspend_flags(const struct dmsetup *d)
{
	return (dms_given(d, DMS_NOFLUSH) ? DMK_SUSPEND_NOFLUSH : 0) |
	       (dms_given(d, DMS_NOLOCKFS) ? DMK_SUSPEND_SKIP_LOCKFS : 0);
}

static int suspend_one(struct dmsetup *d, const struct dmk_id *id)
{
	struct dmk_suspend_options options = { .flags = suspend_flags(d) };
	struct dmk_info info;

	if (dmk_suspend(d->dm, id, &options, &info) < 0)
		return dms_fail(d, "suspend", id);
	if (dms_replied(d, info.name, info.uuid) < 0)
		return -1;
	return dms_info_after(d, id);
}

int dms_suspend(struct dmsetup *d, char **names, int n)
{
	return dms_each(d, names, n, suspend_one);
}

void dms_set_read_ahead(struct dmsetup *d, const struct dmk_info *info)
{
	const char *value = d->value[DMS_READAHEAD];
	char device[32];

	if (!value || strcasecmp(value, "auto") == 0 || !(info->flags & DMK_INFO_LIVE_TABLE))
		return;
	snprintf(device, sizeof(device), "%u:%u", info->major, info->minor);
	/* An even number, as dmsetup makes it; "none" is no number, and 0 with it. */
	(void)dmk_set_read_ahead(device, ((uint32_t)d->number[DMS_READAHEAD] + 1) & ~1u,
				 *value == '+' ? DMK_READ_AHEAD_MINIMUM : 0);
}

int dms_resume_with(struct dmsetup *d, const struct dmk_id *id, uint32_t flags,
		    struct dmk_info *ret_info)
{
	struct dmk_resume_options options = {
		/* A refused table stays in, as dmsetup's callers know it. */
		.flags = flags | DMK_RESUME_LEAVE,
		.uid = dms_node_uid(d),
		.gid = dms_node_gid(d),
		.mode = dms_node_mode(d),
		.node_policy = d->node_policy,
		.udev_cookie = d->udev_cookie,
		.udev_flags = d->udev_flags,
	};

	return dmk_resume(d->dm, id, &options, ret_info);
}

static int resume_one(struct dmsetup *d, const struct dmk_id *id)
{
	struct dmk_info info;

	if (dms_resume_with(d, id, suspend_flags(d), &info) < 0)
		return dms_fail(d, "resume", id);
	if (dms_replied(d, info.name, info.uuid) < 0)
		return -1;
	dms_set_read_ahead(d, &info);
	return dms_info_after(d, id);
}

int dms_resume(struct dmsetup *d, char **names, int n)
{
	return dms_each(d, names, n, resume_one);
}

static int clear_one(struct dmsetup *d, const struct dmk_id *id)
{
	struct dmk_info info;

	if (dmk_clear(d->dm, id, &info) < 0)
		return dms_fail(d, "clear", id);
	if (dms_replied(d, info.name, info.uuid) < 0)
		return -1;
	return dms_info_after(d, id);
}

int dms_clear(struct dmsetup *d, char **names, int n)
{
	return dms_each(d, names, n, clear_one);
}

/* How long the device's live table is; 0: it has none. */
static int sectors_of(struct dmsetup *d, const struct dmk_id *id, uint64_t *ret_sectors)
{
	struct dmk_segments *segments;
	struct dmk_segment segment;

	if (dmk_get_table(d->dm, id, NULL, &segments) < 0)
		return dms_fail(d, "table", id);
	*ret_sectors = 0;
	while (dmk_segments_next(segments, &segment) == 1)
		*ret_sectors = segment.start_sectors + segment.length_sectors;
	dmk_segments_free(segments);
	return 0;
}

/* Puts an error table of the same length in. */
static int wipe(struct dmsetup *d, const struct dmk_id *id, uint32_t flags)
{
	struct dmk_table *table;
	uint64_t sectors = 0;
	int r = sectors_of(d, id, &sectors);

	if (r < 0)
		return -1;
	if (dmk_table_new(&table) < 0)
		return dms_fail_memory();
	/* Of a device without a table the load says that it cannot be. */
	if (sectors > 0 && dmk_table_add(table, 0, sectors, "error", NULL) < 0)
		r = dms_fail_memory();
	else if (dmk_load(d->dm, id, table, NULL, NULL) < 0)
		r = dms_fail(d, "reload", id);
	else if (dms_resume_with(d, id, flags, NULL) < 0)
		r = dms_fail(d, "resume", id);
	dmk_table_free(table);
	return r;
}

static int wipe_one(struct dmsetup *d, const struct dmk_id *id)
{
	return wipe(d, id, suspend_flags(d));
}

int dms_wipe_table(struct dmsetup *d, char **names, int n)
{
	return dms_each(d, names, n, wipe_one);
}

static int remove_one(struct dmsetup *d, const struct dmk_id *id)
{
	struct dmk_remove_options options = {
		.flags = (dms_given(d, DMS_DEFERRED) ? DMK_REMOVE_DEFERRED : 0) |
			 (dms_given(d, DMS_RETRY) ? 0 : DMK_REMOVE_ONCE),
		.node_policy = d->node_policy,
		.udev_cookie = d->udev_cookie,
		.udev_flags = d->udev_flags,
		.timeout_ms = dms_given(d, DMS_RETRY) ? RETRY_MS : 0,
	};
	struct dmk_info info;

	/* What has no table needs no other, and nothing is to be said of it. */
	if (dms_given(d, DMS_FORCE)) {
		if (dmk_get_info(d->dm, id, NULL, &info) < 0)
			return dms_fail(d, id->name ? "table" : "remove", id);
		if ((info.flags & DMK_INFO_LIVE_TABLE) &&
		    wipe(d, id, DMK_SUSPEND_NOFLUSH | DMK_SUSPEND_SKIP_LOCKFS) < 0)
			return -1;
	}
	if (dmk_remove(d->dm, id, &options, NULL) < 0)
		return dms_fail(d, "remove", id);
	return 0;
}

int dms_remove(struct dmsetup *d, char **names, int n)
{
	return dms_each(d, names, n, remove_one);
}

/* What is left after the others are gone is made to fail its I/O, and tried again. False: it stays.
 */
static bool wipe_and_remove(struct dmsetup *d, const struct dmk_id *id)
{
	struct dmk_remove_options once = { .flags = DMK_REMOVE_ONCE,
					   .node_policy = d->node_policy,
					   .udev_cookie = d->udev_cookie,
					   .udev_flags = d->udev_flags };
	struct dmk_info info;

	if (dmk_get_info(d->dm, id, NULL, &info) == 0 && (info.flags & DMK_INFO_LIVE_TABLE))
		(void)wipe(d, id, DMK_SUSPEND_NOFLUSH | DMK_SUSPEND_SKIP_LOCKFS);
	return dmk_remove(d->dm, id, &once, NULL) == 0 || dmk_last_error(d->dm)->code == -ENXIO;
}

int dms_remove_all(struct dmsetup *d, char **names, int n)
{
	struct dmk_remove_options options = {
		.flags = dms_given(d, DMS_DEFERRED) ? DMK_REMOVE_DEFERRED : 0,
		.node_policy = d->node_policy,
		.udev_cookie = d->udev_cookie,
		.udev_flags = d->udev_flags,
	};
	struct dmk_devices *devices;
	struct dmk_device device;
	int left = 0;

	(void)names;
	(void)n;
	if (dmk_remove_all(d->dm, &options) < 0)
		return dms_fail(d, "remove_all", NULL);
	if (!dms_given(d, DMS_FORCE))
		return 0;
	if (dms_list(d, 0, &devices) < 0)
		return -1;
	while (dmk_devices_next(devices, &device) == 1)
		left += !wipe_and_remove(d, DMK_NAME(device.name));
	dmk_devices_free(devices);
	/* To dmsetup that is no failure. */
	if (left > 0)
		dms_error("Unable to remove %d device(s).", left);
	return 0;
}

/* rename DEVICE NEW, or NEW where -u or -j names the device */
int dms_rename(struct dmsetup *d, char **words, int n)
{
	struct dmk_rename_options options = { .node_policy = d->node_policy,
					      .udev_cookie = d->udev_cookie,
					      .udev_flags = d->udev_flags };
	bool setuuid = dms_given(d, DMS_SETUUID);
	const char *new_text = words[n - 1];
	struct dms_device device;
	char text[DMS_TEXT_SIZE];
	int r;

	if (n == 1 && !dms_addressed(d)) {
		dms_error("No device specified.");
		return -1;
	}
	if (dms_find(d, n == 2 ? words[0] : NULL, &device) < 0)
		return -1;
	if (!setuuid && !*new_text) {
		dms_error("Non empty new name is required.");
		return -1;
	}
	if (!setuuid && dms_check_name(new_text, "") < 0)
		return -1;
	if (dms_text_in(d, setuuid ? "new UUID" : "new name", new_text, text) < 0)
		return -1;
	if (setuuid)
		r = dmk_set_uuid(d->dm, &device.id, text, &options, NULL);
	else
		r = dmk_rename(d->dm, &device.id, text, &options, NULL);
	return r < 0 ? dms_fail(d, "rename", &device.id) : 0;
}

/* message DEVICE SECTOR WORD... */
int dms_message(struct dmsetup *d, char **words, int n)
{
	bool addressed = dms_addressed(d);
	/* Any message may carry a key: the kernel's copy is wiped always. */
	struct dmk_message_options options = { .flags = DMK_MESSAGE_SECRET };
	struct dms_device device;
	char *text, *end, *reply;
	size_t size = 1;
	int r;

	if (dms_find(d, addressed ? NULL : words[0], &device) < 0)
		return -1;
	words += addressed ? 0 : 1;
	n -= addressed ? 0 : 1;
	errno = 0;
	options.sector = strtoull(words[0], &end, 10);
	if (errno || *end) {
		dms_error("Invalid sector.");
		return -1;
	}
	if (n < 2)
		dms_error("No message supplied.");
	for (int i = 1; i < n; i++)
		size += strlen(words[i]) + 1;
	text = calloc(1, size);
	if (!text)
		return dms_fail_memory();
	for (int i = 1; i < n; i++) {
		strcat(text, i > 1 ? " " : "");
		strcat(text, words[i]);
	}
	r = dmk_message(d->dm, &device.id, text, &options, &reply);
	explicit_bzero(text, size);
	free(text);
	if (r < 0)
		return dms_fail(d, "message", &device.id);
	if (reply && *reply)
		printf("%s%s", reply, reply[strlen(reply) - 1] == '\n' ? "" : "\n");
	free(reply);
	return 0;
}

/* A geometry in words that are no numbers of the kernel's is one that it refuses. */
static bool read_number(const char *word, uint64_t max, uint64_t *ret_value)
{
	char *end;

	errno = 0;
	*ret_value = strtoull(word, &end, 10);
	return !errno && end != word && !*end && *word != '-' && *ret_value <= max;
}

/* setgeometry DEVICE CYLINDERS HEADS SECTORS START */
int dms_set_geometry(struct dmsetup *d, char **words, int n)
{
	uint64_t numbers[4] = { UINT32_MAX, UINT32_MAX, UINT32_MAX, 0 };
	bool addressed = dms_addressed(d);
	struct dms_device device;

	(void)n;
	if (dms_find(d, addressed ? NULL : words[0], &device) < 0)
		return -1;
	words += addressed ? 0 : 1;
	for (int i = 0; i < 4; i++) {
		if (!read_number(words[i], i < 3 ? UINT32_MAX : UINT64_MAX, &numbers[i])) {
			numbers[0] = UINT32_MAX;
			break;
		}
	}
	if (dmk_set_geometry(d->dm, &device.id, (uint32_t)numbers[0], (uint32_t)numbers[1],
			     (uint32_t)numbers[2], numbers[3]) < 0)
		return dms_fail(d, "setgeometry", &device.id);
	return 0;
}

/* wait DEVICE [EVENT_NR]: without a limit, until a signal ends it */
int dms_wait(struct dmsetup *d, char **words, int n)
{
	bool addressed = dms_addressed(d);
	struct dms_device device;
	uint32_t event_nr = 0;
	struct dmk_info info;

	if (dms_find(d, addressed ? NULL : words[0], &device) < 0)
		return -1;
	if (n > (addressed ? 0 : 1))
		event_nr = (uint32_t)strtoul(words[n - 1], NULL, 10);
	if (dmk_wait(d->dm, &device.id, event_nr, NULL, &info) < 0)
		return dms_fail(d, "waitevent", &device.id);
	if (dms_replied(d, info.name, info.uuid) < 0)
		return -1;
	return dms_info_after(d, &device.id);
}

int dms_mknodes(struct dmsetup *d, char **names, int n)
{
	char text[DMS_TEXT_SIZE];
	int r = 0;

	if (n == 0 && dmk_sync_nodes(d->dm, NULL) < 0)
		return dms_fail(d, "mknodes", NULL);
	for (int i = 0; r == 0 && i < n; i++) {
		r = dms_text_in(d, "name", names[i], text);
		if (r == 0 && dmk_sync_nodes(d->dm, text) < 0)
			r = dms_fail(d, "mknodes", DMK_NAME(text));
	}
	return r;
}
