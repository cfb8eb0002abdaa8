/* SPDX-License-Identifier: MIT */
#include <stdlib.h>
#include <string.h>

#include "cmd/columns.h"
#include "cmd/facts.h"
#include "cmd/tree.h"
#include "common/cli.h"
#include "common/json.h"
#include "show/output.h"

struct branches {
	const char *middle;
	const char *last;
	const char *through;
	const char *empty;
};

#define SHOWN_ABOVE " [shown above]"

static const struct branches ascii_branches = { "|- ", "`- ", "|  ", "   " };
static const struct branches utf8_branches = { "├─ ", "└─ ", "│  ", "   " };

/* It is left short here. */
static bool again(const struct item *item)
{
	return item->shown && item->n_below > 0;
}

/* The indent made longer. */
static void push(struct tree *tree, const char *branch)
{
	size_t more = strlen(branch);

	if (tree->length + more + 1 > tree->room) {
		tree->room = (tree->length + more + 1) * 2;
		tree->indent = realloc(tree->indent, tree->room);
		if (!tree->indent)
			abort();
	}
	memcpy(tree->indent + tree->length, branch, more + 1);
	tree->length += more;
}

static void put_mark(const struct cli *cli, enum colour colour, const char *before,
		     const char *text)
{
	fputs(before, stdout);
	if (colour != COLOUR_NONE)
		put_colour(cli, colour);
	put_text(stdout, cli->out_tty, text);
	if (colour != COLOUR_NONE)
		put_colour(cli, COLOUR_NONE);
}

/* Without -o: only what there is to say. */
static void put_line(const struct tree *tree, const struct item *item, const char *prefix)
{
	const struct cli *cli = tree->cli;
	const struct facts *facts = &item->facts;
	char size[SIZE_TEXT];

	put_mark(cli, facts->mapping ? COLOUR_NAME : COLOUR_NONE, prefix, facts->name);
	printf(" (%u:%u)", facts->major, facts->minor);
	if (*facts->types)
		put_mark(cli, COLOUR_NONE, " ", facts->types);
	if (facts->size_sectors)
		printf(" %s", shown_size(cli, facts->size_sectors, size));
	if (facts->mapping && !(facts->flags & DMK_INFO_LIVE_TABLE))
		put_mark(cli, COLOUR_WARNING, " ", "[no table]");
	if (facts->flags & DMK_INFO_SUSPENDED)
		put_mark(cli, COLOUR_WARNING, " ", "[suspended]");
	if (facts->flags & DMK_INFO_READONLY)
		fputs(" [read-only]", stdout);
	if (facts->mounts.length) {
		char *mounts = join_words(&facts->mounts);

		put_mark(cli, COLOUR_PLACE, " ", mounts);
		free(mounts);
	}
	fputs(again(item) ? SHOWN_ABOVE : "", stdout);
	putchar('\n');
}

static void keep_row(struct tree *tree, struct item *item, const char *prefix)
{
	struct row *row;

	if (tree->n_rows == tree->rows_room) {
		tree->rows_room = tree->rows_room ? tree->rows_room * 2 : 64;
		tree->rows = reallocarray(tree->rows, tree->rows_room, sizeof(*tree->rows));
		if (!tree->rows)
			abort();
	}
	row = &tree->rows[tree->n_rows++];
	*row = (struct row){ .facts = &item->facts, .prefix = strdup(prefix) };
	row->suffix = again(item) ? SHOWN_ABOVE : "";
	if (!row->prefix)
		abort();
}

static void json_edges(struct tree *tree, const struct item *item)
{
	struct json *json = &tree->cli->json;

	json_array(json, given(tree->cli, OPT_INVERSE) ? "above" : "deps");
	for (size_t i = 0; i < item->n_below; i++) {
		const struct facts *below = &tree->items[item->below[i]].facts;

		json_object(json, NULL);
		json_u64(json, "major", below->major);
		json_u64(json, "minor", below->minor);
		if (below->mapping) {
			json_string(json, "name", below->name);
		} else {
			json_string(json, "disk", tree->items[item->below[i]].disk);
			json_u64(json, "size_sectors", below->size_sectors);
		}
		json_close(json);
	}
	json_close(json);
}

