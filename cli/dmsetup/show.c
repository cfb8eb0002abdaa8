/* SPDX-License-Identifier: MIT */
/* The verbs that only look. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "dmsetup/verbs.h"

/* libdevmapper's number in Debian 12, whose contract this is: some scripts compare it. */
#define COMPATIBLE_VERSION "1.02.185"

int dms_print_info(struct dmsetup *d, const struct dmk_info *info)
{
	static const char *const tables[] = { "None", "LIVE", "INACTIVE", "LIVE & INACTIVE" };
	char text[DMS_TEXT_SIZE];
	uint32_t read_ahead;

	dms_text_out(d, info->name, text);
	printf("Name:              %s\n", text);
	printf("State:             %s%s%s\n",
	       info->flags & DMK_INFO_SUSPENDED ? "SUSPENDED" : "ACTIVE",
	       info->flags & DMK_INFO_READONLY ? " (READ-ONLY)" : "",
	       info->flags & DMK_INFO_DEFERRED_REMOVE ? " (DEFERRED REMOVE)" : "");
	if (dms_read_ahead(d, info, &read_ahead) == 0)
		printf("Read Ahead:        %u\n", read_ahead);
	printf("Tables present:    %s\n", tables[(info->flags & DMK_INFO_LIVE_TABLE ? 1 : 0) +
						 (info->flags & DMK_INFO_INACTIVE_TABLE ? 2 : 0)]);
	printf("Open count:        %d\n", info->open_count);
	printf("Event number:      %u\n", info->event_nr);
	printf("Major, minor:      %u, %u\n", info->major, info->minor);
	printf("Number of targets: %u\n", info->target_count);
	if (info->uuid[0]) {
		dms_text_out(d, info->uuid, text);
		printf("UUID: %s\n", text);
	}
	putchar('\n');
	return 0;
}

static int info_of(struct dmsetup *d, const struct dmk_id *id)
{
	struct dmk_query_options query;
	struct dmk_info info;

	dms_query(d, &query);
	query.flags &= DMK_QUERY_INACTIVE;
	if (dmk_get_info(d->dm, id, &query, &info) < 0)
		return dms_fail_missing(d, "info", id);
	return dms_replied(d, info.name, info.uuid) < 0 ? -1 : dms_print_info(d, &info);
}

int dms_info_after(struct dmsetup *d, const struct dmk_id *id)
{
	return dms_given(d, DMS_VERBOSE) ? info_of(d, id) : 0;
}

int dms_info(struct dmsetup *d, char **names, int n)
{
	if (dms_given(d, DMS_COLUMNS))
		return dms_report_info(d, names, n);
	/* Without -c there is nothing that -S could be about. */
	d->given[DMS_SELECT] = 0;
	return dms_each(d, names, n, info_of);
}

/* Escaped as --concise reads it. */
static void put_escaped(const char *text)
{
	for (; *text; text++) {
		if (strchr(",;\\", *text))
			putchar('\\');
		putchar(*text);
	}
}

static void put_concise(struct dmsetup *d, const struct dmk_info *info)
{
	char text[DMS_TEXT_SIZE];

	if (d->printed)
		putchar(';');
	dms_text_out(d, info->name, text);
	put_escaped(text);
	putchar(',');
	dms_text_out(d, info->uuid, text);
	put_escaped(text);
	printf(",%u,%s", info->minor, info->flags & DMK_INFO_READONLY ? "ro" : "rw");
}

static int put_segment(struct dmsetup *d, const struct dmk_info *info,
		       const struct dmk_segment *segment, bool hide)
{
	bool concise = d->action == DMS_TABLE_OF && dms_given(d, DMS_CONCISE);
	char text[DMS_TEXT_SIZE];
	char *hidden = NULL;

	if (concise) {
		putchar(',');
	} else if (d->multiple && !dms_given(d, DMS_VERBOSE)) {
		dms_text_out(d, info->name, text);
		printf("%s: ", text);
	}
	if (hide && dmk_params_hide_keys(segment->type, segment->params, &hidden) < 0)
		return dms_fail_memory();
	printf("%llu %llu %s ", (unsigned long long)segment->start_sectors,
	       (unsigned long long)segment->length_sectors, segment->type);
	if (concise)
		put_escaped(hidden ? hidden : segment->params);
	else
		puts(hidden ? hidden : segment->params);
	free(hidden);
	return 0;
}

/* Runs --exec's command with the device's node as its last word. What becomes of it does not
 * matter. */
static int run_for(struct dmsetup *d, const struct dmk_info *info)
{
	char path[sizeof(d->node_dir) + DMK_NAME_SIZE];

	snprintf(path, sizeof(path), "%s/%s", d->node_dir, info->name);
	return dms_exec(d->value[DMS_EXEC], path);
}

static void put_target_line(const struct dmsetup *d, const struct dmk_info *info)
{
	char text[DMS_TEXT_SIZE];

	dms_text_out(d, info->name, text);
	printf("%s\t(%u, %u)\n", text, info->major, info->minor);
}

