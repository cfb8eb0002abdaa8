/* SPDX-License-Identifier: MIT */
/* The values of a report's fields, asked of the kernel only as far as they are wanted. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "common/disks.h"
#include "dmsetup/report/report.h"

/* From the list come name, uuid, numbers and the event number; these need more. */
#define NEED_INFO                                                                              \
	(DMS_F_BIT(DMS_F_ATTR) | DMS_F_BIT(DMS_F_TABLES_LOADED) | DMS_F_BIT(DMS_F_SUSPENDED) | \
	 DMS_F_BIT(DMS_F_READONLY) | DMS_F_BIT(DMS_F_OPEN) | DMS_F_BIT(DMS_F_SEGMENTS))
#define NEED_DEPS                                                       \
	(DMS_F_BIT(DMS_F_DEVICE_COUNT) | DMS_F_BIT(DMS_F_DEVNOS_USED) | \
	 DMS_F_BIT(DMS_F_BLKDEVS_USED))
#define NEED_GRAPH                                                        \
	(DMS_F_BIT(DMS_F_DEVS_USED) | DMS_F_BIT(DMS_F_DEVICE_REF_COUNT) | \
	 DMS_F_BIT(DMS_F_NAMES_USING_DEV) | DMS_F_BIT(DMS_F_DEVNOS_USING_DEV))
#define NEED_SPLIT                                                                          \
	(DMS_F_BIT(DMS_F_SUBSYSTEM) | DMS_F_BIT(DMS_F_VG_NAME) | DMS_F_BIT(DMS_F_LV_NAME) | \
	 DMS_F_BIT(DMS_F_LV_LAYER))

/* What one subject's values are made from. */
struct facts {
	struct dms_source *source;
	struct dms_subject *subject;
	struct dmk_devno *deps;
	uint32_t n_deps;
	const struct dmk_graph_node *node; /* NULL: it is not in the graph */
	struct parts *parts;
	struct dms_text list; /* reused */
};

struct parts {
	char subsystem[DMS_TEXT_SIZE];
	char lvm[3][DMS_TEXT_SIZE]; /* volume group, volume, layer */
};

/* Takes the part of a name up to a lone '-' that has something after it; "--" stands for '-'. */
static const char *split_part(const char *name, char *ret_part)
{
	while (*name) {
		if (*name == '-' && name[1] && name[1] != '-')
			break;
		name += *name == '-' && name[1] == '-';
		*ret_part++ = *name++;
	}
	*ret_part = '\0';
	return name + (*name == '-');
}

static void split_name(struct facts *facts)
{
	const struct dms_subject *subject = facts->subject;
	struct parts *parts = facts->parts;
	char name[DMS_TEXT_SIZE];
	const char *rest = name;

	if (subject->subsystem) {
		snprintf(parts->subsystem, sizeof(parts->subsystem), "%s", subject->subsystem);
		snprintf(name, sizeof(name), "%s", subject->name);
	} else {
		char uuid[DMS_TEXT_SIZE];
		const char *end;

		dms_text_out(facts->source->d, subject->uuid, uuid);
		dms_text_out(facts->source->d, subject->name, name);
		end = strchr(uuid, '-');
		snprintf(parts->subsystem, sizeof(parts->subsystem), "%.*s",
			 end ? (int)(end - uuid) : 0, uuid);
	}
	for (size_t i = 0; i < DMS_COUNT_OF(parts->lvm); i++) {
		if (strcmp(parts->subsystem, "LVM") == 0)
			rest = split_part(rest, parts->lvm[i]);
		else
			*parts->lvm[i] = '\0';
	}
}

int dms_blkdevname(uint32_t major, uint32_t minor, char *buf, size_t size)
{
	disk_name(major, minor, buf, size);
	return *buf ? 0 : -1;
}

struct dms_subject dms_subject_of(const struct dmk_device *device)
{
	return (struct dms_subject){
		.name = device->name,
		.uuid = device->uuid,
		.major = device->major,
		.minor = device->minor,
		.event_nr = device->event_nr,
		.has_event_nr = device->has_event_nr,
	};
}

static uint64_t read_ahead(const struct facts *facts)
{
	struct dmk_info info = { .major = facts->subject->major, .minor = facts->subject->minor };
	uint32_t sectors;

	snprintf(info.name, sizeof(info.name), "%s", facts->subject->name);
	return dms_read_ahead(facts->source->d, &info, &sectors) < 0 ? 0 : sectors;
}

static int keep(struct facts *facts, union dms_value *ret_value, const char *text)
{
	ret_value->text = dms_keep(&facts->source->pool, text, strlen(text));
	return ret_value->text ? DMS_FINE : dms_fail_memory();
}

/* In its shown, its mangled or its plain form. */
static int keep_form(struct facts *facts, int form, const char *what, const char *kernel,
		     union dms_value *ret_value)
{
	char out[DMS_TEXT_SIZE];

