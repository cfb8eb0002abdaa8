/* SPDX-License-Identifier: MIT */
/*
 * What happened to all devices, by comparing two looks at the list. The kernel's poll says only
 * that something did.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "device.h"

struct seen {
	char name[DMK_NAME_SIZE];
	char uuid[DMK_UUID_SIZE];
	uint32_t major;
	uint32_t minor;
	uint32_t event_nr;
	bool selected; /* it has, or had, one of the names that are watched */
	bool stays;    /* the next look has it too */
	bool known;    /* the rest was asked */
	bool live;
	bool suspended;
	uint64_t table;		/* a digest */
	const struct seen *was; /* in the look before; NULL: it is new */
};

struct look {
	struct seen *devices; /* sorted by number */
	size_t n;
};

struct change {
	uint32_t kind;
	const struct seen *device;
};

struct dmk_watch {
	struct dmk *dm;
	int fd; /* its own, so that nothing but a look arms it again; -1: a hook has none */
	uint32_t flags;
	char (*names)[DMK_NAME_SIZE]; /* sorted */
	size_t n_names;

	struct look before; /* what changes lead to besides last */
	struct look last;
	struct change *changes;
	size_t n_changes;
	size_t capacity;
	size_t position;
	bool looked;
};

static int compare_seen(const void *a, const void *b)
{
	const struct seen *x = a, *y = b;

	if (x->major != y->major)
		return x->major < y->major ? -1 : 1;
	return (x->minor > y->minor) - (x->minor < y->minor);
}

static int compare_name(const void *a, const void *b)
{
	return strcmp(a, b);
}

static bool is_named(const struct dmk_watch *watch, const char *name)
{
	return watch->n_names == 0 ||
	       bsearch(name, watch->names, watch->n_names, sizeof(*watch->names), compare_name);
}

static int read_list(struct dmk_watch *watch, struct look *ret_look)
{
	const struct dmk_list_options options = { .flags = DMK_LIST_UUID };
	struct dmk_devices *devices;
	struct dmk_device device;
	struct look look = { 0 };
	size_t n = 0;
	int r = dmk_list(watch->dm, &options, &devices);

	if (r < 0)
		return r;
	while ((r = dmk_devices_next(devices, &device)) == 1)
		n++;
	if (r == 0) {
		look.devices = calloc(n + 1, sizeof(*look.devices));
		r = look.devices ? 0 : -ENOMEM;
	}
	dmk_devices_rewind(devices);
	while (r == 0 && look.n < n && dmk_devices_next(devices, &device) == 1) {
		struct seen *seen = &look.devices[look.n++];

		/* They fit: the kernel's limits, and checked when the reply was read. */
		dmk_copy_text(seen->name, sizeof(seen->name), device.name);
		dmk_copy_text(seen->uuid, sizeof(seen->uuid), device.uuid);
		seen->major = device.major;
		seen->minor = device.minor;
		seen->event_nr = device.event_nr;
		seen->selected = is_named(watch, seen->name);
	}
	dmk_devices_free(devices);
	if (r < 0)
		return dmk_fail_step(watch->dm, DMK_STEP_LIST, r);
	if (look.n)
		qsort(look.devices, look.n, sizeof(*look.devices), compare_seen);
	*ret_look = look;
	return 0;
}

static uint64_t digest(uint64_t value, const void *bytes, size_t size)
{
	const unsigned char *byte = bytes;

	/* FNV-1a. */
	for (size_t i = 0; i < size; i++)
		value = (value ^ byte[i]) * UINT64_C(0x100000001b3);
	return value;
}