/* What stands before a device's first segment. */
static void put_head(struct dmsetup *d, const struct dmk_info *info)
{
	if (d->action == DMS_TABLE_OF && dms_given(d, DMS_CONCISE))
		put_concise(d, info);
	else if (d->action == DMS_LS_TARGET)
		put_target_line(d, info);
	else if (dms_given(d, DMS_VERBOSE))
		dms_print_info(d, info);
	d->printed = true;
}

/* A device without a table has a line all the same, unless a target is asked for. */
static void put_empty(struct dmsetup *d, const struct dmk_info *info)
{
	char text[DMS_TEXT_SIZE];

	put_head(d, info);
	if (d->action == DMS_TABLE_OF && dms_given(d, DMS_CONCISE))
		return;
	dms_text_out(d, info->name, text);
	if (d->multiple && !dms_given(d, DMS_VERBOSE))
		printf("%s: ", text);
	putchar('\n');
}

static int put_segments(struct dmsetup *d, struct dmk_segments *segments)
{
	const struct dmk_info *info = dmk_segments_info(segments);
	const char *target = d->value[DMS_TARGET];
	bool quiet = dms_given(d, DMS_EXEC) && !dms_given(d, DMS_VERBOSE);
	bool hide = d->action == DMS_TABLE_OF && !dms_given(d, DMS_SHOWKEYS);
	struct dmk_segment segment;
	bool matched = false;
	int r = 0;

	while (r == 0 && dmk_segments_next(segments, &segment) == 1) {
		if (target && strcmp(segment.type, target) != 0)
			continue;
		if (!matched && dms_given(d, DMS_EXEC))
			r = run_for(d, info);
		if (!matched && !quiet)
			put_head(d, info);
		matched = true;
		if (!quiet && d->action != DMS_LS_TARGET)
			r = put_segment(d, info, &segment, hide);
	}
	if (r == 0 && !matched && !target && d->action != DMS_LS_TARGET) {
		if (dms_given(d, DMS_EXEC))
			r = run_for(d, info);
		if (!quiet)
			put_empty(d, info);
		matched = true;
	}
	if (matched && d->multiple && dms_given(d, DMS_VERBOSE) && d->action != DMS_LS_TARGET &&
	    !dms_given(d, DMS_CONCISE))
		putchar('\n');
	return r;
}

static int segments_of(struct dmsetup *d, const struct dmk_id *id)
{
	struct dmk_query_options query;
	struct dmk_segments *segments;
	const struct dmk_info *info;
	int r;

	dms_query(d, &query);
	if (d->action == DMS_TABLE_OF)
		r = dmk_get_table(d->dm, id, &query, &segments);
	else if (d->action == DMS_MEASURE_OF)
		r = dmk_get_measurement(d->dm, id, &query, &segments);
	else
		r = dmk_get_status(d->dm, id, &query, &segments);
	if (r < 0 && d->action == DMS_TABLE_OF)
		return dms_fail(d, "table", id);
	if (r < 0)
		return dms_fail_missing(d, "status", id);
	info = dmk_segments_info(segments);
	r = dms_replied(d, info->name, info->uuid);
	if (r == 0)
		r = put_segments(d, segments);
	dmk_segments_free(segments);
	return r;
}

static int show_segments(struct dmsetup *d, enum dms_action action, char **names, int n)
{
	int r;

	d->action = action;
	r = dms_each(d, names, n, segments_of);
	if (d->printed && action == DMS_TABLE_OF && dms_given(d, DMS_CONCISE))
		putchar('\n');
	return r;
}

int dms_table(struct dmsetup *d, char **names, int n)
{
	return show_segments(d, DMS_TABLE_OF, names, n);
}

int dms_status(struct dmsetup *d, char **names, int n)
{
	return show_segments(d, DMS_STATUS_OF, names, n);
}

int dms_measure(struct dmsetup *d, char **names, int n)
{
	return show_segments(d, DMS_MEASURE_OF, names, n);
}

/* A device's number or name, as -o asks. One without a table has no name yet outside device-mapper.
 */
static void put_device(struct dmsetup *d, uint32_t major, uint32_t minor, const char *separator)
{
	char name[DMS_TEXT_SIZE];
	struct dmk_info info;

	if (d->show == DMS_SHOW_DEVNO || dms_blkdevname(major, minor, name, sizeof(name)) < 0)
		snprintf(name, sizeof(name), "%u%s%u", major, separator, minor);
	else if (d->show == DMS_SHOW_DEVNAME &&
		 dmk_get_info(d->dm, DMK_DEVNO(major, minor), NULL, &info) == 0)
		dms_text_out(d, info.name, name);
	printf("(%s)", name);
}