static void json_item_of(struct tree *tree, const struct item *item)
{
	static const struct columns all = { .n = 8,
					    .at = { COLUMN_NAME, COLUMN_DEVICE, COLUMN_SIZE,
						    COLUMN_TYPES, COLUMN_STATE, COLUMN_RO,
						    COLUMN_TABLES, COLUMN_OPEN } };
	struct json *json = &tree->cli->json;
	bool chosen = given(tree->cli, OPT_COLUMNS);

	json_item(tree->cli);
	json_columns(tree->cli, chosen ? &tree->columns : &all, &item->facts);
	if (!chosen) {
		json_words(json, "mounts", &item->facts.mounts);
		if (item->facts.mapping)
			json_u64(
				json, "stood_on_by",
				dmk_graph_at(tree->graph, (uint32_t)(item - tree->items))->n_above);
	}
	json_edges(tree, item);
	json_close(json);
}

static void put_item(struct tree *tree, struct item *item, const char *prefix)
{
	if (given(tree->cli, OPT_JSON))
		return;
	if (given(tree->cli, OPT_COLUMNS))
		keep_row(tree, item, prefix);
	else
		put_line(tree, item, prefix);
}

/* By --sort, among those that stand side by side. */
static void sort(struct tree *tree, size_t *indices, size_t n)
{
	struct row *rows;

	if (tree->columns.n_sort == 0 || n < 2)
		return;
	rows = calloc(n, sizeof(*rows));
	if (!rows)
		abort();
	for (size_t i = 0; i < n; i++)
		rows[i].facts = &tree->items[indices[i]].facts;
	rows_sort(&tree->columns, rows, n);
	for (size_t i = 0; i < n; i++) {
		struct item *item = (struct item *)(void *)((char *)rows[i].facts -
							    offsetof(struct item, facts));

		indices[i] = (size_t)(item - tree->items);
	}
	free(rows);
}

static void draw(struct tree *tree, struct item *item, const char *branch, const char *under)
{
	const struct branches *branches = tree->utf8 ? &utf8_branches : &ascii_branches;
	size_t length = tree->length;
	bool shown = item->shown;

	push(tree, branch);
	put_item(tree, item, tree->indent);
	tree->length = length;
	/* Once in full: diamonds stay linear, and a loop, which no kernel has, ends. */
	item->shown = true;
	if (shown)
		return;
	push(tree, under);
	sort(tree, item->below, item->n_below);
	for (size_t i = 0; i < item->n_below; i++) {
		bool last = i + 1 == item->n_below;
		struct item *below = &tree->items[item->below[i]];

		if (!below->gone)
			draw(tree, below, last ? branches->last : branches->middle,
			     last ? branches->empty : branches->through);
	}
	tree->length = length;
}

void tree_draw(struct tree *tree)
{
	sort(tree, tree->roots, tree->n_roots);
	for (size_t i = 0; i < tree->n_roots; i++)
		draw(tree, &tree->items[tree->roots[i]], "", "");
}

void tree_print(struct tree *tree)
{
	bool inverse = given(tree->cli, OPT_INVERSE);
	size_t *indices;
	size_t n = 0;

	if (tree->n_rows > 0)
		rows_print(tree->cli, &tree->columns, tree->rows, tree->n_rows, true);
	if (!given(tree->cli, OPT_JSON))
		return;
	/* An object for each device that was reached; disks stand in deps alone, or at the top. */
	indices = calloc(tree->n + 1, sizeof(*indices));
	if (!indices)
		abort();
	for (size_t i = 0; i < tree->n; i++) {
		if (tree->items[i].shown && (inverse || tree->items[i].facts.mapping))
			indices[n++] = i;
	}
	sort(tree, indices, n);
	for (size_t i = 0; i < n; i++)
		json_item_of(tree, &tree->items[indices[i]]);
	free(indices);
}

void tree_drop(struct tree *tree)
{
	for (size_t i = 0; i < tree->n_rows; i++)
		free(tree->rows[i].prefix);
	free(tree->rows);
	free(tree->indent);
}