	if (form == 0)
		dms_text_out(facts->source->d, kernel, out);
	else if (form == 2)
		dms_unmangle(kernel, out);
	else if (dms_mangle_text(false, what, kernel, out) < 0)
		return DMS_BAD;
	return keep(facts, ret_value, out);
}

static int keep_blkdevname(struct facts *facts, uint32_t major, uint32_t minor,
			   union dms_value *ret_value)
{
	char name[256];

	if (dms_blkdevname(major, minor, name, sizeof(name)) == 0)
		return keep(facts, ret_value, name);
	dms_error("Could not resolve block device name for %u:%u.", major, minor);
	return DMS_BAD;
}

static void list_add(struct dms_text *list, const char *item)
{
	if (list->length)
		dms_text_puts(list, ",");
	dms_text_puts(list, item);
}

static void list_devno(struct dms_text *list, uint32_t major, uint32_t minor)
{
	char number[24];

	snprintf(number, sizeof(number), "%u:%u", major, minor);
	list_add(list, number);
}

static int list_deps(struct facts *facts, bool names)
{
	for (uint32_t i = 0; i < facts->n_deps; i++) {
		const struct dmk_devno *dep = &facts->deps[i];
		char name[256];

		if (!names) {
			list_devno(&facts->list, dep->major, dep->minor);
			continue;
		}
		if (dms_blkdevname(dep->major, dep->minor, name, sizeof(name)) < 0) {
			dms_error("Could not resolve block device name for %u:%u.", dep->major,
				  dep->minor);
			return DMS_BAD;
		}
		list_add(&facts->list, name);
	}
	return DMS_FINE;
}

static void list_nodes(struct facts *facts, const struct dmk_graph_node *const *nodes, uint32_t n,
		       bool names)
{
	for (uint32_t i = 0; i < n; i++) {
		const struct dmk_graph_node *node = nodes[i];
		char name[DMS_TEXT_SIZE];

		if (!names) {
			list_devno(&facts->list, node->major, node->minor);
		} else if (node->name) {
			dms_text_out(facts->source->d, node->name, name);
			list_add(&facts->list, name);
		}
	}
}

static int list_value(struct facts *facts, int field, union dms_value *ret_value)
{
	const struct dms_graph *graph = &facts->source->graph;
	const struct dmk_graph_node *node = facts->node;
	int r = DMS_FINE;

	facts->list.length = 0;
	if (field == DMS_F_DEVNOS_USED || field == DMS_F_BLKDEVS_USED)
		r = list_deps(facts, field == DMS_F_BLKDEVS_USED);
	else if (node && field == DMS_F_DEVS_USED)
		list_nodes(facts, node->below, node->n_below, true);
	else if (node)
		list_nodes(facts, graph->above + graph->first_above[node->index], node->n_above,
			   field == DMS_F_NAMES_USING_DEV);
	if (r < 0)
		return r;
	if (facts->list.failed)
		return dms_fail_memory();
	return keep(facts, ret_value, facts->list.length ? facts->list.bytes : "");
}

static const char *info_word(const struct dmk_info *info, int field)
{
	static const char *const tables[] = { "None", "Live", "Inactive", "Both" };
	uint32_t flags = info->flags;

	if (field == DMS_F_TABLES_LOADED)
		return tables[!!(flags & DMK_INFO_LIVE_TABLE) +
			      2 * !!(flags & DMK_INFO_INACTIVE_TABLE)];
	if (field == DMS_F_SUSPENDED)
		return flags & DMK_INFO_SUSPENDED ? "Suspended" : "Active";
	return flags & DMK_INFO_READONLY ? "Read-only" : "Writeable";
}

