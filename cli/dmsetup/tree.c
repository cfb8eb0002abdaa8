/* SPDX-License-Identifier: MIT */
/* ls --tree: all stacks of devices, drawn with lines. */
#include <stdlib.h>
#include <string.h>

#include "common/term.h"
#include "dmsetup/report/report.h"

/* Where no terminal says it; dmsetup leaves three columns of one empty. */
#define USUAL_WIDTH 80
#define MARGIN 3

enum {
	T_ACTIVE = 1 << 0,
	T_BLKDEVNAME = 1 << 1,
	T_COMPACT = 1 << 2,
	T_INVERTED = 1 << 3,
	T_NODEVICE = 1 << 4,
	T_NOTRUNC = 1 << 5,
	T_OPEN = 1 << 6,
	T_RW = 1 << 7,
	T_UUID = 1 << 8,
	T_ATTRIBUTES = T_ACTIVE | T_OPEN | T_RW | T_UUID
};

/* What is drawn between names, and around it where the terminal has to be told. */
struct symbols {
	const char *more; /* below another one of the same device */
	const char *last;
	const char *through; /* past the lines of another one */
	const char *first;   /* of several on the line of their device */
	const char *only;
	const char *begin;
	const char *end;
};

static const struct symbols symbols[] = {
	{ "|-", "`-", "|", "-+-", "---", "", "" },
	{ "├─", "└─", "│", "─┬─", "───", "", "" },
	{ "tq", "mq", "x", "qwq", "qqq", "\033(0\017", "\033(B" },
};

/* A word is any beginning of one of these; the first one counts. */
static const struct {
	const char *word;
	uint16_t set;
	uint16_t clear;
	int8_t symbols; /* -1: as they were */
} words[] = {
	{ "active", T_ACTIVE, 0, -1 },
	{ "ascii", 0, 0, 0 },
	{ "blkdevname", T_BLKDEVNAME, 0, -1 },
	{ "compact", T_COMPACT, 0, -1 },
	{ "device", 0, T_NODEVICE, -1 },
	{ "inverted", T_INVERTED, 0, -1 },
	{ "nodevice", T_NODEVICE, 0, -1 },
	{ "notrunc", T_NOTRUNC, 0, -1 },
	{ "open", T_OPEN, 0, -1 },
	{ "rw", T_RW, 0, -1 },
	{ "status", 0, 0, -1 },
	{ "table", 0, 0, -1 },
	{ "utf", 0, 0, 1 },
	{ "uuid", T_UUID, 0, -1 },
	{ "vt100", 0, 0, 2 },
};

/* One device of the way from the root to where the drawing is. */
struct level {
	const struct level *up;
	bool more;	/* another one follows on this level */
	unsigned width; /* of the text before the branch, as far as it counts */
};

struct tree {
	struct dmsetup *d;
	struct dms_graph graph;
	const struct symbols *symbols;
	unsigned options;
	unsigned limit; /* columns of a line; 0: none */
	struct dms_text line;
	bool failed;
};

static int parse_options(struct tree *tree, const char *text)
{
	while (text && *text) {
		size_t length = strcspn(text, ",");
		size_t i = 0;

		while (i < DMS_COUNT_OF(words) && strncmp(text, words[i].word, length) != 0)
			i++;
		if (i == DMS_COUNT_OF(words)) {
			dms_error("Tree options not recognised: %s.", text);
			return -1;
		}
		if (length > 0) {
			tree->options = (tree->options & ~words[i].clear) | words[i].set;
			if (words[i].symbols >= 0)
				tree->symbols = &symbols[words[i].symbols];
		}
		text += length + (text[length] == ',');
	}
	return 0;
}

int dms_tree_options(const char *text)
{
	struct tree tree = { 0 };

	return parse_options(&tree, text);
}

/* ---- lines ---------------------------------------------------------------------------- */

/* A byte that goes on with a character has no column of its own. */
static bool has_column(char c)
{
	return ((unsigned char)c & 0xc0) != 0x80;
}