static int deps_of(struct dmsetup *d, const struct dmk_id *id)
{
	struct dmk_query_options query;
	struct dmk_devno *devnos;
	struct dmk_info info;
	char text[DMS_TEXT_SIZE];
	uint32_t n;

	dms_query(d, &query);
	query.flags &= DMK_QUERY_INACTIVE;
	if (dmk_get_deps(d->dm, id, &query, &devnos, &n) < 0)
		return dms_fail(d, "deps", id);
	if (dms_given(d, DMS_VERBOSE) && info_of(d, id) < 0) {
		free(devnos);
		return -1;
	}
	if (d->multiple && !dms_given(d, DMS_VERBOSE)) {
		if (id->name)
			dms_text_out(d, id->name, text);
		else if (dmk_get_info(d->dm, id, NULL, &info) == 0)
			dms_text_out(d, info.name, text);
		printf("%s: ", text);
	}
	printf("%u dependencies\t:", n);
	for (uint32_t i = 0; i < n; i++) {
		putchar(' ');
		put_device(d, devnos[i].major, devnos[i].minor, ", ");
	}
	putchar('\n');
	if (d->multiple && dms_given(d, DMS_VERBOSE))
		putchar('\n');
	free(devnos);
	return 0;
}

int dms_deps(struct dmsetup *d, char **names, int n)
{
	return dms_each(d, names, n, deps_of);
}

/* A line of `ls`, without a request for it. */
static int put_listed(struct dmsetup *d, const struct dmk_device *device)
{
	char text[DMS_TEXT_SIZE];
	char path[sizeof(d->node_dir) + DMK_NAME_SIZE];

	if (dms_given(d, DMS_EXEC)) {
		snprintf(path, sizeof(path), "%s/%s", d->node_dir, device->name);
		if (dms_exec(d->value[DMS_EXEC], path) < 0)
			return -1;
		if (!dms_given(d, DMS_VERBOSE))
			return 0;
	}
	dms_text_out(d, device->name, text);
	printf("%s\t", text);
	put_device(d, device->major, device->minor, ":");
	putchar('\n');
	return 0;
}

int dms_ls(struct dmsetup *d, char **names, int n)
{
	struct dmk_devices *devices;
	struct dmk_device device;
	int count = 0;
	int r;

	d->given[DMS_SELECT] = 0;
	if (dms_given(d, DMS_TARGET))
		return show_segments(d, DMS_LS_TARGET, names, n);
	if (dms_given(d, DMS_TREE))
		return dms_tree(d);
	r = dms_list(d, 0, &devices);
	if (r < 0)
		return -1;
	while (r == 0 && dmk_devices_next(devices, &device) == 1) {
		count++;
		r = put_listed(d, &device);
	}
	dmk_devices_free(devices);
	return r == 0 && count == 0 ? dms_none() : r;
}

static void put_target(const char *type, const struct dmk_version *version)
{
	printf("%-16s v%u.%u.%u\n", type, version->major, version->minor, version->patch);
}

int dms_targets(struct dmsetup *d, char **names, int n)
{
	struct dmk_target_version target;
	struct dmk_targets *targets;

	(void)names;
	(void)n;
	if (dmk_list_targets(d->dm, &targets) < 0)
		return dms_fail(d, "versions", NULL);
	while (dmk_targets_next(targets, &target) == 1)
		put_target(target.type, &target.version);
	dmk_targets_free(targets);
	return 0;
}

int dms_target_version(struct dmsetup *d, char **names, int n)
{
	struct dmk_version version;

	for (int i = 0; i < n; i++) {
		if (dmk_get_target_version(d->dm, names[i], &version) < 0) {
			const struct dmk_error *err = dmk_last_error(d->dm);

			if (err->step == DMK_STEP_OPEN_CONTROL)
				return dms_fail(d, "target-version", NULL);
			dms_error("device-mapper: target-version ioctl on %s  failed: %s", names[i],
				  dmk_errno_text(err->step == DMK_STEP_ARGUMENTS ? -EINVAL
										 : err->code));
			return -1;
		}
		put_target(names[i], &version);
	}
	return 0;
}

int dms_version(struct dmsetup *d, char **names, int n)
{
	struct dmk_version own, driver;

	(void)names;
	(void)n;
	dmk_library_version(&own);
	printf("Library version:   " COMPATIBLE_VERSION " (dmkit %u.%u.%u)\n", own.major, own.minor,
	       own.patch);
	if (dmk_driver_version(d->dm, &driver) < 0)
		return dms_fail(d, "version", NULL);
	printf("Driver version:    %u.%u.%u\n", driver.major, driver.minor, driver.patch);
	return 0;
}

/* devmap_name MAJOR MINOR, or MAJOR:MINOR */
int dms_devmap_name(struct dmsetup *d, char **words, int n)
{
	const char *minor = n == 2 ? words[1] : NULL;
	struct dms_device device;
	struct dmk_info info;
	char text[DMS_TEXT_SIZE];

	if (n == 1 && strchr(words[0], ':'))
		minor = strchr(words[0], ':') + 1;
	if (!minor) {
		dms_error("Usage: %s MAJOR MINOR, or MAJOR:MINOR", d->verb);
		return 1;
	}
	d->number[DMS_MAJOR] = strtol(words[0], NULL, 10);
	d->number[DMS_MINOR] = strtol(minor, NULL, 10);
	if (dms_find(d, NULL, &device) < 0)
		return -1;
	if (dmk_get_info(d->dm, &device.id, NULL, &info) < 0)
		return dms_fail_missing(d, "info", &device.id);
	if (dms_replied(d, info.name, info.uuid) < 0)
		return -1;
	dms_text_out(d, info.name, text);
	puts(text);
	return 0;
}