static int value_of(struct facts *facts, int field, union dms_value *ret_value)
{
	const struct dms_subject *subject = facts->subject;
	const struct dmk_info *info = &subject->info;
	char text[32];

	switch (field) {
	case DMS_F_NAME:
	case DMS_F_MANGLED_NAME:
	case DMS_F_UNMANGLED_NAME:
		return keep_form(facts, field - DMS_F_NAME, "name", subject->name, ret_value);
	case DMS_F_UUID:
	case DMS_F_MANGLED_UUID:
	case DMS_F_UNMANGLED_UUID:
		return keep_form(facts, field - DMS_F_UUID, "UUID", subject->uuid, ret_value);
	case DMS_F_BLKDEVNAME:
		return keep_blkdevname(facts, subject->major, subject->minor, ret_value);
	case DMS_F_ATTR:
		snprintf(text, sizeof(text), "%c%c%c%c",
			 info->flags & DMK_INFO_LIVE_TABLE ? 'L' : '-',
			 info->flags & DMK_INFO_INACTIVE_TABLE ? 'I' : '-',
			 info->flags & DMK_INFO_SUSPENDED ? 's' : '-',
			 info->flags & DMK_INFO_READONLY ? 'r' : 'w');
		return keep(facts, ret_value, text);
	case DMS_F_DEVNO:
		snprintf(text, sizeof(text), "%u:%u", subject->major, subject->minor);
		return keep(facts, ret_value, text);
	case DMS_F_TABLES_LOADED:
	case DMS_F_SUSPENDED:
	case DMS_F_READONLY:
		ret_value->text = info_word(info, field);
		return DMS_FINE;
	case DMS_F_DEVS_USED:
	case DMS_F_DEVNOS_USED:
	case DMS_F_BLKDEVS_USED:
	case DMS_F_NAMES_USING_DEV:
	case DMS_F_DEVNOS_USING_DEV:
		return list_value(facts, field, ret_value);
	case DMS_F_SUBSYSTEM:
		return keep(facts, ret_value, facts->parts->subsystem);
	case DMS_F_VG_NAME:
	case DMS_F_LV_NAME:
	case DMS_F_LV_LAYER:
		return keep(facts, ret_value, facts->parts->lvm[field - DMS_F_VG_NAME]);
	case DMS_F_READ_AHEAD:
		ret_value->number = read_ahead(facts);
		return DMS_FINE;
	case DMS_F_MAJOR:
		ret_value->number = subject->major;
		return DMS_FINE;
	case DMS_F_MINOR:
		ret_value->number = subject->minor;
		return DMS_FINE;
	case DMS_F_OPEN:
		ret_value->number = (uint64_t)info->open_count;
		return DMS_FINE;
	case DMS_F_SEGMENTS:
		ret_value->number = info->target_count;
		return DMS_FINE;
	case DMS_F_EVENTS:
		ret_value->number = subject->event_nr;
		return DMS_FINE;
	case DMS_F_DEVICE_COUNT:
		ret_value->number = facts->n_deps;
		return DMS_FINE;
	case DMS_F_DEVICE_REF_COUNT:
		ret_value->number = facts->node ? facts->node->n_above : 0;
		return DMS_FINE;
	default:
		/* Selected, until something says that it is not. */
		ret_value->number = 1;
		return DMS_FINE;
	}
}

/* A device that is gone meanwhile is not a failure of the whole list. */
static int refused(const struct dms_source *source, const char *command, const struct dmk_id *id)
{
	if (dmk_last_error(source->d->dm)->code == -ENXIO)
		return DMS_GONE;
	return dms_fail(source->d, command, id);
}

static int ask(struct facts *facts, uint64_t wanted)
{
	struct dms_source *source = facts->source;
	struct dms_subject *subject = facts->subject;
	struct dmk_query_options options;
	struct dmk_id id = { .major = subject->major, .minor = subject->minor };

	dms_query(source->d, &options);
	options.flags &= DMK_QUERY_INACTIVE;
	if (wanted & DMS_F_BIT(DMS_F_EVENTS) && !subject->has_event_nr)
		wanted |= NEED_INFO;
	if (wanted & NEED_INFO && !subject->has_info) {
		if (dmk_get_info(source->d->dm, &id, &options, &subject->info) < 0)
			return refused(source, "info", &id);
		subject->has_info = true;
		subject->event_nr = subject->info.event_nr;
	}
	if (wanted & NEED_DEPS &&
	    dmk_get_deps(source->d->dm, &id, &options, &facts->deps, &facts->n_deps) < 0)
		return refused(source, "deps", &id);
	if (wanted & NEED_GRAPH) {
		if (!source->has_graph && dms_graph_read(source->d, &source->graph) < 0)
			return DMS_BAD;
		source->has_graph = true;
		facts->node = dmk_graph_find(source->graph.graph, subject->major, subject->minor);
	}
	return DMS_FINE;
}

int dms_values(struct dms_source *source, struct dms_subject *subject, uint64_t wanted,
	       union dms_value *ret_values)
{
	struct parts parts;
	struct facts facts = { .source = source, .subject = subject, .parts = &parts };
	int r = subject->subsystem ? DMS_FINE : ask(&facts, wanted);

	if (wanted & NEED_SPLIT)
		split_name(&facts);
	for (int field = 0; field < DMS_F_COUNT && r == DMS_FINE; field++) {
		unsigned section = dms_fields[field].section;

		if (!(wanted & DMS_F_BIT(field)))
			continue;
		if (subject->subsystem && section < DMS_S_SPLITNAME) {
			dms_error("_do_report_object: no data assigned to field %s",
				  dms_fields[field].id);
			r = DMS_BAD;
			break;
		}
		r = value_of(&facts, field, &ret_values[field]);
		if (r == DMS_BAD)
			dms_error("_do_report_object: report function failed for field %s",
				  dms_fields[field].id);
	}
	free(facts.deps);
	free(facts.list.bytes);
	return r;
}

void dms_source_free(struct dms_source *source)
{
	dms_pool_free(&source->pool);
	dms_graph_free(&source->graph);
	source->has_graph = false;
}