static unsigned columns_of(const char *text, size_t length)
{
	unsigned columns = 0;

	while (length-- > 0)
		columns += has_column(*text++);
	return columns;
}

static void end_line(struct tree *tree)
{
	const char *bytes = tree->line.length ? tree->line.bytes : "";
	size_t length = tree->line.length;

	if (tree->limit && columns_of(bytes, length) > tree->limit) {
		unsigned columns = 0;

		for (length = 0; columns + has_column(bytes[length]) < tree->limit; length++)
			columns += has_column(bytes[length]);
		fwrite(bytes, 1, length, stdout);
		fputs("...", stdout);
	} else {
		fwrite(bytes, 1, length, stdout);
	}
	putchar('\n');
	tree->line.length = 0;
}

static void put_blanks(struct tree *tree, unsigned n)
{
	while (n-- > 0)
		dms_text_puts(&tree->line, " ");
}

static void put_symbol(struct tree *tree, const char *symbol)
{
	dms_text_puts(&tree->line, tree->symbols->begin);
	dms_text_puts(&tree->line, symbol);
	dms_text_puts(&tree->line, tree->symbols->end);
}

/* What stands left of a branch: of each level above, its text or its line. */
static void put_indent(struct tree *tree, const struct level *level)
{
	if (!level)
		return;
	put_indent(tree, level->up);
	if (level->up) {
		if (level->more)
			put_symbol(tree, tree->symbols->through);
		else
			put_blanks(tree, 1);
		put_blanks(tree, tree->options & T_COMPACT ? 1 : 2);
	}
	put_blanks(tree, tree->options & T_COMPACT ? level->width + 1 : level->up ? 0 : 1);
}

/* ---- nodes ---------------------------------------------------------------------------- */

static void put_attributes(struct tree *tree, const struct dmk_graph_node *node)
{
	const char *before = " [";
	struct dmk_id id = { .major = node->major, .minor = node->minor };
	struct dmk_info info = { 0 };
	char text[DMS_TEXT_SIZE];

	if (dmk_get_info(tree->d->dm, &id, NULL, &info) < 0) {
		dms_fail_missing(tree->d, "info", &id);
		tree->failed = true;
		return;
	}
	for (unsigned option = T_ACTIVE; option <= T_UUID; option <<= 1) {
		/* Read-only before open, though the options' names are in another order. */
		unsigned shown = option == T_OPEN ? T_RW : option == T_RW ? T_OPEN : option;

		if (!(tree->options & shown & T_ATTRIBUTES))
			continue;
		if (shown == T_ACTIVE)
			snprintf(text, sizeof(text), "%s",
				 info.flags & DMK_INFO_SUSPENDED ? "SUSPENDED" : "ACTIVE");
		else if (shown == T_RW)
			snprintf(text, sizeof(text), "%s",
				 info.flags & DMK_INFO_READONLY ? "RO" : "RW");
		else if (shown == T_OPEN)
			snprintf(text, sizeof(text), "%d", info.open_count);
		else
			dms_text_out(tree->d, info.uuid, text);
		dms_text_puts(&tree->line, before);
		dms_text_puts(&tree->line, text);
		before = ", ";
	}
	dms_text_puts(&tree->line, "]");
}

static void draw_text(struct tree *tree, const struct dmk_graph_node *node)
{
	char text[DMS_TEXT_SIZE];

	if (node->name) {
		dms_text_out(tree->d, node->name, text);
		dms_text_puts(&tree->line, text);
	}
	if (tree->options & T_BLKDEVNAME &&
	    dms_blkdevname(node->major, node->minor, text, sizeof(text)) == 0) {
		dms_text_puts(&tree->line, " <");
		dms_text_puts(&tree->line, text);
		dms_text_puts(&tree->line, ">");
	}
	if (!(tree->options & T_NODEVICE)) {
		snprintf(text, sizeof(text), " (%u:%u)", node->major, node->minor);
		dms_text_puts(&tree->line, text);
	}
	if (node->name && tree->options & T_ATTRIBUTES)
		put_attributes(tree, node);
}

