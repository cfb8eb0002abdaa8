/* SPDX-License-Identifier: MIT */
/* What device-mapper's statistics answer: columns with names, numbers in JSON. */
#include <inttypes.h>
#include <string.h>
#include <strings.h>

#include "cmd/stats-reply.h"
#include "common/cli.h"
#include "common/json.h"
#include "show/output.h"

enum kind {
	END,
	WIDE,
	NARROW,
	TEXT,
	PRECISE
};

/* Of a region or an area, by its key in JSON and its column. */
struct field {
	char key[20];
	char heading[10];
	uint8_t kind;
	uint8_t offset;
};

struct view {
	char key[8];
	char separator; /* of the histogram's numbers, as the kernel has it */
	uint8_t size;	/* of one of them */
	uint8_t n_numbers;
	uint8_t numbers;
	const struct field *fields;
};

/* What was read: `count` of a view's. */
struct rows {
	const struct view *view;
	const void *items;
	uint32_t count;
};

#define REGION(field) offsetof(struct dmk_stats_region, field)
#define AREA(field) offsetof(struct dmk_stats_area, field)

static const struct field region_fields[] = {
	{ "region_id", "REGION", NARROW, REGION(region_id) },
	{ "start_sectors", "START", WIDE, REGION(start_sectors) },
	{ "length_sectors", "LENGTH", WIDE, REGION(length_sectors) },
	{ "step_sectors", "STEP", WIDE, REGION(step_sectors) },
	{ "program_id", "PROGRAM", TEXT, REGION(program_id) },
	{ "aux_data", "AUX", TEXT, REGION(aux_data) },
	{ "precise_timestamps", "TIMES", PRECISE, REGION(options) },
	{ .kind = END },
};

static const struct view regions_view = {
	.key = "regions",
	.separator = ',',
	.size = sizeof(struct dmk_stats_region),
	.n_numbers = REGION(n_bounds),
	.numbers = REGION(bounds),
	.fields = region_fields,
};

static const struct field area_fields[] = {
	{ "start_sectors", "START", WIDE, AREA(start_sectors) },
	{ "length_sectors", "LENGTH", WIDE, AREA(length_sectors) },
	{ "reads", "READS", WIDE, AREA(reads) },
	{ "reads_merged", "R-MERGED", WIDE, AREA(reads_merged) },
	{ "sectors_read", "R-SECTORS", WIDE, AREA(sectors_read) },
	{ "time_reading", "R-TIME", WIDE, AREA(time_reading) },
	{ "writes", "WRITES", WIDE, AREA(writes) },
	{ "writes_merged", "W-MERGED", WIDE, AREA(writes_merged) },
	{ "sectors_written", "W-SECTORS", WIDE, AREA(sectors_written) },
	{ "time_writing", "W-TIME", WIDE, AREA(time_writing) },
	{ "in_flight", "IN-FLIGHT", NARROW, AREA(in_flight) },
	{ "time_busy", "BUSY", WIDE, AREA(time_busy) },
	{ "time_in_queue", "QUEUE", WIDE, AREA(time_in_queue) },
	{ "time_busy_reading", "R-BUSY", WIDE, AREA(time_busy_reading) },
	{ "time_busy_writing", "W-BUSY", WIDE, AREA(time_busy_writing) },
	{ .kind = END },
};

static const struct view areas_view = {
	.key = "areas",
	.separator = ':',
	.size = sizeof(struct dmk_stats_area),
	.n_numbers = AREA(n_histogram),
	.numbers = AREA(histogram),
	.fields = area_fields,
};

static const void *at(const struct rows *rows, uint32_t row, unsigned offset)
{
	return (const char *)rows->items + (size_t)row * rows->view->size + offset;
}

/* Row 0 is the heading. */
static const char *cell(const struct rows *rows, uint32_t row, const struct field *field,
			char buf[static 24])
{
	const void *value = row ? at(rows, row - 1, field->offset) : NULL;

	if (!value)
		return field->heading;
	switch (field->kind) {
	case WIDE:
		snprintf(buf, 24, "%" PRIu64, *(const uint64_t *)value);
		return buf;
	case NARROW:
		snprintf(buf, 24, "%d", *(const int32_t *)value);
		return buf;
	case TEXT:
		return *(const char *const *)value;
	default:
		return *(const uint64_t *)value & DMK_STATS_PRECISE_TIMESTAMPS ? "ns" : "ms";
	}
}