static int digest_segment(const struct dmk_segment *segment, uint64_t *value)
{
	char *hidden = NULL;
	/* Not even a digest of a key stays. */
	int r = dmk_params_hide_keys(segment->type, segment->params, &hidden);
	const char *params = r > 0 ? hidden : segment->params;

	if (r < 0)
		return r;
	*value = digest(*value, &segment->start_sectors, sizeof(segment->start_sectors));
	*value = digest(*value, &segment->length_sectors, sizeof(segment->length_sectors));
	*value = digest(*value, segment->type, strlen(segment->type) + 1);
	*value = digest(*value, params, strlen(params) + 1);
	free(hidden);
	return 0;
}

/* Its state and table. One that went away meanwhile, or made place for another, is not known: the
 * removal has woken the poll again. */
static int ask(struct dmk *dm, struct seen *seen)
{
	const struct dmk_id id = { .major = seen->major, .minor = seen->minor };
	uint64_t table = UINT64_C(0xcbf29ce484222325);
	struct dmk_segments *segments;
	struct dmk_segment segment;
	const struct dmk_info *info;
	int r = dmk_get_table(dm, &id, NULL, &segments);

	if (r == -ENXIO)
		return 0;
	if (r < 0)
		return r;
	while ((r = dmk_segments_next(segments, &segment)) == 1) {
		r = digest_segment(&segment, &table);
		if (r < 0)
			break;
	}
	info = dmk_segments_info(segments);
	if (r == 0 && strcmp(info->uuid, seen->uuid) == 0) {
		seen->known = true;
		seen->live = info->flags & DMK_INFO_LIVE_TABLE;
		seen->suspended = info->flags & DMK_INFO_SUSPENDED;
		seen->table = table;
	}
	dmk_segments_free(segments);
	return r < 0 ? dmk_fail_step(dm, DMK_STEP_TABLE, r) : 0;
}

/*
 * 1: is, which has the number of was, is the same device; 0: it is another one. A new device counts
 * its events from 0, and a rename and a new uuid are events where there is a live table, which
 * never goes away again.
 */
static int same_device(struct dmk *dm, const struct seen *was, const struct seen *is)
{
	bool renamed = strcmp(was->name, is->name) != 0;
	bool other_uuid = strcmp(was->uuid, is->uuid) != 0;
	int32_t events = (int32_t)(is->event_nr - was->event_nr);
	struct dmk_info info = { 0 };
	int r;

	if (events < 0 || (renamed && other_uuid) || (other_uuid && was->uuid[0]))
		return 0;
	if (events > 0 || (!renamed && !other_uuid) || (was->known && was->live))
		return events > 0 || (!renamed && !other_uuid);
	r = dmk_status(dm, &(struct dmk_id){ .major = is->major, .minor = is->minor }, &info);
	if (r < 0 && r != -ENXIO)
		return r;
	return !(info.flags & DMK_INFO_LIVE_TABLE);
}

/* Finds each device of now in the last look. */
static int match(struct dmk_watch *watch, struct look *now)
{
	struct look *last = &watch->last;

	for (size_t i = 0; i < last->n; i++)
		last->devices[i].stays = false;
	for (size_t i = 0, j = 0; i < now->n; i++) {
		struct seen *is = &now->devices[i];
		int r;

		while (j < last->n && compare_seen(&last->devices[j], is) < 0)
			j++;
		if (j == last->n || compare_seen(&last->devices[j], is) != 0)
			continue;
		r = same_device(watch->dm, &last->devices[j], is);
		if (r < 0)
			return r;
		if (r == 0)
			continue;
		last->devices[j].stays = true;
		is->was = &last->devices[j];
		is->selected = is->selected || is->was->selected;
	}
	return 0;
}

static int ask_selected(struct dmk_watch *watch, struct look *now)
{
	if (!(watch->flags & DMK_WATCH_RESUMES))
		return 0;
	for (size_t i = 0; i < now->n; i++) {
		struct seen *seen = &now->devices[i];
		int r = seen->selected ? ask(watch->dm, seen) : 0;

		if (r < 0)
			return r;
	}
	return 0;
}

