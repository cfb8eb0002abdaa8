/* SPDX-License-Identifier: MIT */
/* Reports: `info -c` and `splitname`. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "dmsetup/report/report.h"

#define INFO_FIELDS "name,major,minor,attr,open,segments,events,uuid"
#define SPLITNAME_FIELDS "vg_name,lv_name,lv_layer"

struct dms_row {
	struct dms_row *next;
	const struct dms_report *report;
	size_t index;
	union dms_value values[]; /* of columns, then of keys */
};

/* ---- lines ---------------------------------------------------------------------------- */

static void free_rows(struct dms_report *report)
{
	while (report->rows) {
		struct dms_row *next = report->rows->next;

		free(report->rows);
		report->rows = next;
	}
	report->n_rows = 0;
	dms_source_free(&report->source);
}

static const char *text_of(int field, const union dms_value *value, char buf[static 24])
{
	if (!dms_fields[field].number)
		return value->text;
	/* An open count that was not asked for is -1. */
	snprintf(buf, 24, "%lld", (long long)value->number);
	return buf;
}

/* One line, if it is selected: as dms_values(). */
static int add_row(struct dms_report *report, struct dms_subject *subject)
{
	union dms_value values[DMS_F_COUNT];
	size_t n = report->n_columns + report->n_keys;
	struct dms_row *row;
	int r = dms_values(&report->source, subject, report->wanted, values);

	if (r != DMS_FINE)
		return r;
	r = dms_selection_match(report->selection, values);
	if (r < 0)
		return DMS_BAD;
	values[DMS_F_SELECTED].number = (uint64_t)r;
	/* Who asks which are selected wants to see the others too. */
	if (!r && !memchr(report->columns, DMS_F_SELECTED, report->n_columns))
		return DMS_FINE;
	row = malloc(sizeof(*row) + n * sizeof(*row->values));
	if (!row)
		return dms_fail_memory();
	row->next = report->rows;
	row->report = report;
	row->index = report->n_rows++;
	report->rows = row;
	for (size_t i = 0; i < report->n_columns; i++) {
		uint8_t field = report->columns[i];
		char buf[24];
		size_t width = strlen(text_of(field, &values[field], buf));

		row->values[i] = values[field];
		if (width > report->width[field])
			report->width[field] = (uint32_t)width;
	}
	for (size_t i = 0; i < report->n_keys; i++)
		row->values[report->n_columns + i] = values[report->keys[i].field];
	return DMS_FINE;
}

static int compare_rows(const void *a, const void *b)
{
	const struct dms_row *x = *(struct dms_row *const *)a;
	const struct dms_row *y = *(struct dms_row *const *)b;
	const struct dms_report *report = x->report;

	for (size_t i = 0; i < report->n_keys; i++) {
		const union dms_value *left = &x->values[report->n_columns + i];
		const union dms_value *right = &y->values[report->n_columns + i];
		int r;

		if (dms_fields[report->keys[i].field].number)
			r = left->number < right->number ? -1 : left->number > right->number;
		else
			r = strcmp(left->text, right->text);
		if (r != 0)
			return report->keys[i].down ? -r : r;
	}
	return x->index < y->index ? -1 : x->index > y->index;
}

static int sort_rows(struct dms_report *report)
{
	struct dms_row *row = report->rows;

	report->order = calloc(report->n_rows, sizeof(*report->order));
	if (!report->order)
		return dms_fail_memory();
	for (; row; row = row->next)
		report->order[row->index] = row;
	if (report->n_keys > 0)
		qsort(report->order, report->n_rows, sizeof(*report->order), compare_rows);
	return 0;
}

/* ---- output --------------------------------------------------------------------------- */

static void put_value(const struct dms_report *report, const struct dms_row *row, size_t column)
{
	const struct dmsetup *d = report->source.d;
	int field = report->columns[column];
	char buf[24];
	const char *text = text_of(field, &row->values[column], buf);
	const char *quote = dms_given(d, DMS_UNQUOTED) ? "" : "'";
	int width = report->aligned ? (int)report->width[field] : 0;

	if (!dms_given(d, DMS_NAMEPREFIXES)) {
		printf("%*s", dms_fields[field].number ? width : -width, text);
		return;
	}
	fputs("DM_", stdout);
	for (const char *c = dms_fields[field].id; *c; c++)
		putchar(*c >= 'a' && *c <= 'z' ? *c & ~0x20 : *c);
	printf("=%s%s%s", quote, text, quote);
}

static void put_heading(const struct dms_report *report, size_t column)
{
	const struct dms_field *field = &dms_fields[report->columns[column]];

	printf("%-*s", report->aligned ? (int)report->width[report->columns[column]] : 0,
	       report->headings == DMS_HEADINGS_FULL ? field->id : field->heading);
}

/* The headings where row is NULL. */
static void put_line(const struct dms_report *report, const struct dms_row *row)
{
	for (size_t i = 0; i < report->n_columns; i++) {
		if (i > 0)
			fputs(report->separator, stdout);
		if (row)
			put_value(report, row, i);
		else
			put_heading(report, i);
	}
	putchar('\n');
}

static void put_as_rows(const struct dms_report *report)
{
	for (size_t i = 0; i < report->n_columns; i++) {
		if (report->headings != DMS_HEADINGS_NONE)
			put_heading(report, i);
		for (size_t r = 0; r < report->n_rows; r++) {
			if (r > 0 || report->headings != DMS_HEADINGS_NONE)
				fputs(report->separator, stdout);
			put_value(report, report->order[r], i);
		}
		putchar('\n');
	}
}