static const uint64_t *histogram(const struct rows *rows, uint32_t row, uint32_t *ret_n)
{
	*ret_n = *(const uint32_t *)at(rows, row, rows->view->n_numbers);
	return *(const uint64_t *const *)at(rows, row, rows->view->numbers);
}

static void put_histogram(const struct rows *rows, uint32_t row)
{
	uint32_t n = 0;
	const uint64_t *numbers = row ? histogram(rows, row - 1, &n) : NULL;

	if (n == 0)
		fputs(row ? "-" : "HISTOGRAM", stdout);
	for (uint32_t i = 0; i < n; i++) {
		if (i)
			putchar(rows->view->separator);
		printf("%" PRIu64, numbers[i]);
	}
}

static void put_rows(const struct rows *rows, bool tty)
{
	const struct field *fields = rows->view->fields;
	size_t widths[ARRAY_SIZE(area_fields)] = { 0 };
	bool histograms = false;
	char buf[24];
	uint32_t n;

	for (uint32_t row = 0; row <= rows->count; row++) {
		for (unsigned i = 0; fields[i].kind != END; i++) {
			size_t width = text_width(tty, cell(rows, row, &fields[i], buf)) + 1;

			widths[i] = width > widths[i] ? width : widths[i];
		}
		histograms = histograms || (row && histogram(rows, row - 1, &n));
	}
	for (uint32_t row = 0; row <= rows->count; row++) {
		for (unsigned i = 0; fields[i].kind != END; i++)
			put_padded(stdout, tty, cell(rows, row, &fields[i], buf),
				   fields[i + 1].kind == END && !histograms ? 0 : widths[i]);
		if (histograms)
			put_histogram(rows, row);
		putchar('\n');
	}
}

static void json_field(struct json *json, const struct field *field, const void *value)
{
	switch (field->kind) {
	case WIDE:
		json_u64(json, field->key, *(const uint64_t *)value);
		break;
	case NARROW:
		json_i64(json, field->key, *(const int32_t *)value);
		break;
	case TEXT:
		json_string(json, field->key, *(const char *const *)value);
		break;
	default:
		json_bool(json, field->key,
			  *(const uint64_t *)value & DMK_STATS_PRECISE_TIMESTAMPS);
	}
}

static void json_rows(const struct rows *rows, struct json *json)
{
	const struct field *fields = rows->view->fields;

	json_array(json, rows->view->key);
	for (uint32_t row = 0; row < rows->count; row++) {
		uint32_t n;
		const uint64_t *numbers = histogram(rows, row, &n);

		json_object(json, NULL);
		for (unsigned i = 0; fields[i].kind != END; i++)
			json_field(json, &fields[i], at(rows, row, fields[i].offset));
		json_array(json, "histogram");
		for (uint32_t i = 0; i < n; i++)
			json_u64(json, NULL, numbers[i]);
		json_close(json);
		json_close(json);
	}
	json_close(json);
}

static void show(struct cli *cli, const struct rows *rows)
{
	if (given(cli, OPT_JSON))
		json_rows(rows, &cli->json);
	else if (rows->count)
		put_rows(rows, cli->out_tty);
}

/* Whether text is this message, as the kernel reads it. */
static bool is_message(const char *text, const char *name)
{
	size_t length = strlen(name);

	text += strspn(text, " ");
	return strncasecmp(text, name, length) == 0 && strchr(" \t", text[length]);
}

bool show_reply(struct cli *cli, const char *text, const char *reply)
{
	struct dmk_stats_regions regions;
	struct dmk_stats_areas areas;
	uint32_t id;

	if (is_message(text, "@stats_list") && dmk_stats_parse_list(reply, &regions, NULL) == 0) {
		show(cli, &(struct rows){ &regions_view, regions.items, regions.count });
		dmk_stats_regions_clear(&regions);
		return true;
	}
	if ((is_message(text, "@stats_print") || is_message(text, "@stats_print_clear")) &&
	    dmk_stats_parse_print(reply, &areas, NULL) == 0) {
		show(cli, &(struct rows){ &areas_view, areas.items, areas.count });
		dmk_stats_areas_clear(&areas);
		return true;
	}
	/* For people and scripts the number alone is what they want. */
	if (!given(cli, OPT_JSON) || !is_message(text, "@stats_create") ||
	    dmk_stats_parse_create(reply, &id, NULL) < 0)
		return false;
	json_u64(&cli->json, "region_id", id);
	return true;
}