static const struct dmk_graph_node *const *
next_nodes(const struct tree *tree, const struct dmk_graph_node *node, uint32_t *ret_n)
{
	bool up = tree->options & T_INVERTED;

	*ret_n = up ? node->n_above : node->n_below;
	return up ? tree->graph.above + tree->graph.first_above[node->index] : node->below;
}

/* Without device numbers a disk has nothing to show. */
static bool hidden(const struct tree *tree, const struct dmk_graph_node *node)
{
	return (tree->options & (T_NODEVICE | T_BLKDEVNAME)) == T_NODEVICE && !node->name;
}

/* Those of its next ones that are drawn, on its own line if lines are to be few. */
static uint32_t drawn_nodes(const struct tree *tree, const struct dmk_graph_node *node)
{
	uint32_t n;
	const struct dmk_graph_node *const *next = next_nodes(tree, node, &n);
	uint32_t drawn = 0;

	for (uint32_t i = 0; i < n; i++)
		drawn += !hidden(tree, next[i]);
	return drawn;
}

static void put_branch(struct tree *tree, const struct level *level, uint32_t i, uint32_t drawn)
{
	const struct symbols *s = tree->symbols;

	if (tree->options & T_COMPACT && i == 0) {
		put_symbol(tree, drawn == 1 ? s->only : s->first);
		return;
	}
	put_indent(tree, level->up);
	put_symbol(tree, level->more ? s->more : s->last);
}

static void put_node(struct tree *tree, const struct dmk_graph_node *node, struct level *level,
		     uint32_t i, uint32_t siblings)
{
	bool compact = tree->options & T_COMPACT;
	uint32_t n;
	const struct dmk_graph_node *const *next = next_nodes(tree, node, &n);
	uint32_t drawn = compact ? drawn_nodes(tree, node) : n;
	/* On a line of its own there is no place for what stands on a disk that is not drawn. */
	struct level below = { .up = compact && hidden(tree, node) ? level->up : level };
	uint32_t place = 0;
	size_t start;

	if (!hidden(tree, node)) {
		if (level->up)
			put_branch(tree, level, i, siblings);
		start = tree->line.length;
		draw_text(tree, node);
		/* The branch on the same line counts once more: so does dmsetup, and its lines
		 * end at a width. */
		level->width = compact && level->up && i == 0 ? 3 : 0;
		if (tree->line.length > start)
			level->width +=
				columns_of(tree->line.bytes + start, tree->line.length - start);
		if (!compact || drawn == 0)
			end_line(tree);
	}
	for (uint32_t k = 0; k < n; k++) {
		if (compact && hidden(tree, next[k]))
			continue;
		below.more = place + 1 < drawn;
		put_node(tree, next[k], &below, place++, drawn);
	}
}

int dms_tree(struct dmsetup *d)
{
	struct tree tree = { .d = d, .symbols = &symbols[utf8_locale()], .limit = USUAL_WIDTH };
	unsigned terminal = term_columns(stdout);
	int status = parse_options(&tree, d->value[DMS_OPTIONS]);

	if (terminal > 0)
		tree.limit = terminal > MARGIN ? terminal - MARGIN : 0;
	if (tree.options & T_NOTRUNC)
		tree.limit = 0;
	/* What is in brackets would be in the way. */
	if (tree.options & T_ATTRIBUTES)
		tree.options &= ~(unsigned)T_COMPACT;
	if (status == 0)
		status = dms_graph_read(d, &tree.graph);
	if (status < 0)
		return -1;
	if (tree.graph.n == 0)
		dms_none();
	for (uint32_t i = 0; i < tree.graph.n; i++) {
		const struct dmk_graph_node *node = tree.graph.order[i];
		struct level level = { 0 };

		if ((tree.options & T_INVERTED ? node->n_below : node->n_above) == 0)
			put_node(&tree, node, &level, 0, 1);
	}
	if (tree.line.failed)
		status = dms_fail_memory();
	free(tree.line.bytes);
	dms_graph_free(&tree.graph);
	return tree.failed ? -1 : status;
}