static int add(struct dmk_watch *watch, bool happened, uint32_t kind, const struct seen *device)
{
	struct change *changes = watch->changes;

	if (!happened || !device->selected)
		return 0;
	if (watch->n_changes == watch->capacity) {
		size_t capacity = watch->capacity ? 2 * watch->capacity : 64;

		changes = realloc(changes, capacity * sizeof(*changes));
		if (!changes)
			return dmk_fail_step(watch->dm, DMK_STEP_LIST, -ENOMEM);
		watch->changes = changes;
		watch->capacity = capacity;
	}
	changes[watch->n_changes++] = (struct change){ .kind = kind, .device = device };
	return 0;
}

static bool is_renamed(const struct seen *is)
{
	return is->was && strcmp(is->was->name, is->name) != 0;
}

static bool has_new_uuid(const struct seen *is)
{
	return is->was && strcmp(is->was->uuid, is->uuid) != 0;
}

static bool is_resumed(const struct seen *is)
{
	if (!is->known || !is->live)
		return false;
	if (!is->was || !is->was->live)
		return !is->was || is->was->known;
	return is->was->table != is->table || (is->was->suspended && !is->suspended);
}

static bool has_event(const struct seen *is)
{
	/* The rename's own and the uuid's own are told already. */
	uint32_t own = (uint32_t)is_renamed(is) + (uint32_t)has_new_uuid(is);

	return is->event_nr - (is->was ? is->was->event_nr : 0) > own;
}

/* Removals first, then renames: a name that was free is not told to be taken. */
static int compare_looks(struct dmk_watch *watch, struct look *now)
{
	struct look *last = &watch->last;
	int r = 0;

	watch->n_changes = watch->position = 0;
	for (size_t i = 0; i < last->n && r == 0; i++)
		r = add(watch, !last->devices[i].stays, DMK_WATCH_REMOVED, &last->devices[i]);
	for (size_t i = 0; i < now->n && r == 0; i++)
		r = add(watch, is_renamed(&now->devices[i]), DMK_WATCH_RENAMED, &now->devices[i]);
	for (size_t i = 0; i < now->n && r == 0; i++) {
		struct seen *is = &now->devices[i];
		bool resumed = is_resumed(is);

		r = add(watch, !is->was, DMK_WATCH_CREATED, is);
		if (r == 0)
			r = add(watch, has_new_uuid(is), DMK_WATCH_UUID_SET, is);
		if (r == 0)
			r = add(watch, resumed, DMK_WATCH_RESUMED, is);
		/* The kernel wakes the poll when the table is in, and lets I/O go on just after. */
		if (resumed)
			is->suspended = false;
		if (r == 0)
			r = add(watch, is->was ? has_event(is) : is->event_nr > 0, DMK_WATCH_EVENT,
				is);
	}
	return r;
}

/* What was not asked now is what it was. */
static void keep_known(struct look *now)
{
	for (size_t i = 0; i < now->n; i++) {
		struct seen *is = &now->devices[i];

		if (!is->known && is->was && is->was->known) {
			is->known = true;
			is->live = is->was->live;
			is->suspended = is->was->suspended;
			is->table = is->was->table;
		}
	}
}

/* Armed before the list is read: what happens between the two wakes the poll. */
static int look_again(struct dmk_watch *watch)
{
	struct look now = { 0 };
	int r;

	dmk_begin(watch->dm, DMK_VERB_POLL, NULL);
	r = dmk_arm_fd(watch->dm, watch->fd, DMK_STEP_POLL);

	if (r == 0)
		r = read_list(watch, &now);
	if (r == 0)
		r = match(watch, &now);
	if (r == 0)
		r = ask_selected(watch, &now);
	if (r == 0)
		r = compare_looks(watch, &now);
	if (r < 0) {
		watch->n_changes = watch->position = 0;
		free(now.devices);
		return r;
	}
	keep_known(&now);
	free(watch->before.devices);
	watch->before = watch->last;
	watch->last = now;
	return dmk_done(watch->dm, 0);
}

