/* SPDX-License-Identifier: MIT */
/* What a report is to show: -o, -O, -S, headings and separators. */
#include <stdlib.h>
#include <string.h>

#include "dmsetup/report/report.h"

static int add_column(struct dms_report *report, uint8_t field)
{
	size_t n = report->n_columns;

	if ((n & (n - 1)) == 0) {
		uint8_t *columns = realloc(report->columns, n ? n * 2 : 1);

		if (!columns)
			return dms_fail_memory();
		report->columns = columns;
	}
	report->columns[report->n_columns++] = field;
	report->wanted |= DMS_F_BIT(field);
	report->sections |= UINT64_C(1) << dms_fields[field].section;
	return 0;
}

static int add_group(struct dms_report *report, uint64_t group)
{
	if (group == UINT64_MAX) {
		group = report->sections ? 0 : report->otherwise;
		for (int field = 0; field < DMS_F_SELECTED; field++) {
			if (report->sections >> dms_fields[field].section & 1)
				group |= DMS_F_BIT(field);
		}
	}
	for (uint8_t field = 0; field < DMS_F_SELECTED; field++) {
		if (group & DMS_F_BIT(field) && add_column(report, field) < 0)
			return -1;
	}
	return 0;
}

static int add_columns(struct dms_report *report, const char *words)
{
	for (;;) {
		size_t length;
		uint64_t group;
		int field;

		words += strspn(words, ",");
		length = strcspn(words, ",");
		if (length == 0)
			return 0;
		field = dms_field_find(words, length);
		group = field < 0 ? dms_field_group(words, length) : 0;
		if (field < 0 && !group) {
			dms_field_help(false);
			dms_error("Unrecognised field: %.*s", (int)length, words);
			return -1;
		}
		if (field >= DMS_F_HELP)
			report->help = true;
		else if (group ? add_group(report, group) < 0
			       : add_column(report, (uint8_t)field) < 0)
			return -1;
		words += length;
	}
}

static int parse_columns(struct dms_report *report, const char *words, const char *usual)
{
	if (words && *words != '+')
		return add_columns(report, words);
	if (add_columns(report, usual) < 0)
		return -1;
	if (words && words[1] == '\0') {
		dms_field_help(false);
		dms_error("Unrecognised field: ");
		return -1;
	}
	return words ? add_columns(report, words + 1) : 0;
}

static int add_key(struct dms_report *report, const char *word, size_t length)
{
	bool sign = *word == '+' || *word == '-';
	int field = dms_field_find(word + sign, length - sign);

	if (sign && length == 1)
		dms_error("dm_report: Missing sort field name");
	if (field < 0) {
		dms_field_help(false);
		dms_error("dm_report: Unrecognised field: %.*s", (int)length, word);
		return -1;
	}
	if (field >= DMS_F_HELP) {
		report->help = true;
		return 0;
	}
	for (size_t i = 0; i < report->n_keys; i++) {
		if (report->keys[i].field == field) {
			dms_error("dm_report: Ignoring duplicate sort field: %s.",
				  dms_fields[field].id);
			return 0;
		}
	}
	report->keys[report->n_keys++] = (struct dms_sort_key){ (uint8_t)field, *word == '-' };
	report->wanted |= DMS_F_BIT(field);
	return 0;
}

static int parse_keys(struct dms_report *report, const char *words)
{
	while (words && *words) {
		size_t length = strcspn(words, ",");

		if (length > 0 && add_key(report, words, length) < 0)
			return -1;
		words += length;
		words += *words == ',';
	}
	return 0;
}

static int parse_headings(struct dms_report *report, const char *word)
{
	static const char *const words[] = { "none", "abbrev", "full" };

	for (uint32_t i = 0; i < DMS_COUNT_OF(words); i++) {
		if (strcmp(word, words[i]) == 0 || (*word == (char)('0' + i) && !word[1])) {
			report->headings = i;
			return 0;
		}
	}
	dms_error("Unknown headings '%s': none, abbrev, full, 0, 1 or 2 is known.", word);
	return -1;
}

static int parse_layout(struct dms_report *report, const struct dmsetup *d)
{
	report->headings = DMS_HEADINGS_SHORT;
	if (d->value[DMS_HEADINGS] && parse_headings(report, d->value[DMS_HEADINGS]) < 0)
		return -1;
	if (dms_given(d, DMS_NOHEADINGS))
		report->headings = DMS_HEADINGS_NONE;
	report->separator = d->value[DMS_SEPARATOR];
	report->aligned = !report->separator && report->headings != DMS_HEADINGS_NONE &&
			  !dms_given(d, DMS_NAMEPREFIXES) && !dms_given(d, DMS_ROWS);
	if (!report->separator)
		report->separator = report->headings == DMS_HEADINGS_NONE ? ":" : " ";
	return 0;
}

int dms_report_parse(struct dms_report *report, struct dmsetup *d, const char *usual)
{
	const char *select = d->value[DMS_SELECT];
	int r = 0;

	report->source.d = d;
	if (parse_layout(report, d) < 0 ||
	    parse_columns(report, d->value[DMS_OPTIONS], usual) < 0 ||
	    parse_keys(report, d->value[DMS_SORT]) < 0)
		return -1;
	if (select)
		r = dms_selection_parse(select, &report->selection);
	if (r < 0)
		return -1;
	report->select_help = r > 0;
	if (report->selection)
		report->wanted |= report->selection->fields;
	return 0;
}