static int put_report(struct dms_report *report)
{
	if (report->n_rows == 0)
		return 0;
	if (sort_rows(report) < 0)
		return -1;
	if (dms_given(report->source.d, DMS_ROWS)) {
		put_as_rows(report);
	} else {
		if (report->headings != DMS_HEADINGS_NONE)
			put_line(report, NULL);
		for (size_t i = 0; i < report->n_rows; i++)
			put_line(report, report->order[i]);
	}
	free(report->order);
	report->order = NULL;
	return 0;
}

/* ---- the two reports ------------------------------------------------------------------ */

/* Each that cannot be told is left out and fails the command in the end. 1: there is none. */
static int add_all(struct dms_report *report)
{
	struct dmsetup *d = report->source.d;
	struct dmk_devices *devices;
	struct dmk_device device;
	int status = 1;

	if (dms_list(d, DMK_LIST_UUID, &devices) < 0)
		return -1;
	while (dmk_devices_next(devices, &device) > 0) {
		struct dms_subject subject = dms_subject_of(&device);

		if (status > 0)
			status = 0;
		if (dms_replied(d, device.name, device.uuid) < 0 || add_row(report, &subject) < 0)
			status = -1;
	}
	dmk_devices_free(devices);
	return status;
}

static int add_named(struct dms_report *report, const char *name)
{
	struct dmsetup *d = report->source.d;
	struct dmk_query_options options;
	struct dms_subject subject = { .has_info = true, .has_event_nr = true };
	struct dms_device device;

	if (dms_find(d, name, &device) < 0)
		return -1;
	dms_query(d, &options);
	options.flags &= DMK_QUERY_INACTIVE;
	if (dmk_get_info(d->dm, &device.id, &options, &subject.info) < 0)
		return dms_fail_missing(d, "info", &device.id);
	if (dms_replied(d, subject.info.name, subject.info.uuid) < 0)
		return -1;
	subject.name = subject.info.name;
	subject.uuid = subject.info.uuid;
	subject.major = subject.info.major;
	subject.minor = subject.info.minor;
	subject.event_nr = subject.info.event_nr;
	return add_row(report, &subject) < 0 ? -1 : 0;
}

static int add_info(struct dms_report *report, char **names, int n)
{
	const struct dmsetup *d = report->source.d;
	int status = 0;

	if (n == 0 && !dms_addressed(d))
		return add_all(report);
	for (int i = 0; (i < n || i == 0) && status == 0; i++)
		status = add_named(report, n > 0 ? names[i] : NULL);
	return status;
}

static int add_splitname(struct dms_report *report, char **args, int n)
{
	struct dms_subject subject = {
		.name = args[0],
		.subsystem = n > 1 ? args[1] : "LVM",
	};

	return add_row(report, &subject) < 0 ? -1 : 0;
}

typedef int (*add_fn)(struct dms_report *report, char **args, int n);

/* --count times, or for ever, with --interval seconds and an empty line between. */
static int put_reports(struct dms_report *report, add_fn add, char **args, int n)
{
	const struct dmsetup *d = report->source.d;
	int64_t left = dms_given(d, DMS_COUNT)	    ? d->number[DMS_COUNT]
		       : dms_given(d, DMS_INTERVAL) ? 0
						    : 1;
	struct timespec interval = { .tv_sec = 1 };
	bool forever = left == 0;
	int status;

	if (dms_given(d, DMS_INTERVAL))
		interval.tv_sec = (time_t)d->number[DMS_INTERVAL];
	for (;;) {
		for (size_t i = 0; i < DMS_F_COUNT; i++)
			report->width[i] = dms_fields[i].width;
		if (report->headings == DMS_HEADINGS_FULL) {
			for (size_t i = 0; i < DMS_F_COUNT; i++) {
				size_t length = strlen(dms_fields[i].id);

				if (length > report->width[i])
					report->width[i] = (uint32_t)length;
			}
		}
		status = add(report, args, n);
		if (status > 0)
			status = dms_none();
		if (put_report(report) < 0)
			status = -1;
		free_rows(report);
		if (status < 0 || ferror(stdout) || (!forever && --left == 0))
			return status;
		putchar('\n');
		fflush(stdout);
		nanosleep(&interval, NULL);
	}
}

static int run(struct dmsetup *d, const char *usual, uint64_t all, add_fn add, char **args, int n)
{
	struct dms_report report = { .otherwise = all };
	int parsed = dms_report_parse(&report, d, usual);
	int status = 0;

	if (parsed == 0 && (report.help || report.select_help)) {
		dms_field_help(report.select_help);
		if (report.select_help)
			dms_select_help();
	} else if (parsed == 0) {
		status = put_reports(&report, add, args, n);
	}
	dms_select_free(report.selection);
	free(report.columns);
	return parsed < 0 ? 1 : status;
}

int dms_report_info(struct dmsetup *d, char **names, int n)
{
	return run(d, INFO_FIELDS, UINT64_MAX, add_info, names, n);
}

int dms_report_splitname(struct dmsetup *d, char **args, int n)
{
	return run(d, SPLITNAME_FIELDS,
		   DMS_F_BIT(DMS_F_SUBSYSTEM) | DMS_F_BIT(DMS_F_VG_NAME) |
			   DMS_F_BIT(DMS_F_LV_NAME) | DMS_F_BIT(DMS_F_LV_LAYER),
		   add_splitname, args, n);
}