static int copy_names(struct dmk_watch *watch, const struct dmk_watch_options *o)
{
	struct dmk *dm = watch->dm;

	if (o->n_names && !o->names)
		return dmk_fail_argument(dm, -EINVAL, "n_names without names");
	if (o->n_names == 0)
		return 0;
	watch->names = calloc(o->n_names, sizeof(*watch->names));
	if (!watch->names)
		return dmk_fail_step(dm, DMK_STEP_ARGUMENTS, -ENOMEM);
	for (uint32_t i = 0; i < o->n_names; i++) {
		int r = dmk_check_name(o->names[i], &dm->error);

		if (r < 0)
			return dmk_fail_step(dm, DMK_STEP_ARGUMENTS, r);
		memcpy(watch->names[i], o->names[i], strlen(o->names[i]) + 1);
	}
	watch->n_names = o->n_names;
	qsort(watch->names, watch->n_names, sizeof(*watch->names), compare_name);
	return 0;
}

int dmk_watch_new(struct dmk *dm, const struct dmk_watch_options *options,
		  struct dmk_watch **ret_watch)
{
	static const struct dmk_watch_options defaults;
	const struct dmk_watch_options *o = options ? options : &defaults;
	struct dmk_watch *watch;
	int r;

	dmk_begin(dm, DMK_VERB_POLL, NULL);
	r = dmk_check_options(dm, o->flags, DMK_WATCH_RESUMES, o->reserved);
	if (r < 0)
		return r;
	watch = calloc(1, sizeof(*watch));
	if (!watch)
		return dmk_fail_step(dm, DMK_STEP_POLL, -ENOMEM);
	watch->dm = dm;
	watch->fd = -1;
	watch->flags = o->flags;
	r = copy_names(watch, o);
	if (r == 0)
		r = dmk_connect(dm);
	if (r == 0 && dm->fd >= 0)
		r = dmk_open_control(dm, &watch->fd);
	if (r == 0)
		r = look_again(watch);
	if (r < 0) {
		dmk_watch_free(watch);
		return r;
	}
	/* Those that are there are no news. */
	watch->n_changes = 0;
	*ret_watch = watch;
	return 0;
}

int dmk_watch_fd(struct dmk_watch *watch, int *ret_fd)
{
	dmk_begin(watch->dm, DMK_VERB_POLL, NULL);
	if (watch->fd < 0)
		return dmk_fail_argument(watch->dm, -EOPNOTSUPP,
					 "the transport hook opened no control node");
	*ret_fd = watch->fd;
	return 0;
}

void dmk_watch_free(struct dmk_watch *watch)
{
	if (!watch)
		return;
	if (watch->fd >= 0)
		close(watch->fd);
	free(watch->before.devices);
	free(watch->last.devices);
	free(watch->changes);
	free(watch->names);
	free(watch);
}

static void tell(const struct change *change, struct dmk_watch_event *ret_event)
{
	const struct seen *device = change->device;
	const struct seen *was = change->kind == DMK_WATCH_REMOVED ? NULL : device->was;

	*ret_event = (struct dmk_watch_event){
		.kind = change->kind,
		.major = device->major,
		.minor = device->minor,
		.event_nr = device->event_nr,
		.name = device->name,
		.uuid = device->uuid,
		.old_name = was ? was->name : device->name,
		.old_uuid = was ? was->uuid : device->uuid,
	};
}

int dmk_watch_next(struct dmk_watch *watch, struct dmk_watch_event *ret_event)
{
	int r;

	if (!watch->looked) {
		r = look_again(watch);
		if (r < 0)
			return r;
		watch->looked = true;
	}
	if (watch->position < watch->n_changes) {
		tell(&watch->changes[watch->position++], ret_event);
		return 1;
	}
	watch->looked = false;
	return 0;
}
